"""What the table of answers to *Data amplification* cannot show: the floor is what least squares leaves."""

import numpy as np

from mtl_tutor.exercises import check_floor


def floor(noise: float, n_samples: int, n_parameters: int) -> float:
    return n_parameters * noise**2 / n_samples


def test_the_floor_is_the_excess_error_of_a_head_that_is_fitted_to_noise() -> None:
    rng, noise, n_samples, n_parameters, excess = np.random.default_rng(0), 2.0, 100, 3, []
    for _ in range(2000):
        x = np.linalg.qr(rng.normal(size=(n_samples, n_parameters)))[0] * np.sqrt(n_samples)
        excess.append((np.linalg.lstsq(x, noise * rng.normal(size=n_samples), rcond=None)[0] ** 2).sum())
    assert abs(np.mean(excess) / floor(noise, n_samples, n_parameters) - 1) < 0.05
    assert check_floor(floor).startswith("Right")
