"""A package, so that worker processes find our tests: old IPython puts a folder with a package `tests` on the path."""
