"""Drawings of who shares what."""

import pytest
from matplotlib.colors import to_hex

from mtl_tutor.plots import PALETTE, draw_layers, draw_networks


def test_every_layer_has_its_name_and_a_layer_without_output_none_above_it():
    ax = draw_layers(["$y^{(1)}$", "$y^{(2)}$", None])
    arrows = [text for text in ax.texts if not text.get_text()]
    names = [text.get_text() for text in ax.texts if text.get_text()]
    assert names == ["x", "$h^{(shared)}$", "$h^{(1)}$", "$y^{(1)}$", "$h^{(2)}$", "$y^{(2)}$", "$h^{(3)}$"]
    assert len(ax.collections) == len(names)
    assert len(arrows) == len(names) - 1


def test_a_layer_that_no_output_reads_has_the_controls_grey():
    ax = draw_layers(["y", None])
    colours = {text.get_text(): to_hex(text.get_color()).upper() for text in ax.texts}
    assert colours["$h^{(1)}$"] == colours["y"] == PALETTE["main"].light
    assert colours["$h^{(2)}$"] == PALETTE["control"].light


@pytest.mark.parametrize("outputs", [[], ["y"] * 5])
def test_layers_refuse_none_and_more_than_four(outputs):
    with pytest.raises(ValueError, match="one to four"):
        draw_layers(outputs)


@pytest.mark.messages
@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"tasks": "AB"}, "`tasks` must be a sequence of strings; got 'AB'. Write ['AB']."),
        ({"tasks": ["A", "A"]}, "`tasks` must have different names; got ['A', 'A']."),
        ({"n_hidden": 10**6}, "`n_hidden` must be at most 20; got 1000000."),
        ({"n_features": 0}, "`n_features` must be at least 1; got 0."),
        ({"ax": 3}, "`ax` must be an Axes; got 3."),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_a_sentence(settings, sentence):
    with pytest.raises((TypeError, ValueError)) as caught:
        draw_networks(**({"tasks": ["A"], "shared": True} | settings))
    assert str(caught.value) == sentence


@pytest.mark.parametrize("tasks", [[], ["y"] * 5])
def test_networks_refuse_none_and_more_than_four(tasks):
    with pytest.raises(ValueError, match="one to four"):
        draw_networks(tasks, shared=True)


def test_tied_networks_have_an_arc_for_each_pair_of_units():
    arcs = [text for text in draw_networks(["a", "b", "c"], shared=False, tied=True, n_hidden=4).texts if not text.get_text()]
    assert len(arcs) == 2 * 4
    assert all(arc.xy[0] == arc.xyann[0] == 1 for arc in arcs)
    assert len({arc.xyann[1] - arc.xy[1] for arc in arcs}) == 1


@pytest.mark.parametrize("how", [{"tasks": ["a"], "shared": False}, {"tasks": ["a", "b"], "shared": True}])
def test_one_network_is_not_tied(how):
    with pytest.raises(ValueError, match="several networks"):
        draw_networks(**how, tied=True)
