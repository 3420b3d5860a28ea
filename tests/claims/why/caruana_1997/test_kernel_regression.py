"""The claims about extra tasks in kernel regression, on patients that neither the settings nor the page have seen."""

import pytest

from mtl_tutor.experiments.why.caruana_1997.kernel_regression import END, FITS, START
from mtl_tutor.experiments.why.caruana_1997.pneumonia_data import FOP
from mtl_tutor.statistics import paired_difference

pytestmark = pytest.mark.claims


@pytest.fixture(scope="module")
def errors():
    names = ("alone", "pure, 1", "half, 1/35", "half, 1", "shuffled, 1", "harmless, 1/35")
    return {name: FITS[name].errors(range(20_000, 20_040), FITS[name].tune(range(900_000, 900_020)).steps) for name in names}


def fewer(errors, more, less, measure=FOP[0.3]):
    return paired_difference(errors[more][measure], errors[less][measure]).low


@pytest.mark.parametrize("measure", FOP.values())
def test_tests_that_show_what_kills_help_with_full_weight(errors, measure):
    assert fewer(errors, "alone", "pure, 1", measure) > 0


def test_where_half_is_harmless_a_weight_of_one_is_too_much(errors):
    assert fewer(errors, "half, 1", "half, 1/35") > 0


@pytest.mark.parametrize("worse", ["shuffled, 1", "harmless, 1/35"])
def test_shuffled_and_unrelated_tests_do_harm(errors, worse):
    assert fewer(errors, worse, "alone") > 0


def test_attribute_weights_are_worth_learning_if_somebody_stops(errors):
    start, stop, end = (errors["alone"][measure] for measure in (START, FOP[0.3], END))
    assert paired_difference(start, stop).low > 0
    assert paired_difference(end, stop).low > 0
