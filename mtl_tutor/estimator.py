"""A multi-task net with the interface of scikit-learn."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np
import torch
from jaxtyping import Float, Shaped
from scipy.special import softmax
from sklearn.base import BaseEstimator
from sklearn.metrics import r2_score
from sklearn.utils import RegressorTags, check_random_state
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_consistent_length, check_is_fitted, validate_data
from torch import nn

from mtl_tutor.balancing import EqualWeighting, GradientSurgery, LossWeighting
from mtl_tutor.results import History
from mtl_tutor.saving import load_estimator, save_estimator
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import Task, TaskData
from mtl_tutor.tasks._cells import is_missing, numbers_of
from mtl_tutor.tasks._samples import Kind
from mtl_tutor.training import nets, predict, train
from mtl_tutor.training.checks import check_counts


class MultiTaskNet(BaseEstimator):
    """Learn all columns of y with one net, as a scikit-learn estimator.

    Inputs and regression targets are standardised inside; predictions are in the units and classes
    of y. A NaN, or None, in y is a missing label.

    Parameters
    ----------
    sharing : Callable[..., nn.Module]
        Builds the net: an architecture's class, or any callable sharing(n_features=…, n_hidden=…,
        n_outputs=…) -> module.
    balancing : LossWeighting | GradientSurgery | None
        How an update is computed from the tasks' losses; equal weights when not given.
    kinds : Kind | Sequence[Kind] | Mapping[Any, Kind] | None
        "regression", "binary" or "multiclass" for all columns; or one of them for each; or a dict
        from the number or name of a column, the rest being regressions. All are regressions when
        not given.
    n_hidden : int | Sequence[int]
        Width of the hidden layer, or one width per layer.
    lr, weight_decay : float
        As in `mtl_tutor.training.train`, with Adam.
    batch_size : int | None
        As in `mtl_tutor.training.train`, with Adam.
    steps : int
        Largest number of updates.
    validation : float
        Share of the samples that is held out to find the best number of updates; then a net is
        trained on all samples for that many. 0 to train once, for all `steps`.
    n_nets : int
        Number of nets of different seeds whose predictions are averaged.
    random_state : Any
        Decides hold-out, initial weights and batches.

    Attributes
    ----------
    tasks_ : tuple[Task, ...]
        The tasks of the columns of y; `tasks_[i].classes` are its classes.
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

    Examples
    --------
    >>> X, y = np.arange(8.0)[:, None], np.column_stack([np.arange(8.0), 100 - 10 * np.arange(8.0)])
    >>> MultiTaskNet(validation=0, random_state=1).fit(X, y).predict([[2.0], [6.0]]).round().tolist()
    [[2.0, 80.0], [6.0, 40.0]]
    """

    def __init__(
        self,
        sharing: Callable[..., nn.Module] = HardSharing,
        balancing: LossWeighting | GradientSurgery | None = None,
        *,
        kinds: Kind | Sequence[Kind] | Mapping[Any, Kind] | None = None,
        n_hidden: int | Sequence[int] = 32,
        lr: float = 0.01,
        steps: int = 300,
        validation: float = 0.2,
        batch_size: int | None = None,
        weight_decay: float = 0.0,
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
        self.n_nets = n_nets
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> Self:
        """Fit to samples X [sample feature] and their labels y [sample task].

        Both are arrays or pandas frames; a single column of y may be 1-D.
        """
        X = _inputs(self, X, ensure_min_samples=2)
        columns = _columns(y)
        check_consistent_length(X, *columns.values())
        check_counts(n_nets=self.n_nets)
        data = TaskData.from_arrays(X, columns, kinds=_kinds(self.kinds, list(columns)))
        seeds = check_random_state(self.random_state).randint(2**31 - 1, size=self.n_nets).tolist()
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seeds[0])
            self.model_ = self.sharing(n_features=data.n_features, n_hidden=self.n_hidden, n_outputs=data.n_outputs)
        self.tasks_, self.is_one_column_ = data.tasks, np.asarray(y, dtype=object).ndim == 1
        self.n_steps_ = self._best_step(data, seeds) if self.validation else self.steps
        scaled, self.scaling_ = data.scaled()
        self.history_ = _in_double(self._train(scaled, seeds, self.n_steps_, eval_every=self.n_steps_))
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

    @available_if(lambda self: _asks_for_classes(self.kinds))
    def predict_proba(self, X: Any) -> list[Float[np.ndarray, "sample class"]]:
        """Class probabilities: one array per classification, columns as in `tasks_[i].classes`."""
        answers = self._answers(X)
        return [each for task, each in zip(self.tasks_, answers, strict=True) if task.n_classes]

    def score(self, X: Any, y: Any) -> float:
        """Mean over tasks of R² (regression) or accuracy (classification).

        Missing labels are left out, and so are tasks without any (for R², with fewer than two).
        """
        answers, columns = self._named_answers(X), _columns(y).values()
        check_consistent_length(*answers, *columns)
        if len(columns) != len(answers):
            raise ValueError(f"`y` must have one column per task, {len(answers)}; got {len(columns)}.")
        scores = [_score(*one) for one in zip(self.tasks_, columns, answers, strict=True)]
        if not any(score is not None for score in scores):
            raise ValueError("`y` must hold labels to score by; none of its columns has enough.")
        return float(np.mean([score for score in scores if score is not None]))

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

    def _best_step(self, data: TaskData, seeds: Sequence[int]) -> int:
        """The number of updates with the lowest validation loss, summed over tasks, averaged over nets."""
        scaled, _ = data.split(validation=self.validation, test=0, seed=seeds[0]).scaled()
        history = self._train(scaled, seeds, self.steps)
        loss = history.loss["validation"][~history.diverged].sum(axis=2).mean(axis=0)
        return max(1, int(history.steps[loss.argmin()]))

    def _train(self, data: TaskData, seeds: Sequence[int], steps: int, eval_every: int | None = None) -> History:
        settings = {"lr": self.lr, "batch_size": self.batch_size, "weight_decay": self.weight_decay}
        method = EqualWeighting() if self.balancing is None else self.balancing
        history = train(self.model_, data, method, seeds=seeds, steps=steps, eval_every=eval_every, **settings)
        if history.diverged.all():
            raise ValueError(f"`lr` must be small enough for training to stay finite; all {self.n_nets} nets diverged at {self.lr}.")
        return history

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = tags.target_tags.multi_output = True
        if not _asks_for_classes(self.kinds):
            tags.estimator_type, tags.regressor_tags = "regressor", RegressorTags()
        return tags


def _inputs(estimator: MultiTaskNet, X: Any, **rules: Any) -> Float[np.ndarray, "sample feature"]:
    return np.asarray(validate_data(estimator, X, dtype=np.float64, **rules))


def _columns(y: Any) -> dict[str, Any]:
    """The targets by name, or by number where they have none."""
    if y is None:
        raise ValueError("MultiTaskNet requires y to be passed, but the target y is None.")
    if hasattr(y, "columns"):
        return {str(name): y[name] for name in y.columns}
    table = np.asarray(y, dtype=object)
    if table.ndim not in (1, 2) or not table.size:
        raise ValueError(f"`y` must have one column per task (sample, task), or be one column; got shape {table.shape}.")
    return {str(number): column for number, column in enumerate(table.T if table.ndim == 2 else [table])}


def _kinds(kinds: Any, names: Sequence[str]) -> Mapping[str, Any]:
    if isinstance(kinds, str):
        return dict.fromkeys(names, kinds)
    if kinds is None or isinstance(kinds, Mapping):
        return {str(name): kind for name, kind in (kinds or {}).items()}
    if len(kinds) != len(names):
        raise ValueError(f"`kinds` must hold one kind per column of y, {len(names)}; got {len(kinds)}.")
    return dict(zip(names, kinds, strict=True))


def _asks_for_classes(kinds: Any) -> bool:
    each = [kinds or "regression"] if kinds is None or isinstance(kinds, str) else kinds.values() if isinstance(kinds, Mapping) else kinds
    return any(kind != "regression" for kind in each)


def _answer(task: Task, outputs: Float[np.ndarray, "seed sample output"]) -> Float[np.ndarray, "sample *class"]:
    if task.kind == "regression":
        return outputs[..., 0].mean(axis=0)
    logits = np.concatenate([np.zeros_like(outputs), outputs], axis=-1) if task.kind == "binary" else outputs
    return softmax(logits, axis=-1).mean(axis=0)


def _score(task: Task, labels: Any, answers: Shaped[np.ndarray, "sample"]) -> float | None:
    known = np.array([not is_missing(label) for label in np.asarray(labels, dtype=object)])
    truth, found = np.asarray(labels, dtype=object)[known], answers[known]
    if task.n_classes:
        return float(np.mean(truth == found)) if len(truth) else None
    return float(r2_score(numbers_of("`y`", truth), found)) if len(truth) > 1 else None


def _in_double(history: History) -> History:
    """The parameters in double precision.

    In single precision, the last digits of a prediction would depend on the other samples.
    """
    is_real = {name: np.issubdtype(values.dtype, np.floating) for name, values in history.parameters.items()}
    return replace(history, parameters={name: v.astype(float) if is_real[name] else v for name, v in history.parameters.items()})
