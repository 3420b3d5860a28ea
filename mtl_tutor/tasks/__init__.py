"""What is learned: toy problems whose structure is known, and the controls that belong to them."""

from mtl_tutor.tasks._base import Samples, Task, TaskData
from mtl_tutor.tasks.bit_groups import bit_groups
from mtl_tutor.tasks.controls import averaged_labels, copies_of_task, noise_tasks, only_tasks, reconstructed, shuffled_labels, trivial_task
from mtl_tutor.tasks.digits import digits
from mtl_tutor.tasks.eight_bits import eight_bits
from mtl_tutor.tasks.horizons import horizons
from mtl_tutor.tasks.linear_tasks import LinearTasks, linear_tasks
from mtl_tutor.tasks.mixtures import mixtures
from mtl_tutor.tasks.one_against_rest import one_against_rest
from mtl_tutor.tasks.parity import parity
from mtl_tutor.tasks.patients import patients
from mtl_tutor.tasks.peaks import peaks
from mtl_tutor.tasks.products import products
from mtl_tutor.tasks.responses import responses
from mtl_tutor.tasks.road import road
from mtl_tutor.tasks.shared_feature import shared_feature
from mtl_tutor.tasks.sigmoid_sums import sigmoid_sums
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
    "eight_bits",
    "horizons",
    "linear_tasks",
    "mixtures",
    "noise_tasks",
    "one_against_rest",
    "only_tasks",
    "parity",
    "patients",
    "peaks",
    "products",
    "reconstructed",
    "responses",
    "road",
    "shared_feature",
    "shuffled_labels",
    "sigmoid_sums",
    "sine_family",
    "task_graph",
    "trivial_task",
    "wine_features",
    "wines",
]
