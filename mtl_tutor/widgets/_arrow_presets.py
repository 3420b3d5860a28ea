"""Gradients with a lesson, and what the arrows of each method mean, for the widget of two gradients."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Preset:
    """Gradients with a lesson.

    Attributes
    ----------
    title : str
        What its button says.
    look : str
        What to look for.
    bet : str
        A question to answer by looking.
    tasks : tuple
        Length and angle in degrees of each task's gradient.
    """

    title: str
    look: str
    bet: str
    tasks: tuple[tuple[float, float], ...]


PRESETS: dict[str, Preset] = {
    "conflict": Preset(
        "Conflict",
        "The angle between the two gradients is larger than 90°: a step that follows one of them alone makes the other loss rise. "
        "The shaded cone holds the directions in which, to first order, neither task loses.",
        "Which methods leave the cone, and how far can you turn B before they do?",
        ((2.6, 15.0), (1.1, 135.0)),
    ),
    "agree": Preset(
        "Agree",
        "The angle is smaller than 90°, so a step against either gradient helps both tasks. "
        "PCGrad and UPGrad have nothing to repair: one is the sum, the other the mean.",
        "Which methods change the direction all the same?",
        ((2.2, 20.0), (1.4, 75.0)),
    ),
    "opposite": Preset(
        "Opposite",
        "The gradients point in exactly opposite directions. The cone has shrunk to a line, and on it nobody gains.",
        "Who still takes a step, and who pays for it?",
        ((2.5, 30.0), (1.2, -150.0)),
    ),
    "one long": Preset(
        "One long, one short",
        "A’s gradient is thirty times as long as B’s, perhaps only because its loss is written in another unit. "
        "The sum follows A as if B weren’t there; the shortest vector of MGDA is almost B’s gradient.",
        "Which directions stay where they are when you make A shorter?",
        ((3.0, 25.0), (0.1, 135.0)),
    ),
    "one vanishes": Preset(
        "One vanishes",
        "B’s gradient is zero: B is solved, or has no label in this batch. Here a zero gradient is left out. "
        "MGDA and CAGrad as published would count it; MGDA would then stop the training of A.",
        "Make B’s gradient a little longer than zero: what does MGDA do now?",
        ((2.4, 40.0), (0.0, 160.0)),
    ),
    "three": Preset(
        "Three tasks",
        "A and C conflict, B agrees with both. The cone is narrow. "
        "In a plane no vector but zero has equal projections on three gradients, so IMTL-G takes no step.",
        "Can you turn C so far that the cone vanishes? What is left of MGDA then?",
        ((2.6, 10.0), (1.6, 85.0), (1.8, 150.0)),
    ),
}

METHODS: dict[str, tuple[str, str]] = {
    "sum": ("sum", "adds the gradients up: equal weights. A long gradient decides the direction, and a short one may lose."),
    "pcgrad": (
        "PCGrad",
        (
            "cuts from each gradient the part that opposes another one (dashed), and adds up what is left. "
            "From three tasks on the order of the cuts matters; the mean over all orders is drawn."
        ),
    ),
    "mgda": (
        "MGDA",
        (
            "takes the shortest vector that ends between the tips of the gradients (dashed). No task loses. "
            "The shorter a gradient, the more it decides."
        ),
    ),
    "cagrad": (
        "CAGrad",
        (
            "looks near the mean of the gradients (dot), in a circle of half its length (dashed), "
            "for the direction in which the task that gains least gains most. Its setting c is 0.5 here."
        ),
    ),
    "imtl_g": ("IMTL-G", "has equally long projections on all gradients. With two tasks it halves the angle between them (dashed)."),
    "nash": (
        "Nash-MTL",
        (
            "makes the product of the tasks’ gains as large as a step of its length can. "
            "Only the angles count: a gradient twice as long changes nothing."
        ),
    ),
    "aligned": (
        "Aligned-MTL",
        (
            "replaces the gradients by the nearest ones at right angles and of equal length, and takes their mean. "
            "Their length is the smallest singular value of the gradients."
        ),
    ),
    "upgrad": ("UPGrad", "moves each gradient to the nearest direction in which no task loses (dashed), and takes the mean."),
    "fairgrad": (
        "FairGrad",
        (
            "spreads the gains more evenly than Nash-MTL: the weight of a task is one over the square of its gain. "
            "Its setting alpha is 2 here; with alpha 1 it is Nash-MTL."
        ),
    ),
    "config": (
        "ConFIG",
        "has the same cosine with every gradient (dashed). Its length is the sum of the gradients’ projections on that line.",
    ),
}
"""Name -> label, and a sentence that begins with the label."""
