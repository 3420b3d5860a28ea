"""Products of random signs: easy to check, hard to find."""

import numpy as np

from mtl_tutor.checks import check_named, check_room, checked
from mtl_tutor.tasks._base import Samples, Task, TaskData
from mtl_tutor.tasks._planted import check_spread


@checked
def products(
    main: str = "product of three",
    other: str = "product of two, plus one",
    n_samples: int = 100,
    *,
    n_coins: int = 10,
    noise: float = 2.0,
    seed: int = 0,
) -> TaskData:
    """Two tasks on random signs that both need the product of the first two, F = x0 x1.

    One task uses F in a hard way, the other in an easy one. All labels have variance 1, before
    noise.

    Parameters
    ----------
    main : str
        The hard task: "product of three" (F x2) or "product of two, noisy" (F, with noise on
        training and validation labels).
    other : str
        The easy task: "product of two, plus one" ((F + x3) / √2) or "product of two" (F itself, a
        hint).
    n_samples : int
        Training samples; as many for validation. The test has 200, without noise.
    n_coins : int
        Number of inputs, each +1 or -1; those not named are irrelevant.
    noise : float
        Standard deviation of the noise on the noisy task.
    seed : int
        Decides samples and noise.

    Returns
    -------
    TaskData
        Two regressions on the same samples, the main one first.

    Raises
    ------
    ValueError
        An unknown task, fewer than four coins, a count below 1 or negative noise.

    Notes
    -----
    Source: the conditions that Caruana (1997, §3.2) names for eavesdropping, and hints as further outputs, as
    in Suddarth and Kergosien (1990).

    Departures: neither gives this construction.

    Examples
    --------
    >>> data = products(n_samples=5)
    >>> x, y = data.train.x, data.train.y
    >>> bool((y[:, 0] == x[:, 0] * x[:, 1] * x[:, 2]).all())
    True
    """
    check_named("main", main, ("product of three", "product of two, noisy"))
    check_named("other", other, ("product of two, plus one", "product of two"))
    if n_coins < 4 or n_samples < 1:
        raise ValueError(f"`n_coins` must be at least 4 and `n_samples` at least 1; got {n_coins} and {n_samples}.")
    check_spread(noise=noise)
    check_room(n_samples=n_samples, n_coins=n_coins)
    rng = np.random.default_rng([seed, 0xC0])

    def samples(x: np.ndarray, noise: float) -> Samples:
        feature = x[:, 0] * x[:, 1]
        hard = feature * x[:, 2] if main == "product of three" else feature + noise * rng.normal(size=len(x))
        easy = feature if other == "product of two" else (feature + x[:, 3]) / np.sqrt(2)
        return Samples(x, np.stack([hard, easy], axis=1))

    def drawn(n: int) -> np.ndarray:
        return rng.choice([-1.0, 1.0], size=(n, n_coins))

    train, validation = samples(drawn(n_samples), noise), samples(drawn(n_samples), noise)
    return TaskData((Task(main), Task(other)), train, validation, samples(drawn(200), 0.0))
