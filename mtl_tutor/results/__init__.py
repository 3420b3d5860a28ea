"""Frozen results made of NumPy arrays, between training and pictures. Imports no torch."""

from mtl_tutor.results.claims import Claim, Scale
from mtl_tutor.results.comparison import Comparison, Contestant
from mtl_tutor.results.findings import Finding, Findings, findings
from mtl_tutor.results.history import History
from mtl_tutor.results.pictures import Bars, Curves, Graph, Map, Role

__all__ = [
    "Bars",
    "Claim",
    "Comparison",
    "Contestant",
    "Curves",
    "Finding",
    "Findings",
    "Graph",
    "History",
    "Map",
    "Role",
    "Scale",
    "findings",
]
