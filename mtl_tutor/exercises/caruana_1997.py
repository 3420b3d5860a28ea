"""Exercises of *Caruana (1997), repeated*."""

from itertools import permutations
from math import sqrt

from mtl_tutor.exercises._answers import checker


@checker
def check_strangers(pairs: int | None) -> str:
    """Check how many pairs of the 120 peaks functions have no variable in common."""
    if pairs is None:
        return "Not yet: give a number of pairs."
    functions = [set(letters) for letters in permutations("ABCDEF", 3)]
    wanted = sum(not a & b for i, a in enumerate(functions) for b in functions[:i])
    if pairs == 2 * wanted:
        return "Not yet: you counted every pair twice, once from each side."
    if pairs != wanted:
        return "Not yet: how many orders can the three letters take that ABC leaves over? Then count each pair once."
    return f"Right: {wanted} of {120 * 119 // 2:,}. Most pairs of functions share one variable or two."


@checker
def check_erratum(change: float | None) -> str:
    """Check the change from the single-task error of 0.183 to the joint one of 0.165 at eight metres, as a share."""
    if change is None:
        return "Not yet: give a share, negative where the error falls."
    if abs(change + 0.109) < 0.0006:
        return "Not yet: that is what the table prints. Divide the difference by the single-task error."
    if abs(change - (0.165 / 0.183 - 1)) > 0.0006:
        return "Not yet: (joint - single) / single."
    return "Right: 9.8 per cent, not 10.9. The conclusion stands; the table has a slip."


@checker
def check_correlation(sd: float | None) -> str:
    """Check the standard deviation of the correlation between A+B and A-B in samples of 50, for independent uniform A and B."""
    if sd is None:
        return "Not yet: draw A and B fifty at a time, a thousand times, and look at the spread."
    if abs(sd - 1 / sqrt(49)) < 0.01:
        return "Not yet: that is right for two independent numbers. A+B and A-B have no correlation, and yet are not independent."
    if abs(sd - sqrt(0.4 / 50)) > 0.01:
        return f"Not yet: {sd:g} is not it. Use uniform numbers, fifty in each sample."
    return "Right: about 0.09. A correlation 'typically less than 0.01' would take samples of thousands."
