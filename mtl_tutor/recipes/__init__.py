"""Recipes that predict several tasks: one training, several trainings, or a fit; one per file."""

from mtl_tutor.recipes._base import Draw, Recipe, Scores, TrainingConfig
from mtl_tutor.recipes.averaging import Averaging
from mtl_tutor.recipes.bagging import Bagging
from mtl_tutor.recipes.canonical import canonical_shrinkage
from mtl_tutor.recipes.curds_and_whey import CurdsAndWhey
from mtl_tutor.recipes.fine_tuning import FineTuning
from mtl_tutor.recipes.gaussian_process import GaussianProcess
from mtl_tutor.recipes.linear import Linear
from mtl_tutor.recipes.merging import Merging
from mtl_tutor.recipes.network import Network
from mtl_tutor.recipes.stacking import Stacking
from mtl_tutor.recipes.task_arithmetic import TaskArithmetic
from mtl_tutor.recipes.voting import Voting

__all__ = [
    "Averaging",
    "Bagging",
    "CurdsAndWhey",
    "Draw",
    "FineTuning",
    "GaussianProcess",
    "Linear",
    "Merging",
    "Network",
    "Scores",
    "TrainingConfig",
    "Recipe",
    "Stacking",
    "TaskArithmetic",
    "Voting",
    "canonical_shrinkage",
]
