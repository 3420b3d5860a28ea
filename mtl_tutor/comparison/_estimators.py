"""From a network of a comparison to an estimator that is set up like it."""

from collections.abc import Sequence
from typing import Any

from mtl_tutor.comparison._entries import Found
from mtl_tutor.recipes import Network
from mtl_tutor.tasks import Task
from mtl_tutor.tasks._samples import Kind
from mtl_tutor.training import Adam


def is_network(found: Found) -> bool:
    """Whether what was chosen is a network, which alone can become an estimator."""
    return all(isinstance(cell.recipe, Network) for cell in found.cells)


def estimator_of(tasks: Sequence[Task], found: Found, task: int | None) -> Any:
    """Set up a net as validation chose it for a task, or for all tasks together.

    Raises
    ------
    ValueError
        It was trained with another optimiser than `MultiTaskNet` has.
    """
    from mtl_tutor.estimator import MultiTaskNet  # scikit-learn takes a second to import, so only when needed

    number = -1 if task is None else task
    (recipe, plan, lr), widths = found.cells[number], found.widths[number]
    if plan.optimizer != Adam():
        raise ValueError(f"`optimizer` must be Adam() for a MultiTaskNet like the winner; the comparison used {plan.optimizer}.")
    kinds: list[Kind] = [one.kind for one in tasks]
    return MultiTaskNet(
        recipe.build,  # type: ignore[attr-defined]
        plan.method,
        kinds=kinds[0] if len(set(kinds)) == 1 else kinds,
        n_hidden=widths[0] if len(widths) == 1 else widths,
        lr=lr,
        steps=plan.steps,
        batch_size=plan.batch_size,
        weight_decay=plan.weight_decay,
    )
