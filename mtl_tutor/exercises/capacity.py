"""Exercises of *Capacity, overfitting*."""

from mtl_tutor.exercises._answers import checker
from mtl_tutor.sharing import HardSharing


@checker
def check_units_needed(units: tuple[int, int] | None) -> str:
    """Check how many units five tasks of two directions each need: sharing them, and not."""
    if units is None:
        return "Not yet: give two numbers."
    shared, apart = units
    if shared != 2:
        return f"Not yet: tasks that share two directions need one unit for each direction, not {shared} in all."
    if apart != 10:
        return f"Not yet: five tasks with two directions each have more or fewer directions than {apart}."
    return "Right: sharing takes room from tasks only where they need rooms of their own."


@checker
def check_same_size(n_hidden: int | None) -> str:
    """Check the width of a single-task net with as many parameters as 16 units have for eight tasks, on fifteen inputs."""
    if n_hidden is None:
        return "Not yet: give a width."
    wanted, found = (sum(p.numel() for p in HardSharing(15, h, n_tasks=n).parameters()) for h, n in ((16, 8), (n_hidden, 1)))
    nearest = min(abs(sum(p.numel() for p in HardSharing(15, h, n_tasks=1).parameters()) - wanted) for h in range(1, 65))
    if abs(found - wanted) > nearest:
        return f"Not yet: {n_hidden} units make {found} parameters; the joint net has {wanted}."
    return f"Right: {found} parameters against {wanted}."
