"""Interactive results: ``show`` a figure, ``explore`` a function, ``record`` a slow one; the ``AtlasMap``.

Imports no torch.
"""

from mtl_tutor.widgets.atlas import AtlasMap
from mtl_tutor.widgets.explorer import Explorer, explore, record
from mtl_tutor.widgets.figures import Still, show

__all__ = ["AtlasMap", "Explorer", "Still", "explore", "record", "show"]
