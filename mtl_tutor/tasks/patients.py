"""Simulated pneumonia patients: measurements at admission, laboratory tests, and death."""

from functools import cache

import numpy as np
from jaxtyping import Float

from mtl_tutor.checks import check_room, checked
from mtl_tutor.tasks._base import Samples, Task, TaskData
from mtl_tutor.tasks._planted import LARGEST

SPREAD = 0.735288  # standard deviation of a state, tanh(1.5 z)


@checked
def patients(
    n_samples: int = 300,
    *,
    prevalence: float = 0.109,
    n_inputs: int = 30,
    n_labs: int = 35,
    n_organs: int = 4,
    relatedness: float = 0.5,
    noise: float = 1.0,
    severity: float = 2.5,
    n_test: int = 4000,
    seed: int = 0,
) -> TaskData:
    """Predict death from measurements at admission, with later laboratory tests as auxiliary tasks.

    Every patient has hidden states: how ill each organ is, and as many traits that are harmless;
    all of them tanh(1.5 z), z standard normal. Inputs are z plus noise: the first, fourth, …
    measure organs, the second, fifth, … traits, every third one nothing. Death is a Bernoulli
    variable whose log-odds grow with the mean of the organs' states. A laboratory test is a mixture
    of the states of organs and traits, plus noise.

    Parameters
    ----------
    n_samples : int
        Training patients; as many for validation, and `n_test` for the test.
    prevalence : float
        Expected share of deaths.
    n_inputs, n_labs : int
        Number of measurements at admission, and of laboratory tests.
    n_organs : int
        Number of hidden states that decide about death.
    relatedness : float
        Share of the tests' signal that organs, not traits, account for: from 0 to 1.
    noise : float
        Standard deviation of the noise on inputs and tests; without it their variance is 1 (inputs
        are scaled back to 1).
    severity : float
        Standard deviation of the log-odds of death.
    seed : int
        Decides what inputs and tests measure, and the patients. Inputs and deaths are the same
        whatever `n_labs` and `relatedness` are; those of the test patients do not depend on
        `n_samples` either.

    Returns
    -------
    TaskData
        Task 0 is death (binary), the others are the tests (regressions), on the same inputs.

    Raises
    ------
    ValueError
        A count below 1, a prevalence outside (0, 1) or so low that not one death is expected, a
        relatedness outside [0, 1], or a negative noise or severity.

    Notes
    -----
    Source: Caruana (1997, §2.3): 14,199 patients with pneumonia, 30 inputs, 35 tests, 10.9% deaths.

    Departures: those patients aren't public; what depends on what is ours.

    Examples
    --------
    >>> data = patients(200, n_test=50, seed=1)
    >>> data.train.x.shape, data.train.y.shape, data.test.y.shape
    ((200, 30), (200, 36), (50, 36))
    """
    counts = {"n_samples": n_samples, "n_inputs": n_inputs, "n_labs": n_labs, "n_organs": n_organs, "n_test": n_test}
    _check(counts, {"prevalence": prevalence, "relatedness": relatedness, "noise": noise, "severity": severity})
    check_room(n_samples=max(n_samples, n_test), n_inputs=n_inputs)
    check_room(n_samples=max(n_samples, n_test), n_labs=n_labs)
    check_room(n_samples=max(n_samples, n_test, 40_000), n_organs=n_organs)
    check_room(n_inputs=n_inputs + n_labs, n_organs=n_organs)
    rng, laboratory = np.random.default_rng([seed, 0x9A7]), np.random.default_rng([seed, 0x1AB])
    kind = np.arange(n_inputs) % 3  # 0 sees organs, 1 sees traits, 2 sees nothing
    senses = _unit(rng.normal(size=(n_inputs, n_organs)))
    senses = np.hstack([senses * (kind == 0)[:, None], senses * (kind == 1)[:, None]])
    slope, start = _risk(prevalence, n_organs, severity)
    to_organs, to_traits = (_unit(weights) / SPREAD for weights in laboratory.normal(size=(2, n_labs, n_organs)))
    tests = np.hstack([relatedness**0.5 * to_organs, (1 - relatedness) ** 0.5 * to_traits])
    scale = np.sqrt((kind < 2) + noise**2).clip(1e-9)

    def samples(n: int, split: int) -> Samples:
        rng, laboratory = np.random.default_rng([seed, 0x9A7, split]), np.random.default_rng([seed, 0x1AB, split])
        z = rng.normal(size=(n, 2 * n_organs))
        state = np.tanh(1.5 * z)
        died = rng.random(n) < _sigmoid(start + slope * state[:, :n_organs].sum(axis=1))
        x = (z @ senses.T + noise * rng.normal(size=(n, n_inputs))) / scale
        return Samples(x, np.column_stack([died, state @ tests.T + noise * laboratory.normal(size=(n, n_labs))]))

    tasks = (Task("death", "binary"), *(Task(f"test {k + 1}") for k in range(n_labs)))
    return TaskData(tasks, samples(n_samples, 0), samples(n_samples, 1), samples(n_test, 2))


def _check(counts: dict[str, int], sizes: dict[str, float]) -> None:
    for name, value in counts.items():
        if not value >= 1:
            raise ValueError(f"`{name}` must be at least 1; got {value}.")
    for name, value in sizes.items():
        if not 0 <= value <= LARGEST:
            raise ValueError(f"`{name}` must lie between 0 and {LARGEST:g}; got {value}.")
    prevalence, relatedness = sizes["prevalence"], sizes["relatedness"]
    if not 0 < prevalence < 1 or relatedness > 1:
        raise ValueError(f"`prevalence` must lie in (0, 1) and `relatedness` in [0, 1]; got {prevalence} and {relatedness}.")
    if (n := min(counts["n_samples"], counts["n_test"])) * prevalence < 1:
        raise ValueError(f"`n_samples` and `n_test` must let one expect a death; got {n} at a prevalence of {prevalence}. Add patients.")


def _unit(rows: Float[np.ndarray, "row column"]) -> Float[np.ndarray, "row column"]:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def _sigmoid(x: Float[np.ndarray, "sample"]) -> Float[np.ndarray, "sample"]:
    return 0.5 + 0.5 * np.tanh(0.5 * x)


@cache
def _risk(prevalence: float, n_organs: int, severity: float) -> tuple[float, float]:
    """Find the slope and, by bisection, the intercept of the log-odds for this prevalence."""
    states = np.tanh(1.5 * np.random.default_rng(0x815C).normal(size=(40_000, n_organs)))
    slope, low, high = severity / SPREAD / n_organs**0.5, -1e3, 1e3
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if _sigmoid(middle + slope * states.sum(axis=1)).mean() > prevalence else (middle, high)
    return slope, low
