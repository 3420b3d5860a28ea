"""Run any experiment, or compare ways of sharing, from the command line: ``python -m mtl_tutor``."""

import sys

from mtl_tutor.cli import main

if __name__ == "__main__":
    sys.exit(main())
