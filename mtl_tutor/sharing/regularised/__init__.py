"""Linear tasks with penalties on how their weights may differ. NumPy only."""

from mtl_tutor.sharing.regularised._base import LinearFit, Regularised
from mtl_tutor.sharing.regularised.clustered import Clustered
from mtl_tutor.sharing.regularised.dirty_model import DirtyModel
from mtl_tutor.sharing.regularised.joint_features import JointFeatures
from mtl_tutor.sharing.regularised.mean_regularised import MeanRegularised
from mtl_tutor.sharing.regularised.task_covariance import TaskCovariance
from mtl_tutor.sharing.regularised.trace_norm import TraceNorm

__all__ = ["Clustered", "DirtyModel", "JointFeatures", "LinearFit", "MeanRegularised", "Regularised", "TaskCovariance", "TraceNorm"]
