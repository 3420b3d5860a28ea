"""The numbers behind two exercises of *Caruana (1997), repeated*, found by other ways."""

from itertools import combinations, permutations

import numpy as np

from mtl_tutor.exercises import check_correlation, check_strangers


def test_strangers_among_the_peaks_are_counted_by_brute_force():
    functions = list(permutations(range(6), 3))
    assert check_strangers(sum(set(a).isdisjoint(b) for a, b in combinations(functions, 2))).startswith("Right")


def test_correlations_in_samples_of_fifty_spread():
    rng = np.random.default_rng(0)
    a, b = rng.uniform(-5, 5, (2, 4000, 50))
    found = [np.corrcoef(p + q, p - q)[0, 1] for p, q in zip(a, b, strict=True)]
    assert check_correlation(np.std(found)).startswith("Right")
