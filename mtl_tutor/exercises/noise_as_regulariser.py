"""Exercises of *Noise as a regulariser*."""

import numpy as np

from mtl_tutor.exercises._answers import checker
from mtl_tutor.tasks import TaskData
from mtl_tutor.training import FreshNoise


@checker
def check_noise_tasks(data: TaskData | None) -> str:
    """Check data with the page's main task and eight noise tasks of standard deviation 2."""
    if data is None:
        return "Not yet: make a TaskData with `noise_tasks`."
    if len(data.tasks) != 9 or data.tasks[0].name != "view 1":
        return f"Not yet: there should be the main task and eight others; there are {len(data.tasks)} tasks, first {data.tasks[0].name!r}."
    spread = data.train.y[:, 1:].std()
    if not 1.7 < spread < 2.3:
        return f"Not yet: the noise should have standard deviation 2; it has {spread:.2f}."
    chance = np.abs(np.corrcoef(data.train.y.T)[0, 1:]).max()
    return f"Right: and by chance one of them has a correlation of {chance:.2f} with the main task."


@checker
def check_fresh_labels(noise: FreshNoise | None) -> str:
    """Check noise, drawn anew at every step, on the last two of three tasks."""
    if noise is None:
        return "Not yet: make a FreshNoise of mtl_tutor.training."
    if noise.labels != (0.0, 1.0, 1.0):
        return f"Not yet: `labels` should hold one standard deviation per task, none for the first; it is {noise.labels}."
    if noise.inputs or noise.dropout:
        return "Not yet: inputs and units should be left alone."
    return "Right: the main task's labels stay, the other two are new at every step."
