"""Curves that no net was trained on, and the answers of trained nets once they are given a code for them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from mtl_tutor.experiments.sharing.conditioning.code_nets import codes_of
from mtl_tutor.results import History
from mtl_tutor.tasks import Samples, Task, TaskData
from mtl_tutor.tasks._planted import Planted

GRID = 41  # codes along each side of the square that is searched


def film_answers(
    history: History, codes: Float[np.ndarray, "seed point param"], x: Float[np.ndarray, "seed *point sample"]
) -> Float[np.ndarray, "seed point sample"]:
    """Predict for every code: FiLM, which scales and shifts each hidden unit before its ReLU."""
    p = {name: values.astype(float) for name, values in history.parameters.items() if not name.startswith("codes.")}
    scale, shift = np.split(np.einsum("shc,spc->sph", p["films.0.weight"], codes), 2, axis=2)
    x = x[:, None] if x.ndim == 2 else x
    h = x[..., None] * p["layers.0.0.weight"][:, None, None, :, 0] + p["layers.0.0.bias"][:, None, None]
    h = np.maximum((1 + scale)[:, :, None] * h + shift[:, :, None], 0.0)
    return np.einsum("spnh,sh->spn", h, p["heads.0.weight"][:, 0]) + p["heads.0.bias"][:, None]


@dataclass(frozen=True, eq=False)
class NewCurves:
    """Some curves of each seed that its net was not trained on, and a few noisy points on each.

    Attributes
    ----------
    code : Float[np.ndarray, "seed task param"]
        ``a cos φ`` and ``a sin φ`` of ``a sin(frequency · x + φ)``.
    x : Float[np.ndarray, "seed sample"]
        Test inputs.
    y : Float[np.ndarray, "seed task sample"]
        The curves there, without noise.
    x_few, y_few : Float[np.ndarray, "seed task row"]
        The labelled points.
    """

    code: Float[np.ndarray, "seed task param"]
    x: Float[np.ndarray, "seed sample"]
    y: Float[np.ndarray, "seed task sample"]
    x_few: Float[np.ndarray, "seed task row"]
    y_few: Float[np.ndarray, "seed task row"]

    def errors(self, answers: Float[np.ndarray, "seed task sample"]) -> Float[np.ndarray, "seed"]:
        """Mean squared error over curves and points."""
        return ((answers - self.y) ** 2).mean(axis=(1, 2))

    def data(self, row: int) -> TaskData:
        """Make one seed's curves tasks to train on: half of the labelled points for training, half for validation."""
        n_tasks, n = self.x_few[row].shape

        def samples(half: slice) -> Samples:
            x, y = self.x_few[row, :, half], self.y_few[row, :, half]
            own = np.repeat(np.eye(n_tasks, dtype=bool), x.shape[1], axis=0)
            return Samples(x.reshape(-1, 1), np.where(own, y.reshape(-1, 1), np.nan))

        tasks = tuple(Task(f"new {task + 1}") for task in range(n_tasks))
        return TaskData(tasks, samples(slice(n // 2)), samples(slice(n // 2, None)), Samples(self.x[row, :, None], self.y[row].T))


def new_curves(
    planted: Sequence[Planted], seeds: Sequence[int], *, n_few: int, noise: float, amplitude: float | None = None, frequency: float = 1.0
) -> NewCurves:
    """Draw a few noisy points on each seed's new curves, which have their own amplitudes or all a given one."""
    a = np.stack(
        [one.truth["new_amplitude"] if amplitude is None else np.full_like(one.truth["new_amplitude"], amplitude) for one in planted]
    )
    phase = np.stack([one.truth["new_phase"] for one in planted])
    x = np.stack([one.data.splits()["test"].x[:, 0] for one in planted])
    drawn = [np.random.default_rng([seed, 0x2E5]) for seed in seeds]
    few = [(rng.uniform(-np.pi, np.pi, (a.shape[1], n_few)), rng.normal(size=(a.shape[1], n_few))) for rng in drawn]
    x_few, wrong = (np.stack(parts) for parts in zip(*few, strict=True))

    def ask(x: np.ndarray) -> np.ndarray:
        return a[..., None] * np.sin(frequency * x + phase[..., None])

    code = np.stack([a * np.cos(phase), a * np.sin(phase)], axis=2)
    return NewCurves(code, x, ask(x[:, None]), x_few, ask(x_few) + noise * wrong)


def told(history: History, planted: Sequence[Planted], codes: Float[np.ndarray, "seed task param"]) -> Float[np.ndarray, "seed task param"]:
    """Map new curves' planted codes to learned ones, by the linear map that fits the trained curves' best."""
    given = []
    for one, learned, new in zip(planted, codes_of(history), codes, strict=True):
        known = one.truth["code"]
        design = np.column_stack([known, np.ones(len(known))])
        given.append(np.column_stack([new, np.ones(len(new))]) @ np.linalg.lstsq(design, learned, rcond=None)[0])
    return np.stack(given)


def nearest(
    history: History, planted: Sequence[Planted], codes: Float[np.ndarray, "seed task param"]
) -> Float[np.ndarray, "seed task param"]:
    """Give new curves the code of the trained curve whose planted code is nearest."""
    near = [((one.truth["code"][None] - new[:, None]) ** 2).sum(axis=2).argmin(axis=1) for one, new in zip(planted, codes, strict=True)]
    return np.stack([learned[chosen] for learned, chosen in zip(codes_of(history), near, strict=True)])


def found(history: History, new: NewCurves, n_labels: int) -> Float[np.ndarray, "seed task param"]:
    """Search the code that fits a curve's first labels best, on a square half as wide again as the trained codes."""
    learned = codes_of(history)
    middle = (learned.max(axis=1) + learned.min(axis=1)) / 2
    reach = 1.5 * np.abs(learned - middle[:, None]).max(axis=(1, 2))
    square = np.stack(np.meshgrid(*[np.linspace(-1, 1, GRID)] * 2), axis=-1).reshape(1, -1, 2)
    tried = middle[:, None] + reach[:, None, None] * square
    best = []
    for task in range(new.x_few.shape[1]):
        answers = film_answers(history, tried, new.x_few[:, task, :n_labels])
        best.append(((answers - new.y_few[:, None, task, :n_labels]) ** 2).mean(axis=2).argmin(axis=1))
    return np.take_along_axis(tried, np.stack(best, axis=1)[..., None], axis=1)
