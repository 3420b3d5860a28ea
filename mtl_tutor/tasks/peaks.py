"""Caruana's peaks functions: all tasks of one form over a few variables."""

from itertools import permutations
from string import ascii_uppercase

import numpy as np
from jaxtyping import Float

from mtl_tutor.checks import check_room, checked
from mtl_tutor.tasks._base import Samples, Task, TaskData


@checked
def peaks(n_variables: int = 6, n_samples: int = 300, n_units: int = 10, *, seed: int = 0) -> TaskData:
    """All tasks of the form IF one variable > 1/2 THEN another ELSE a third.

    The variables A, B, C, … are uniform on [0, 1]. Each is coded by several input units, whose
    centres lie at equal distances on [0, 1]; a unit's activation is the larger, the nearer the
    value is to its centre.

    Parameters
    ----------
    n_variables : int
        Number of variables; every ordered choice of three is a task, 6·5·4 = 120 for six variables.
    n_samples : int
        Training samples; as many for validation, and 500 for the test. None has noise.
    n_units : int
        Input units for each variable: exp(-(n_units - 1)²(v - c)²/2) for a unit with centre c. A
        single one is the value itself.
    seed : int
        Decides the samples.

    Returns
    -------
    TaskData
        Regressions, named "ABC" for IF A > 1/2 THEN B ELSE C, in alphabetical order.

    Raises
    ------
    ValueError
        Fewer than three variables, or more than the alphabet has; no samples, or no units.

    Notes
    -----
    Source: Caruana (1997, §3.3), where P001 is ABC and P120 is FED.

    Departures: he leaves the code open ("nearly any learnable encoding will work"), and number and
    kind of the samples too; both are ours.

    Examples
    --------
    >>> data = peaks(n_variables=3, n_samples=5)
    >>> [task.name for task in data.tasks], data.n_features
    (['ABC', 'ACB', 'BAC', 'BCA', 'CAB', 'CBA'], 30)
    """
    if not 3 <= n_variables <= len(ascii_uppercase):
        raise ValueError(f"`n_variables` must lie between 3 and 26, the letters of the alphabet; got {n_variables}. Ask for 6, as in 1997.")
    if min(n_samples, n_units) < 1:
        raise ValueError(f"`n_samples` and `n_units` must be at least 1; got {n_samples} and {n_units}. Ask for 300 and 10.")
    check_room(n_samples=n_samples, n_variables=n_variables, n_units=n_units)
    check_room(n_samples=n_samples, n_tasks=n_variables * (n_variables - 1) * (n_variables - 2))
    rng = np.random.default_rng([seed, 0xBEA])
    roles = np.array(list(permutations(range(n_variables), 3)))

    def samples(n: int) -> Samples:
        v = rng.random((n, n_variables))
        test, then, other = v[:, roles.T].transpose(1, 0, 2)
        return Samples(_spread(v, n_units), np.where(test > 0.5, then, other))

    tasks = tuple(Task("".join(ascii_uppercase[k] for k in role)) for role in roles)
    return TaskData(tasks, samples(n_samples), samples(n_samples), samples(500))


def _spread(v: Float[np.ndarray, "sample column"], n_units: int) -> Float[np.ndarray, "sample feature"]:
    """Code each variable by Gaussian units at equal distances."""
    if n_units == 1:
        return v
    centres = np.linspace(0, 1, n_units)
    return np.exp(-(((n_units - 1) * (v[:, :, None] - centres)) ** 2) / 2).reshape(len(v), -1)
