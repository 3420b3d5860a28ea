"""Exercises of *Representation bias*."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from mtl_tutor.exercises._answers import checker, shown
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import bit_groups
from mtl_tutor.training import SGD, train

SEEDS = range(3000, 3096)
MOST_TASKS = 3


class _Answers(nn.Module):
    """A net whose answers on T are known, and whose answers on T' are C's value."""

    def __init__(self, of_t: Callable[[Tensor, Tensor, Tensor, Tensor], Tensor], size: float = 3.0) -> None:
        super().__init__()
        self.of_t, self.size = of_t, size

    def forward(self, x: Tensor) -> list[Tensor]:
        a, b, c = (x[:, 2 * k : 2 * k + 1] * x[:, 2 * k + 1 : 2 * k + 2] for k in range(3))
        return [self.size * self.of_t(a, b, c, x), self.size * c]


CASES = (
    (_Answers(lambda a, b, c, x: a), "A", "a net that answers T with A's value"),
    (_Answers(lambda a, b, c, x: b), "B", "a net that answers T with B's value"),
    (_Answers(lambda a, b, c, x: a, size=0.1), "A", "a net that answers T with A's value, in small numbers of the right sign,"),
    (
        _Answers(lambda a, b, c, x: torch.where((x[:, :1] > 0) | ((x[:, 4:5] > 0) & (x[:, 5:] > 0)), a, b)),
        "mixed",
        "a net that follows A in 5 of 8 conflicts",
    ),
    (_Answers(lambda a, b, c, x: torch.where(x[:, :1] + x[:, 4:5] + x[:, 5:] > -2, a, b)), "A", "a net that follows A in 7 of 8 conflicts"),
    (_Answers(lambda a, b, c, x: torch.where(x[:, :1] + x[:, 4:5] + x[:, 5:] > -2, b, a)), "B", "a net that follows B in 7 of 8 conflicts"),
    (_Answers(lambda a, b, c, x: torch.where(x[:, 4:5] > 0, b, a)), "mixed", "a net that mixes A and B, depending on C,"),
)


@checker
def check_reads(reads: Callable[[nn.Module], str] | None) -> str:
    """Check a function from a trained net to the group that T reads in it: "A", "B" or "mixed"."""
    if reads is None:
        return "Not yet: write a function of a net that returns a word."
    for net, group, words in CASES:
        found = reads(net)
        if not isinstance(found, str) or found.strip().upper() not in ("A", "B", "MIXED"):
            return f"Not yet: return 'A', 'B' or 'mixed'; got {shown(found)}."
        if found.strip().upper() != group.upper():
            what = "On which patterns do A and B differ, what does an output's sign say, and from which share on does a net read a group?"
            return f"Not yet: {words} is called {found.strip()!r}. {what}"
    return "Right: seven nets, and none misjudged. On the training patterns all of them that follow A or B look alike."


@checker
def check_turned(pairs: Sequence[tuple[str, str]] | None) -> str:
    """Check further tasks, as pairs of groups: beside them and T', most nets must read B for T."""
    if pairs is None or not len(pairs):
        return "Not yet: give the pairs of groups of one further task or more."
    if len(pairs) > MOST_TASKS:
        return f"Not yet: at most {MOST_TASKS} further tasks; got {len(pairs)}."
    asked = [(first.lower(), second.lower()) for first, second in pairs]
    if unknown := sorted({group for pair in asked for group in pair} - set("abcd")):
        return f"Not yet: take the groups a, b, c and d; got {shown(unknown[0])}."
    reads_b, reads_a = _read([("a", "b"), ("a", "c"), *asked])
    found = f"T reads B in {100 * reads_b:.0f} of 100 nets, and A in {100 * reads_a:.0f}"
    if reads_b < 0.6:
        return f"Not yet: {found}. For each group, count the tasks whose loss falls when a unit computes its value."
    return f"Right: {found}. T itself hasn't changed: what the other tasks can use decides."


def _read(pairs: Sequence[tuple[str, str]]) -> tuple[float, float]:
    data = bit_groups(pairs, others="random")
    net = HardSharing(data.n_features, 16, n_tasks=len(pairs), init_scale=0.05)
    nets = train(net, data, seeds=SEEDS, steps=800, lr=0.05, optimizer=SGD(momentum=0.9), eval_every=800)
    follows_b = nets.last("test")[:, 0]
    return float((follows_b > 0.75).mean()), float((follows_b < 0.25).mean())
