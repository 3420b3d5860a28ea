"""Stitches between the layers of two nets: cross-stitch, sluice, NDDR; and trees of tasks."""
