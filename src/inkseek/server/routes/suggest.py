"""`/api/suggest`: drawings that one may have meant."""

from fastapi import APIRouter

from inkseek.server.schema import SketchesAnswer, SuggestRequest
from inkseek.server.service import Service


def make_router(service: Service) -> APIRouter:
    """The route of suggestions."""
    router = APIRouter(tags=["sketches"])

    @router.post("/api/suggest")
    def suggest(request: SuggestRequest) -> SketchesAnswer:
        """A few drawings in place of one that is whole or only begun, the likeliest first.

        Only where the service was started with a model for it; `can_suggest` of the library says
        so. The same drawing and seed give the same answer.
        """
        return service.suggesting.suggest(request.sketch, request.count, request.seed)

    return router
