"""Exercises of *Which architecture?*."""

from collections.abc import Collection

from mtl_tutor.exercises._answers import checker
from mtl_tutor.experiments import read_atlas

Place = tuple[str, float, int, int]


@checker
def check_breaks(places: Collection[Place] | None) -> str:
    """Check places at which an architecture does harm: (its name, relatedness, samples, capacity), two architectures at least.

    Harm is a gain whose whole interval lies below zero, and "breaks" means that the same architecture gains elsewhere.
    """
    if places is None:
        return "Not yet: name places, such as [('MMoE', 0.5, 60, 6)]: architecture, relatedness, samples, capacity."
    atlas = read_atlas()
    for name, *point in places:
        row = atlas.get((float(point[0]), int(point[1]), int(point[2]))) if len(point) == 3 else None
        if row is None or name not in row:
            known = sorted(next(iter(atlas.values())))
            return f"Not yet: the atlas has no {(name, *point)}. Its points are {sorted(atlas)}, and it knows {known}."
        if row[name].high >= 0:
            return f"Not yet: at {(name, *point)} the gain in per cent is {row[name]}. That isn't harm."
        if not any(other[name].low > 0 for other in atlas.values()):
            return f"Not yet: {name} gains nowhere in this atlas, so there is nothing to break. Take one that gains somewhere."
    if len({name for name, *_ in places}) < 2:
        return "Not yet: break another architecture, too."
    return "Right: each of these gains somewhere, and does harm where you say. No name is safe; a place is."


@checker
def check_lucky(share: float | None) -> str:
    """Check how likely at least one of 21 contestants that gain nothing has a 95% interval above zero, if they were independent."""
    if share is None:
        return "Not yet: give a probability."
    if abs(share - (1 - 0.95**21)) < 0.005:
        return "Not yet: an interval that misses zero lies above it in one case of two. The other half shows harm that isn't there."
    if abs(share - 21 * 0.025) < 0.005:
        return "Not yet: that's how many such contestants to expect; some of these come together. One minus the chance of none."
    if abs(share - (1 - 0.975**21)) > 0.005:
        return f"Not yet: of 21, none is lucky with a probability of 0.975 to the power of 21; got {share}."
    return "Right: two times in five, somebody wins by luck. So choose on some seeds, and judge on others."
