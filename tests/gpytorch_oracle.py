"""The model of `MultiTaskGP` in GPyTorch, to compare with."""

import warnings
from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np
import torch

from mtl_tutor.sharing.coregionalisation import Coregionalisation
from mtl_tutor.sharing.gaussian_process import units_of

with warnings.catch_warnings():  # its solvers are torch.jit scripts
    warnings.filterwarnings("ignore", message=r"`torch\.jit\.script", category=DeprecationWarning)
    import gpytorch


def gpytorch_fit(begin: Coregionalisation, x, y, *, steps: int = 0, lr: float = 0.1) -> SimpleNamespace:
    """Train from `begin` by Adam, on labels of variance 1 per task; answer `x_new` in the labels' units.

    Has `log_likelihood`, `model` (a Coregionalisation), and `predict` and `variance` as `GPFit`.
    """
    _, scale = units_of(y)
    task, sample = np.nonzero(~np.isnan(y.T))
    labels = torch.from_numpy((y[sample, task] - begin.mean[task]) / scale[task])
    process = _process(_pairs(x[sample], task), labels, begin.in_units(1 / scale, -begin.mean / scale))
    log_likelihood = _train(process, steps, lr) - float(np.log(scale)[task].sum())

    def posterior(x_new, t):
        with torch.no_grad(), _exact():
            return process(_pairs(x_new, np.full(len(x_new), t)))

    def predict(x_new):
        return [begin.mean[t] + scale[t] * posterior(x_new, t).mean.numpy()[:, None] for t in range(len(scale))]

    def variance(x_new):
        return [scale[t] ** 2 * posterior(x_new, t).variance.numpy()[:, None] for t in range(len(scale))]

    model = _learned(process).in_units(scale, begin.mean)
    return SimpleNamespace(log_likelihood=log_likelihood, model=model, predict=predict, variance=variance)


@contextmanager
def _exact():
    cholesky = gpytorch.settings.fast_computations(covar_root_decomposition=False, log_prob=False, solves=False)
    asked_at_samples = gpytorch.settings.debug(False)  # else it warns that these are the training samples
    unchecked = torch.sparse.check_sparse_tensor_invariants(False)  # else torch warns that GPyTorch left this open
    with cholesky, asked_at_samples, unchecked:
        yield


def _pairs(x, task) -> torch.Tensor:
    return torch.from_numpy(np.column_stack([x, task]).astype(float))


class _TaskProcess(gpytorch.models.ExactGP):
    def forward(self, pairs):
        return gpytorch.distributions.MultivariateNormal(self.mean_module(pairs), self.covar_module(pairs))


def _process(pairs: torch.Tensor, labels: torch.Tensor, begin: Coregionalisation) -> _TaskProcess:
    n_tasks, rank = begin.mixing.shape
    n_features = pairs.shape[1] - 1
    with torch.random.fork_rng(devices=[]):  # IndexKernel draws a start of its own
        tasks = gpytorch.kernels.IndexKernel(n_tasks, rank, active_dims=[n_features])
    inputs = gpytorch.kernels.RBFKernel(active_dims=range(n_features))
    positive = gpytorch.constraints.Positive()  # the default, at least 1e-4, would move a start of smaller noise
    likelihood = gpytorch.likelihoods.HadamardGaussianLikelihood(n_tasks, noise_constraint=positive, task_feature_index=-1)
    process = _TaskProcess(pairs, labels, likelihood)
    process.mean_module, process.covar_module = gpytorch.means.ZeroMean(), inputs * tasks
    process.double()
    tasks.initialize(covar_factor=torch.from_numpy(begin.mixing.copy()), var=torch.from_numpy(begin.own.copy()))
    inputs.initialize(lengthscale=torch.tensor(begin.length_scale, dtype=torch.float64))
    likelihood.initialize(noise=torch.from_numpy(begin.noise.copy()))
    return process


def _train(process: _TaskProcess, steps: int, lr: float) -> float:
    """Return the log density of the labels at the end."""
    pairs, labels = process.train_inputs[0], process.train_targets
    density = gpytorch.mlls.ExactMarginalLogLikelihood(process.likelihood, process)  # per label
    optimizer = torch.optim.Adam(process.parameters(), lr=lr)
    process.train()
    for _ in range(steps):
        optimizer.zero_grad()
        with _exact():
            (-density(process(pairs), labels, [pairs])).backward()
        optimizer.step()
    with torch.no_grad(), _exact():
        found = float(density(process(pairs), labels, [pairs])) * len(labels)
    process.eval()
    return found


def _learned(process: _TaskProcess) -> Coregionalisation:
    inputs, tasks = process.covar_module.kernels
    mixing, own, noise = (value.detach().numpy() for value in (tasks.covar_factor, tasks.var, process.likelihood.noise))
    return Coregionalisation(mixing, own, noise, inputs.lengthscale.item(), np.zeros(len(own)))
