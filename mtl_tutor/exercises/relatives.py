"""Exercises of *Transfer and its relatives*."""

from collections.abc import Mapping

from mtl_tutor.exercises._answers import checker

SITUATIONS = {
    "one photograph, tags such as 'beach', 'dog', 'night', any number of them": "multi-label",
    "one photograph, exactly one of ten species": "multi-class",
    "steering and lane edges from one camera, one net, trained together": "multi-task",
    "a net trained on photographs, then on forty X-rays": "transfer",
    "ten nets for one question, their answers averaged": "ensemble",
    "one net, to be accurate and small at once": "multi-objective",
}
"""Situation -> what the field calls it, in its narrowest name."""


@checker
def check_relatives(names: Mapping[str, str] | None) -> str:
    """Check which name belongs to which of `SITUATIONS`: situation -> its narrowest name."""
    if names is None:
        return f"Not yet: give each of these a name: {list(SITUATIONS)}. The names are {sorted(SITUATIONS.values())}."
    for situation, name in SITUATIONS.items():
        if names.get(situation) != name:
            return f"Not yet: {situation!r} is not {names.get(situation)!r}."
    return "Right: three of them learn several tasks, and only one of these one after the other."


@checker
def check_exactly_one(probability: float | None) -> str:
    """Check how likely exactly one of ten classes is on, if each of ten independent sigmoids says 0.1."""
    if probability is None:
        return "Not yet: give a probability."
    if abs(probability - 1) < 0.01:
        return "Not yet: the ten probabilities do sum to 1. That is not yet a probability that exactly one of them is on."
    if abs(probability - 10 * 0.1 * 0.9**9) > 0.005:
        return "Not yet: choose which one is on (ten ways), and let the nine others be off."
    return "Right: in six cases out of ten, independent classes leave the sample with no class or with several."
