"""One claim in a picture in which everything has its name."""

from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from mtl_tutor.checks import checked
from mtl_tutor.plots._paper import TEXT, inks_of, paper
from mtl_tutor.plots.palette import PALETTE
from mtl_tutor.results import Claim
from mtl_tutor.results._findings_words import numbers, on_one_scale, thresholds

_UP, _DOWN = 0.35, (-0.4, -0.7)  # where lines end; those of zero and of the rule


@checked
def draw_verdict(claim: Claim, ax: Axes | None = None) -> Axes:
    """Draw a claim's effect, its interval, zero, and what its rule asks for, each with its name.

    Parameters
    ----------
    claim : Claim
        What to draw, on the scale on which tables of findings show it.
    ax : Axes | None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    Axes
        With one errorbar, and texts that say what each mark is.

    Examples
    --------
    >>> from mtl_tutor.statistics import Interval, Verdict
    >>> effect = Interval(0.3, 0.2, 0.4, 200)
    >>> axes = draw_verdict(Claim("two-helps", "B helps A", "ours", effect, Verdict.REPRODUCED, rule="more than 0.1"))
    >>> [text.get_text().split(":")[0] for text in axes.texts]
    ['effect', '95% interval', 'zero', 'rule']
    """
    told = on_one_scale(claim)
    ax = paper(ax, height=2.3)
    (ink, _), colour = inks_of(ax), PALETTE["main"].light
    value, (estimate, low, high) = told.measured, numbers(told)
    ends = [end for end in thresholds(told.rule) if end]
    marks = [0.0, value.low, value.high, *ends]
    room = 0.25 * ((max(marks) - min(marks)) or 1.0)
    ax.set(ylim=(-1.0, 1.0), xlim=(min(marks) - room, max(marks) + room), yticks=[])
    ax.set_xlabel("effect")
    if told.scale == "saved":
        ax.set_xlabel("share of the error that is saved")
        ax.xaxis.set_major_formatter(PercentFormatter(1.0))
    ax.grid(False)
    ax.spines["left"].set_visible(False)
    ax.vlines(0, _DOWN[0], _UP, color=ink, linewidth=1)
    ax.vlines(ends, _DOWN[1], _UP, color=ink, linewidth=1, linestyle=(0, (3, 3)))
    ax.barh(0, value.high - value.low, left=value.low, height=0.3, color=colour, alpha=0.2)
    error = [[value.estimate - value.low], [value.high - value.estimate]]
    ax.errorbar(value.estimate, 0, xerr=error, fmt="o", color=colour, markersize=9, elinewidth=1.8, label=claim.id)
    words = {"ha": "center", "va": "center", "fontsize": TEXT, "color": ink}
    ax.text(value.estimate, _UP + 0.45, f"effect: {estimate}", **words)
    ax.text(value.estimate, _UP + 0.18, f"95% interval: {low} to {high}", **words)
    ax.text(0, _DOWN[0] - 0.13, "zero: no difference", **words)
    if ends:
        ax.text(max(ends, key=abs), _DOWN[1] - 0.13, f"rule: {told.rule}", **words)
    return ax
