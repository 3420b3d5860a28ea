"""What is learned: toy problems whose structure is known, and the controls that belong to them."""

from mtl_tutor.tasks._base import Samples, Task, TaskData
from mtl_tutor.tasks.bit_groups import bit_groups
from mtl_tutor.tasks.controls import copies_of_task, only_tasks, shuffled_labels
from mtl_tutor.tasks.digits import digits
from mtl_tutor.tasks.sine_family import sine_family

__all__ = ["Samples", "Task", "TaskData", "bit_groups", "copies_of_task", "digits", "only_tasks", "shuffled_labels", "sine_family"]
