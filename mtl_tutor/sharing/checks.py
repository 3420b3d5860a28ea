"""Checks of settings."""


def check_least(name: str, value: float, least: float = 1) -> None:
    """Require `value` >= `least`.

    Raises
    ------
    ValueError
        The value is smaller, or not a number.
    """
    if not value >= least:
        raise ValueError(f"`{name}` must be at least {least}; got {value}.")
