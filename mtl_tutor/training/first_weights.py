"""Whether every seed gets first weights of its own: which parameters a reset draws, sets or leaves alone."""

import copy
import warnings
from collections.abc import Collection, Iterator, Mapping

import numpy as np
import torch
from torch import Tensor, nn

from mtl_tutor.sharing.own_trunk import reset_outermost
from mtl_tutor.training.threads import alone

_FEW_DIGITS = 4
"""A number of so many digits was chosen by somebody; one of more was drawn or calculated."""


def check_starts(model: nn.Module, given: Collection[str]) -> None:
    """Require that every trained parameter is drawn per seed, set by a reset, or a constant that somebody chose.

    A copy of the model is filled with arbitrary numbers and reset, twice with different numbers and seeds. What still
    holds the arbitrary numbers, no reset knows: it would start alike in all seeds.

    Parameters
    ----------
    model : nn.Module
        The model that is to be trained.
    given : collection of str
        Names of parameters whose first values are known otherwise, or that are kept on purpose.

    Raises
    ------
    ValueError
        A parameter that looks drawn, but is not drawn by any reset; or a reset that draws other numbers
        from the same seed.
    """
    trained = {name: p for name, p in model.named_parameters() if p.requires_grad and name not in given}
    (first, filling), (again, _), (second, other) = (_after_reset(model, trained, seed) for seed in (0, 0, 1))
    for name, value in first.items():
        if not torch.equal(value, again[name]):
            raise ValueError(
                f"`model` must draw `{name}` from torch's global generator, so that a seed repeats it; its reset draws others "
                "each time. Use torch.randn or nn.init in `reset_parameters`."
            )
    on_purpose = set(_kept_on_purpose(model, {name for name in trained if torch.equal(first[name], filling[name])}))
    for name, parameter in trained.items():
        untouched = (first[name] == filling[name]) & (second[name] == other[name])
        if untouched.any() and name not in on_purpose and _looks_drawn(parameter):
            _complain(name, parameter)


def _complain(name: str, parameter: nn.Parameter) -> None:
    sentence = (
        f"`model` must draw `{name}` in a reset, so that every seed starts with values of its own; no `reset_parameters` sets it. "
        "Draw it in a method `reset_parameters` of its class, or keep it with requires_grad_(False)."
    )
    if parameter.numel() > 1:
        raise ValueError(sentence)
    warnings.warn(f"{sentence} All seeds start with {parameter.item():.6g}.", UserWarning, stacklevel=4)


def _after_reset(model: nn.Module, names: Collection[str], seed: int) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Reset a copy that was filled with arbitrary numbers, and return its parameters and what they were filled with."""
    net, stream = copy.deepcopy(model), torch.Generator().manual_seed(1000 + seed)
    parameters = {name: p for name, p in net.named_parameters() if name in names}
    with alone(), torch.no_grad(), torch.random.fork_rng(devices=[]):
        for p in parameters.values():
            p.copy_(torch.randn(p.shape, generator=stream))
        filling = {name: p.detach().clone() for name, p in parameters.items()}
        torch.default_generator.manual_seed(seed)
        reset_outermost(net)
    return {name: p.detach() for name, p in parameters.items()}, filling


def _kept_on_purpose(model: nn.Module, untouched: Collection[str]) -> Iterator[str]:
    """Name what belongs to a module whose author wrote a reset that leaves everything as it is."""
    for prefix, module in model.named_modules():
        author = getattr(getattr(type(module), "reset_parameters", None), "__module__", "torch")
        own = [f"{prefix}.{name}".lstrip(".") for name, p in module.named_parameters() if p.requires_grad]
        if author.partition(".")[0] not in ("torch", "mtl_tutor") and {*own} <= {*untouched}:
            yield from own


def _looks_drawn(parameter: Tensor) -> bool:
    """Whether values look random: neither all the same, nor all of a few digits."""
    values = parameter.detach().flatten()
    if len(values) > 1 and (values == values[0]).all():
        return False
    chosen = [float(f"{value:.{_FEW_DIGITS}g}") for value in np.unique(values.double().cpu().numpy()).tolist()]
    return not torch.equal(values.unique(), values.new_tensor(chosen).unique())


def state_of(net: nn.Module) -> Mapping[str, Tensor]:
    """Return all parameters and buffers by name; what is registered under two names comes once, under the first."""
    return dict([*net.named_parameters(), *net.named_buffers()])
