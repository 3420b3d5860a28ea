"""Train what the playground's still picture shows, anew: python scripts/playground_still.py (some 10 seconds)."""

import json
from typing import Any

import numpy as np
from scipy.stats import t as student

from mtl_tutor.exercises._playground_nets import N_SEEDS, data_of, model_of, trained
from mtl_tutor.sharing import SingleTask
from mtl_tutor.training import predict
from mtl_tutor.widgets._playground_still import FILE, GRID, HIGHEST
from mtl_tutor.widgets.playground_setting import PRESETS, Setting

SETTING = Setting(**PRESETS["help"].setting)


def places() -> np.ndarray:
    """The middles of the pixels of a map, row by row from above, [place feature]."""
    side = (2 * np.arange(GRID) + 1) / GRID - 1
    return np.stack([np.tile(side, GRID), np.repeat(-side, GRID)], axis=1)


def pixels(values: np.ndarray) -> str:
    """A map in hexadecimal digits, two for each pixel; 0 is pale, ff is full colour."""
    return np.round(255 * np.clip((values / HIGHEST + 1) / 2, 0, 1)).astype(np.uint8).tobytes().hex()


def gain(joint: np.ndarray, alone: np.ndarray) -> list[float]:
    """Share of the single-task error saved, and its 95% interval over seeds, as the page calculates it."""
    ratio = joint.mean() / alone.mean()
    error = np.std(joint - ratio * alone) / alone.mean() / np.sqrt(len(joint) - 1)
    return [round(1 - ratio + k * student.ppf(0.975, len(joint) - 1) * error, 3) for k in (0, -1, 1)]


def measured(setting: Setting = SETTING) -> dict[str, Any]:
    """What the playground shows at the end of its training: each task's maps, curves and gain."""
    nets, histories = (model_of(setting), SingleTask.like(model_of(setting)).double()), trained(setting)
    answers = [predict(net, history, places()) for net, history in zip(nets, histories, strict=True)]
    joint, alone = (history.best() for history in histories)
    samples, tasks, ranks = data_of(setting, setting.seed).train, [], [round(share * (N_SEEDS - 1)) for share in (0.1, 0.516, 0.9)]
    for t in range(setting.tasks):
        known = np.isfinite(samples.y[:, t])
        asked = np.sqrt(2) * np.sin(np.pi * (1.5 * places()[:, 0] + t / setting.tasks))  # all waves run in the first direction
        labels = np.column_stack([samples.x, samples.y[:, t] > 0])[known]
        curves = [np.sort(history.error["test"][:, :, t], axis=0)[ranks] for history in histories]
        tasks.append(
            {
                "gain": gain(joint[:, t], alone[:, t]),
                "labels": labels.round(2).tolist(),
                "maps": [pixels(asked), *(pixels(answer[t][0, :, 0]) for answer in answers)],
                "curves": np.round(curves, 3).tolist(),
            }
        )
    return {"query": setting.query, "steps": histories[0].steps.tolist(), "tasks": tasks}


if __name__ == "__main__":
    FILE.write_text(json.dumps(measured()).replace('{"gain"', '\n{"gain"') + "\n", encoding="utf-8")
