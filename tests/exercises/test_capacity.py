"""The count behind an exercise of *Capacity, overfitting*, of the nets themselves."""

from mtl_tutor.exercises import check_same_size
from mtl_tutor.sharing import HardSharing


def test_the_width_is_the_one_whose_net_has_the_nearest_size():
    joint = sum(p.numel() for p in HardSharing(15, 16, n_tasks=8).parameters())
    sizes = {width: sum(p.numel() for p in HardSharing(15, width, n_tasks=1).parameters()) for width in range(1, 65)}
    nearest = min(sizes, key=lambda width: abs(sizes[width] - joint))
    assert check_same_size(nearest) == f"Right: {sizes[nearest]} parameters against {joint}."
