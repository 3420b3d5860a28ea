"""Linear tasks with a penalty that ties them."""

from collections.abc import Callable
from dataclasses import dataclass

from mtl_tutor.checks import checked
from mtl_tutor.recipes._base import TrainingConfig
from mtl_tutor.recipes._fits import Answers, Fit
from mtl_tutor.sharing import Cost
from mtl_tutor.sharing.regularised import Regularised
from mtl_tutor.tasks import TaskData
from mtl_tutor.tasks._samples import Kind


@checked
@dataclass(frozen=True)
class Linear(Fit):
    """Linear tasks, with a penalty on how their weights may differ.

    Attributes
    ----------
    family : Callable[[float], Regularised]
        From a strength to a penalty: `TraceNorm`, or a function that sets further parameters of it.
    strengths : tuple[float, ...]
        Strengths to try.

    Examples
    --------
    >>> from mtl_tutor.sharing.regularised import TraceNorm
    >>> Linear(TraceNorm).name
    'TraceNorm'
    """

    family: Callable[[float], Regularised]
    strengths: tuple[float, ...] = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)

    @property
    def name(self) -> str:
        """The penalty's name."""
        return type(self.family(self.strengths[0])).__name__

    def settings(self, plan: TrainingConfig) -> tuple[float, ...]:
        """The strengths."""
        return self.strengths

    def fitted(self, data: TaskData, setting: float) -> Answers:
        """Fit the training samples with this strength."""
        kinds: list[Kind] = [task.kind for task in data.tasks]
        return self.family(setting).fit(data.train.x, data.train.y, kinds=kinds, n_outputs=data.n_outputs).predict

    @checked
    def cost(self, data: TaskData, plan: TrainingConfig) -> Cost:
        """One weight per input and output, and an intercept per output."""
        n = sum(data.n_outputs)
        return Cost(n * (data.n_features + 1), n * data.n_features)
