"""`/api/tidy`: misplaced strokes moved to where they belong."""

from fastapi import APIRouter

from inkseek.server.schema import TidyAnswer, TidyRequest
from inkseek.server.service import Service


def make_router(service: Service) -> APIRouter:
    """The route of tidying."""
    router = APIRouter(tags=["sketches"])

    @router.post("/api/tidy")
    def tidy(request: TidyRequest) -> TidyAnswer:
        """The strokes of a drawing, each as it is but perhaps elsewhere, and how far each moved.

        Only where the service was started with a model for it; `can_tidy` of the library says so.
        """
        return service.tidying.tidy(request.sketch)

    return router
