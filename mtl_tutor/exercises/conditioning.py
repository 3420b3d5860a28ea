"""Exercises of *Task conditioning*."""

from collections.abc import Sequence

from mtl_tutor.exercises._answers import checker


@checker
def check_own_numbers(numbers: Sequence[int] | None) -> str:
    """Check how many numbers belong to one task alone, in four ways to serve it.

    Parameters
    ----------
    numbers : of a net of its own (1 input, 16 hidden units, 1 output); of a head on a common trunk of 16 units; of a code of two;
        of an addition of rank 2 to a matrix from 16 inputs to 12 outputs, without a bias.
    """
    if numbers is None or len(numbers) != 4:
        return "Not yet: give four counts: own net, head, code, addition."
    net, head, code, addition = numbers
    if net != 49:
        return f"Not yet: an own net has not {net}. Each of 16 units has a weight and a bias, and the output 16 weights and a bias."
    if head != 17:
        return f"Not yet: a head on 16 units has not {head}. Don't forget its bias; the trunk is everybody's."
    if code != 2:
        return f"Not yet: a code of two is not {code} numbers. What turns it into scales and shifts is shared."
    if addition == 192:
        return "Not yet: 16 times 12 is the whole matrix. Rank 2 is two columns times two rows."
    if addition != 56:
        return f"Not yet: B has two columns of 12 numbers and A two rows of 16; that isn't {addition}."
    return "Right: 49, 17, 2 and 56. What a task has to itself is what its own few labels have to pay for."


@checker
def check_slopes(slopes: Sequence[float] | None) -> str:
    """Check the slope of one hidden unit that is on: with a code beside the input, and with a code that scales and shifts.

    Parameters
    ----------
    slopes : of relu(2 x + 1 + e·c) with e·c = 3, and of relu((1 + s) (2 x + 1) + r) with s = 0.5 and r = 3, as functions of x.
    """
    if slopes is None or len(slopes) != 2:
        return "Not yet: give two slopes: code beside the input, code that scales and shifts."
    beside, scaled = slopes
    if abs(beside - 2) > 1e-6:
        return f"Not yet: beside the input the code is added before the unit. Does {beside:g} still contain it?"
    if abs(scaled - 3) > 1e-6:
        return f"Not yet: half as much again of 2 isn't {scaled:g}; the shift has no slope."
    return "Right: 2 and 3. Beside the input a code moves where a unit bends, and never how steep it is."
