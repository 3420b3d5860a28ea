"""The claims about a feature that is an input or an output, on seeds that neither the settings nor the page have seen."""

import pytest

from mtl_tutor.experiments.why.caruana_1997.inputs_as_outputs import RMSE, InputsAsOutputs
from mtl_tutor.statistics import relative_change

pytestmark = pytest.mark.claims
TRIAL = InputsAsOutputs(seeds=128, first_seed=20_000)
RATES = {"out, small": 0.1, "out, middle": 0.1, "out, large": 0.03, "in, large": 0.1, "noisy out, middle": 0.03}  # as tuned; else 0.3


@pytest.fixture(scope="module")
def change():
    arms, done = TRIAL.arms(), {}

    def wrong(name):
        if name not in done:
            done[name] = TRIAL.measured(arms[name], 16, RATES.get(name, 0.3))[RMSE]
        return done[name]

    return lambda more, less: relative_change(wrong(more), wrong(less))


def test_from_small_weights_a_second_output_does_much_harm_and_from_larger_ones_less(change):
    small, middle, large = (change(f"out, {size}", f"alone, {size}") for size in ("small", "middle", "large"))
    assert small.low > 0.5
    assert middle.low > 0
    assert small.low > middle.high
    assert large.estimate > -0.05


def test_one_more_input_changes_little(change):
    for size in ("small", "middle", "large"):
        assert abs(change(f"in, {size}", f"alone, {size}").estimate) < 0.12


def test_noise_does_more_harm_in_an_output_than_in_an_input(change):
    assert change("noisy out, small", "out, small").low > change("noisy in, small", "in, small").high
    assert change("noisy out, middle", "noisy in, middle").low > 0
