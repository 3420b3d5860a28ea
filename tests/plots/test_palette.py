"""One colour and one dash per role, all of them visible."""

from itertools import combinations
from typing import get_args

import pytest

from mtl_tutor.plots import PALETTE, roles_of
from mtl_tutor.results import Role


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


def test_every_role_has_an_ink_and_no_two_look_alike():
    assert set(PALETTE) == set(get_args(Role))
    for a, b in combinations(PALETTE.values(), 2):
        assert a.light != b.light
        assert a.dark != b.dark
        assert a.dash != b.dash


def test_main_and_other_are_okabe_and_itos_blue_and_vermillion():
    assert PALETTE["main"].light == "#0072B2"
    assert PALETTE["other"].light == "#D55E00"


@pytest.mark.parametrize("role", get_args(Role))
def test_every_ink_is_seen_on_light_and_on_dark_paper(role):
    assert contrast(PALETTE[role].light, "#ffffff") >= 3
    assert contrast(PALETTE[role].dark, "#121212") >= 3


def test_names_without_a_role_take_the_free_ones_in_turn():
    assert roles_of(["a", "b", "c"], {"b": "main"}) == {"a": "other", "b": "main", "c": "third"}


def test_a_fifth_nameless_line_is_grey_rather_than_a_second_blue():
    assert roles_of(list("abcde"), {})["e"] == "control"


@pytest.mark.messages
def test_an_unknown_role_is_told_the_nearest():
    with pytest.raises(ValueError, match=r"`roles\['A'\]` must be one of 'main', .*; got 'contrl'\. Did you mean 'control'\?"):
        roles_of(["A"], {"A": "contrl"})
    with pytest.raises(TypeError, match=r"`names` must be strings; got \['A', 3\]\."):
        roles_of(["A", 3], {})
