"""The one loop: model, data and method become a History, all seeds at once."""

from mtl_tutor.training.fresh_noise import FreshNoise
from mtl_tutor.training.optimizers import SGD, Adam
from mtl_tutor.training.replicas import inspect_nets, predict
from mtl_tutor.training.sweep import train

__all__ = ["SGD", "Adam", "FreshNoise", "inspect_nets", "predict", "train"]
