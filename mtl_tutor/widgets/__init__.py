"""Results that answer: ``show`` a figure, ``explore`` a function, ``record`` one that is slow. Imports no torch."""

from mtl_tutor.widgets.explorer import Explorer, explore, record
from mtl_tutor.widgets.figures import Still, show

__all__ = ["Explorer", "Still", "explore", "record", "show"]
