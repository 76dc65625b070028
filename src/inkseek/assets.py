"""What ships with the package: the trained models and the sample gallery.

An installed wheel holds them in ``inkseek/shipped``; a checkout at its root.
"""

from pathlib import Path

from inkseek.errors import InkseekError

PACKAGE = Path(__file__).parent
PLACES = (PACKAGE / "shipped", PACKAGE.parents[1])


def find_asset(name: str) -> Path:
    """The folder of an asset, such as ``models/default`` or ``samples``.

    Raises:
        InkseekError: It did not come with this installation.
    """
    for place in PLACES:
        if (place / name).is_dir():
            return place / name
    raise InkseekError(
        f"no {name} in {PLACES[0]} or {PLACES[1]}; reinstall inkseek, or pass a folder instead"
    )
