"""The least weight decay of a product, by trying, and what each situation asks for."""

import numpy as np
import pytest

from mtl_tutor.exercises import check_decay, check_suits
from mtl_tutor.exercises.regularised_families import SITUATIONS


def test_the_least_decay_of_a_product_is_found_by_trying():
    grid = np.exp(np.linspace(-4, 4, 2001))
    assert check_decay((min((grid**2 + (6 / grid) ** 2) / 2), 0)).startswith("Right")


@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_wrong_penalty_is_told_which_situation_it_does_not_suit(situation):
    other = next(name for name in SITUATIONS.values() if name != SITUATIONS[situation])
    assert situation in check_suits({**SITUATIONS, situation: other})
