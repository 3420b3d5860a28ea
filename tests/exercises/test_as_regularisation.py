"""The count behind an exercise of *MTL as regularisation*, found by another way."""

import torch

from mtl_tutor.exercises import check_parameters


def by_rank(n_features: int, rank: int, n_tasks: int) -> float:
    """Directions in which the weights of all tasks can move, per task."""
    if n_tasks < rank or n_features * n_tasks > 1000:  # too few tasks for the rank, or too many to calculate with
        return rank + rank * (n_features - rank) / n_tasks
    basis = torch.randn(n_features, rank, dtype=torch.float64, generator=torch.manual_seed(0))
    own = torch.randn(rank, n_tasks, dtype=torch.float64, generator=torch.manual_seed(1))
    slopes = torch.autograd.functional.jacobian(lambda a, b: (a @ b).flatten(), (basis, own))
    return int(torch.linalg.matrix_rank(torch.cat([slope.flatten(1) for slope in slopes], dim=1))) / n_tasks


def test_free_parameters_are_the_directions_in_which_weights_can_move():
    assert by_rank(10, 1, 5) == 1 + 9 / 5
    assert check_parameters(by_rank).startswith("Right")
