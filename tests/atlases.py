"""A small atlas with made-up numbers, for tests."""

from mtl_tutor.results.atlas import Atlas, AtlasCase, AtlasRow, Choice
from mtl_tutor.statistics import Interval


def near(estimate: float, half: float = 5.0, n: int = 48) -> Interval:
    """An interval around an estimate."""
    return Interval(estimate, estimate - half, estimate + half, n)


def a_case(relatedness: float, tasks: int = 6, samples: int = 60, own: bool = False, depth: int = 1) -> AtlasCase:
    """A made-up case with a heading of its own."""
    kin = {1.0: "related", 0.5: "half related", 0.0: "unrelated"}[relatedness]
    return AtlasCase(f"{kin}: {tasks} tasks, {samples} samples", f"{tasks} tasks, {samples}", relatedness, tasks, samples, own, depth)


CASES = {
    "p10-n60": a_case(1.0),
    "p5-n60": a_case(0.5),
    "p0-n60": a_case(0.0),
    "p10-n600": a_case(1.0, samples=600),
    "p0-n60-own": a_case(0.0, own=True),
    "p10-n60-20tasks": a_case(1.0, tasks=20),
    "flares": AtlasCase("solar flares: 2 tasks, 300 samples", "flares", float("nan"), 2, 300, table="solar flares"),
}
GAINS = {  # architecture -> its gain in each of these cases
    "HardSharing": (60.0, 10.0, -40.0, 50.0, -30.0, 80.0, 0.0),
    "SoftSharing": (20.0, 15.0, 1.0, 25.0, 4.0, 22.0, 1.0),
    "MMoE": (50.0, -8.0, -50.0, -20.0, -90.0, 61.0, -3.0),
    "TaskTokens": (-70.0, -70.0, -80.0, -60.0, -120.0, -10.0, 0.0),
}
FAMILY = {
    "HardSharing": "one trunk",
    "SoftSharing": "nets that are joined",
    "MMoE": "experts and gates",
    "TaskTokens": "one net, told the task",
}


def small_atlas() -> Atlas:
    """Four architectures in seven cases."""
    rows = {
        name: AtlasRow(
            dict(zip(CASES, map(near, gains), strict=True)), dict.fromkeys(CASES, (100.0, 130.0)), FAMILY[name], f"page.html#{name.lower()}"
        )
        for name, gains in GAINS.items()
    }
    wide = AtlasRow(dict.fromkeys(CASES, near(3.0)), dict.fromkeys(CASES, (600.0, 600.0)))
    return Atlas(CASES, rows, wide, dict.fromkeys(CASES, Choice(near(12.0), near(18.0), near(6.0))))
