"""The data of several tasks: inputs, labels and splits."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from mtl_tutor.checks import checked
from mtl_tutor.tasks._samples import Kind, Kinds, Samples, Task
from mtl_tutor.tasks.own_data import Table, table_of_arrays, table_of_frame, table_of_pairs, warn_of_scarce_labels
from mtl_tutor.tasks.scaling import Scaling
from mtl_tutor.tasks.splits import Rows, drawn_folds, drawn_split, unseen_classes

__all__ = ["Kind", "Samples", "Task", "TaskData"]


@checked
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
    feature_names : tuple[str, ...]
        Names of the columns of `x` where they came as a data frame; empty otherwise.

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
    feature_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.tasks:
            raise ValueError("`tasks` must name at least one task; got none.")
        shape = self.input_shape
        for split, samples in self.splits().items():
            if samples.x.shape[1:] != shape or samples.y.shape[1] != len(self.tasks):
                features = f"{shape[0]} features" if len(shape) == 1 else f"samples of shape {shape}"
                raise ValueError(
                    f"`{split}` must have {features} and {len(self.tasks)} tasks; got x {samples.x.shape} and y {samples.y.shape}."
                )
            for task, labels in zip(self.tasks, samples.y.T, strict=True):
                task.check_labels(split, labels[~np.isnan(labels)])
        if self.own_features and (len(self.own_features), (sum(self.own_features),)) != (len(self.tasks), shape):
            raise ValueError(
                f"`own_features` must deal {self.n_features} features out to {len(self.tasks)} tasks; got {self.own_features}."
            )
        if self.feature_names and len(self.feature_names) != shape[0]:
            raise ValueError(f"`feature_names` must name each of the {shape[0]} features; got {len(self.feature_names)} names.")

    def __repr__(self) -> str:
        tasks = ", ".join(f"{task.name} ({task.kind})" for task in self.tasks)
        sizes = ", ".join(f"{len(samples)} {split}" for split, samples in self.splits().items())
        return f"TaskData: tasks {tasks}; {self.n_features} features; samples: {sizes}"

    @classmethod
    def from_arrays(cls, x: Any, y: Any, *, kinds: Kinds = None, groups: Any = None) -> Self:
        """Read arrays: one table of inputs, and one label per sample and task.

        Parameters
        ----------
        x : Any
            Numbers, [sample feature]; or with more axes, such as images [sample channel height
            width] and sequences [sample token feature]. A data frame gives its columns' names.
        y : Any
            A dict from a task's name to one label per sample; a data frame; or an array
            [sample task], whose tasks are called "0", "1", … NaN, None, pandas' NA and masked
            entries are missing labels. Classes are whole numbers, booleans or words, and counted
            from 0 in their order, which is its own for an ordered categorical; `task.classes` keeps
            their names.
        kinds : Kind | Sequence[Kind] | Mapping[Any, Kind] | None
            "regression", "binary" or "multiclass" for all tasks; one of them for each task; or a
            dict from some tasks' names. Words, booleans and categoricals that it leaves out are
            classes, binary where there are two; all else is a regression.
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

        Warns
        -----
        UserWarning
            A task with fewer than 20 labels, or with one label only.

        Examples
        --------
        >>> x, price = np.arange(21.0)[:, None], [7, None, *range(19)]
        >>> data = TaskData.from_arrays(x, {"price": price, "sold": ["no", "yes", "no"] * 7})
        >>> data.train.y[:3].tolist(), data.tasks[1].kind, data.tasks[1].classes
        ([[7.0, 0.0], [nan, 1.0], [0.0, 0.0]], 'binary', ('no', 'yes'))
        """
        return cls._of(table_of_arrays(x, y, kinds, groups))

    @classmethod
    def from_frame(cls, frame: Any, targets: Any, *, kinds: Kinds = None, groups: Any = None) -> Self:
        """Read a pandas frame, or anything with `columns` and `frame[column]`.

        Parameters
        ----------
        targets : Any
            Name of the column, or sequence of names of the columns, that are labels. All columns
            but these and `groups` are features.
        kinds : Kind | Sequence[Kind] | Mapping[Any, Kind] | None
            As in `from_arrays`.
        groups : Any
            Name of the column whose equal entries stay in the same split.

        Raises
        ------
        ValueError
            No data frame, a column that is unknown or named twice, no column left as a feature, or
            what `from_arrays` refuses.

        Warns
        -----
        UserWarning
            As in `from_arrays`.
        """
        return cls._of(table_of_frame(frame, targets, kinds, groups))

    @classmethod
    def from_pairs(
        cls,
        pairs: Mapping[Any, tuple[Any, Any]],
        *,
        kinds: Kinds = None,
        groups: Mapping[Any, Any] | None = None,
        own_columns: bool | None = None,
    ) -> Self:
        """Read tasks that have samples of their own, as ``{"price": (x1, y1), "sold": (x2, y2)}``.

        Parameters
        ----------
        pairs : Mapping[Any, tuple[Any, Any]]
            Task's name -> its samples [sample feature] and their labels. Columns of data frames are
            matched by their names.
        kinds : Kind | Sequence[Kind] | Mapping[Any, Kind] | None
            As in `from_arrays`.
        groups : Mapping[Any, Any] | None
            Task's name -> the group of each of its samples; needed if several tasks have samples of
            one person, say.
        own_columns : bool | None
            Whether each task's features get columns of their own, which are 0 for the other tasks'
            samples: the first layer of any trunk then holds one encoder per task. Needed, and the
            default, where the tasks' features differ in number or names.

        Raises
        ------
        ValueError
            Labels of another length than their samples, groups for other tasks, or what
            `from_arrays` refuses.

        Warns
        -----
        UserWarning
            As in `from_arrays`.

        Examples
        --------
        >>> few, more = np.arange(20.0)[:, None], np.ones((20, 2))
        >>> data = TaskData.from_pairs({"price": (few, few[:, 0]), "rent": (more, few[:, 0] / 2)})
        >>> data.train.x[[1, 21]].tolist(), data.train.y[[1, 21]].tolist()
        ([[1.0, 0.0, 0.0], [0.0, 1.0, 1.0]], [[1.0, nan], [nan, 0.5]])
        """
        return cls._of(table_of_pairs(pairs, kinds, groups, own_columns))

    @classmethod
    def _of(cls, table: Table) -> Self:
        warn_of_scarce_labels(table.tasks, table.samples, stacklevel=4)
        return cls(table.tasks, table.samples, own_features=table.own_features, feature_names=table.feature_names)

    @property
    def n_features(self) -> int:
        """Number of features per sample, of inputs [sample feature].

        Raises
        ------
        ValueError
            Inputs have more axes; `input_shape` is the shape of one.
        """
        if len(self.input_shape) > 1:
            raise ValueError(
                f"`x` must have two axes (sample, feature) for what needs a number of features; got samples of shape "
                f"{self.input_shape}. Flatten them, x.reshape(len(x), -1), or use a module that takes such samples."
            )
        return self.train.x.shape[1]

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one sample: (feature,), or more, such as (channel, height, width)."""
        return self.train.x.shape[1:]

    @property
    def n_outputs(self) -> tuple[int, ...]:
        """Number of outputs of each task's head."""
        return tuple(task.n_outputs for task in self.tasks)

    def splits(self) -> dict[str, Samples]:
        """The splits that exist, by name."""
        named = {"train": self.train, "validation": self.validation, "test": self.test}
        return {name: samples for name, samples in named.items() if samples is not None}

    @checked
    def split(self, *, validation: float = 0.2, test: float = 0.2, seed: int = 0, stratify: bool = False) -> Self:
        """Split the samples at random into training, validation and test.

        Parameters
        ----------
        validation, test : float
            Shares of all samples; 0 for no such split.
        seed : int
            Decides which samples go where. It doesn't change how many, unless groups differ in
            size.
        stratify : bool
            Whether each split gets its share of every class, and of the labels of every task; whole
            groups still stay together. Otherwise that is tried only where draws at random leave a
            task without a label in a split, or training without a class.

        Raises
        ------
        ValueError
            The data are split already, a split would be empty, or none was found in which every
            task has a label in every split and training has seen every class.

        Notes
        -----
        Source of `stratify`: Sechidis, Tsoumakas and Vlahavas (2011), "On the stratification of
        multi-label data", algorithm 1. Departures: groups; splits that are full get no more.

        Examples
        --------
        >>> data = TaskData.from_arrays(np.arange(50.0)[:, None], {"ill": [1, 0, 0, 0, 0] * 10}, kinds="binary")
        >>> [int(samples.y.sum()) for samples in data.split(stratify=True).splits().values()]
        [6, 2, 2]
        """
        self._check_whole()
        shares = {"test": test, "validation": validation}
        return self._at(self.train, drawn_split(self.tasks, self.train, shares, seed, stratify))

    @checked
    def redraw(self, *, seed: int, validation: float | None = None, stratify: bool = False) -> Self:
        """Draw training and validation samples anew; the test samples stay.

        Parameters
        ----------
        seed : int
            Decides which samples go where, not how many.
        validation : float | None
            Share of the samples outside the test; as many as there are now when not given.
        stratify : bool
            As in `split`.

        Raises
        ------
        ValueError
            Neither a validation split nor a share is given, or as in `split`.
        """
        if self.validation is None and validation is None:
            raise ValueError("`validation` must be a share, such as 0.25, since there is no validation split whose size could be kept.")
        pool = self.train if self.validation is None else self.train.and_then(self.validation)
        share = 1 - len(self.train) / len(pool) if validation is None else validation
        return replace(self._at(pool, drawn_split(self.tasks, pool, {"validation": share}, seed, stratify)), test=self.test)

    @checked
    def folds(
        self, n_folds: int = 5, *, validation: float = 0.0, seed: int = 0, stratify: bool = False
    ) -> tuple["TaskData", ...]:
        """Split for cross-validation: each fold is the test split once.

        Parameters
        ----------
        n_folds : int
            Number of folds; samples of one group stay in one fold.
        validation : float
            Share of the samples outside the test, drawn anew for each fold.
        seed : int
            Decides which samples are in which fold.
        stratify : bool
            As in `split`.

        Raises
        ------
        ValueError
            Fewer than 2 folds or more than samples or groups, or as in `split`.
        """
        self._check_whole()
        folds = tuple(self._at(self.train, rows) for rows in drawn_folds(self.tasks, self.train, n_folds, seed, stratify))
        return tuple(fold.redraw(seed=seed, validation=validation, stratify=stratify) for fold in folds) if validation else folds

    @checked
    def scaled(self, *, axis: int | None = None) -> tuple["TaskData", Scaling]:
        """Standardise inputs and regression labels by the training samples.

        Parameters
        ----------
        axis : int | None
            The axis of x whose entries are scaled each by itself. When not given: the features of
            a table and of sequences [sample token feature], the channels of images
            [sample channel height width] and films [sample channel frame height width].

        Returns
        -------
        tuple["TaskData", Scaling]
            The same data with mean 0 and standard deviation 1 over the training samples, constants
            at 0; and the `Scaling`, which turns answers and errors back into the units of the
            labels.

        Raises
        ------
        ValueError
            `axis` is none of the axes after the samples'.
        """
        scaling = Scaling.of(self.tasks, self.train, self.own_features, self.feature_names, axis)
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
