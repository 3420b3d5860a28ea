"""What is learned: toy problems whose structure is known, and the controls that belong to them."""

from mtl_tutor.tasks._base import Samples, Task, TaskData
from mtl_tutor.tasks.bit_groups import bit_groups
from mtl_tutor.tasks.controls import averaged_labels, copies_of_task, noise_tasks, only_tasks, reconstructed, shuffled_labels, trivial_task
from mtl_tutor.tasks.digits import digits
from mtl_tutor.tasks.linear_tasks import LinearTasks, linear_tasks
from mtl_tutor.tasks.mixtures import mixtures
from mtl_tutor.tasks.parity import parity
from mtl_tutor.tasks.products import products
from mtl_tutor.tasks.shared_feature import shared_feature
from mtl_tutor.tasks.sine_family import sine_family
from mtl_tutor.tasks.structure import task_graph
from mtl_tutor.tasks.wines import wine_features, wines

__all__ = [
    "LinearTasks",
    "Samples",
    "Task",
    "TaskData",
    "averaged_labels",
    "bit_groups",
    "copies_of_task",
    "digits",
    "linear_tasks",
    "mixtures",
    "noise_tasks",
    "only_tasks",
    "parity",
    "products",
    "reconstructed",
    "shared_feature",
    "shuffled_labels",
    "sine_family",
    "task_graph",
    "trivial_task",
    "wine_features",
    "wines",
]
