"""Run any experiment from the command line: ``python -m mtl_tutor``."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from mtl_tutor import experiments
from mtl_tutor.ledger import keep_ledger
from mtl_tutor.results import Claim
from mtl_tutor.widgets import record

EXPERIMENTS = {thing.name: thing for thing in vars(experiments).values() if hasattr(thing, "run") and hasattr(thing, "name")}

RECORDINGS = {
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
    "attribute-selection": {
        "fn": experiments.inputs_that_matter,
        "title": "Do more views find the right inputs?",
        "alt": "With more views the error falls and the relevant inputs are ranked higher; beside shuffled ones neither happens.",
        "look_at": ["error at the best validation step", "AUC of the trunk's weights"],
        "samples": [30, 60, 120],
        "units": [1, 4, 16],
    },
    "data-amplification": {
        "fn": experiments.more_views,
        "title": "How many bad witnesses make a good one?",
        "alt": "The more views, the lower the error, down to the floor that each task's own head sets.",
        "noise": [0.5, 1.0, 2.0],
        "samples": [50, 100],
        "trunk": ["1 unit", "8 units"],
        "read": ["error at the best validation step", "error at the last step"],
    },
    "eavesdropping": {
        "fn": experiments.through_the_wall,
        "title": "When does T′ hear its neighbour?",
        "alt": "Beside T more nets solve T′, in a window of sample sizes; beside a shuffled T no more than alone.",
        "form": ["complex use", "buried in noise"],
        "neighbour": ["T", "the feature itself"],
        "weight": [1.0, 0.2],
    },
    "noise-as-regulariser": {
        "fn": experiments.noise_outputs,
        "title": "Does asking for noise regularise?",
        "alt": "Noise outputs lower the error only in two units that Adam trained to the last step; weight decay does more there.",
        "units": [2, 16],
        "strength": [1.0, 3.0],
        "optimizer": ["SGD", "Adam"],
        "read": ["error at the best validation step", "error at the last step"],
    },
    "local-minima": {
        "fn": experiments.ways_out,
        "title": "What leads a small net to parity?",
        "alt": "Hints lead most nets to parity at every learning rate; copies and random labels don't, and no learning rate does.",
        "problem": ["parity of 4", "XOR"],
        "spare": [0, 2, 4],
        "units": ["tanh", "sigmoid", "ReLU"],
    },
    "learning-dynamics": {
        "fn": experiments.learning_rates,
        "title": "Is it only a larger learning rate?",
        "alt": "Copies and a faster trunk move the valley of the error to smaller learning rates, but not down; real tasks move it down.",
        "units": [2, 16],
        "trunk": [2, 8],
        "optimizer": ["SGD", "Adam"],
        "read": ["error at the best validation step", "error at the last step"],
    },
    "capacity": {
        "fn": experiments.widths,
        "title": "How large should the trunk be, and for whom?",
        "alt": "Each company has a best width. Related tasks are best of all in two units and worst in one; unrelated ones need many.",
        "tasks": [2, 8],
        "samples": [30, 60, 120],
        "read": ["error at the best validation step", "error at the last step"],
    },
    "as-regularisation": {
        "fn": experiments.how_many_tasks,
        "title": "How many tasks make one strong?",
        "alt": "With a shared subspace joint fits win from some number of tasks on; with nothing shared only soft ones do no harm.",
        "structure": ["shared subspace", "nothing shared"],
        "samples": [5, 15, 30, 60],
        "noise": [0.25, 0.5, 1.0],
    },
}


def main(argv: Sequence[str] | None = None) -> int:
    """List the experiments, or run one and print its claims; returns the exit status."""
    options = vars(_parser().parse_args(argv))
    name, as_json = options.pop("experiment"), options.pop("json", False)
    if name == "record":
        return _record(options["name"])
    if name is None:
        sys.stdout.writelines(f"{name:22}{_first_line(experiment)}\n" for name, experiment in EXPERIMENTS.items())
        return 0
    try:
        experiment = EXPERIMENTS[name](**options)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    claims: tuple[Claim, ...] = experiment.run(progress=True).claims
    if as_json:
        report = {"experiment": name, "seeds": experiment.seeds, "first_seed": experiment.first_seed}
        sys.stdout.write(json.dumps({**report, "claims": [claim.as_dict() for claim in claims]}) + "\n")
    else:
        sys.stdout.writelines(f"{claim}\n" for claim in claims)
    return 0


def _record(name: str) -> int:
    Path("data/recorded").mkdir(parents=True, exist_ok=True)
    if name == "ledger":
        keep_ledger(EXPERIMENTS, "data/recorded/ledger.json")
        return 0
    record(path=f"data/recorded/{name}.npz", renew=f"python -m mtl_tutor record {name}", **RECORDINGS[name])
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m mtl_tutor", description="Put a claim of the book on trial.")
    commands = parser.add_subparsers(dest="experiment", metavar="EXPERIMENT")
    for name, experiment in EXPERIMENTS.items():
        command = commands.add_parser(
            name, help=_first_line(experiment), description=experiment.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        for field in fields(experiment):
            option, words = f"--{field.name.replace('_', '-')}", f"default: {field.default}"
            if isinstance(field.default, bool):
                command.add_argument(option, action=argparse.BooleanOptionalAction, default=field.default, help=words)
            else:
                command.add_argument(option, type=type(field.default), default=field.default, help=words)
        command.add_argument("--json", action="store_true", help="print one JSON object")
    command = commands.add_parser("record", help="Compute what the book replays: a widget's grid, or the ledger.")
    command.add_argument("name", choices=["ledger", *sorted(RECORDINGS)])
    return parser


def _first_line(experiment: type) -> str:
    return (experiment.__doc__ or "").splitlines()[0]


if __name__ == "__main__":
    sys.exit(main())
