"""Results that answer: ``show`` a figure, ``explore`` a function, ``record`` one that is slow. Imports no torch."""

from mtl_tutor.widgets._grid import manifest_of, point_of
from mtl_tutor.widgets._recording import Recording
from mtl_tutor.widgets.explorer import Explorer, explore, record
from mtl_tutor.widgets.figures import Still, show

__all__ = ["Explorer", "Still", "explore", "record", "show"]
