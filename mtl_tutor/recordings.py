"""The grids that the book replays: which function of an experiment, over which values, and what the page says of it."""

from collections.abc import Mapping
from typing import Any

from mtl_tutor import experiments

RECORDINGS: Mapping[str, Mapping[str, Any]] = {
    "families": {
        "fn": experiments.families,
        "title": "Which penalty suits which structure?",
        "alt": "On every structure its own penalty has the lowest risk; where nothing is shared, none beats a ridge for each task.",
        "structure": [
            "one mean",
            "shared inputs",
            "partly shared inputs",
            "shared subspace",
            "groups",
            "opposites",
            "mixed curves",
            "nothing shared",
        ],
    },
    "spectrum": {
        "fn": experiments.spectrum,
        "title": "How many directions do fifteen tasks share?",
        "alt": "The trace norm leaves as many large singular values as were planted; a ridge leaves no gap.",
        "rank": [0, 1, 2, 3, 5],
        "noise": [0.5, 1.0],
    },
    "merging": {
        "fn": experiments.halfway,
        "title": "What lies between two nets?",
        "alt": "Half-way between nets from different starts the error is high; with units matched, or from one start, it is low.",
        "units": [4, 16, 64],
        "samples": [50, 200],
        "steps": [30, 300],
    },
    "task-arithmetic": {
        "fn": experiments.add_vectors,
        "title": "How much of each vector should be added?",
        "alt": "For related tasks a third of each vector lowers the error as far as a trunk per task; for others it does not.",
        "family": ["one subspace", "no subspace in common", "own inputs", "own inputs, biases still"],
        "samples": [50, 200],
    },
    "adapter-rank": {
        "fn": experiments.over_ranks,
        "title": "How much of its own does a task need?",
        "alt": "The error is lowest where each task may add as high a rank as it differs by; at full rank it is hardly better than apart.",
        "planted": [1, 2, 4, 12],
        "samples": [24, 80],
    },
    "atlas": {
        "fn": experiments.gains,
        "title": "Which architecture gains, and where?",
        "alt": "Gains over tuned single-task nets by architecture: most gain where tasks share all, few where they share nothing.",
        "relatedness": [0.0, 0.5, 1.0],
        "samples": [20, 60],
        "capacity": [6, 24],
    },
}
"""Name, as `python -m mtl_tutor record` takes it -> function, title, text alternative and axes of a widget."""
