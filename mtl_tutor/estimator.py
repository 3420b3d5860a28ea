"""A multi-task net with the interface of scikit-learn."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np
import torch
from jaxtyping import Float, Shaped
from scipy.special import log_softmax, softmax
from sklearn.base import BaseEstimator
from sklearn.metrics import r2_score
from sklearn.utils import ClassifierTags, RegressorTags, check_random_state
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_consistent_length, check_is_fitted, validate_data
from torch import nn

from mtl_tutor.balancing import Balancing, EqualWeighting
from mtl_tutor.checks import check_real, check_size, check_whole, shown
from mtl_tutor.results import History
from mtl_tutor.saving import load_estimator, save_estimator
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import Task, TaskData
from mtl_tutor.tasks._cells import inputs_of, is_missing, kinds_of, numbers_of
from mtl_tutor.tasks._samples import Kinds
from mtl_tutor.tasks.own_data import columns_of, table_of_arrays, warn_of_scarce_labels
from mtl_tutor.tasks.scaling import is_constant
from mtl_tutor.tasks.splits import drawn_split
from mtl_tutor.training import nets, predict, train

Weights = Float[np.ndarray, "sample"]


class MultiTaskNet(BaseEstimator):
    """Learn all columns of y with one net, as a scikit-learn estimator.

    Inputs and regression targets are standardised inside; predictions are in the units and classes
    of y. A NaN, or None, in y is a missing label.

    Parameters
    ----------
    sharing : Callable[..., nn.Module]
        Builds the net: an architecture's class, or any callable sharing(n_features=…, n_hidden=…,
        n_outputs=…) -> module.
    balancing : Balancing | None
        How an update is computed from the tasks' losses; equal weights when not given.
    kinds : Kind | Sequence[Kind] | Mapping[Any, Kind] | None
        "regression", "binary" or "multiclass" for all columns; or one of them for each; or a dict
        from the number or name of a column. Columns that it leaves out are classifications where
        they hold words, booleans or categories, and regressions otherwise. To scikit-learn this is
        a classifier where `kinds` asks for classes only, and a regressor where it asks for none.
    n_hidden : int | Sequence[int]
        Width of the hidden layer, or one width per layer.
    lr, weight_decay : float
        As in `mtl_tutor.training.train`, with Adam.
    batch_size : int | None
        Samples per update, at most all; all when not given.
    steps : int
        Largest number of updates.
    validation : float
        Share of the samples that is held out to find the best number of updates, each class in
        its share; then a net is trained on all samples for that many. 0 to train once, for all
        `steps`.
    class_weight : str | Mapping[Any, Any] | None
        How much the samples of each class count. "balanced" for the inverse of the classes'
        frequencies; or, for one column, a dict from classes to weights; or, for several, a dict
        from the number or name of a column to either of these.
    n_nets : int
        Number of nets of different seeds whose predictions are averaged.
    random_state : Any
        Decides hold-out, initial weights and batches: a whole number, a RandomState, or None for
        other ones at each fit.

    Attributes
    ----------
    tasks_ : tuple[Task, ...]
        The tasks of the columns of y; `tasks_[i].classes` are its classes.
    classes_ : np.ndarray | list[np.ndarray]
        The classes of the one column of y; or a list of those of each classification.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : np.ndarray
        Their names, where X is a data frame.
    n_steps_ : int
        Number of updates.
    model_ : nn.Module
        The first trained net. It reads scaled samples and answers in scaled units: `scaling_.inputs(X)` are its samples,
        `scaling_.undo(answers)` are answers in the units of y.
    models_ : list[nn.Module]
        All trained nets whose training stayed finite, the first included.
    history_ : History
        Trained parameters, and the record of training.
    scaling_ : Scaling
        Units of inputs and targets.

    Raises
    ------
    ValueError, TypeError
        A parameter is out of its range, or X and y do not fit (when `fit` is called).

    Notes
    -----
    scikit-learn stratifies the folds of a classifier, and can't where labels are missing. Then hand
    over the folds: ``cross_val_score(net, X, y, cv=KFold(5))``.

    Examples
    --------
    >>> X, y = np.arange(20.0)[:, None], np.column_stack([np.arange(20.0), 100 - 10 * np.arange(20.0)])
    >>> MultiTaskNet(validation=0, random_state=1).fit(X, y).predict([[2.0], [6.0]]).round().tolist()
    [[2.0, 80.0], [6.0, 40.0]]
    """

    def __init__(
        self,
        sharing: Callable[..., nn.Module] = HardSharing,
        balancing: Balancing | None = None,
        *,
        kinds: Kinds = None,
        n_hidden: int | Sequence[int] = 32,
        lr: float = 0.01,
        steps: int = 300,
        validation: float = 0.2,
        batch_size: int | None = None,
        weight_decay: float = 0.0,
        class_weight: str | Mapping[Any, Any] | None = None,
        n_nets: int = 1,
        random_state: Any = 0,
    ) -> None:
        self.sharing = sharing
        self.balancing = balancing
        self.kinds = kinds
        self.n_hidden = n_hidden
        self.lr = lr
        self.steps = steps
        self.validation = validation
        self.batch_size = batch_size
        self.weight_decay = weight_decay
        self.class_weight = class_weight
        self.n_nets = n_nets
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to samples X [sample feature] and their labels y [sample task].

        Both are arrays or pandas frames; a single column of y may be 1-D. A sample of weight 2
        counts as two of weight 1 in the losses of training and hold-out, and one of weight 0 is
        left out.
        """
        self._check_settings()
        X, columns = _inputs(self, X, ensure_min_samples=2), _columns(y)
        check_consistent_length(X, *columns.values())
        kinds = kinds_of(self.kinds, columns)
        _check_classes(kinds, columns)
        weights = _weights(sample_weight, len(X))
        if weights is not None and not weights.all():
            kept = np.flatnonzero(weights)
            X, weights = X[kept], weights[kept]
            columns = {name: _rows(column, kept) for name, column in columns.items()}
        if weights is not None and (weights == weights[0]).all():
            weights = None
        table = table_of_arrays(X, columns, kinds, None)
        warn_of_scarce_labels(table.tasks, table.samples)
        data = TaskData(table.tasks, table.samples)
        seeds = _seeds(self.random_state, self.n_nets)
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seeds[0])
            self.model_ = self.sharing(n_features=data.n_features, n_hidden=_widths(self.n_hidden), n_outputs=data.n_outputs)
        self.tasks_, self.is_one_column_ = data.tasks, _is_one_column(y)
        self.has_named_tasks_ = hasattr(y, "columns") or isinstance(y, Mapping)
        self.n_steps_ = self._best_step(data, seeds, weights) if self.validation else int(self.steps)
        scaled, self.scaling_ = data.scaled()
        self.history_ = _in_double(self._train(scaled, seeds, self.n_steps_, weights, eval_every=self.n_steps_))
        self._keep_nets(self.model_)
        return self

    def predict(self, X: Any) -> Shaped[np.ndarray, "sample *task"]:
        """Predict every task: numbers in the targets' units, classes by their names.

        One column per task, or 1-D as y was.
        """
        columns = self._named_answers(X)
        if len({column.dtype.kind in "if" for column in columns}) == 2:  # words beside numbers
            columns = [column.astype(object) for column in columns]
        return columns[0] if self.is_one_column_ else np.column_stack(columns)

    @available_if(lambda self: _some_classes(self))
    def predict_proba(self, X: Any) -> Float[np.ndarray, "sample class"] | list[Float[np.ndarray, "sample class"]]:
        """Class probabilities, columns as in `classes_`: an array for one column of y; else a list, an array per classification."""
        answers = self._answers(X)
        each = [answer for task, answer in zip(self.tasks_, answers, strict=True) if task.n_classes]
        return each[0] if len(self.tasks_) == 1 else each

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Mean over tasks of R² (regression) or accuracy (classification).

        Missing labels are left out, and so are tasks without any (for R², with fewer than two).
        Columns of a frame are found by their names, if the net was fitted to a frame.
        """
        answers, columns = self._named_answers(X), self._columns_in_order(y)
        check_consistent_length(*answers, *columns)
        weights = _weights(sample_weight, len(answers[0]))
        weights = np.ones(len(answers[0])) if weights is None else weights
        scores = [_score(*one, weights) for one in zip(self.tasks_, columns, answers, strict=True)]
        if not any(score is not None for score in scores):
            raise ValueError("`y` must hold labels to score by; none of its columns has enough.")
        return float(np.mean([score for score in scores if score is not None]))

    @property
    def classes_(self) -> Shaped[np.ndarray, "class"] | list[Shaped[np.ndarray, "class"]]:
        """The classes of the one column of y; or a list of those of each classification."""
        tasks = [task for task in getattr(self, "tasks_", ()) if task.n_classes]
        if not tasks:
            raise AttributeError("`classes_` are there after a fit to classes only; this net has none.")
        named = [np.array(task.classes) for task in tasks]
        return named[0] if len(self.tasks_) == 1 else named

    def _check_settings(self) -> None:
        for name in ("steps", "n_nets"):
            check_whole(name, getattr(self, name), least=1)
        if self.batch_size is not None:
            check_whole("batch_size", self.batch_size, least=1)
        for name in ("lr", "weight_decay", "validation"):
            check_real(name, getattr(self, name))
        if not callable(self.sharing):
            raise TypeError(f"`sharing` must be a class or a function that builds a net; got {shown(self.sharing)}.")

    def _columns_in_order(self, y: Any) -> list[Any]:
        """The columns of y in the order of the tasks."""
        columns, names = _columns(y), [task.name for task in self.tasks_]
        if len(columns) != len(names):
            raise ValueError(f"`y` must have one column per task, {len(names)}; got {len(columns)}.")
        if not (self.has_named_tasks_ and (hasattr(y, "columns") or isinstance(y, Mapping))):
            return list(columns.values())
        if set(columns) != set(names):
            raise ValueError(f"`y` must have the columns that the net was fitted to, {names}; got {[*columns]}.")
        return [columns[name] for name in names]

    def _keep_nets(self, model: nn.Module) -> None:
        """Put the trained weights into copies of the model: `models_`, and `model_`, the first of them."""
        history, finished = self.history_, ~self.history_.diverged
        parameters = {name: values[finished] for name, values in history.parameters.items()}
        history = replace(history, seeds=history.seeds[finished], diverged=history.diverged[finished], parameters=parameters)
        self.models_ = [net.float() for net in nets(model, history)]
        self.model_ = self.models_[0]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the fitted net to a file: an npz with a checksum, without pickle. A file of that name is replaced.

        `export` in `mtl_tutor.export` writes plain PyTorch code instead.

        Raises
        ------
        ValueError, TypeError
            Not fitted yet, a `random_state` or other setting that is made of more than numbers, text, lists and dicts, or
            a path that cannot be written to.
        """
        save_estimator(self, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, sharing: Any = None, balancing: Any = None) -> Self:
        """Read a fitted net that `save` wrote; it predicts the same to the last bit.

        Nothing in the file is run. Classes of this package are found by their names.

        Parameters
        ----------
        path : str | os.PathLike[str]
            The file.
        sharing, balancing : Any
            Needed where the net was fitted with a class or function of your own: the same again.

        Raises
        ------
        ValueError, TypeError
            No such file, a damaged one, one that holds something else, or `sharing` or `balancing` is missing or builds
            another net.
        """
        return load_estimator(cls, path, {"sharing": sharing, "balancing": balancing})

    def _answers(self, X: Any) -> list[Float[np.ndarray, "sample *class"]]:
        """Predictions averaged over nets: numbers in the targets' units, or probabilities."""
        check_is_fitted(self)
        outputs = predict(self.model_, self.history_, self.scaling_.inputs(_inputs(self, X, reset=False)))
        finished = ~self.history_.diverged
        return [_answer(task, each[finished]) for task, each in zip(self.tasks_, self.scaling_.undo(outputs), strict=True)]

    def _named_answers(self, X: Any) -> list[Shaped[np.ndarray, "sample"]]:
        answers = self._answers(X)
        return [
            np.array(task.classes)[each.argmax(axis=1)] if task.n_classes else each for task, each in zip(self.tasks_, answers, strict=True)
        ]

    def _best_step(self, data: TaskData, seeds: Sequence[int], weights: Weights | None) -> int:
        """The number of updates with the lowest validation loss, summed over tasks, averaged over nets."""
        has_classes = any(task.n_classes for task in data.tasks)
        rows = drawn_split(data.tasks, data.train, {"validation": float(self.validation)}, seeds[0], stratify=has_classes)
        split = replace(data, train=data.train.at(rows["train"]), validation=data.train.at(rows["validation"]))
        scaled, _ = split.scaled()
        steps = int(self.steps)
        if weights is None:
            history = self._train(scaled, seeds, steps, None)
            loss = history.loss["validation"].sum(axis=2)
        else:
            asked = sorted({*range(0, steps + 1, max(1, steps // 50)), steps})
            history = self._train(scaled, seeds, steps, weights[rows["train"]], eval_every=max(1, steps // 50), keep_at=asked)
            loss = self._weighted_loss(scaled, history, asked, weights[rows["validation"]])
        return max(1, int(history.steps[loss[~history.diverged].mean(axis=0).argmin()]))

    def _weighted_loss(
        self, data: TaskData, history: History, steps: Sequence[int], weights: Weights
    ) -> Float[np.ndarray, "seed step"]:
        """The validation loss, summed over tasks, where samples have weights, which `train` gives to training samples only."""
        samples, of_classes = data.splits()["validation"], _class_weights(self.class_weight, data) or {}
        total = np.zeros((len(history.seeds), len(steps)))
        for number, step in enumerate(steps):
            outputs = predict(self.model_, history, samples.x, at=step)
            for i, (task, each) in enumerate(zip(data.tasks, outputs, strict=True)):
                known = ~np.isnan(samples.y[:, i])
                labels = samples.y[known, i]
                counts = weights[known] * (np.array(of_classes[task.name])[labels.astype(int)] if task.name in of_classes else 1.0)
                if counts.any():
                    total[:, number] += np.average(_loss(task, each[:, known], labels), axis=1, weights=counts)
        return total

    def _train(
        self,
        data: TaskData,
        seeds: Sequence[int],
        steps: int,
        weights: Weights | None,
        eval_every: int | None = None,
        keep_at: Sequence[int] = (),
    ) -> History:
        history = train(
            self.model_,
            data,
            EqualWeighting() if self.balancing is None else self.balancing,
            seeds=seeds,
            steps=steps,
            eval_every=eval_every,
            keep_at=keep_at,
            lr=float(self.lr),
            weight_decay=float(self.weight_decay),
            batch_size=None if self.batch_size is None else min(int(self.batch_size), len(data.train)),
            sample_weight=weights,
            class_weight=_class_weights(self.class_weight, data),
        )
        if history.diverged.all():
            raise ValueError(f"`lr` must be small enough for training to stay finite; all {self.n_nets} nets diverged at {self.lr}.")
        return history

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = tags.target_tags.multi_output = True
        kinds = _asked_kinds(self)
        if kinds == {"regression"}:
            tags.estimator_type, tags.regressor_tags = "regressor", RegressorTags()
        elif "regression" not in kinds:
            tags.estimator_type, tags.classifier_tags = "classifier", ClassifierTags(multi_class=kinds != {"binary"})
        return tags


def _inputs(estimator: MultiTaskNet, X: Any, **rules: Any) -> Float[np.ndarray, "sample feature"]:
    if hasattr(X, "columns") and hasattr(X, "__getitem__"):
        inputs_of("`X`", X)  # which names the column that holds no numbers
    try:
        X = np.asarray(validate_data(estimator, X, dtype=np.float64, ensure_all_finite=False, **rules))
    except (TypeError, ValueError) as error:
        if "float" not in str(error):
            raise  # scikit-learn's own sentence about the shape
        raise type(error)(f"`X` must hold numbers [sample feature]; got {shown(X)}: {error}") from None
    if not np.isfinite(X).all():
        raise ValueError(f"`X` must be finite; {np.sum(~np.isfinite(X))} entries are NaN or infinite (inf). Impute or drop those samples.")
    check_size("X", X)
    return X


def _columns(y: Any) -> dict[str, Any]:
    """The targets by name, or by number where they have none."""
    if y is None:
        raise ValueError("`y` must hold the targets. MultiTaskNet requires y to be passed, but the target y is None.")
    return columns_of(y)


def _is_one_column(y: Any) -> bool:
    return not (hasattr(y, "columns") or isinstance(y, Mapping)) and np.asarray(y, dtype=object).ndim == 1


def _rows(column: Any, kept: np.ndarray) -> Any:
    """Some rows of a column, which stays what it is: categories keep their order."""
    return column.iloc[kept] if hasattr(column, "iloc") else column[kept] if hasattr(column, "dtype") else [column[row] for row in kept]


def _asked_kinds(net: MultiTaskNet) -> set[str]:
    """The kinds of all tasks: of those fitted, or else what the settings ask for, regressions included where they may be."""
    if hasattr(net, "tasks_"):
        return {task.kind for task in net.tasks_}
    if net.kinds is None or isinstance(net.kinds, str):
        return {net.kinds or "regression"}
    if not np.iterable(net.kinds):  # which `fit` refuses
        return {"regression"}
    return {"regression", *net.kinds.values()} if isinstance(net.kinds, Mapping) else {str(kind) for kind in net.kinds}


def _some_classes(net: MultiTaskNet) -> bool:
    return _asked_kinds(net) != {"regression"}


def _check_classes(kinds: Mapping[str, str], columns: Mapping[str, Any]) -> None:
    """Refuse fractions as classes, and a third class of two, in scikit-learn's words, too."""
    for name, kind in kinds.items():
        cells = [cell for cell in np.asarray(columns[name], dtype=object).flat if not is_missing(cell)]
        found = [cell for cell in cells if isinstance(cell, (float, np.floating)) and not float(cell).is_integer()]
        if kind != "regression" and found:
            rule = "must hold whole numbers or words, since `kinds` asks for classes"
            raise ValueError(f"`y[{name!r}]` {rule}; got {found[0]}. Unknown label type: continuous.")
        if kind == "binary" and len(classes := set(cells)) > 2:
            raise ValueError(
                f"`y[{name!r}]` must hold exactly two classes, being binary; got {len(classes)}. Only binary classification "
                "is supported. The type of the target is multiclass. Ask for 'multiclass' in `kinds`."
            )


def _weights(sample_weight: Any, n_samples: int) -> Weights | None:
    """One weight per sample, zero or more, if there are any."""
    if sample_weight is None:
        return None
    weights = numbers_of("`sample_weight`", sample_weight)
    if weights.shape != (n_samples,):
        raise ValueError(f"`sample_weight` must hold one weight per sample, {n_samples}; got shape {weights.shape}.")
    if not (np.isfinite(weights).all() and (weights >= 0).all() and weights.any()):
        raise ValueError("`sample_weight` must be finite and zero or more, and not zero for all samples.")
    return weights


def _class_weights(asked: Any, data: TaskData) -> dict[str, list[float]] | None:
    """Task's name -> a weight per class, of what `class_weight` asks for."""
    if asked is None:
        return None
    tasks = {task.name: (task, data.train.y[:, i]) for i, task in enumerate(data.tasks) if task.n_classes}
    if not isinstance(asked, (str, Mapping)) or (isinstance(asked, str) and asked != "balanced"):
        raise ValueError(f"`class_weight` must be 'balanced' or a dict from classes to weights; got {shown(asked)}.")
    if not tasks:
        raise ValueError("`class_weight` needs classes; all tasks are regressions. Name a task in `kinds`, or leave the weights out.")
    if isinstance(asked, str):
        each: dict[str, Any] = dict.fromkeys(tasks, asked)
    else:
        each = {next(iter(tasks)): asked} if len(data.tasks) == 1 else {str(name): value for name, value in asked.items()}
    if unknown := [name for name in each if name not in tasks]:
        raise ValueError(f"`class_weight` must name some of the classifications, {[*tasks]}; {unknown[0]!r} is none.")
    return {name: _weights_of_classes(*tasks[name], value) for name, value in each.items()}


def _weights_of_classes(task: Task, labels: Weights, asked: Any) -> list[float]:
    counts = np.bincount(labels[~np.isnan(labels)].astype(int), minlength=task.n_classes)
    if asked == "balanced":
        return (counts.sum() / (np.count_nonzero(counts) * np.maximum(counts, 1))).tolist()
    if not isinstance(asked, Mapping):
        raise ValueError(f"`class_weight` of {task.name!r} must be 'balanced' or a dict from classes to weights; got {shown(asked)}.")
    if unknown := [one for one in asked if one not in task.classes]:
        raise ValueError(f"`class_weight` of {task.name!r} must name some of its classes, {[*task.classes]}; {unknown[0]!r} is none.")
    return [check_real("class_weight", asked.get(one, 1.0)) for one in task.classes]


def _widths(n_hidden: Any) -> int | tuple[int, ...]:
    """Widths as Python's whole numbers, also from np.arange."""
    if not np.iterable(n_hidden):
        return check_whole("n_hidden", n_hidden, least=1)
    return tuple(check_whole("n_hidden", width, least=1) for width in n_hidden)


def _seeds(random_state: Any, n_nets: int) -> list[int]:
    try:
        return check_random_state(random_state).randint(2**31 - 1, size=int(n_nets)).tolist()
    except (ValueError, TypeError):
        rule = "a whole number from 0 to 4294967295, a RandomState, or None"
        raise ValueError(f"`random_state` must be {rule}; got {shown(random_state)}.") from None


def _loss(task: Task, outputs: Float[np.ndarray, "seed sample output"], labels: Weights) -> Float[np.ndarray, "seed sample"]:
    """Squared error, or cross-entropy."""
    if task.kind == "regression":
        return (outputs[..., 0] - labels) ** 2
    if task.kind == "binary":
        return np.logaddexp(0, outputs[..., 0] * (1 - 2 * labels))
    return -log_softmax(outputs, axis=-1)[:, np.arange(len(labels)), labels.astype(int)]


def _answer(task: Task, outputs: Float[np.ndarray, "seed sample output"]) -> Float[np.ndarray, "sample *class"]:
    if task.kind == "regression":
        return outputs[..., 0].mean(axis=0)
    logits = np.concatenate([np.zeros_like(outputs), outputs], axis=-1) if task.kind == "binary" else outputs
    return softmax(logits, axis=-1).mean(axis=0)


def _score(task: Task, labels: Any, answers: Shaped[np.ndarray, "sample"], weights: Weights) -> float | None:
    cells = np.asarray(labels, dtype=object)
    known = np.array([not is_missing(label) for label in cells]) & (weights > 0)
    truth, found, weights = cells[known], answers[known], weights[known]
    if task.n_classes:
        return float(np.average(truth == found, weights=weights)) if len(truth) else None
    if len(truth) < 2:
        return None
    numbers = numbers_of("`y`", truth)
    check_size("y", numbers)
    if is_constant(numbers):  # but for rounding, by which R² would divide
        return float(np.allclose(numbers, found))
    return float(r2_score(numbers, found, sample_weight=weights))


def _in_double(history: History) -> History:
    """The parameters in double precision.

    In single precision, the last digits of a prediction would depend on the other samples.
    """
    is_real = {name: np.issubdtype(values.dtype, np.floating) for name, values in history.parameters.items()}
    return replace(history, parameters={name: v.astype(float) if is_real[name] else v for name, v in history.parameters.items()})
