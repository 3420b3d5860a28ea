"""The data of several tasks: who has which inputs and which labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from mtl_tutor.tasks._samples import Kind, Samples, Task
from mtl_tutor.tasks.own_data import table_of_arrays, table_of_frame, table_of_pairs
from mtl_tutor.tasks.scaling import Scaling
from mtl_tutor.tasks.splits import Rows, drawn_folds, drawn_split, unseen_classes

__all__ = ["Kind", "Samples", "Task", "TaskData"]


@dataclass(frozen=True, eq=False)
class TaskData:
    """Several tasks over the same inputs, split into what is learned from, chosen by, and judged on.

    Tasks with samples of their own stack their samples in `x` and leave the other tasks' labels
    NaN.

    Attributes
    ----------
    tasks : tuple[Task, ...]
        The questions, in the order of the columns of every `y`.
    train, validation, test
        The samples; `train` holds all of them in a table that is not yet split. `split` draws; to
        choose rows yourself, the past and the future for example:
        `replace(data, train=data.train.at(early), test=data.train.at(late))`.
    own_features : tuple[int, ...]
        How many features each task has to itself, side by side in `x`; empty where all tasks share
        all features.

    Raises
    ------
    ValueError
        No tasks, a split with other features or tasks, a task without any training label, or a
        label that its task cannot have.
    """

    tasks: tuple[Task, ...]
    train: Samples
    validation: Samples | None = None
    test: Samples | None = None
    own_features: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if not self.tasks:
            raise ValueError("`tasks` must name at least one task; got none.")
        for split, samples in self.splits().items():
            if samples.x.shape[1] != self.n_features or samples.y.shape[1] != len(self.tasks):
                raise ValueError(
                    f"`{split}` must have {self.n_features} features and {len(self.tasks)} tasks; "
                    f"got x {samples.x.shape} and y {samples.y.shape}."
                )
            for task, labels in zip(self.tasks, samples.y.T, strict=True):
                task.check_labels(split, labels[~np.isnan(labels)])
        if self.own_features and (len(self.own_features), sum(self.own_features)) != (len(self.tasks), self.n_features):
            raise ValueError(
                f"`own_features` must deal {self.n_features} features out to {len(self.tasks)} tasks; got {self.own_features}."
            )

    @classmethod
    def from_arrays(cls, x: Any, y: Mapping[str, Any], *, kinds: Mapping[str, Kind] | None = None, groups: Any = None) -> Self:
        """Read a table of your own: every sample may be asked every question.

        Parameters
        ----------
        x : Any
            Numbers, [sample feature].
        y : Mapping[str, Any]
            Name of a task -> one label per sample. NaN, None and pandas' NA are labels that nobody
            wrote down. Classes are whole numbers or words, and counted from 0 in their order;
            `task.classes` remembers what they were called.
        kinds : Mapping[str, Kind] | None
            Name of a task -> "binary" or "multiclass"; the others are regressions.
        groups : Any
            For each sample, whom or what it belongs to: what has the same entry stays in the same
            split.

        Returns
        -------
        Self
            TaskData with all samples in `train`: a table not yet split.

        Raises
        ------
        ValueError
            No tasks, unknown names, labels of another length than `x`, none at all or such as the
            task cannot have, inputs that are missing or no numbers.

        Examples
        --------
        >>> y = {"price": [7, None, 9], "sold": ["no", "yes", "no"]}
        >>> data = TaskData.from_arrays([[1.0], [2.0], [3.0]], y, kinds={"sold": "binary"})
        >>> data.train.y.tolist(), data.tasks[1].classes
        ([[7.0, 0.0], [nan, 1.0], [9.0, 0.0]], ('no', 'yes'))
        """
        return cls._of(*table_of_arrays(x, y, kinds, groups))

    @classmethod
    def from_frame(
        cls, frame: Any, targets: str | Sequence[str], *, kinds: Mapping[str, Kind] | None = None, groups: str | None = None
    ) -> Self:
        """Read a pandas frame, or anything with `columns` and `frame[column]`.

        Parameters
        ----------
        targets : str | Sequence[str]
            The columns that are questions. All columns but these and `groups` are features.
        kinds : Mapping[str, Kind] | None
            As in `from_arrays`.
        groups : str | None
            The column that says which rows stay in the same split.

        Raises
        ------
        ValueError
            A column that is unknown or named twice, no column left as a feature, or what
            `from_arrays` refuses.
        """
        return cls._of(*table_of_frame(frame, targets, kinds, groups))

    @classmethod
    def from_pairs(
        cls,
        pairs: Mapping[str, tuple[Any, Any]],
        *,
        kinds: Mapping[str, Kind] | None = None,
        groups: Mapping[str, Any] | None = None,
        own_columns: bool | None = None,
    ) -> Self:
        """Read tasks that have samples of their own, as {"price": (x1, y1), "sold": (x2, y2)}.

        Parameters
        ----------
        pairs : Mapping[str, tuple[Any, Any]]
            Name of a task -> its samples [sample feature] and their labels.
        kinds : Mapping[str, Kind] | None
            As in `from_arrays`.
        groups : Mapping[str, Any] | None
            Name of a task -> for each of its samples whom or what it belongs to; say so if two
            tasks were asked of one person.
        own_columns : bool | None
            Whether each task's features get columns of their own, with zeros for the other tasks'
            samples: then the first layer of any trunk holds an encoder per task. Needed, and the
            default, where the numbers of features differ.

        Raises
        ------
        ValueError
            Labels of another length than their samples, groups for other tasks, or what
            `from_arrays` refuses.

        Examples
        --------
        >>> data = TaskData.from_pairs({"price": ([[1.0, 2.0]], [9.0]), "rent": ([[3.0]], [1.0])})
        >>> data.train.x.tolist(), data.train.y.tolist()
        ([[1.0, 2.0, 0.0], [0.0, 0.0, 3.0]], [[9.0, nan], [nan, 1.0]])
        """
        return cls._of(*table_of_pairs(pairs, kinds, groups, own_columns))

    @classmethod
    def _of(cls, tasks: tuple[Task, ...], samples: Samples, own_features: tuple[int, ...]) -> Self:
        return cls(tasks, samples, own_features=own_features)

    @property
    def n_features(self) -> int:
        """How many numbers describe a sample."""
        return self.train.x.shape[1]

    @property
    def n_outputs(self) -> tuple[int, ...]:
        """How many outputs each task's head needs."""
        return tuple(task.n_outputs for task in self.tasks)

    def splits(self) -> dict[str, Samples]:
        """The splits that exist, by name."""
        named = {"train": self.train, "validation": self.validation, "test": self.test}
        return {name: samples for name, samples in named.items() if samples is not None}

    def split(self, *, validation: float = 0.2, test: float = 0.2, seed: int = 0) -> Self:
        """Draw who is learned from, chosen by and judged on. What belongs together stays together.

        Parameters
        ----------
        validation, test : float
            Shares of all samples; 0 for no such split.
        seed : int
            Decides who; never how many, unless groups differ in size.

        Raises
        ------
        ValueError
            The data are split already, a split would be empty, or none was found in which every
            task has a label in every split and training has seen every class.
        """
        self._check_whole()
        return self._at(self.train, drawn_split(self.tasks, self.train, {"test": test, "validation": validation}, seed))

    def redraw(self, *, seed: int, validation: float | None = None) -> Self:
        """Draw training and validation samples anew from all that is not for the test, which stays as
        it is.

        Parameters
        ----------
        seed : int
            Decides who; never how many.
        validation : float | None
            Share of what is not for the test; as many as there are now when not given.

        Raises
        ------
        ValueError
            Neither a validation split nor a share is given, or as in `split`.
        """
        if self.validation is None and validation is None:
            raise ValueError("`validation` must be a share, such as 0.25, since there is no validation split whose size could be kept.")
        pool = self.train if self.validation is None else self.train.and_then(self.validation)
        share = 1 - len(self.train) / len(pool) if validation is None else validation
        return replace(self._at(pool, drawn_split(self.tasks, pool, {"validation": share}, seed)), test=self.test)

    def folds(self, n_folds: int = 5, *, validation: float = 0.0, seed: int = 0) -> tuple["TaskData", ...]:
        """Deal the samples out to folds, and judge on each in turn what was learned from the others
        (cross-validation).

        Parameters
        ----------
        n_folds : int
            How many; groups stay in one fold.
        validation : float
            Share of what is not for the test, drawn for each fold anew.
        seed : int
            Decides who is in which fold.

        Raises
        ------
        ValueError
            Fewer than 2 folds or more than samples or groups, or as in `split`.
        """
        self._check_whole()
        folds = tuple(self._at(self.train, rows) for rows in drawn_folds(self.tasks, self.train, n_folds, seed))
        return tuple(fold.redraw(seed=seed, validation=validation) for fold in folds) if validation else folds

    def scaled(self) -> tuple["TaskData", Scaling]:
        """Put inputs and labels of regressions in units of their spread in the training split, and say
        how to get back.

        Returns
        -------
        tuple["TaskData", Scaling]
            The same data with mean 0 and standard deviation 1 over the training samples, constants
            left alone; and the `Scaling`, which turns answers and errors back into the units of the
            labels.
        """
        scaling = Scaling.of(self.tasks, self.train, self.own_features)
        return replace(self, **{name: scaling.apply(samples) for name, samples in self.splits().items()}), scaling

    def check_classes(self) -> None:
        """Make sure that no class is asked for that training never shows.

        Raises
        ------
        ValueError
            A class that occurs in validation or test samples only.
        """
        for split, samples in self.splits().items():
            for name, classes in unseen_classes(self.tasks, self.train.y, samples.y).items():
                raise ValueError(
                    f"Task {name!r} must have a training label of every class; {', '.join(classes)} occurs in `{split}` only. "
                    "Split again, or drop that class."
                )

    def _check_whole(self) -> None:
        if len(self.splits()) > 1:
            raise ValueError(
                f"The data must be a table not yet split; got {[*self.splits()]}. `redraw` draws training and validation anew."
            )

    def _at(self, samples: Samples, rows: Rows) -> Self:
        return replace(self, **{"validation": None, "test": None} | {name: samples.at(chosen) for name, chosen in rows.items()})
