"""What the playground's page says of two presets, on 256 seeds by which they were not chosen."""

import pytest

from mtl_tutor.exercises._playground_nets import trained
from mtl_tutor.statistics import relative_change
from mtl_tutor.widgets._playground_presets import PRESETS
from mtl_tutor.widgets.playground_setting import Setting


@pytest.mark.claims
@pytest.mark.parametrize(("preset", "signs"), [("help", {"B": -1, "C": 1}), ("eavesdropping", {"A": 0, "B": 1})])
def test_which_tasks_gain_and_lose_on_other_seeds(preset, signs):
    setting = Setting(**PRESETS[preset].setting | {"seed": 6000})
    joint, alone = (history.best() for history in trained(setting, n_seeds=256))
    for task, sign in signs.items():
        change = relative_change(joint[:, "ABC".index(task)], alone[:, "ABC".index(task)])
        assert (change.low > 0) - (change.high < 0) == sign, f"{task}: {change}"
