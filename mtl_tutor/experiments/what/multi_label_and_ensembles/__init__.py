"""Exclusive labels are not independent tasks; predictions of several outputs can be combined."""
