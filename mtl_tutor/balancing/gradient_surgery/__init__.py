"""Jacobian [task param] -> direction [param]: one method per file."""
