"""Exercises of *Caruana (1997), repeated*."""

from itertools import permutations
from math import sqrt

from mtl_tutor.exercises._answers import checker
from mtl_tutor.exercises._main_task import main_error
from mtl_tutor.tasks import copies_of_task, mixtures
from mtl_tutor.training import SGD

_PARTNERS = {6: "those are the partners of one function", 10: "those are the pairs of sets of letters; each set has several functions"}
_PARTNERS |= {720: "you counted every pair twice, once from each side", 7140: "those are all pairs, also those that share a letter"}


@checker
def check_strangers(pairs: int | None) -> str:
    """Check how many pairs of the 120 peaks functions have no variable in common."""
    if pairs is None:
        return "Not yet: give a number of pairs."
    functions = [set(letters) for letters in permutations("ABCDEF", 3)]
    wanted = sum(not a & b for i, a in enumerate(functions) for b in functions[:i])
    if pairs in _PARTNERS:
        return f"Not yet: {_PARTNERS[pairs]}."
    if pairs != wanted:
        return "Not yet: which functions have none of the letters of the function ABC? Then count each pair once."
    return f"Right: {wanted} of {120 * 119 // 2:,}. Most pairs of functions share one variable or two."


@checker
def check_gain_of_copies(setting: tuple[float, float] | None) -> str:
    """Check a learning rate and a number of steps at which seven copies of the main task seem to save 30% of its error."""
    if setting is None:
        return "Not yet: give two numbers, the learning rate and the number of steps."
    lr, steps = setting
    if not 0 < lr <= 1:
        return f"Not yet: the first number is the learning rate, above 0 and at most 1; got {lr:g}."
    if steps != int(steps) or not 1 <= steps <= 1000:
        return f"Not yet: the second number is the number of steps, a whole number from 1 to 1,000; got {steps:g}."
    single, copies = _errors(lr, int(steps))
    saved = 1 - copies / single
    found = f"the copies save {round(100 * saved)}%, from {single:.2f} to {copies:.2f}"
    if saved < 0.3 and single > 0.6:
        return f"Not yet: {found}. Both nets have hardly begun to learn."
    if saved < 0.3:
        return f"Not yet: {found}. Seven more gradients push the trunk: which net learns faster, and when does that matter?"
    best, _ = _errors(0.03, 250)
    return f"Right: {found}. But with 250 steps and a learning rate of 0.03, the single-task net alone reaches {best:.2f}."


def _errors(lr: float, steps: int) -> tuple[float, float]:
    """Test errors of the main task, alone and beside seven copies."""
    alone = {seed: mixtures(1, seed=seed) for seed in range(24)}
    copies = {seed: copies_of_task(data, n_copies=7) for seed, data in alone.items()}
    single, joint = (main_error(data, 8, lr=lr, steps=steps, optimizer=SGD(0.9)) for data in (alone, copies))
    return single, joint


@checker
def check_correlation(sd: float | None) -> str:
    """Check the standard deviation of the correlation between A+B and A-B in samples of 50, for independent uniform A and B."""
    if sd is None:
        return "Not yet: draw A and B fifty at a time, a thousand times, and look at the spread."
    if sd < 0:
        return "Not yet: a standard deviation is not negative."
    if abs(sd - 1 / sqrt(49)) < 0.01:
        return "Not yet: that is right for two independent numbers. A+B and A-B have no correlation, and yet are not independent."
    if abs(sd - 0.4 / 50) < 0.001:
        return "Not yet: that is the variance of the correlation."
    if abs(sd - sqrt(0.4 / 50)) > 0.01:
        return f"Not yet: {sd:g} is too {'small' if sd < 0.09 else 'large'}. Draw uniform numbers, fifty in each sample, and simulate."
    return "Right: about 0.09. A correlation 'typically less than 0.01' would take samples of thousands."
