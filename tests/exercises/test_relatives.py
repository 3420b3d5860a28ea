"""What the table of answers to *Transfer and its relatives* cannot show: a checker leaves the reader's random numbers alone."""

import pytest
import torch

from mtl_tutor.exercises import check_frozen, check_pretrained, check_probabilities


@pytest.mark.parametrize("check", [check_frozen, check_pretrained, check_probabilities])
def test_a_checker_that_draws_leaves_the_random_numbers_of_the_page_alone(check) -> None:
    torch.manual_seed(7)
    wanted = torch.rand(3)
    torch.manual_seed(7)
    check(lambda *given: torch.nn.Linear(64, 64))
    assert torch.equal(torch.rand(3), wanted)
