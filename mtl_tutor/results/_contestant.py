"""One row of a comparison. Imports no torch."""

from dataclasses import dataclass

from mtl_tutor.statistics import Interval


@dataclass(frozen=True, repr=False)
class Contestant:
    """One way of sharing, with its errors, gains and cost.

    Attributes
    ----------
    name : str
        The architecture or recipe, and the way of balancing where there are several.
    error : tuple[Interval, ...] | None
        Per task, the mean test error over seeds: mean squared error in the label's unit squared, or
        the error rate.
    gain : Interval | None
        Relative gain over single-task nets, averaged over tasks (Delta_m): 0.1 is a tenth less
        error, negative is harm.
    gains : tuple[Interval | None, ...] | None
        The same, per task; None for a task that is left out, because its labels are constant or the
        single-task nets make no error on it.
    worst : str
        The task with the smallest gain.
    parameters, multiply_adds : int
        Number of parameters, and multiply-adds for the outputs of one sample.
    settings : tuple[float, ...]
        The learning rate or strength that validation chose; one per task where the tasks share
        nothing, none where there was nothing to choose.
    diverged : int
        Seeds whose training diverged. They are left out of the intervals; if all did, the intervals
        are None.
    n_hidden : tuple[int, ...]
        Widths of a network's hidden layers; empty for what is no network.
    is_reference : bool
        Whether it shares nothing and stands in the table for comparison: a linear model, the mean.
    """

    name: str
    error: tuple[Interval, ...] | None
    gain: Interval | None
    gains: tuple[Interval | None, ...] | None
    worst: str
    parameters: int
    multiply_adds: int
    settings: tuple[float, ...]
    diverged: int
    n_hidden: tuple[int, ...] = ()
    is_reference: bool = False

    def __repr__(self) -> str:
        return f"Contestant({self.name!r}, gain: {self.gain})"
