"""The data of several tasks: inputs, labels and splits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from mtl_tutor.tasks._samples import Kind, Samples, Task
from mtl_tutor.tasks.own_data import table_of_arrays, table_of_frame, table_of_pairs
from mtl_tutor.tasks.scaling import Scaling
from mtl_tutor.tasks.splits import Rows, drawn_folds, drawn_split, unseen_classes

__all__ = ["Kind", "Samples", "Task", "TaskData"]


@dataclass(frozen=True, eq=False, repr=False)
class TaskData:
    """Inputs and labels of several tasks, split into training, validation and test samples.

    Tasks with samples of their own stack their samples in `x` and leave the other tasks' labels
    NaN.

    Attributes
    ----------
    tasks : tuple[Task, ...]
        The tasks, in the order of the columns of every `y`.
    train : Samples
        Training samples; all samples in a table that is not yet split. `split` splits at random; to
        choose rows yourself, the past and the future for example:
        `replace(data, train=data.train.at(early), test=data.train.at(late))`.
    validation, test : Samples | None
        The other splits; None where there is none.
    own_features : tuple[int, ...]
        How many columns of `x` belong to each task alone, side by side; empty where all tasks share
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

    def __repr__(self) -> str:
        tasks = ", ".join(f"{task.name} ({task.kind})" for task in self.tasks)
        sizes = ", ".join(f"{len(samples)} {split}" for split, samples in self.splits().items())
        return f"TaskData: tasks {tasks}; {self.n_features} features; samples: {sizes}"

    @classmethod
    def from_arrays(cls, x: Any, y: Mapping[str, Any], *, kinds: Mapping[str, Kind] | None = None, groups: Any = None) -> Self:
        """Read arrays: one table of inputs, and one label per sample and task.

        Parameters
        ----------
        x : Any
            Numbers, [sample feature].
        y : Mapping[str, Any]
            Task's name -> one label per sample. NaN, None and pandas' NA are missing labels.
            Classes are whole numbers or words, and counted from 0 in their order; `task.classes`
            keeps their names.
        kinds : Mapping[str, Kind] | None
            Task's name -> "binary" or "multiclass"; the others are regressions.
        groups : Any
            The group of each sample, such as a person or a day; samples of one group stay in the
            same split.

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
            The columns that are labels. All columns but these and `groups` are features.
        kinds : Mapping[str, Kind] | None
            As in `from_arrays`.
        groups : str | None
            The column whose equal entries stay in the same split.

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
        """Read tasks that have samples of their own, as ``{"price": (x1, y1), "sold": (x2, y2)}``.

        Parameters
        ----------
        pairs : Mapping[str, tuple[Any, Any]]
            Task's name -> its samples [sample feature] and their labels.
        kinds : Mapping[str, Kind] | None
            As in `from_arrays`.
        groups : Mapping[str, Any] | None
            Task's name -> the group of each of its samples; needed if several tasks have samples of
            one person, say.
        own_columns : bool | None
            Whether each task's features get columns of their own, which are 0 for the other tasks'
            samples: the first layer of any trunk then holds one encoder per task. Needed, and the
            default, where the tasks' numbers of features differ.

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
        """Number of features per sample."""
        return self.train.x.shape[1]

    @property
    def n_outputs(self) -> tuple[int, ...]:
        """Number of outputs of each task's head."""
        return tuple(task.n_outputs for task in self.tasks)

    def splits(self) -> dict[str, Samples]:
        """The splits that exist, by name."""
        named = {"train": self.train, "validation": self.validation, "test": self.test}
        return {name: samples for name, samples in named.items() if samples is not None}

    def split(self, *, validation: float = 0.2, test: float = 0.2, seed: int = 0) -> Self:
        """Split the samples at random into training, validation and test.

        Parameters
        ----------
        validation, test : float
            Shares of all samples; 0 for no such split.
        seed : int
            Decides which samples go where. It doesn't change how many, unless groups differ in
            size.

        Raises
        ------
        ValueError
            The data are split already, a split would be empty, or none was found in which every
            task has a label in every split and training has seen every class.
        """
        self._check_whole()
        return self._at(self.train, drawn_split(self.tasks, self.train, {"test": test, "validation": validation}, seed))

    def redraw(self, *, seed: int, validation: float | None = None) -> Self:
        """Draw training and validation samples anew; the test samples stay.

        Parameters
        ----------
        seed : int
            Decides which samples go where, not how many.
        validation : float | None
            Share of the samples outside the test; as many as there are now when not given.

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
        """Split for cross-validation: each fold is the test split once.

        Parameters
        ----------
        n_folds : int
            Number of folds; samples of one group stay in one fold.
        validation : float
            Share of the samples outside the test, drawn anew for each fold.
        seed : int
            Decides which samples are in which fold.

        Raises
        ------
        ValueError
            Fewer than 2 folds or more than samples or groups, or as in `split`.
        """
        self._check_whole()
        folds = tuple(self._at(self.train, rows) for rows in drawn_folds(self.tasks, self.train, n_folds, seed))
        return tuple(fold.redraw(seed=seed, validation=validation) for fold in folds) if validation else folds

    def scaled(self) -> tuple["TaskData", Scaling]:
        """Standardise inputs and regression labels by the training samples.

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
        """Require that every class occurs in the training samples.

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
