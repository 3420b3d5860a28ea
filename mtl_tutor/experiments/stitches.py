"""Read the stitches: do towers part where tasks have nothing in common?"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from mtl_tutor.experiments._arms import Draw, beside_copies, beside_shuffled
from mtl_tutor.experiments._base import Sentence, check_least
from mtl_tutor.experiments._layered_nets import own_samples
from mtl_tutor.experiments._stitch_shares import KINDS, answered, cut, shares
from mtl_tutor.results import Bars, Claim, Role
from mtl_tutor.sharing import CrossStitch
from mtl_tutor.statistics import Interval, bootstrap, paired_difference
from mtl_tutor.tasks import task_pairs
from mtl_tutor.training import train

MISRA, START = "Misra et al. 2016", 0.1
SHARE, CUT = "share of the other tower", "log(error when cut / error)"
SENTENCES = (
    Sentence("unrelated", "Stitches between unrelated tasks close: from a tenth to less than a twentieth", MISRA, "unrelated", most=0.05),
    Sentence("related", "... and those between tasks that are the same open: to more than a tenth", MISRA, "same", least=START),
    Sentence("order", "Tasks that are the same exchange more than unrelated ones", MISRA, "same", "unrelated"),
    Sentence("copies", "... and so do copies on the same samples", "control", "copies", "unrelated"),
    Sentence("shuffled", "... and more than beside a neighbour with shuffled labels", "control", "same", "shuffled"),
    Sentence("sluice", "... also in a sluice network", "Ruder et al. 2019", "same, sluice", "unrelated, sluice"),
    Sentence("nddr", "... and with NDDR by a twentieth", "Gao et al. 2019", "same, NDDR", "unrelated, NDDR", least=0.05),
    Sentence("start", "Stitches end at the same share wherever they start", "ours", "same, open", "same", margin=0.05),
    Sentence("cut", "Unrelated tasks don't miss each other's features when stitches are cut", MISRA, "unrelated", measure=CUT, most=0.1),
    Sentence("cut-order", "... and miss them less than tasks that are the same", "ours", "same", "unrelated", measure=CUT),
)


@dataclass(frozen=True, eq=False)
class StitchesResult:
    """What the towers exchange.

    Attributes
    ----------
    measured : what was measured -> condition -> one number per seed. Shares have no unit, nor has the logarithm, 0 where nothing is lost.
    claims : what was decided.
    """

    measured: Mapping[str, Mapping[str, Float[np.ndarray, "seed"]]]
    claims: tuple[Claim, ...] = ()

    def bars(self) -> Bars:
        """Picture the shares, beside the one at the start."""
        bars = {name: bootstrap(values) for name, values in self.measured[SHARE].items()}
        roles: dict[str, Role] = {name: "other" if name.startswith("same") else "main" for name in bars}
        roles["shuffled"] = roles["copies"] = "control"
        return Bars(bars, roles, ylabel=SHARE, reference=START)


@dataclass(frozen=True)
class Stitches:
    """Cross-stitches tell by their weights whether tasks are related.

    Two wavy tasks with samples of their own, two layers, one net per seed; read at the last step.

    Attributes
    ----------
    seeds, first_seed : how many nets of each kind, and the first of their seeds.
    n_samples : of training for each task.
    width, lr, steps : of the nets and their training; not tuned, since nothing is compared with a single-task net.

    Raises
    ------
    ValueError : fewer than 20 seeds or samples, a negative first seed, or no units, steps or learning rate.

    Source: Misra, Shrivastava, Gupta & Hebert (2016). Departures: as in `CrossStitch`; the relation is planted, and so is the reader's
    question: the paper shows weights that were learned, and draws no line between related and unrelated.
    """

    seeds: int = 48
    first_seed: int = 1000
    n_samples: int = 100
    width: int = 4
    lr: float = 0.03
    steps: int = 300

    name, chapter = "stitches", "sharing/layers-and-cascades"

    def __post_init__(self) -> None:
        least = (("seeds", 20), ("first_seed", 0), ("n_samples", 20), ("width", 1), ("lr", 1e-9), ("steps", 1))
        check_least(self, *least)

    def run(self, *, progress: bool = False) -> StitchesResult:
        """Train, read, cut, and decide, in seconds; `progress` has nothing to show."""
        read = {name: self.read(draw) for name, draw in self.draws().items()}
        read["same, open"] = self.read(self.pairs(1.0), start=0.5)
        for kind in ("sluice", "NDDR"):
            read |= {f"{name}, {kind}": self.read(self.draws()[name], kind) for name in ("same", "unrelated")}
        measured = {what: {name: each[what] for name, each in read.items() if what in each} for what in (SHARE, CUT)}
        effects = [_effect(measured[s.measure or SHARE], s) for s in SENTENCES]
        return StitchesResult(measured, tuple(s.claim(self.name, effect) for s, effect in zip(SENTENCES, effects, strict=True)))

    def read(self, draw: Draw, kind: str = "cross-stitch", start: float = 0.9, steps: int = 0) -> Mapping[str, Float[np.ndarray, "seed"]]:
        """Train towers, and say what they exchange; of cross-stitches also what is lost when they are cut."""
        seeds, steps = range(self.first_seed, self.first_seed + self.seeds), steps or self.steps
        net = KINDS[kind](draw(self.first_seed).n_features, (self.width,) * 2, 2, start=start)
        history = train(net, draw, seeds=seeds, steps=steps, lr=self.lr, eval_every=steps)
        found = {SHARE: shares(net, history)}
        if isinstance(net, CrossStitch):
            found[CUT] = np.log(answered(net, cut(net, history), draw) / answered(net, history, draw))
        return found

    def draws(self) -> Mapping[str, Draw]:
        """Tasks that are the same or unrelated, and two controls: copies on the same samples, a neighbour with shuffled labels."""
        same = self.pairs(1.0)
        copies = beside_copies(lambda seed: task_pairs(2, self.n_samples, seed=seed).data)
        return {"unrelated": self.pairs(0.0), "same": same, "copies": copies, "shuffled": beside_shuffled(same)}

    def pairs(self, correlation: float) -> Draw:
        """Draw two tasks whose directions have that cosine, with samples of their own."""
        return own_samples(lambda seed: task_pairs(2, 2 * self.n_samples, correlation=correlation, seed=seed).data)


def _effect(measured: Mapping[str, Float[np.ndarray, "seed"]], sentence: Sentence) -> Interval:
    more = measured[sentence.more]
    return bootstrap(more) if sentence.less is None else paired_difference(more, measured[sentence.less])
