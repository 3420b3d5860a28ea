"""Exercises of *Parameter sharing*."""

from mtl_tutor.exercises._answers import checker
from mtl_tutor.sharing import HardSharing, SingleTask


@checker
def check_two_counts(parameters: tuple[int, int] | None) -> str:
    """Check how many parameters two nets have, and one with two heads: 12 features, 16 hidden units, 3 outputs and 1."""
    if parameters is None:
        return "Not yet: give two numbers, (two nets, one net)."
    nets = SingleTask(12, 16, n_outputs=(3, 1)), HardSharing(12, 16, n_outputs=(3, 1))
    for what, given, net in zip(("two nets", "one net"), parameters, nets, strict=True):
        if given != sum(p.numel() for p in net.parameters()):
            return f"Not yet: {what} have another number than {given}. A layer from m numbers to n has m*n weights and n biases."
    return "Right: one trunk of 208 is saved, and not a single head."


@checker
def check_one_output(error: float | None) -> str:
    """Check the least mean squared error that one output can reach on two tasks at once whose labels are y and -y, y of variance 1."""
    if error is None:
        return "Not yet: give a number."
    if error < 1:
        return f"Not yet: an output f misses the two labels by y - f and y + f. Can both squares be {error:g} on average?"
    if error > 1:
        return "Not yet: always answering the mean of the two labels does better."
    return "Right: the best output says 0 whatever it is asked, which is the mean of y and -y. Tasks share hidden layers, not outputs."
