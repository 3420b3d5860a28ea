"""The same Gaussian process in GPyTorch, for those who want its kernels, its solvers or a GPU afterwards."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int

from mtl_tutor.sharing.coregionalisation import Coregionalisation
from mtl_tutor.sharing.gaussian_process import MultiTaskGP, check_labels, units_of


@dataclass(frozen=True)
class GPyTorchGP:
    """Learn how alike the tasks are, as `MultiTaskGP` does, with a model of GPyTorch's that a reader
    can take apart.

    Needs the extra `gp`: pip install "mtl-tutor[gp]".

    Parameters
    ----------
    rank : int
        Columns of A: how many functions the tasks mix.
    steps : int
        Of Adam; 0 keeps the start.
    lr : float
        Its learning rate.
    seed : int
        Decides the start, which is the first of `MultiTaskGP`.

    Raises
    ------
    ValueError
        A rank below 1, steps below 0, or a learning rate that isn't positive.

    Notes
    -----
    Source: Bonilla, Chai & Williams (2008), as GPyTorch's IndexKernel has it (B = A A' + diag(v)).

    Departures: Adam instead of EM; one start; the labels are brought to variance 1 per task before,
    and back afterwards.
    """

    rank: int = 1
    steps: int = 200
    lr: float = 0.1
    seed: int = 0

    def __post_init__(self) -> None:
        if not (self.rank >= 1 and self.steps >= 0 and self.lr > 0):
            raise ValueError(f"`rank` must be at least 1, `steps` 0 and `lr` positive; got {self.rank}, {self.steps} and {self.lr}.")

    def fit(
        self,
        x: Float[np.ndarray, "sample feature"],
        y: Float[np.ndarray, "sample task"],
        *,
        kinds: Sequence[str] | None = None,
        start: Coregionalisation | None = None,
    ) -> "GPyTorchFit":
        """Search from the start for a model under which the labels are probable, and condition it on
        them.

        Parameters
        ----------
        x : Float[np.ndarray, "sample feature"]
            As in `MultiTaskGP.fit`.
        y : Float[np.ndarray, "sample task"]
            As in `MultiTaskGP.fit`.
        kinds : Sequence[str] | None
            As in `MultiTaskGP.fit`.
        start : Coregionalisation | None
            A model to begin with, in the labels' units; one drawn at random when not given. Its
            means stay.

        Raises
        ------
        ImportError
            GPyTorch isn't installed.
        ValueError
            As in `MultiTaskGP.fit`.
        """
        gpytorch = _gpytorch()
        check_labels(x, y, kinds=kinds, rank=self.rank)
        mean, scale = units_of(y)
        begin = start or MultiTaskGP(self.rank, seed=self.seed).start(x, (y - mean) / scale).in_units(scale, mean)
        task, sample = np.nonzero(~np.isnan(y.T))
        labels = torch.from_numpy((y[sample, task] - begin.mean[task]) / scale[task])
        model = _process(gpytorch, _pairs(x[sample], task), labels, begin.in_units(1 / scale, -begin.mean / scale))
        _train(gpytorch, model, self.steps, self.lr)
        return GPyTorchFit(model.eval(), begin.mean, scale)


@dataclass(frozen=True, eq=False)
class GPyTorchFit:
    """A trained model of GPyTorch's, answering in the labels' units.

    Attributes
    ----------
    model : Any
        Its ExactGP of inputs with the task's index as their last column, and of labels of mean 0
        and variance 1; `model.covar_module.kernels` are one over inputs and one over tasks.
    mean, scale : Float[np.ndarray, "task"]
        Of each task's labels.
    """

    model: Any
    mean: Float[np.ndarray, "task"]
    scale: Float[np.ndarray, "task"]

    @property
    def log_likelihood(self) -> float:
        """How probable the labels were (log density, in the labels' units)."""
        gpytorch, pairs = _gpytorch(), self.model.train_inputs[0]
        with torch.no_grad(), _exact(gpytorch), gpytorch.settings.prior_mode(True):
            density = self.model.likelihood(self.model(pairs), [pairs]).log_prob(self.model.train_targets)
        return float(density) - float(np.log(self.scale)[pairs[:, -1].long().numpy()].sum())

    def predict(self, x: Float[np.ndarray, "sample feature"]) -> list[Float[np.ndarray, "sample 1"]]:
        """Answer every task with its posterior mean."""
        answers = [self._posterior(x, task).mean.numpy()[:, None] for task in range(len(self.mean))]
        return [m + s * answer for m, s, answer in zip(self.mean, self.scale, answers, strict=True)]

    def variance(self, x: Float[np.ndarray, "sample feature"]) -> list[Float[np.ndarray, "sample 1"]]:
        """Doubt left in each answer, label noise not counted."""
        return [s**2 * self._posterior(x, task).variance.numpy()[:, None] for task, s in enumerate(self.scale)]

    def inspect(self) -> dict[str, np.ndarray]:
        """Who resembles whom: task covariance B and its correlations, length scale, noise variances."""
        return self.learned().inspect()

    def learned(self) -> Coregionalisation:
        """Say in our own terms, and the labels' units, what GPyTorch holds."""
        inputs, tasks = self.model.covar_module.kernels
        mixing, own, noise = (value.detach().numpy() for value in (tasks.covar_factor, tasks.var, self.model.likelihood.noise))
        unscaled = Coregionalisation(mixing, own, noise, inputs.lengthscale.item(), np.zeros(len(own)))
        return unscaled.in_units(self.scale, self.mean)

    def _posterior(self, x: Float[np.ndarray, "sample feature"], task: int) -> Any:
        with torch.no_grad(), _exact(_gpytorch()):
            return self.model(_pairs(x, np.full(len(x), task)))


def _gpytorch() -> ModuleType:
    try:
        with warnings.catch_warnings():  # its solvers are still torch.jit scripts, which is no news to a reader
            warnings.filterwarnings("ignore", message=r"`torch\.jit\.script", category=DeprecationWarning)
            import gpytorch
    except ImportError as error:
        raise ImportError('`GPyTorchGP` must have GPyTorch; it is not installed. Try: pip install "mtl-tutor[gp]"') from error
    return gpytorch


@contextmanager
def _exact(gpytorch: ModuleType) -> Iterator[None]:
    cholesky = gpytorch.settings.fast_computations(covar_root_decomposition=False, log_prob=False, solves=False)
    asked_at_samples = gpytorch.settings.debug(False)  # else it warns that these are the training samples
    unchecked = torch.sparse.check_sparse_tensor_invariants(False)  # else torch warns that GPyTorch left this open
    with cholesky, asked_at_samples, unchecked:
        yield


def _pairs(x: Float[np.ndarray, "sample feature"], task: Int[np.ndarray, "sample"]) -> torch.Tensor:
    return torch.from_numpy(np.column_stack([x, task]).astype(float))


def _process(gpytorch: ModuleType, pairs: torch.Tensor, labels: torch.Tensor, begin: Coregionalisation) -> Any:
    class TaskProcess(gpytorch.models.ExactGP):
        def forward(self, pairs: torch.Tensor) -> Any:
            return gpytorch.distributions.MultivariateNormal(self.mean_module(pairs), self.covar_module(pairs))

    kernels, (n_tasks, rank), n_features = gpytorch.kernels, begin.mixing.shape, pairs.shape[1] - 1
    with torch.random.fork_rng(devices=[]):  # IndexKernel draws a start of its own
        tasks = kernels.IndexKernel(n_tasks, rank, active_dims=[n_features])
    inputs = kernels.RBFKernel(active_dims=range(n_features))
    positive = gpytorch.constraints.Positive()  # the default, at least 1e-4, would move a start of smaller noise
    likelihood = gpytorch.likelihoods.HadamardGaussianLikelihood(n_tasks, noise_constraint=positive, task_feature_index=-1)
    model = TaskProcess(pairs, labels, likelihood)
    model.mean_module, model.covar_module = gpytorch.means.ZeroMean(), inputs * tasks
    mixing, own, noise = (torch.from_numpy(value.copy()) for value in (begin.mixing, begin.own, begin.noise))
    model.double()
    tasks.initialize(covar_factor=mixing, var=own)
    inputs.initialize(lengthscale=torch.tensor(begin.length_scale, dtype=torch.float64))
    likelihood.initialize(noise=noise)
    return model


def _train(gpytorch: ModuleType, model: Any, steps: int, lr: float) -> None:
    density = gpytorch.mlls.ExactMarginalLogLikelihood(model.likelihood, model)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    model.train()
    for _ in range(steps):
        optimizer.zero_grad()
        with _exact(gpytorch):
            (-density(model(*model.train_inputs), model.train_targets, model.train_inputs)).backward()
        optimizer.step()
