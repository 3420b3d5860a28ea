"""Gramian [task task] -> weights [task], or Jacobian [task param] -> direction [param], with a state: one method per file."""
