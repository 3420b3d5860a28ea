"""Experiments of the part "Sharing": which parameters tasks share, and how."""
