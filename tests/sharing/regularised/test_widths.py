"""The task matrix that a budget allows, against brute force."""

import numpy as np
import pytest
from scipy.optimize import minimize

from mtl_tutor.sharing.regularised._widths import Budget

TRACE, CLUSTERS = Budget(0.0, 1.0, 1.0), Budget(0.1, 1.0, 2.4)
SIGMA = np.array([3.0, 1.0, 0.5, 0.2, 0.01, 0.0])


def test_a_trace_alone_is_shared_out_in_proportion():
    assert TRACE.widths(np.array([3.0, 1.0, 0.0])).tolist() == [0.75, 0.25, 0]
    assert TRACE.cost(np.array([3.0, 1.0, 0.0])) == pytest.approx(16)  # the squared sum


@pytest.mark.parametrize("budget", [TRACE, CLUSTERS])
@pytest.mark.parametrize("slack", [0.0, 0.03, 2.0])
def test_widths_keep_to_the_budget(budget, slack):
    widths = budget.widths(SIGMA, slack)
    assert widths.sum() == pytest.approx(budget.total)
    assert widths.min() >= budget.low
    assert widths.max() <= budget.high


@pytest.mark.parametrize("slack", [0.0, 0.03, 2.0])
def test_no_other_widths_cost_less(slack):
    def cost(widths):
        return (SIGMA**2 / (widths + slack)).sum()

    best = cost(CLUSTERS.widths(SIGMA, slack))
    rng = np.random.default_rng(0)
    for start in rng.uniform(0.1, 1, size=(5, 6)):
        spent = {"type": "eq", "fun": lambda widths: widths.sum() - CLUSTERS.total}
        found = minimize(cost, start, bounds=[(0.1, 1.0)] * 6, constraints=[spent], method="SLSQP", options={"ftol": 1e-12})
        assert best <= found.fun * (1 + 1e-9)
        assert best == pytest.approx(found.fun, rel=1e-4)


@pytest.mark.parametrize("budget", [TRACE, CLUSTERS])
@pytest.mark.parametrize("step", [0.05, 1.0])
def test_the_proximal_step_minimises_what_it_says(budget, step):
    def cost(sigma):
        return ((sigma - SIGMA) ** 2).sum() / (2 * step) + budget.cost(sigma) / 2

    shrunk, rng = budget.prox(SIGMA, step), np.random.default_rng(1)
    for size in (0.1, 1e-3):
        assert all(cost(np.abs(shrunk + size * rng.normal(size=6))) > cost(shrunk) for _ in range(50))


def test_more_than_all_can_use_is_not_spent():
    assert Budget(0.1, 1.0, 5.0).widths(np.array([2.0, 0.0])).tolist() == [1.0, 0.1]


def test_nothing_costs_nothing():
    assert CLUSTERS.cost(np.zeros(3)) == 0
    assert CLUSTERS.prox(np.zeros(3), 1.0).tolist() == [0, 0, 0]


def test_a_singular_value_of_rounding_size_is_none():
    assert TRACE.cost(np.array([2.0, 1e-310])) == pytest.approx(4)
