"""`/api/generate`, `/api/interpolate`, `/api/categories`: new drawings by the model of `--tidy`."""

from fastapi import APIRouter

from inkseek.server.schema import Category, GenerateRequest, InterpolateRequest, SketchesAnswer
from inkseek.server.service import Service


def make_router(service: Service) -> APIRouter:
    """The routes of new drawings."""
    router = APIRouter(tags=["sketches"])

    @router.get("/api/categories")
    def list_categories() -> list[Category]:
        """What can be drawn by its name alone."""
        return [Category(name=name) for name in service.generating.categories()]

    @router.post("/api/generate")
    def generate(request: GenerateRequest) -> SketchesAnswer:
        """New drawings of a category, or like a drawing. The same request gives the same ones."""
        return service.generating.generate(request)

    @router.post("/api/interpolate")
    def interpolate(request: InterpolateRequest) -> SketchesAnswer:
        """Drawings at equal steps from one to another; both ends are drawn anew as well."""
        return service.generating.interpolate(request)

    return router
