"""Interactive results: ``show`` a figure, ``explore`` a function, ``record`` a slow one.

Imports no torch.
"""

from mtl_tutor.widgets.explorer import Explorer, explore, record
from mtl_tutor.widgets.figures import Still, show

__all__ = ["Explorer", "Still", "explore", "record", "show"]
