"""What every table shares."""

from collections.abc import Mapping


def interval(figure: Mapping[str, float]) -> str:
    """A mean with its interval."""
    return f"{figure['mean']:.3f} [{figure['low']:.3f}, {figure['high']:.3f}]"


def rule(columns: int) -> str:
    """The line under a table's head."""
    return "|---" * columns + "|"
