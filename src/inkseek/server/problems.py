"""Errors as the service sends them: one problem after RFC 9457, with the text of the error."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from inkseek.errors import (
    GalleryError,
    InkseekError,
    LimitError,
    ModelError,
    PhotoError,
    SketchFormatError,
)
from inkseek.server.schema import Problem


class NotFoundError(InkseekError):
    """What a request names is not there."""


class ConflictError(InkseekError):
    """What is asked for cannot be done in the present state."""


class NotSupportedError(InkseekError):
    """This computer cannot do what is asked for."""


@contextmanager
def model_may_fail() -> Iterator[None]:
    """What a model that was handed to the service cannot do is told, and is no mistake of ours."""
    try:
        yield
    except ModelError as error:
        raise NotSupportedError(str(error)) from error


STATUS: dict[type[InkseekError], HTTPStatus] = {
    SketchFormatError: HTTPStatus.UNPROCESSABLE_ENTITY,
    LimitError: HTTPStatus.UNPROCESSABLE_ENTITY,
    PhotoError: HTTPStatus.NOT_FOUND,
    NotFoundError: HTTPStatus.NOT_FOUND,
    ConflictError: HTTPStatus.CONFLICT,
    NotSupportedError: HTTPStatus.NOT_IMPLEMENTED,
    GalleryError: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""Of each kind of error, and of the kinds below it."""

PROBLEM: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "What is wrong, where, and what to do about it",
        "content": {"application/problem+json": {"schema": Problem.model_json_schema()}},
    }
}
"""What OpenAPI says of every error."""

logger = logging.getLogger(__name__)


def to_problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """An error as `application/problem+json`."""
    problem = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail)
    return JSONResponse(
        problem.model_dump(), status, headers=headers, media_type="application/problem+json"
    )


def add_problem_handlers(app: FastAPI, headers: Mapping[str, str] | None = None) -> None:
    """Every error of ours, of the framework and of validation becomes a problem.

    Args:
        app: Whose errors.
        headers: For mistakes, which are answered outside of all middleware.
    """

    @app.exception_handler(InkseekError)
    def on_our_error(_: Request, error: InkseekError) -> JSONResponse:
        statuses = (status for kind, status in STATUS.items() if isinstance(error, kind))
        return to_problem(next(statuses, HTTPStatus.INTERNAL_SERVER_ERROR), str(error))

    @app.exception_handler(HTTPException)
    def on_http_error(_: Request, error: HTTPException) -> JSONResponse:
        return to_problem(error.status_code, str(error.detail), error.headers)

    @app.exception_handler(RequestValidationError)
    def on_invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        return to_problem(422, f"{where}: {first['msg']}")

    @app.exception_handler(Exception)
    def on_mistake(request: Request, error: Exception) -> JSONResponse:
        logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
        return to_problem(500, "inkseek made a mistake; what it printed says more", headers)
