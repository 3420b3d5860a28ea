"""All rooms with their public doors. A new room is a function that lists its doors, and a line here."""

from collections.abc import Callable

from tests.fuzz import data_doors, doors, picture_doors, trained_doors
from tests.fuzz.doors import Door

ROOMS: dict[str, Callable[[], list[Door]]] = {
    "tasks": doors.task_doors,
    "sharing": doors.sharing_doors,
    "regularised": doors.regularised_doors,
    "statistics": doors.statistics_doors,
    "recipes": doors.recipe_doors,
    "exercises": doors.exercise_doors,
    "training": trained_doors.training_doors,
    "balancing": trained_doors.balancing_doors,
    "estimator": trained_doors.estimator_doors,
    "comparison": trained_doors.comparison_doors,
    "metrics": trained_doors.metric_doors,
    "results": picture_doors.result_doors,
    "plots": picture_doors.plot_doors,
    "widgets": picture_doors.widget_doors,
    "own data": data_doors.own_data_doors,
    "files": data_doors.file_doors,
    "command line": data_doors.command_doors,
}
