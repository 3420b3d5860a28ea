"""Losses [task], state -> weights [task], state: one method per file."""
