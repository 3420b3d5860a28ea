"""The training loop: model, data and balancing method in, a History out, all seeds at once."""

from mtl_tutor.training.fresh_noise import FreshNoise
from mtl_tutor.training.optimizers import SGD, Adam
from mtl_tutor.training.replicas import inspect_nets, predict
from mtl_tutor.training.schedules import cosine, step_decay, warmup
from mtl_tutor.training.train import train

__all__ = ["SGD", "Adam", "FreshNoise", "cosine", "inspect_nets", "predict", "step_decay", "train", "warmup"]
