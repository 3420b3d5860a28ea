"""Who races: the naive loop, the package, and JAX."""

import sys
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from mtl_tutor.balancing import UncertaintyWeighting
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import Samples, Task, TaskData

LR = 0.01


def regression_data(seed: int, n_samples: int, n_features: int, n_tasks: int) -> TaskData:
    """Noisy curves of random projections, one per task."""
    rng = np.random.default_rng([seed, 77])
    x = rng.standard_normal((n_samples, n_features))
    y = np.tanh(x @ rng.standard_normal((n_features, n_tasks)) / n_features**0.5) + 0.3 * rng.standard_normal((n_samples, n_tasks))
    return TaskData(tuple(Task(f"task {i}") for i in range(n_tasks)), Samples(x, y))


class NotRecognised(HardSharing):
    """A net that the fast path leaves to the general one."""


class Convolutional(nn.Module):
    """A small convolutional net for images of 8 x 8 pixels that come as rows of 64, with two heads."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(1, 8, 3, padding=1), nn.Conv2d(8, 16, 3, stride=2, padding=1)
        self.heads = nn.ModuleList(nn.Linear(256, 1) for _ in range(2))

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        """Answers of both heads."""
        hidden = self.second(self.first(x.unflatten(-1, (1, 8, 8))).relu()).relu().flatten(1)
        return [head(hidden) for head in self.heads]


def pcgrad(jacobian: torch.Tensor) -> torch.Tensor:
    """PCGrad as a reader would write it: project from each gradient what opposes the others, in random order."""
    total = torch.zeros_like(jacobian[0])
    for i, gradient in enumerate(jacobian):
        for j in torch.randperm(len(jacobian)).tolist():
            product = gradient @ jacobian[j]
            if j != i and product < 0:
                gradient = gradient - product / (jacobian[j] @ jacobian[j]) * jacobian[j]
        total = total + gradient
    return total


class Naive:
    """What a reader would write: one seed after the other, plain module, `torch.optim.Adam`."""

    def __init__(
        self, build: Callable[[], nn.Module], data: Sequence[TaskData], batch_size: int = 0, method: object = None
    ) -> None:
        self.data = [(torch.from_numpy(d.train.x).float(), torch.from_numpy(d.train.y).float()) for d in data]
        self.batch_size, self.method, self.nets = batch_size, method, []
        for seed in range(len(data)):
            torch.manual_seed(seed)
            self.nets.append(build())
        # Log-variances of uncertainty weighting; other methods leave them alone.
        self.log_variances = [torch.zeros(len(data[0].tasks), requires_grad=True) for _ in data]
        own = [[s] if isinstance(method, UncertaintyWeighting) else [] for s in self.log_variances]
        self.optimizers = [torch.optim.Adam([*net.parameters(), *s], lr=LR) for net, s in zip(self.nets, own, strict=True)]

    def run(self, steps: int) -> None:
        """Some more steps for every seed."""
        for net, log_variance, optimizer, (x, y) in zip(self.nets, self.log_variances, self.optimizers, self.data, strict=True):
            order: list[torch.Tensor] = []
            for _ in range(steps):
                if self.batch_size and not order:
                    order = list(torch.randperm(len(x)).split(self.batch_size)[: len(x) // self.batch_size])
                rows = order.pop() if self.batch_size else slice(None)
                losses = [F.mse_loss(out[:, 0], y[rows, i]) for i, out in enumerate(net(x[rows]))]
                optimizer.zero_grad()
                self._backward(net, losses, log_variance)
                optimizer.step()

    def _backward(self, net: nn.Module, losses: list[torch.Tensor], log_variance: torch.Tensor) -> None:
        if self.method is None:
            sum(losses, losses[0].new_zeros(())).backward()
            return
        if isinstance(self.method, UncertaintyWeighting):
            (torch.exp(-log_variance) / 2 * torch.stack(losses) + log_variance / 2).sum().backward()
            return
        shared, jacobian = list(net.trunk.parameters()), []  # type: ignore[union-attr]
        for i, loss in enumerate(losses):
            own = list(net.heads[i].parameters())  # type: ignore[index]
            gradients = torch.autograd.grad(loss, shared + own, retain_graph=i < len(losses) - 1)
            jacobian.append(torch.cat([g.flatten() for g in gradients[: len(shared)]]))
            for p, g in zip(own, gradients[len(shared) :], strict=True):
                p.grad = g
        direction = pcgrad(torch.stack(jacobian))
        for p, part in zip(shared, direction.split([p.numel() for p in shared]), strict=True):
            p.grad = part.view_as(p)


class Jax:
    """The same MLP by `jax.vmap` over seeds (`layout=0`) or `lax.map` in groups of 16 or 1, `lax.scan` over steps."""

    def __init__(self, net: HardSharing, data: Sequence[TaskData], layout: int, steps: int, batch_size: int = 0) -> None:
        import jax  # pyright: ignore[reportMissingImports]
        import jax.numpy as jnp  # pyright: ignore[reportMissingImports]

        rng, n_seeds = np.random.default_rng(0), len(data)
        widths = [net.n_features, *net.n_hidden, sum(net.n_outputs)]
        sizes = list(zip(widths, widths[1:], strict=False))
        params = [
            (jnp.asarray(rng.standard_normal((n_seeds, i, o)) / i**0.5, jnp.float32), jnp.zeros((n_seeds, o), jnp.float32))
            for i, o in sizes
        ]
        x, y = (jnp.asarray(np.stack([getattr(d.train, name) for d in data]), jnp.float32) for name in "xy")
        n, tree = x.shape[1], jax.tree_util.tree_map

        def loss(p, x, y):
            for w, b in p[:-1]:
                x = jax.nn.relu(x @ w + b)
            return jnp.sum((x @ p[-1][0] + p[-1][1] - y) ** 2) / x.shape[0]

        def step(state, rows, x, y):
            p, m, v, t = state
            g = jax.grad(loss)(p, x, y) if rows is None else jax.grad(loss)(p, x[rows], y[rows])
            t = t + 1
            m = tree(lambda a, b: a + 0.1 * (b - a), m, g)
            v = tree(lambda a, b: 0.999 * a + 0.001 * b * b, v, g)
            scale = LR / (1 - 0.9**t)
            p = tree(lambda a, b, c: a - scale * b / (jnp.sqrt(c / (1 - 0.999**t)) + 1e-8), p, m, v)
            return (p, m, v, t), None

        def one_seed(args):
            p, x, y, *rows = args
            zeros = tree(jnp.zeros_like, p)
            return jax.lax.scan(partial(step, x=x, y=y), (p, zeros, zeros, 0.0), rows[0] if rows else None, length=steps)[0][0]

        self.args = (params, x, y)
        if batch_size:
            rows = np.stack([rng.permuted(np.tile(np.arange(n), (-(-steps * batch_size // n), 1)), axis=1).ravel() for _ in data])
            self.args += (jnp.asarray(rows[:, : steps * batch_size].reshape(n_seeds, steps, batch_size), jnp.int32),)
        every = jax.vmap(one_seed) if layout == 0 else partial(jax.lax.map, one_seed, batch_size=layout)
        self.compiled = jax.jit(lambda args: every(args)).lower(self.args).compile()
        self.wait = jax.block_until_ready

    def run(self) -> None:
        """All seeds, all steps."""
        self.wait(self.compiled(self.args))


def has_jax() -> bool:
    """Whether JAX can be imported."""
    from importlib.util import find_spec

    return "jax" in sys.modules or find_spec("jax") is not None
