"""Interactive results: ``show`` a figure, ``explore`` a function, ``record`` a slow one; the ``AtlasMap``, the ``playground``.

Imports no torch.
"""

from mtl_tutor.widgets.atlas import AtlasMap
from mtl_tutor.widgets.explorer import Explorer, explore, record
from mtl_tutor.widgets.figures import Still, show
from mtl_tutor.widgets.playground import Playground, playground

__all__ = ["AtlasMap", "Explorer", "Playground", "Still", "explore", "playground", "record", "show"]
