"""`/api/model`: the served model, for an encoder that runs in the browser."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from inkseek.card import ModelCard, read_checked
from inkseek.errors import ModelError
from inkseek.search import Searcher
from inkseek.server.problems import NotFoundError

LASTING = "private, max-age=31536000, immutable"
NETWORK: dict[int | str, dict[str, Any]] = {
    200: {"description": "The network", "content": {"application/octet-stream": {}}}
}


def make_router(searcher: Searcher) -> APIRouter:
    """The routes of the model."""
    router = APIRouter(tags=["model"])
    card = searcher.encoder.card

    @router.get("/api/model/card")
    def show_card() -> ModelCard:
        """What the model says of itself, with the SHA-256 of each file."""
        return card

    @router.get("/api/model/{name}", response_class=Response, responses=NETWORK)
    def show_network(
        name: str, request: Request, digest: Annotated[str | None, Query(max_length=64)] = None
    ) -> Response:
        """A network of the model: `student.onnx`, `student.int8.onnx`, `selector.onnx` if any.

        With `digest`, its SHA-256 on the card, the answer may be kept for ever.
        """
        if not name.endswith(".onnx") or name not in card.files:
            raise NotFoundError(f"model {card.name} has no network {name[:80]}; see its card")
        if digest not in {None, card.files[name]}:
            raise NotFoundError(f"{name} has changed since; load the card again")
        headers = {
            "ETag": f'"{card.files[name]}"',
            "Cache-Control": LASTING if digest else "no-cache",
        }
        if headers["ETag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if searcher.encoder.folder is None:
            raise ModelError("this model was not loaded from a folder, so it has no files to send")
        content = read_checked(searcher.encoder.folder, name, card)
        return Response(content, media_type="application/octet-stream", headers=headers)

    return router
