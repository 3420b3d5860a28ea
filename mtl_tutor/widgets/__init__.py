"""Interactive results: ``show`` a figure, ``explore`` a function, ``record`` a slow one; the ``AtlasMap``, the ``playground``,
``two_gradients`` to drag, and ``landscapes`` to descend.

Imports no torch.
"""

from mtl_tutor.widgets.atlas import AtlasMap
from mtl_tutor.widgets.explorer import Explorer, explore, record
from mtl_tutor.widgets.figures import Still, show
from mtl_tutor.widgets.landscapes import Landscapes, landscapes
from mtl_tutor.widgets.playground import Playground, playground
from mtl_tutor.widgets.two_gradients import TwoGradients, two_gradients

__all__ = [
    "AtlasMap",
    "Explorer",
    "Landscapes",
    "Playground",
    "Still",
    "TwoGradients",
    "explore",
    "landscapes",
    "playground",
    "record",
    "show",
    "two_gradients",
]
