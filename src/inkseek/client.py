"""The service from Python: what `docs/api.md` describes, as methods.

    with Client("http://127.0.0.1:8765") as client:
        for hit in client.search(read_sketch("shoe.svg"), k=5).hits:
            print(hit.name, hit.confidence)

Answers are the models that the service itself is made of. Needs the extra `client`.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, Literal, TypeVar
from urllib.parse import quote

import httpx2 as httpx
import numpy as np
from jaxtyping import Float32
from pydantic import BaseModel, TypeAdapter, ValidationError

from inkseek.errors import InkseekError
from inkseek.server.library_schema import (
    FolderCount,
    Health,
    Job,
    JobKind,
    Library,
    PhotoDetails,
    PhotoEntry,
    PhotoList,
    QuarantinedFile,
    TagCount,
)
from inkseek.server.schema import (
    BatchAnswer,
    Category,
    DrawnSketch,
    EmbedAnswer,
    Explanation,
    LiveAnswer,
    SearchAnswer,
    SketchesAnswer,
    TidyAnswer,
)
from inkseek.strokes.sketch import Sketch

Model = TypeVar("Model", bound=BaseModel)
Read = TypeVar("Read")

SECONDS = 60.0
"""Time for one answer; decoding a hostile drawing takes the service up to half of it."""

LOOK_SECONDS = 0.5
ROWS_AT_ONCE = 200


class ServiceError(InkseekError):
    """The service refused or failed; the text is its own.

    Attributes:
        status: Of HTTP; 0 when there was no answer.
    """

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class Client(AbstractContextManager["Client"]):
    """One service; for several threads.

    Args:
        url: Such as http://127.0.0.1:8765.
        token: If the service asks for one.
        http: Sends the requests; one of our own when None.
    """

    def __init__(
        self, url: str, token: str | None = None, *, http: httpx.Client | None = None
    ) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._url = url.rstrip("/")
        self._http = http or httpx.Client(timeout=SECONDS)
        self._headers = headers

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of connections."""
        self._http.close()

    def health(self) -> Health:
        """What is served."""
        return self._ask(Health, "GET", "/api/health")

    def search(
        self,
        query: "Sketch | Float32[np.ndarray, ' dim'] | str",
        **options: Any,  # noqa: ANN401 - the fields of a request, each of its own type
    ) -> SearchAnswer:
        """The photos most like a query, best first.

        Args:
            query: A sketch, its embedding, or the id of a photo.
            **options: `k`, `offset`, `liked`, `disliked` and filters, as in `docs/api.md`.

        Raises:
            ServiceError: The service refused, or does not answer.
        """
        if isinstance(query, Sketch):
            asked: dict[str, object] = {"sketch": to_drawn(query)}
        elif isinstance(query, str):
            asked = {"like_photo": query}
        else:
            asked = {"embedding": query.tolist()}
        return self._ask(SearchAnswer, "POST", "/api/search", asked | options)

    def search_batch(
        self,
        sketches: Sequence[Sketch],
        **options: Any,  # noqa: ANN401 - as in `search`
    ) -> list[SearchAnswer]:
        """An answer for each of several sketches, without feedback or offset."""
        body = {"sketches": [to_drawn(sketch) for sketch in sketches], **options}
        return self._ask(BatchAnswer, "POST", "/api/search/batch", body).answers

    def search_live(
        self,
        sketch: Sketch,
        **options: Any,  # noqa: ANN401 - as in `search`
    ) -> Iterator[LiveAnswer]:
        """An answer after every stroke, as if the sketch were drawn again."""
        body = {"sketch": to_drawn(sketch), **options}
        url = f"{self._url}/api/search/live"
        try:
            with self._http.stream("POST", url, json=body, headers=self._headers) as response:
                if response.is_error:
                    response.read()
                _check(response)
                for line in response.iter_lines():
                    if line.startswith("data:"):
                        yield LiveAnswer.model_validate_json(line.removeprefix("data:"))
        except httpx.HTTPError as error:
            raise self._not_there(error) from error

    def embed(self, sketches: Sequence[Sketch]) -> Float32[np.ndarray, "batch dim"]:
        """Unit rows, one a sketch, made by the model of the service."""
        body = {"sketches": [to_drawn(sketch) for sketch in sketches]}
        answer = self._ask(EmbedAnswer, "POST", "/api/embed", body)
        return np.array(answer.embeddings, dtype=np.float32)

    def read_drawing(self, content: bytes, name: str = "the drawing") -> Sketch:
        """The sketch in a drawing file, read by the service."""
        answer = self._ask(
            DrawnSketch, "POST", "/api/sketches", content=content, params={"name": name}
        )
        return _to_sketch(answer.strokes, answer.canvas_size)

    def tidy(self, sketch: Sketch) -> Sketch:
        """The sketch with misplaced strokes moved, each in one piece, to where they belong.

        Raises:
            ServiceError: The service was started without a model for it, or refused.
        """
        answer = self._ask(TidyAnswer, "POST", "/api/tidy", {"sketch": to_drawn(sketch)})
        pairs = zip(sketch.strokes, np.array(answer.moves, np.float32), strict=True)
        return replace(sketch, strokes=tuple(stroke + move for stroke, move in pairs))

    def suggest(self, sketch: Sketch, count: int = 4, *, seed: int = 0) -> list[Sketch]:
        """Other sketches that may be meant by one that is whole or only begun, likeliest first.

        Raises:
            ServiceError: The service was started without a model for it, or refused.
        """
        body = {"sketch": to_drawn(sketch), "count": count, "seed": seed}
        return _to_sketches(self._ask(SketchesAnswer, "POST", "/api/suggest", body))

    def categories(self) -> list[str]:
        """What the service can draw by its name alone.

        Raises:
            ServiceError: The service was started without a model for it.
        """
        return [each.name for each in self._list(Category, "/api/categories")]

    def generate(
        self, like: Sketch | str, count: int = 4, *, temperature: float = 0.24, seed: int = 0
    ) -> list[Sketch]:
        """New sketches like a sketch, or of a category.

        Raises:
            ServiceError: The service was started without a model for it, or refused.
        """
        given = {"category": like} if isinstance(like, str) else {"sketch": to_drawn(like)}
        options = {"count": count, "temperature": temperature, "seed": seed}
        answer = self._ask(SketchesAnswer, "POST", "/api/generate", {**given, **options})
        return _to_sketches(answer)

    def interpolate(self, first: Sketch, last: Sketch, count: int = 7) -> list[Sketch]:
        """Sketches at equal steps between two, whose ends are drawn anew as well.

        Raises:
            ServiceError: The service was started without a model for it, or refused.
        """
        body = {"first": to_drawn(first), "last": to_drawn(last), "count": count}
        return _to_sketches(self._ask(SketchesAnswer, "POST", "/api/interpolate", body))

    def explain(self, sketch: Sketch, photo_id: str) -> Explanation:
        """Which stroke speaks for a photo, and where."""
        body = {"sketch": to_drawn(sketch), "photo_id": photo_id}
        return self._ask(Explanation, "POST", "/api/explain", body)

    def details(self, photo_id: str) -> PhotoDetails:
        """Where a photo is, and what else shows the same."""
        return self._ask(PhotoDetails, "GET", f"/api/photos/{quote(photo_id, safe='')}/details")

    def thumbnail(self, photo_id: str, side: Literal[360, 1600] = 360) -> bytes:
        """A photo as JPEG, its longer side at most so many pixels."""
        params = {"side": str(side)}
        return self._send(
            "GET", f"/api/photos/{quote(photo_id, safe='')}/thumbnail", params=params
        ).content

    def photos(self) -> Iterator[PhotoEntry]:
        """Every row of the gallery, by path; asked for some at a time."""
        offset = 0
        while True:
            params = {"offset": str(offset), "limit": str(ROWS_AT_ONCE)}
            page = self._ask(PhotoList, "GET", "/api/photos", params=params)
            yield from page.photos
            offset += len(page.photos)
            if not page.photos or offset >= page.total:
                return

    def folders(self) -> list[FolderCount]:
        """Folders that hold photos directly, for the filters of a search."""
        return self._list(FolderCount, "/api/folders")

    def tags(self) -> list[TagCount]:
        """The tags of the most photos, for the filters of a search."""
        return self._list(TagCount, "/api/tags")

    def library(self) -> Library:
        """What is indexed."""
        return self._ask(Library, "GET", "/api/library")

    def quarantine(self) -> list[QuarantinedFile]:
        """Files that could not be indexed, and why."""
        return self._list(QuarantinedFile, "/api/quarantine")

    def start_job(self, kind: JobKind = "index", folders: Sequence[str] | None = None) -> Job:
        """Start indexing, or trying quarantined files again."""
        body: dict[str, object] = {"kind": kind}
        if folders is not None:
            body["folders"] = list(folders)
        return self._ask(Job, "POST", "/api/jobs", body)

    def jobs(self) -> list[Job]:
        """The jobs since the service started, the oldest first."""
        return self._list(Job, "/api/jobs")

    def job(self, job_id: str) -> Job:
        """How far a job is."""
        return self._ask(Job, "GET", f"/api/jobs/{quote(job_id, safe='')}")

    def steer_job(self, job_id: str, action: Literal["pause", "resume", "cancel"]) -> Job:
        """Pause, resume or cancel a job."""
        return self._ask(Job, "POST", f"/api/jobs/{quote(job_id, safe='')}/{action}")

    def wait_for_job(
        self, job_id: str, on_progress: Callable[[Job], None] = lambda job: None
    ) -> Job:
        """Wait until a job has ended, however it ended."""
        while True:
            job = self.job(job_id)
            on_progress(job)
            if job.state not in {"running", "paused"}:
                return job
            time.sleep(LOOK_SECONDS)

    def _ask(
        self,
        model: type[Model],
        method: str,
        path: str,
        body: object = None,
        **options: Any,  # noqa: ANN401 - of the library
    ) -> Model:
        if body is not None:
            options["json"] = body
        return self._read(model.model_validate_json, path, self._send(method, path, **options))

    def _list(self, model: type[Model], path: str) -> list[Model]:
        rows = TypeAdapter(list[model])  # type: ignore[valid-type]
        return self._read(rows.validate_json, path, self._send("GET", path))

    def _read(self, parse: Callable[[bytes], Read], path: str, response: httpx.Response) -> Read:
        try:
            return parse(response.content)
        except ValidationError as error:
            raise ServiceError(
                f"{self._url}{path} is no address of this version of inkseek; update the service "
                "or the client",
                response.status_code,
            ) from error

    def _send(
        self,
        method: str,
        path: str,
        **options: Any,  # noqa: ANN401 - of the library
    ) -> httpx.Response:
        try:
            response = self._http.request(
                method, self._url + path, headers=self._headers, **options
            )
        except httpx.HTTPError as error:
            raise self._not_there(error) from error
        _check(response)
        return response

    def _not_there(self, error: httpx.HTTPError) -> ServiceError:
        return ServiceError(
            f"{self._url} does not answer ({error}); start it with `inkseek serve`", 0
        )


def to_drawn(sketch: Sketch) -> dict[str, object]:
    """A sketch as the service takes it; times and pressures stay here, a search needs none."""
    strokes = [stroke.tolist() for stroke in sketch.strokes]
    return {"canvas_size": float(sketch.canvas_size), "strokes": strokes}


def _to_sketch(strokes: Sequence[Sequence[Sequence[float]]], canvas_size: float) -> Sketch:
    return Sketch(
        tuple(np.array([point[:2] for point in stroke], np.float32) for stroke in strokes),
        canvas_size,
    )


def _to_sketches(answer: SketchesAnswer) -> list[Sketch]:
    return [_to_sketch(each.strokes, each.canvas_size) for each in answer.sketches]


def _check(response: httpx.Response) -> None:
    if response.is_success:
        return
    try:
        detail = str(json.loads(response.content)["detail"])
    except (ValueError, KeyError, TypeError):
        detail = f"{response.url} answers with status {response.status_code}, not as inkseek does"
    raise ServiceError(detail, response.status_code)
