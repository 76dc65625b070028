"""`inkseek mcp`: searching as tools of an assistant, over standard input and output."""

from inkseek.cli.options import GalleryOption, ModelOption
from inkseek.errors import InkseekError


def mcp(gallery: GalleryOption = None, model: ModelOption = "default") -> None:
    """Serve the tools search_photos and explain_match to an assistant (Model Context Protocol)."""
    try:
        from inkseek.mcp import make_server
    except ModuleNotFoundError as error:
        raise InkseekError(
            f"{error.name} is not installed; install it with `pip install 'inkseek[mcp]'`"
        ) from error
    from inkseek.gallery.store import default_gallery
    from inkseek.search import Searcher

    make_server(Searcher.open(gallery or default_gallery(), model=model)).run("stdio")
