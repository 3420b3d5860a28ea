"""How many experts a gate reads, where it is known without a formula."""

import numpy as np

from mtl_tutor.exercises import check_n_read


def test_an_expert_without_weight_must_not_count():
    def with_logarithm_of_zero(gate: list[float]) -> float:
        with np.errstate(all="ignore"):
            return float(np.exp(-np.sum(np.array(gate) * np.log(np.array(gate)))))

    assert "finite" in check_n_read(with_logarithm_of_zero)
