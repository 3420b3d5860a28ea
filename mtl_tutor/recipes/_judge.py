"""Losses and errors of predictions that no training loop has evaluated."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float

from mtl_tutor.tasks import Samples, Task
from mtl_tutor.training.losses import Labels, errors_of, losses_of


def judged(
    tasks: Sequence[Task], answers: Sequence[Float[np.ndarray, "seed sample _"]], samples: Sequence[Samples]
) -> tuple[Float[np.ndarray, "seed task"], Float[np.ndarray, "seed task"]]:
    """Each task's loss and error, seed by seed.

    Predictions are numbers or logits, one array per task; samples have one entry per seed.
    """
    labels = Labels.of(torch.from_numpy(np.stack([one.y for one in samples])))
    outputs = [torch.from_numpy(np.asarray(answer, dtype=float)) for answer in answers]
    losses = losses_of(tasks, outputs, labels)
    return losses.numpy(), errors_of(tasks, outputs, labels, losses).numpy()
