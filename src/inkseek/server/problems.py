"""Errors as the service sends them: one problem after RFC 9457, with the text of the error."""

import logging
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from inkseek.errors import (
    GalleryError,
    InkseekError,
    LimitError,
    PhotoError,
    SketchFormatError,
)
from inkseek.server.schema import Problem

STATUS: dict[type[InkseekError], HTTPStatus] = {
    SketchFormatError: HTTPStatus.UNPROCESSABLE_ENTITY,
    LimitError: HTTPStatus.UNPROCESSABLE_ENTITY,
    PhotoError: HTTPStatus.NOT_FOUND,
    GalleryError: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""Of each kind of error, and of the kinds below it."""

logger = logging.getLogger(__name__)


def to_problem(status: int, detail: str) -> JSONResponse:
    """An error as `application/problem+json`."""
    problem = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail)
    return JSONResponse(problem.model_dump(), status, media_type="application/problem+json")


def add_problem_handlers(app: FastAPI) -> None:
    """Every error of ours, of the framework and of validation becomes a problem."""

    @app.exception_handler(InkseekError)
    def on_our_error(_: Request, error: InkseekError) -> JSONResponse:
        statuses = (status for kind, status in STATUS.items() if isinstance(error, kind))
        return to_problem(next(statuses, HTTPStatus.INTERNAL_SERVER_ERROR), str(error))

    @app.exception_handler(HTTPException)
    def on_http_error(_: Request, error: HTTPException) -> JSONResponse:
        return to_problem(error.status_code, str(error.detail))

    @app.exception_handler(RequestValidationError)
    def on_invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        return to_problem(422, f"{where}: {first['msg']}")

    @app.exception_handler(Exception)
    def on_mistake(request: Request, error: Exception) -> JSONResponse:
        logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
        return to_problem(500, "inkseek made a mistake; what it printed says more")
