"""Every variant that tuning may choose can be told from the others."""

import pytest

from mtl_tutor.experiments import NoiseAsRegulariser, best_of, noise_outputs


def test_two_variants_may_not_have_one_label():
    draw = NoiseAsRegulariser().views()
    with pytest.raises(ValueError, match="labels"):
        best_of("noise", "other", [noise_outputs(draw, 4, 1.0), noise_outputs(draw, 4, 1.0, anew=True)])


def test_noise_beside_different_weight_decays_has_different_labels():
    labels = [variant.label for variant in NoiseAsRegulariser().arms()["decay, fresh"].variants]
    assert len(set(labels)) == 3
