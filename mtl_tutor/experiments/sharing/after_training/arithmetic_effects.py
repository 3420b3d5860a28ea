"""Effects of task arithmetic: what a sum of task vectors keeps, what subtracting one takes away."""

import numpy as np
from scipy.stats import rankdata

from mtl_tutor.experiments.hypothesis import Hypothesis
from mtl_tutor.experiments.result import Result
from mtl_tutor.statistics import Interval

ERROR, LOSS = "squared error, mean of four tasks", "increase of the error"
COSINE, HARM = "cosine by pair", "harm by pair"
LOST, HAD, GAINED = "explained variance that is lost", "explained variance at the start", "explained variance that training adds"


def kept(result: Result, hypothesis: Hypothesis) -> Interval:
    """Measure which share of what a trunk per task gains over the start is kept by the sum."""
    family = hypothesis.treatment.partition(": ")[0]
    columns = np.column_stack([result.values(f"{family}: {arm}", ERROR) for arm in ("start", "sum", "own")])
    return result.statistic(columns, lambda rows: (rows[:, 0] - rows[:, 1]).sum() / (rows[:, 0] - rows[:, 2]).sum())


def share_of_loss(result: Result, hypothesis: Hypothesis) -> Interval:
    """Measure the treatment's loss as a share of the reference's, sum over sum."""
    losses = [result.values(condition or "", LOSS) for condition in (hypothesis.reference, hypothesis.treatment)]
    return result.statistic(np.column_stack(losses), lambda rows: rows[:, 1].sum() / rows[:, 0].sum())


def share_lost(result: Result, hypothesis: Hypothesis) -> Interval:
    """Measure which share of the hypothesis' measure a task loses, sum over sum; less the reference's share, if there is one."""
    conditions = [hypothesis.treatment, *([hypothesis.reference] if hypothesis.reference else [])]
    measures = LOST, hypothesis.measure or HAD
    columns = np.column_stack([result.values(condition, measure) for condition in conditions for measure in measures])

    def share(rows: np.ndarray) -> float:
        own, *other = (rows[:, 2 * i].sum() / rows[:, 2 * i + 1].sum() for i in range(len(conditions)))
        return float(own - sum(other))

    return result.statistic(columns, share)


def mean_cosine(result: Result, hypothesis: Hypothesis) -> Interval:
    """Average the cosines over pairs of tasks."""
    return result.mean(result.values(hypothesis.treatment, COSINE).mean(axis=1))


def rank_correlation(result: Result, hypothesis: Hypothesis) -> Interval:
    """Correlate the ranks of cosine and harm over the pairs of each seed."""
    values = (result.values(hypothesis.treatment, measure) for measure in (COSINE, HARM))
    ranks = (rankdata(each, axis=1) for each in values)  # both orders of a pair have one cosine: ties get their mean rank
    return result.mean(np.array([np.corrcoef(a, b)[0, 1] for a, b in zip(*ranks, strict=True)]))
