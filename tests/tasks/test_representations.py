"""What a notebook shows for data: a line, not its arrays."""

import numpy as np

from mtl_tutor.tasks import Samples, TaskData


def test_representations_are_a_line() -> None:
    y = {"price": [7, None, 9, 1.5], "sold": ["no", "yes", "no", "no"]}
    data = TaskData.from_arrays(np.arange(8.0).reshape(4, 2), y, kinds={"sold": "binary"}, groups=[1, 1, 2, 2])
    assert repr(data) == "TaskData: tasks price (regression), sold (binary); 2 features; samples: 4 train"
    assert repr(data.train) == "Samples: x (4, 2), y (4, 2), 1 label missing, 2 groups"
    assert repr(Samples(np.zeros((2, 1)), np.zeros((2, 1)))) == "Samples: x (2, 1), y (2, 1), no labels missing"
    assert repr(data.scaled()[1]) == "Scaling: 2 features; tasks price, sold"
