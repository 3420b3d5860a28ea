"""Losses [task] -> weights [task]: one method per file."""
