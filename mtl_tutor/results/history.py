"""What happened while nets were trained. Imports no torch."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
from jaxtyping import Bool, Float, Int

from mtl_tutor.checks import checked
from mtl_tutor.results import files


@dataclass(frozen=True, eq=False, repr=False)
class History:
    """The record of one call to `train`: one row per seed.

    Attributes
    ----------
    seeds : Int[ndarray, "seed"]
        The random seed of each row.
    steps : Int[ndarray, "step"]
        The training steps after which the nets were evaluated, ascending; 0 is the start.
    tasks : tuple of str
        The tasks' names.
    loss : dict of Float[ndarray, "seed step task"]
        "train", "validation", "test" -> each task's loss as it was trained (by default squared error, or
        cross-entropy in nats).
    error : dict of Float[ndarray, "seed step task"]
        The same splits -> mean squared error of a regression, share of wrong answers of a classification.
    lr : Float[ndarray, "seed"]
        The learning rate of each row.
    diverged : Bool[ndarray, "seed"]
        Whether a weight or a loss stopped being finite. Such a row reads NaN in `best` and `last`.
    parameters : dict of ndarray
        The model's parameter names -> their values at the last step, [seed ...].
    kept : dict
        A step named in `keep_at` -> the parameters after that step, as in `parameters`.
    kept_best : dict of ndarray
        With `keep_best`: parameter names -> their values at each task's best evaluation, [seed task ...].
    kinds : tuple of str
        "regression", "binary" or "multiclass" for each task.
    metric : dict of Float[ndarray, "seed step task"]
        With `metrics`: the same splits -> what each task's own metric returned; NaN for tasks without one.
    stopped : Int[ndarray, "seed"], optional
        With `patience` or `callback`: the step after which each row's parameters stayed the same; the last step for
        a row that was trained to the end. None without either.
    """

    seeds: Int[np.ndarray, "seed"]
    steps: Int[np.ndarray, "step"]
    tasks: tuple[str, ...]
    loss: Mapping[str, Float[np.ndarray, "seed step task"]]
    error: Mapping[str, Float[np.ndarray, "seed step task"]]
    lr: Float[np.ndarray, "seed"]
    diverged: Bool[np.ndarray, "seed"]
    parameters: Mapping[str, np.ndarray] = field(repr=False)
    kept: Mapping[int, Mapping[str, np.ndarray]] = field(default_factory=dict, repr=False)
    kept_best: Mapping[str, np.ndarray] = field(default_factory=dict, repr=False)
    kinds: tuple[str, ...] = ()
    metric: Mapping[str, Float[np.ndarray, "seed step task"]] = field(default_factory=dict)
    stopped: Int[np.ndarray, "seed"] | None = None

    def __repr__(self) -> str:
        n, kept = len(self.seeds), ", ".join(map(str, sorted(self.kept)))
        notes = [
            f"{n} seed{'s' * (n != 1)}, {int(self.steps[-1])} steps, {len(self.steps)} evaluation{'s' * (len(self.steps) != 1)}",
            f"task{'s' * (len(self.tasks) != 1)} {', '.join(self.tasks)}",
            f"evaluated on {', '.join(self.error)}",
            f"weights kept at step {kept}" * bool(kept),
            "each task's best weights kept" * bool(self.kept_best),
            f"{int(np.sum(self.diverged))} of {n} diverged" * bool(np.any(self.diverged)),
        ]
        return f"History: {'; '.join(filter(None, notes))}"

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the history to a file: an npz with a checksum, without pickle. A file of that name is replaced.

        Raises
        ------
        ValueError, TypeError
            No path, something there that is no regular file, or a folder that cannot be written to.

        Examples
        --------
        >>> import tempfile
        >>> errors = {"test": np.array([[[0.5]]])}
        >>> history = History(np.array([7]), np.array([0]), ("a",), errors, errors, np.ones(1), np.zeros(1, bool), {})
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     history.save(f"{folder}/history.npz")
        ...     print(History.load(f"{folder}/history.npz"))
        History: 1 seed, 0 steps, 1 evaluation; task a; evaluated on test
        """
        files.write(path, self, (History,))

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a history that `save` wrote, with the same bits. Nothing in the file is run.

        Raises
        ------
        ValueError, TypeError
            No such file, a damaged one, or one that holds something else.
        """
        return files.read(path, "History", (cls,))

    def best_step(self) -> Int[np.ndarray, "seed task"]:
        """Find where each task's validation loss was lowest: the index into `steps`, per seed and task.

        Raises
        ------
        ValueError
            The data had no validation samples.
        """
        if "validation" not in self.loss:
            raise ValueError("`data` must have validation samples to know a best step; it has none. Give TaskData a `validation` split.")
        loss = np.where(np.isfinite(self.loss["validation"]), self.loss["validation"], np.inf)
        return loss.argmin(axis=1)

    @checked
    def best(self, split: str = "test") -> Float[np.ndarray, "seed task"]:
        """Read each task's error at its own best validation step (early stopping); NaN where training diverged.

        They are the errors of the nets that `predict(…, at="best")` and `nets(…, at="best")` use, which needs
        `train(…, keep_best=True)`. By default those two use the last step, whose errors `last` reads.
        """
        at = self.best_step()[:, None, :]
        return self._without_diverged(np.take_along_axis(self._errors(split), at, axis=1)[:, 0])

    @checked
    def last(self, split: str = "test") -> Float[np.ndarray, "seed task"]:
        """Read each task's error at the last step; NaN where training diverged.

        They are the errors of the nets that `predict` and `nets` use by default.
        """
        return self._without_diverged(self._errors(split)[:, -1])

    @checked
    def parameters_at(self, step: int | Int[np.ndarray, "seed"]) -> Mapping[str, np.ndarray]:
        """Return the parameters after a step, or for every row after a step of its own.

        Parameters
        ----------
        step : int or Int[ndarray, "seed"]
            The last step, or one that `train` kept.

        Returns
        -------
        dict of ndarray
            Parameter names -> values [seed ...].

        Raises
        ------
        ValueError, TypeError
            The parameters after that step were not kept, or steps for another number of seeds.
        """
        known = {**self.kept, int(self.steps[-1]): self.parameters}
        if np.ndim(step) and len(np.asarray(step)) != len(self.seeds):
            raise ValueError(f"`step` must be one step, or one for each of {len(self.seeds)} seeds; got {len(np.asarray(step))}.")
        rows = np.broadcast_to(np.asarray(step), len(self.seeds))
        if missing := set(rows.tolist()) - set(known):
            raise ValueError(
                f"`step` must be one whose parameters were kept, {sorted(known)}; got {min(missing)}. Train with keep_at=({min(missing)},)."
            )
        if np.ndim(step) == 0:
            return known[int(step)]
        return {name: np.stack([known[at][name][row] for row, at in enumerate(rows.tolist())]) for name in self.parameters}

    @checked
    def best_parameters(self, task: str | int) -> Mapping[str, np.ndarray]:
        """Return the parameters at a task's best evaluation: where its validation loss was lowest, see `best_step`.

        Parameters
        ----------
        task : str or int
            The task's name, or its place in `tasks`.

        Returns
        -------
        dict of ndarray
            Parameter names -> values [seed ...].

        Raises
        ------
        ValueError, TypeError
            An unknown task, or `train` did not keep the best parameters.
        """
        if task not in self.tasks and task not in range(len(self.tasks)):
            raise ValueError(f"`task` must be one of {list(self.tasks)}; got {task!r}.")
        if not self.kept_best:
            raise ValueError("`history` must hold each task's best parameters; it holds none. Train with keep_best=True.")
        place = task if isinstance(task, int) else self.tasks.index(task)
        return {name: values[:, place] for name, values in self.kept_best.items()}

    @checked
    def at(self, step: int | Int[np.ndarray, "seed"]) -> Self:
        """Return this history with the parameters after an earlier step as its `parameters`, see `parameters_at`."""
        return replace(self, parameters=self.parameters_at(step))

    def _errors(self, split: str) -> Float[np.ndarray, "seed step task"]:
        if split not in self.error:
            raise ValueError(f"`split` must be one of {sorted(self.error)}; got {split!r}. Give TaskData that split.")
        return self.error[split]

    def _without_diverged(self, values: Float[np.ndarray, "seed task"]) -> Float[np.ndarray, "seed task"]:
        return np.where(self.diverged[:, None], np.nan, values)
