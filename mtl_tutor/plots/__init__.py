"""Draw results: each function takes a frozen result and returns the axes. Imports no torch."""

from mtl_tutor.plots.bars import draw_bars
from mtl_tutor.plots.curves import draw_curves
from mtl_tutor.plots.flow import draw_flow
from mtl_tutor.plots.graphs import draw_graph, draw_nesting
from mtl_tutor.plots.maps import draw_map
from mtl_tutor.plots.networks import draw_layers, draw_networks
from mtl_tutor.plots.palette import PALETTE, Ink, roles_of
from mtl_tutor.plots.verdicts import draw_verdict
from mtl_tutor.plots.weights import draw_weights

__all__ = [
    "PALETTE",
    "Ink",
    "draw_bars",
    "draw_curves",
    "draw_flow",
    "draw_graph",
    "draw_layers",
    "draw_map",
    "draw_nesting",
    "draw_networks",
    "draw_verdict",
    "draw_weights",
    "roles_of",
]
