"""Measures of trained nets: gain over a baseline, used features, learning curves."""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float, Int

from mtl_tutor.checks import check_named, check_whole, checked
from mtl_tutor.results import Curves, History, Role
from mtl_tutor.statistics import Interval, bootstrap, gain_over


@checked
def relative_gain(history: History, over: History, *, split: str = "test") -> Float[np.ndarray, "seed task"]:
    """Relative gain over a baseline: 0.1 is a tenth less error, negative is harm.

    The errors, see `mtl_tutor.statistics.gain_over`, are those at each net's best validation step
    if there is one, else at the last.

    Parameters
    ----------
    history, over : History
        The nets in question and the baseline, trained on the same seeds and tasks.

    Raises
    ------
    ValueError, TypeError
        Other seeds or tasks than the baseline's, a split that one lacks, a baseline without error, or one whose nets
        all diverged.
    """
    if not np.array_equal(history.seeds, over.seeds) or history.tasks != over.tasks:
        raise ValueError(f"`history` and `over` must share seeds and tasks; got {history.tasks} and {over.tasks}. Train both on the same.")
    for name, one in (("history", history), ("over", over)):
        if one.diverged.all():
            n = len(one.seeds)
            raise ValueError(f"`{name}` must hold a net whose training stayed finite; all {n} diverged. Train with a smaller `lr`.")
    error, baseline = (h.best(split) if "validation" in h.loss else h.last(split) for h in (history, over))
    return gain_over(baseline, error)


@checked
def representation_used(share_of_first: Float[np.ndarray, "seed"], *, threshold: float = 0.75) -> Int[np.ndarray, "seed"]:
    """Which of two features a net uses, judged by the inputs on which they disagree.

    Parameters
    ----------
    share_of_first : Float[np.ndarray, "seed"]
        The share of these inputs that are predicted as by the first feature.
    threshold : float
        A net uses a feature when more than this share follows it.

    Returns
    -------
    Int[np.ndarray, "seed"]
        0 where the net uses the first feature, 1 for the second, -1 where it mixes them.

    Raises
    ------
    ValueError, TypeError
        A threshold outside [0.5, 1), or what is no share.

    Examples
    --------
    >>> representation_used(np.array([1.0, 0.1, 0.5]))
    array([ 0,  1, -1])
    """
    if not 0.5 <= threshold < 1:
        raise ValueError(f"`threshold` must lie in [0.5, 1); got {threshold}.")
    if not ((share_of_first >= 0) & (share_of_first <= 1)).all():  # False for NaN
        raise ValueError("`share_of_first` must lie in [0, 1]; some entries don't. Leave out nets that diverged.")
    return np.select([share_of_first > threshold, share_of_first < 1 - threshold], [0, 1], default=-1)


@checked
def relevance_auc(strength: Float[np.ndarray, "seed feature"], n_relevant: int) -> Float[np.ndarray, "seed"]:
    """How well weights tell relevant from irrelevant inputs: the area under the ROC curve.

    It is the probability that a relevant input has a larger strength than an irrelevant one.

    Parameters
    ----------
    strength : Float[np.ndarray, "seed feature"]
        Strength of each input in each net, in any unit: squared weights, say.
    n_relevant : int
        Number of relevant inputs; they come first.

    Returns
    -------
    Float[np.ndarray, "seed"]
        The area per net: 1 if every relevant input is above every other, 0.5 for chance. Ties count
        half.

    Raises
    ------
    ValueError, TypeError
        No relevant inputs, or no others; or a strength that is NaN.

    Examples
    --------
    >>> relevance_auc(np.array([[5.0, 1.0, 2.0, 0.0]]), n_relevant=2)
    array([0.75])
    """
    if not 0 < n_relevant < strength.shape[1]:
        raise ValueError(f"`n_relevant` must leave some of {strength.shape[1]} inputs on either side; got {n_relevant}.")
    if np.isnan(strength).any():
        raise ValueError(f"`strength` must be numbers; {np.isnan(strength).sum()} entries are NaN. Leave out nets that diverged.")
    relevant, others = strength[:, :n_relevant, None], strength[:, None, n_relevant:]
    return ((relevant > others) + 0.5 * (relevant == others)).mean(axis=(1, 2))


@checked
def learning_curves(
    histories: Mapping[str, History], *, task: int = 0, split: str = "test", roles: Mapping[str, Role] | None = None
) -> Curves:
    """One task's error over training: mean over seeds with 95% band, a line per history.

    Diverged seeds are left out, and counted in the line's name.

    Raises
    ------
    ValueError, TypeError
        No histories, some that were evaluated after different steps or of which fewer than two nets stayed finite, or a split or task
        that one lacks.
    """
    if not histories:
        raise ValueError("`histories` must hold at least one History; got none.")
    for history in histories.values():
        check_whole("task", task, least=0, most=len(history.tasks) - 1)
    for name in roles or {}:
        check_named("roles", name, histories)
    given, roles = roles or {}, {}
    steps = next(iter(histories.values())).steps
    lines: dict[str, list[Interval]] = {}
    for name, history in histories.items():
        if not np.array_equal(history.steps, steps) or split not in history.error:
            raise ValueError(f"`histories` must have looked at {split!r} after the same steps; {name!r} differs. Use one `eval_every`.")
        if (n_finite := int(np.sum(~history.diverged))) < 2:
            raise ValueError(f"`histories` must hold two or more nets whose training stayed finite; {name!r} has {n_finite}.")
        error = history.error[split][~history.diverged, :, task]
        label = (
            name if len(error) == len(history.seeds) else f"{name} ({history.diverged.sum()} of {len(history.seeds)} diverged, left out)"
        )
        if name in given:
            roles[label] = given[name]
        lines[label] = [bootstrap(at_step, resamples=500) for at_step in error.T]
    return Curves.of_intervals(steps.astype(float), lines, roles=roles, xlabel="training steps", ylabel=f"{split} error")
