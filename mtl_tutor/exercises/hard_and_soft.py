"""Exercises of *Hard and soft sharing*."""

from mtl_tutor.exercises._answers import checker


@checker
def check_step_to_mean(strength: float | None) -> str:
    """Check the tie at which one step of gradient descent, rate 0.05, moves every trunk all the way to the mean of the trunks."""
    if strength is None:
        return "Not yet: give a number. The penalty is strength * sum of |w_t - mean|², and the rate 0.05."
    if abs(strength - 20) < 0.01:
        return "Not yet: that throws every trunk as far beyond the mean as it lay before it. A square's slope has a factor 2."
    if abs(strength - 10) > 0.01:
        return f"Not yet: after one step a distance of 1 is {1 - 2 * 0.05 * strength:g}, and should be 0."
    return "Right: and a tie twice as strong throws trunks from side to side for ever. A strong tie asks for a small rate."


@checker
def check_labels_at_peak(n_samples: float | None) -> str:
    """Check how many labels each of six tasks has at the peak: 20 inputs, one linear trunk of 2 units, a linear head each."""
    if n_samples is None:
        return "Not yet: give the number of labels per task. Count what trunk and heads together can choose freely."
    if abs(n_samples - 52 / 6) < 0.05:
        return "Not yet: turn the trunk's two units into mixtures of each other, and the heads back: nothing changes. That's 4 too many."
    if abs(n_samples - 20) < 0.05:
        return "Not yet: that is where a task alone has its peak, with 20 weights of its own."
    if abs(n_samples - 8) > 0.05:
        return f"Not yet: 6 times {n_samples:g} labels are not as many as free parameters. A trunk has 40 numbers, the heads 12."
    return "Right: 48 labels for 40 + 12 - 4 free parameters. With a hundred tasks it would be little more than 2 labels each."
