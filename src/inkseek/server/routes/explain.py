"""`/api/explain`: why a photo was found."""

from fastapi import APIRouter

from inkseek.server.schema import ExplainRequest, Explanation
from inkseek.server.service import Service
from inkseek.server.sketches import to_sketch


def make_router(service: Service) -> APIRouter:
    """The route of explanations."""
    router = APIRouter(tags=["search"])

    @router.post("/api/explain")
    def explain(request: ExplainRequest) -> Explanation:
        """How much each stroke adds to the similarity of a photo, and which part of it it meets."""
        return service.explanations.explain(to_sketch(request.sketch), request.photo_id)

    return router
