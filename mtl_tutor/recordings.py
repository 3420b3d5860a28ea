"""The grids that the book replays: which function of an experiment, over which values, and what the page says of it."""

from collections.abc import Mapping
from typing import Any

from mtl_tutor import experiments

RECORDINGS: Mapping[str, Mapping[str, Any]] = {
    "road": {
        "fn": experiments.company_on_the_road,
        "title": "Is it the company, or the pace of the trunk?",
        "alt": "Nine questions in one net beat a net of its own where samples are few; one with a faster trunk does as well.",
        "question": ["steering", "left edge", "road centre", "road grey", "border grey"],
        "shadows": [0.0, 0.5],
    },
    "harder-tasks": {
        "fn": experiments.gains_by_horizon,
        "title": "Who gains: the hard task, or the one with least to lose?",
        "alt": "Beside the same robot's other horizons the farthest gains; beside strangers the nearest is harmed and the farthest is not.",
        "samples": [50, 100, 200],
        "noise": [0.05, 0.1, 0.3],
        "wander": [0.02, 0.05],
    },
    "inputs-as-outputs": {
        "fn": experiments.extra_output,
        "title": "Feed it in, or ask for it?",
        "alt": "As an output the feature doubles the error of nets that start small and does nothing to others; "
        "as an input it changes little.",
        "bits": ["-1 and 1", "0 and 1"],
        "noise": [0.0, 0.5, 1.0, 2.0, 3.0],
    },
    "pneumonia": {
        "fn": experiments.ranked,
        "title": "Who is safe?",
        "alt": "Tests that come later lower the deaths among those ranked safest; other patients' tests raise them.",
        "labs": [5, 35],
        "samples": [100, 300, 1000],
        "relatedness": [0.0, 0.5, 1.0],
    },
    "kernel-regression": {
        "fn": experiments.weighed,
        "title": "How loud may the others be?",
        "alt": "Where half of what the tests show is harmless, a small weight helps a little and a large one hurts.",
        "samples": [100, 200],
        "labs": [5, 35],
        "relatedness": [0.0, 0.5, 1.0],
    },
    "peaks": {
        "fn": experiments.shared_variables,
        "title": "Who shares units with whom?",
        "alt": "The more variables two tasks have in common, the more they use the same units, most of all if both test the same one.",
        "units": [16, 32, 64],
        "steps": [10, 30, 100, 300, 1000],
        "start": [0.3, 1.0],
    },
    "eight-bits": {
        "fn": experiments.units_for_parity,
        "title": "How large must the net be for four tasks?",
        "alt": "Four tasks are worse than one in small nets and better in large ones; shuffled tasks are worst everywhere.",
        "samples": [64, 96, 128],
        "read": ["error at the last step", "error at the best validation step"],
    },
    "relatives": {
        "fn": experiments.who_wins,
        "title": "Together, or one after the other?",
        "alt": "With few labels a trunk frozen after five questions errs least; after one question it errs more than a single task.",
        "questions": [1, 5],
        "images": [160, 400],
    },
    "tied": {
        "fn": experiments.tie,
        "title": "How tightly should tasks be tied?",
        "alt": "Tasks that differ a little are best tied neither loosely nor tightly; the more they differ, the looser.",
        "spread": [0.0, 0.1, 0.3, 0.5, 1.0],
        "samples": [15, 40],
        "tasks": [2, 8],
    },
    "digits": {
        "fn": experiments.labels_needed,
        "title": "How few labels, how many questions?",
        "alt": "Error against the number of labelled images. Answers on 400 images lower it most where labels are few.",
        "questions": (1, 5),
        "answers": ["400 images", "the labelled images only"],
    },
    "tied-trunks": {
        "fn": experiments.ties,
        "title": "How strongly should trunks be tied?",
        "alt": "The more tasks differ, the weaker the best tie; started large and apart, even unrelated tasks are better tied.",
        "spread": [0.0, 0.3, 1.0, 10.0],
        "start": ["alike, small", "apart, large"],
    },
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
    "experts": {
        "fn": experiments.gains_by_correlation,
        "title": "What does a gate cost?",
        "alt": "At every cosine MMoE errs more than single-task nets, less so with more samples.",
        "width": [2, 4],
        "samples": [100, 400],
    },
    "atlas": {
        "fn": experiments.gains,
        "title": "Which architecture gains, and where?",
        "alt": "Gains over tuned single-task nets by architecture: most gain where tasks share all, few where they share nothing.",
        "relatedness": [0.0, 0.5, 1.0],
        "samples": [20, 60],
        "capacity": [6, 24],
    },
    "low-supervision": {
        "fn": experiments.layers,
        "title": "From which layer should the helper answer?",
        "alt": "In narrow nets a needed helper saves most in a shared net, in wide ones in a cascade; a stranger never helps.",
        "helper": ["needed", "a stranger"],
    },
}
"""Name, as `python -m mtl_tutor record` takes it -> function, title, text alternative and axes of a widget."""
