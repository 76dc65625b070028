"""Draw it, find it: search photos with a sketch.

The few names a user needs. They load on first use, so that `import inkseek` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inkseek.encoder import Encoder
    from inkseek.gallery.store import Gallery
    from inkseek.search import Searcher
    from inkseek.strokes.readers import read_sketch
    from inkseek.strokes.sketch import Sketch

__all__ = ["Encoder", "Gallery", "Searcher", "Sketch", "__version__", "read_sketch"]

_HOMES = {
    "Encoder": "inkseek.encoder",
    "Gallery": "inkseek.gallery.store",
    "Searcher": "inkseek.search",
    "Sketch": "inkseek.strokes.sketch",
    "read_sketch": "inkseek.strokes.readers",
}


def __getattr__(name: str) -> object:
    if name == "__version__":
        # Thirty milliseconds of imports, which a search has no use for.
        from importlib.metadata import version

        return version("inkseek")
    if name not in _HOMES:
        raise AttributeError(f"module 'inkseek' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
