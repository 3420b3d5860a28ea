"""Keys tell apart whatever decides a number, and nothing else."""

import subprocess
import sys
import textwrap
import types
from functools import partial

import numpy as np
import pytest
import torch
from torch import nn

from mtl_tutor.keys import NoKeyError, key_of
from mtl_tutor.sharing import HardSharing

NET = """
import torch
from torch import nn

SCALE = 2.0
TABLE = {"a": [1.0, 2.0]}

def helper(x):
    return inner(x) * SCALE

def inner(x):
    return [torch.relu(one) for one in x] + TABLE["a"]

class Base(nn.Module):
    power = 3

class Net(Base):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 2)

    def forward(self, x):
        return helper(x) ** self.power
"""


def typed(source: str) -> types.SimpleNamespace:
    """What is left after source was typed into a console: no file holds it."""
    names: dict[str, object] = {"__name__": "__main__"}
    exec(compile(source, "<stdin>", "exec"), names)
    return types.SimpleNamespace(**names)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("torch.relu", "torch.tanh"),
        ("SCALE = 2.0", "SCALE = 2.5"),
        ("[1.0, 2.0]", "[1.0, 2.5]"),
        ("power = 3", "power = 2"),
        ("helper(x) **", "inner(x) **"),
        ("inner(x) * SCALE", "inner(x) / SCALE"),
    ],
)
def test_an_edit_of_a_class_or_of_what_it_names_makes_another_key(old, new):
    assert key_of(typed(NET).Net()) != key_of(typed(NET.replace(old, new)).Net())


@pytest.mark.parametrize(("old", "new"), [("SCALE = 2.0", "SCALE = 2.0  # a comment\n"), ("def inner(x):", "\n\ndef inner(x):")])
def test_comments_and_first_weights_make_no_other_key(old, new):
    assert key_of(typed(NET).Net()) == key_of(typed(NET.replace(old, new)).Net())


ATTRIBUTES = [
    ([1.0], [5.0]),
    ({"a": 1}, {"a": 2}),
    ({1, 2}, {1, 3}),
    ((1, [2]), (1, [3])),
    (np.array([1.0, 2.0]), np.array([1.0, 3.0])),
    (np.zeros((2, 3)), np.zeros((3, 2))),
    (torch.tensor([1.0]), torch.tensor([2.0])),
    (torch.zeros(2, dtype=torch.float32), torch.zeros(2, dtype=torch.float64)),
    (types.SimpleNamespace(a=1), types.SimpleNamespace(a=2)),
    (np.random.default_rng(0), np.random.default_rng(1)),
    (partial(pow, 2), partial(pow, 3)),
    (lambda x: x + 1, lambda x: x + 2),
    (lambda x, y=1: x, lambda x, y=2: x),
    (nn.ReLU, nn.Tanh),
    ([nn.Linear(1, 2)], [nn.Linear(2, 2)]),
    (1, True),
    (torch.float32, torch.float64),
    (np.float32(1), np.float64(1)),
    (slice(1), slice(2)),
]


@pytest.mark.parametrize(("one", "other"), ATTRIBUTES, ids=[type(one).__name__ for one, _ in ATTRIBUTES])
def test_attributes_of_every_type_count(one, other):
    nets = [typed(NET).Net() for _ in range(3)]
    for net, value in zip(nets, (one, one, other), strict=True):
        net.setting = value
    same, again, another = map(key_of, nets)
    assert same == again != another


def test_what_a_function_encloses_counts():
    def made(power):
        def function(x):
            return x**power

        return function

    assert key_of(made(2)) == key_of(made(2)) != key_of(made(3))


def test_a_hook_counts_and_its_number_does_not():
    nets = [HardSharing(1, 4, 2) for _ in range(3)]
    for net in nets[:2]:
        net.register_forward_hook(lambda module, inputs, output: output)
    one, other, none = map(key_of, nets)
    assert one == other != none


def test_the_trunk_that_was_copied_from_does_not_count():
    assert key_of(HardSharing(1, 4, 2, trunk=nn.Linear(1, 4))) == key_of(HardSharing(1, 4, 2, trunk=nn.Linear(1, 4)))


@pytest.mark.parametrize("silent", [iter([1]), open(__file__), (i for i in range(3))], ids=["iterator", "file", "generator"])  # noqa: SIM115
def test_what_does_not_say_what_it_holds_has_no_key(silent):
    if isinstance(silent, type(iter([1]))):
        assert key_of(silent) != key_of(iter([2]))
        return
    with pytest.raises(NoKeyError, match="does not say what it holds"):
        key_of([silent])


def test_a_log_in_the_module_is_no_obstacle():
    source = "import io, sys\nlog = sys.stdout\ndef function(x):\n    log.write('')\n    return x"
    assert key_of(typed(source).function) == key_of(typed(source).function)


def test_objects_that_hold_one_another_have_a_key():
    one: list[object] = [1]
    one.append(one)
    assert key_of(one)


def test_another_process_finds_the_same_key():
    code = textwrap.dedent("""
        from mtl_tutor.balancing import PCGrad
        from mtl_tutor.keys import key_of
        from mtl_tutor.sharing import MMoE
        print(key_of(MMoE(1, 4, 2), PCGrad(), {"b", "a", "c"}))
    """)
    found = {
        subprocess.check_output([sys.executable, "-c", code], env={"PYTHONPATH": ":".join(sys.path), "PYTHONHASHSEED": seed})
        for seed in ("1", "2")
    }
    assert len(found) == 1
