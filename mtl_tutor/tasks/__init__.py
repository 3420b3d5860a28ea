"""Toy problems whose structure is known, tables of one's own, and control tasks."""

from mtl_tutor.tasks._base import Samples, Task, TaskData
from mtl_tutor.tasks._planted import Planted
from mtl_tutor.tasks.bit_groups import bit_groups
from mtl_tutor.tasks.clusters import clusters
from mtl_tutor.tasks.controls import averaged_labels, copies_of_task, noise_tasks, only_tasks, reconstructed, shuffled_labels, trivial_task
from mtl_tutor.tasks.deviations import deviations
from mtl_tutor.tasks.digits import digits
from mtl_tutor.tasks.doors import doors
from mtl_tutor.tasks.eight_bits import eight_bits
from mtl_tutor.tasks.horizons import horizons
from mtl_tutor.tasks.linear_tasks import LinearTasks, linear_tasks
from mtl_tutor.tasks.mixtures import mixtures
from mtl_tutor.tasks.needed_answer import needed_answer
from mtl_tutor.tasks.one_against_rest import one_against_rest
from mtl_tutor.tasks.parity import parity
from mtl_tutor.tasks.patients import patients
from mtl_tutor.tasks.peaks import peaks
from mtl_tutor.tasks.plane_tasks import plane_tasks
from mtl_tutor.tasks.products import products
from mtl_tutor.tasks.responses import responses
from mtl_tutor.tasks.road import road
from mtl_tutor.tasks.scaling import Scaling
from mtl_tutor.tasks.shared_feature import shared_feature
from mtl_tutor.tasks.shared_rows import shared_rows
from mtl_tutor.tasks.shared_subspace import shared_subspace
from mtl_tutor.tasks.sigmoid_sums import sigmoid_sums
from mtl_tutor.tasks.sine_codes import sine_codes
from mtl_tutor.tasks.sine_family import sine_family
from mtl_tutor.tasks.structure import task_graph
from mtl_tutor.tasks.task_pairs import task_pairs
from mtl_tutor.tasks.task_tree import task_tree
from mtl_tutor.tasks.wines import wine_features, wines

__all__ = [
    "LinearTasks",
    "Planted",
    "Samples",
    "Scaling",
    "Task",
    "TaskData",
    "averaged_labels",
    "bit_groups",
    "clusters",
    "copies_of_task",
    "deviations",
    "digits",
    "doors",
    "eight_bits",
    "horizons",
    "linear_tasks",
    "mixtures",
    "needed_answer",
    "noise_tasks",
    "one_against_rest",
    "only_tasks",
    "parity",
    "patients",
    "peaks",
    "plane_tasks",
    "products",
    "reconstructed",
    "responses",
    "road",
    "shared_feature",
    "shared_rows",
    "shared_subspace",
    "shuffled_labels",
    "sigmoid_sums",
    "sine_codes",
    "sine_family",
    "task_graph",
    "task_pairs",
    "task_tree",
    "trivial_task",
    "wine_features",
    "wines",
]
