"""The training loop: model, data and balancing method in, a History out, all seeds at once."""

from mtl_tutor.training.fresh_noise import FreshNoise
from mtl_tutor.training.gradients import task_gradients
from mtl_tutor.training.landscapes import CAGradToy, ConcaveFront, Landscape, Paths, PCGradToy, descend
from mtl_tutor.training.nets import nets, predict_proba
from mtl_tutor.training.optimizers import SGD, Adam
from mtl_tutor.training.ready_losses import focal, huber, pinball, poisson
from mtl_tutor.training.replicas import inspect_nets, predict
from mtl_tutor.training.schedules import cosine, step_decay, warmup
from mtl_tutor.training.train import train

__all__ = ["SGD", "Adam", "CAGradToy", "ConcaveFront", "FreshNoise", "Landscape", "PCGradToy", "Paths", "cosine", "descend", "focal"]
__all__ += ["huber", "inspect_nets", "nets", "pinball", "poisson", "predict", "predict_proba", "step_decay", "task_gradients"]
__all__ += ["train", "warmup"]
