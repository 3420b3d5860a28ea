"""Weights that do not depend on the losses."""

import pytest
import torch

from mtl_tutor.balancing import EqualWeighting, FixedWeighting


def test_equal_weights_ignore_the_size_of_the_losses():
    assert EqualWeighting().weights_for(torch.tensor([1e6, 1e-6, 3.0])).tolist() == [1.0, 1.0, 1.0]


def test_fixed_weights_come_back_in_the_losses_precision():
    weights = FixedWeighting((2, 0.25)).weights_for(torch.ones(2, dtype=torch.float64))
    assert weights.tolist() == [2.0, 0.25]
    assert weights.dtype == torch.float64


@pytest.mark.parametrize("bad", [(), (1.0, -1.0), (0.0, 0.0), (float("nan"),), (float("inf"),)])
def test_impossible_weights_get_a_sentence(bad):
    with pytest.raises(ValueError, match=r"zero or more|finite"):
        FixedWeighting(bad)


def test_methods_print_as_they_are_written():
    assert eval(repr(FixedWeighting((1.0, 0.5)))) == FixedWeighting((1.0, 0.5))
