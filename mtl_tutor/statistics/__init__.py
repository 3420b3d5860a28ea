"""Intervals, effects of pairs of arms, intervals over blocks of seeds, and verdicts."""

from mtl_tutor.statistics.blocks import block_slices, mean_by_blocks, statistic_by_blocks
from mtl_tutor.statistics.intervals import Interval, bootstrap, resampled, wilson
from mtl_tutor.statistics.pairs import gain_over, paired_difference, ratio_by_blocks, relative_change
from mtl_tutor.statistics.shares import difference_of_shares, paired_score_interval, share_by_blocks
from mtl_tutor.statistics.verdicts import Verdict, above, below, is_borderline, within

__all__ = [
    "Interval",
    "Verdict",
    "above",
    "below",
    "block_slices",
    "bootstrap",
    "difference_of_shares",
    "gain_over",
    "is_borderline",
    "mean_by_blocks",
    "paired_difference",
    "paired_score_interval",
    "ratio_by_blocks",
    "relative_change",
    "resampled",
    "share_by_blocks",
    "statistic_by_blocks",
    "wilson",
    "within",
]
