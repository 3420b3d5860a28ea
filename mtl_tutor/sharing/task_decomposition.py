"""Nets of modules: one module per task, and common ones that tasks weight by learned skills."""

from collections.abc import Iterator, Sequence
from typing import Unpack

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from mtl_tutor.checks import check_least, checked
from mtl_tutor.sharing._base import MOST_PARTS, Architecture, Form


@checked
class TaskDecomposition(Architecture):
    """Every task reads a module of its own and a weighted mean of common modules.

    Each module reads the inputs. A task's head reads, side by side, the output of the task's own
    module and the mean of the common modules' outputs, weighted by the task's skills. Skills belong
    to a task, not to a sample (as the gates of a mixture of experts do), so they can be read as a
    table. Copies of a task find the same skills. Tasks that are merely similar need not: do not
    read groups of tasks off the table.

    Parameters
    ----------
    n_features, n_tasks : int
        Of each module, and as in `Architecture`.
    n_hidden : int | Sequence[int]
        Of each module, and as in `Architecture`.
    **form : Unpack[Form]
        Of each module, and as in `Architecture`.
    n_modules : int
        Number of common modules. With none this is `SingleTask`.
    own : bool
        Whether each task has a module of its own. Without, and with one common module, this is
        `HardSharing`.
    skills : Sequence[Sequence[float]] | None
        Fixed weights of the common modules, a row per task; learned when not given.

    Raises
    ------
    ValueError
        As in `Architecture`; a negative number of modules, no module at all, or skills that are not
        [task expert], are negative, or are all zero for a task or a module.

    Notes
    -----
    Source: source text 001, "task decomposition", for modules that are joined; Ponti, Sordoni,
    Bengio & Reddy (2022) for skills: sigmoids, divided by their sum per task.

    Departures: the modules' answers are averaged, not their weights, and so modules may have
    several layers; skills are soft, without sampling and without a prior; the own module is in the
    place of the paper's weights that all tasks share.

    Examples
    --------
    >>> net = TaskDecomposition(n_features=3, n_hidden=8, n_tasks=2, n_modules=4)
    >>> net.inspect(torch.zeros(5, 3))["skills"]
    array([[0.25, 0.25, 0.25, 0.25],
           [0.25, 0.25, 0.25, 0.25]], dtype=float32)
    """

    def __init__(
        self,
        n_features: int,
        n_hidden: int | Sequence[int],
        n_tasks: int = 2,
        *,
        n_modules: int = 4,
        own: bool = True,
        skills: Sequence[Sequence[float]] | None = None,
        **form: Unpack[Form],
    ) -> None:
        super().__init__(n_features, n_hidden, n_tasks, **form)
        check_least("n_modules", n_modules, 0 if own else 1, MOST_PARTS)
        self.fixed = None if skills is None else _shares(skills, (self.n_tasks, n_modules))
        self.own = nn.ModuleList(self.new_trunk() for _ in range(self.n_tasks if own else 0))
        self.common = nn.ModuleList(self.new_trunk() for _ in range(n_modules))
        self.heads = self.new_heads(self.width * (own + (n_modules > 0)))
        learned = self.n_tasks if n_modules > 1 and skills is None else 0  # what there is no choice about is not learned
        self.skills = nn.ParameterList(nn.Parameter(torch.empty(n_modules)) for _ in range(learned))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new weights; every task starts with equal weights on all common modules."""
        super().reset_parameters()
        for skill in self.skills:
            nn.init.zeros_(skill)

    def shares(self) -> Float[Tensor, "task expert"]:
        """Each task's weights of the common modules, which add up to 1."""
        if self.fixed is not None:
            return next(self.heads.parameters()).new_tensor(self.fixed)
        if not self.skills:
            return next(self.heads.parameters()).new_ones(self.n_tasks, len(self.common))
        used = torch.stack(list(self.skills)).sigmoid()
        return used / used.sum(1, keepdim=True)

    def forward(self, x: Float[Tensor, "sample feature"]) -> list[Float[Tensor, "sample output"]]:
        """Outputs (numbers or logits) of every task: one tensor per task."""
        joined = [[module(x)] for module in self.own] or [[] for _ in self.heads]
        if self.common:
            common = torch.stack([module(x) for module in self.common])
            mixed = (self.shares() @ common.flatten(1)).unflatten(1, common.shape[1:])
            joined = [[*parts, mixed[task]] for task, parts in enumerate(joined)]
        return [head(torch.cat(parts, 1)) for head, parts in zip(self.heads, joined, strict=True)]

    def shared_parameters(self) -> Iterator[nn.Parameter]:
        """Shared parameters: the common modules, without those that only one task uses."""
        for number, module in enumerate(self.common):
            if self.fixed is None or sum(row[number] > 0 for row in self.fixed) > 1:
                yield from module.parameters()

    def inspect(self, x: Float[Tensor, "sample feature"]) -> dict[str, np.ndarray]:
        """The skills: "skills" [task expert], each task's weights of the common modules."""
        return {"skills": self.shares().detach().cpu().numpy()} if self.common else {}


def _shares(skills: Sequence[Sequence[float]], shape: tuple[int, int]) -> tuple[tuple[float, ...], ...]:
    lengths = sorted({len(row) for row in skills})
    if (len(skills), *lengths) != shape:
        got = f"{len(skills)} rows of {' and '.join(map(str, lengths))}"
        raise ValueError(f"`skills` must have a row per task and a number per common module, {shape}; got {got}.")
    table = np.array(skills, dtype=float)
    if not np.isfinite(table).all() or (table < 0).any() or not table.sum(1).all() or not table.sum(0).all():
        raise ValueError(f"`skills` must be zero or more, with some use in every row and column; got {table.tolist()}.")
    return tuple(map(tuple, (table / table.sum(1, keepdims=True)).tolist()))
