"""Many sine curves that differ by two numbers each, some without training samples."""

import numpy as np

from mtl_tutor.checks import checked
from mtl_tutor.tasks._planted import Planted, check_planted, sampled


@checked
def sine_codes(
    n_tasks: int = 20,
    n_samples: int = 10,
    *,
    n_new: int = 5,
    smallest: float = 0.5,
    noise: float = 0.3,
    separate: bool = False,
    seed: int = 0,
) -> Planted:
    """Many sine curves, each described by a code of two numbers.

    Task t's label is a_t sin(x + φ_t) = c_t1 sin x + c_t2 cos x: its code c_t = (a_t cos φ_t, a_t
    sin φ_t) is a point of the plane, and labels are linear in it. Inputs are uniform in [-π, π],
    phases on the circle, amplitudes between `smallest` and 1.5.

    Parameters
    ----------
    n_tasks, n_samples : int
        Number of tasks, and of training samples; as many for validation, and 500 without noise for
        the test.
    n_new : int
        Number of further curves that are in the truth only, without training samples.
    smallest : float
        Least amplitude, up to 1.5; above 0 the codes lie on a ring, the narrower the larger it is.
    noise : float
        Standard deviation of the noise on training and validation labels.
    separate : bool
        Whether each task has `n_samples` of its own, the other tasks' labels being NaN there.
    seed : int
        Decides everything that is drawn.

    Returns
    -------
    Planted
        Regressions of 1 feature, and the truth: "amplitude" and "phase" (task,), phases in [0, 2π);
        "code" (task, 2); "new_amplitude", "new_phase", "new_code" the same of the new tasks,
        "new_answers" (sample, task) theirs to the test inputs.

    Raises
    ------
    ValueError
        A count below 1, negative noise, or a smallest amplitude outside (0, 1.5].

    Notes
    -----
    Source: sines of random amplitude and phase as in Finn, Abbeel & Levine (2017, §5.1).

    Departures: theirs have amplitudes from 0.1 to 5, phases from 0 to π and inputs from -5 to 5,
    and are drawn without end for meta-learning.

    Examples
    --------
    >>> planted = sine_codes()
    >>> planted.truth["code"].shape, planted.truth["new_answers"].shape
    ((20, 2), (500, 5))
    """
    check_planted(noise, n_tasks=n_tasks, n_samples=n_samples, n_new=n_new)
    if not 0 < smallest <= 1.5:
        raise ValueError(f"`smallest` must lie in (0, 1.5]; got {smallest}.")
    rng = np.random.default_rng([seed, 0x51C0])
    amplitude = rng.uniform(smallest, 1.5, size=n_tasks + n_new)
    phase = rng.uniform(0, 2 * np.pi, size=n_tasks + n_new)

    def curves(x: np.ndarray) -> np.ndarray:
        return amplitude * np.sin(x + phase)

    def inputs(size: tuple[int, int]) -> np.ndarray:
        return rng.uniform(-np.pi, np.pi, size)

    names = [f"sine {task + 1}" for task in range(n_tasks)]
    data = sampled(lambda x: curves(x)[:, :n_tasks], inputs, (n_samples, 1), names, noise=noise, separate=separate, rng=rng)
    every = {"amplitude": amplitude, "phase": phase, "code": (amplitude * [np.cos(phase), np.sin(phase)]).T}
    truth = {name: values[:n_tasks] for name, values in every.items()} | {f"new_{name}": values[n_tasks:] for name, values in every.items()}
    return Planted(data, truth | {"new_answers": curves(data.splits()["test"].x)[:, n_tasks:]})
