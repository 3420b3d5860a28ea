"""Multi-task learning you can run: tasks, ways of sharing, ways of balancing, and the experiments of the book.

Importing this package loads neither torch nor matplotlib; a room does so when it is entered
(``from mtl_tutor.training import train``).
"""

__version__ = "0.1.0"
