"""A hypernetwork: it generates the weights of every task's net from a code of the task."""

from collections.abc import Iterator, Sequence
from typing import Unpack

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from mtl_tutor.checks import check_least, check_room, checked
from mtl_tutor.sharing._base import Architecture, Form

_NEAR = 0.1  # standard deviation of the codes at the start


@checked
class HyperNetwork(Architecture):
    """A linear map generates all weights of each task's net from a learned code of the task.

    The weights of the tasks' nets lie in an affine subspace of at most `n_code` dimensions.

    Parameters
    ----------
    n_features, n_tasks : int
        As in `Architecture`.
    n_hidden : int | Sequence[int]
        As in `Architecture`.
    **form : Unpack[Form]
        Of each task's net, as in `Architecture`; layers are generated, so `trunk` is refused.
    n_code : int
        Length of a task's code.

    Raises
    ------
    ValueError
        `n_code` below 1, or as in `Architecture`.

    Notes
    -----
    Source: von Oswald et al. (2020, §2), who generate a net per task from a learned code, after Ha
    et al. (2017).

    Departures: the generator is linear and writes each layer at once, theirs has hidden layers and
    writes chunks; tasks are trained together, so nothing has to be kept from being forgotten. Tasks
    of different sizes read the first outputs of a head for the largest.

    Examples
    --------
    >>> net = HyperNetwork(n_features=3, n_hidden=8, n_outputs=(1, 4))
    >>> [tuple(y.shape) for y in net(torch.zeros(5, 3))]
    [(5, 1), (5, 4)]
    """

    def __init__(self, n_features: int, n_hidden: int | Sequence[int], n_tasks: int = 2, *, n_code: int = 2, **form: Unpack[Form]) -> None:
        super().__init__(n_features, n_hidden, n_tasks, **form)
        check_least("n_code", n_code)
        check_room(n_code=n_code + 1, n_hidden=max(n_features, *self.n_hidden, *self.n_outputs) + 1)
        shapes = [(linear.in_features, linear.out_features) for linear, _ in self.new_layers()]  # type: ignore[misc]
        self.shapes = [*shapes, (self.width, max(self.n_outputs))]
        self.n_code = n_code
        self.codes = nn.ParameterList(torch.empty(n_code) for _ in self.n_outputs)
        self.generators = nn.ModuleList(nn.Linear(n_code, (fan_in + 1) * fan_out) for fan_in, fan_out in self.shapes)
        self.between = self.activation()
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the generator and small codes.

        A code of zeros gives an ordinary net's initial weights; all tasks start near it.
        """
        super().reset_parameters()
        for code in self.codes:
            nn.init.normal_(code, std=_NEAR)
        for generator, (fan_in, fan_out) in zip(self.generators, self.shapes, strict=True):
            common, own = generator.bias, generator.weight
            std = self.init_scale / fan_in**0.5
            nn.init.normal_(common[:-fan_out], std=std)  # type: ignore[index]
            nn.init.normal_(own[:-fan_out], std=std / self.n_code**0.5)  # type: ignore[index]
            nn.init.zeros_(own[-fan_out:])  # type: ignore[index] # the last ones make biases

    def forward(self, x: Float[Tensor, "sample feature"]) -> list[Float[Tensor, "sample output"]]:
        """Outputs (numbers or logits) of every task: one tensor per task."""
        answers = self._answers(x, torch.stack(list(self.codes)))
        return [answers[task, :, :n] for task, n in enumerate(self.n_outputs)]

    @checked
    def answer(self, x: Float[Tensor, "sample feature"], code: Float[Tensor, "param"]) -> Float[Tensor, "sample output"]:
        """Outputs for any code, also one that was never trained.

        Raises
        ------
        ValueError
            The code has another length than the tasks' codes have.
        """
        if x.shape[1] != self.n_features:
            raise ValueError(f"`x` must have {self.n_features} features; got shape {tuple(x.shape)}.")
        if code.shape != (self.n_code,):
            raise ValueError(f"`code` must have shape ({self.n_code},), as the tasks' codes have; got {tuple(code.shape)}.")
        return self._answers(x, code[None])[0]

    def shared_parameters(self) -> Iterator[nn.Parameter]:
        """Shared parameters: the generators; a code receives gradients from its own task only."""
        return self.generators.parameters()

    def inspect(self, x: Float[Tensor, "sample feature"]) -> dict[str, np.ndarray]:
        """The tasks' codes and how similar their generated nets are.

        "codes" [task code], and "weight_cosine" [task task], the cosine of two tasks' generated
        weights.
        """
        codes = torch.stack(list(self.codes)).detach()
        nets = F.normalize(torch.cat([generator(codes) for generator in self.generators], 1).detach())
        return {"codes": codes.cpu().numpy(), "weight_cosine": (nets @ nets.T).cpu().numpy()}

    def _answers(self, x: Float[Tensor, "sample feature"], codes: Float[Tensor, "task param"]) -> Float[Tensor, "task sample output"]:
        h = x.expand(len(codes), -1, -1)
        for number, (generator, (fan_in, fan_out)) in enumerate(zip(self.generators, self.shapes, strict=True)):
            numbers = generator(codes).view(len(codes), fan_in + 1, fan_out)
            h = (self.between(h) if number else h) @ numbers[:, :-1] + numbers[:, -1:]
        return h
