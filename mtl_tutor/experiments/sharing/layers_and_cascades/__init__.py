"""Layers and cascades: at which layer an auxiliary task is asked."""
