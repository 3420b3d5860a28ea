"""A transformer with one token per task and tokens of the features."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Unpack

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from mtl_tutor.checks import check_least, check_room, checked
from mtl_tutor.sharing._base import Architecture, Form


class Block(nn.Module):
    """A transformer block: attention among tokens, then a hidden layer on each token.

    Both have residual connections.
    """

    def __init__(self, width: int, n_heads: int, n_inner: int, activation: type[nn.Module]) -> None:
        super().__init__()
        self.n_heads, self.per_head = n_heads, -(-width // n_heads)
        self.query, self.key, self.value = (nn.Linear(width, n_heads * self.per_head, bias=False) for _ in range(3))
        self.out = nn.Linear(n_heads * self.per_head, width)
        self.layer = nn.Sequential(nn.Linear(width, n_inner), activation(), nn.Linear(n_inner, width))

    def forward(
        self, asking: Float[Tensor, "sample task hidden"], seen: Float[Tensor, "sample token hidden"]
    ) -> tuple[Float[Tensor, "sample task hidden"], Float[Tensor, "sample channel task token"]]:
        """The updated tokens, and the attention weights of each head."""
        query, key, value = self._by_head(self.query(asking)), self._by_head(self.key(seen)), self._by_head(self.value(seen))
        attention = (query @ key.mT / self.per_head**0.5).softmax(-1)
        asking = _normed(asking + self.out((attention @ value).transpose(1, 2).flatten(2)))
        return _normed(asking + self.layer(asking)), attention

    def _by_head(self, made: Float[Tensor, "sample token param"]) -> Float[Tensor, "sample channel token hidden"]:
        return made.unflatten(2, (self.n_heads, self.per_head)).transpose(1, 2)


@checked
class TaskTokens(Architecture):
    """A small transformer for all tasks: each task's output is read from a token of its own.

    The features become tokens, the tasks' tokens are put before them, and after some blocks of
    attention each task's head reads its own token.

    Parameters
    ----------
    n_features, n_tasks : int
        As in `Architecture`.
    **form : Unpack[Form]
        As in `Architecture`; the layers are the net's own, so `trunk` is refused.
    n_hidden : int | Sequence[int]
        One block of attention per entry, which is the width of the block's hidden layer; tokens
        have the last width.
    n_heads : int
        Attention heads per block.
    n_tokens : int
        Largest number of feature tokens; with more features, equally many neighbouring features
        share a token.

    Raises
    ------
    ValueError
        `n_heads` or `n_tokens` below 1, or as in `Architecture`.

    Notes
    -----
    Source: Vaswani et al. (2017, eq. 1) for attention; features as tokens as in Gorishniy et al.
    (2021), whose one token to read from is here one per task; source text 004, "joint attention".

    Departures: tokens are divided by their root mean square before each part of a block, where both
    papers normalise layers with a learned scale and shift; no dropout.

    Examples
    --------
    >>> net = TaskTokens(n_features=3, n_hidden=8, n_tasks=2)
    >>> net.inspect(torch.zeros(5, 3))["attention"].shape  # to 2 tasks and 3 features
    (2, 5, 5)
    """

    def __init__(
        self,
        n_features: int,
        n_hidden: int | Sequence[int],
        n_tasks: int = 2,
        *,
        n_heads: int = 2,
        n_tokens: int = 8,
        **form: Unpack[Form],
    ) -> None:
        super().__init__(n_features, n_hidden, n_tasks, **form)
        check_least("n_heads", n_heads)
        check_room(n_hidden=self.width, n_heads=n_heads)
        check_least("n_tokens", n_tokens)
        self.new_layers()  # refuses a trunk
        size = -(-n_features // n_tokens)
        self.feature_weights = nn.Parameter(torch.empty(-(-n_features // size), size, self.width))
        self.feature_places = nn.Parameter(torch.empty(len(self.feature_weights), self.width))
        self.task_tokens = nn.ParameterList(torch.empty(self.width) for _ in self.n_outputs)
        self.blocks = nn.ModuleList(Block(self.width, n_heads, n_inner, self.activation) for n_inner in self.n_hidden)
        self.heads = self.new_heads()
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new weights and tokens from torch's global generator."""
        super().reset_parameters()
        nn.init.normal_(self.feature_weights, std=self.init_scale / self.feature_weights.shape[1] ** 0.5)
        for tokens in chain([self.feature_places], self.task_tokens):
            nn.init.normal_(tokens, std=self.init_scale)

    def forward(self, x: Float[Tensor, "sample feature"]) -> list[Float[Tensor, "sample output"]]:
        """Outputs (numbers or logits) of every task: one tensor per task."""
        tokens, _ = self._attend(x)
        return [head(tokens[:, task]) for task, head in enumerate(self.heads)]

    def shared_parameters(self) -> Iterator[nn.Parameter]:
        """Shared parameters: all but the heads, since tasks attend to each other's tokens too."""
        own = {id(p) for p in self.heads.parameters()}
        return (p for p in self.parameters() if id(p) not in own)

    def inspect(self, x: Float[Tensor, "sample feature"]) -> dict[str, np.ndarray]:
        """Attention of the last block: "attention" [task sample token], mean over attention heads.

        The tasks' tokens come first.
        """
        return {"attention": self._attend(x)[1].mean(1).transpose(0, 1).detach().cpu().numpy()}

    def _attend(self, x: Float[Tensor, "sample feature"]) -> tuple[Tensor, Tensor]:
        n_tokens, size, _ = self.feature_weights.shape
        pieces = F.pad(x, (0, n_tokens * size - self.n_features)).unflatten(1, (n_tokens, size))
        features = torch.einsum("stf,tfh->sth", pieces, self.feature_weights) + self.feature_places
        asking = torch.stack(list(self.task_tokens)).expand(len(x), -1, -1)
        tokens = torch.cat([asking, features], 1)
        for block in self.blocks[:-1]:
            tokens, _ = block(tokens, tokens)
        return self.blocks[-1](tokens[:, : self.n_tasks].contiguous(), tokens)  # nobody reads what the features would become


def _normed(tokens: Float[Tensor, "sample token hidden"]) -> Float[Tensor, "sample token hidden"]:
    return tokens * (tokens.square().mean(-1, keepdim=True) + 1e-6).rsqrt()
