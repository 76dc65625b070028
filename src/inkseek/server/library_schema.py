"""What the library, its photos, jobs and health are over the wire; OpenAPI is made from this."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, model_validator

from inkseek.server.schema import Folder, Strict

MAX_FOLDERS = 1_000

JobKind = Literal["index", "retry", "rebuild"]
JobState = Literal["running", "paused", "done", "failed", "cancelled"]


class FolderCount(BaseModel):
    """A folder that holds photos of the gallery, and how many directly."""

    folder: str
    photos: int


class TagCount(BaseModel):
    """A tag, and how many photos of the gallery have it."""

    tag: str
    photos: int


class PhotoEntry(BaseModel):
    """One row of the gallery."""

    photo_id: str
    name: str
    width: int
    height: int
    taken_at: datetime | None
    thumbnail: str
    photo: str


class PhotoList(BaseModel):
    """Some rows, by path, and how many there are in all."""

    photos: list[PhotoEntry]
    total: int


class PhotoDetails(BaseModel):
    """One photo's file; `duplicates` are files with the same or nearly the same picture."""

    path: str
    folder: str
    width: int
    height: int
    taken_at: datetime | None
    tags: list[str]
    bytes: int
    duplicates: list[str]


class Library(BaseModel):
    """What is searched.

    `folders` were indexed, `watched` are those among them that the service keeps an eye on,
    `quarantined` counts files that could not be indexed, `model` is the served model's name, and
    `model_matches` is false when another model has indexed the gallery, and `rebuilding` true from
    when it is emptied to be embedded anew until all photos are back, even if no job does so now:
    nothing can be searched then. `events` is the address of the job events. `can_tidy` and
    `can_suggest` say whether `/api/tidy` and `/api/suggest` answer, and `can_encode_on_device`
    whether the service has what a browser needs to encode drawings.
    """

    photos: int
    folders: list[str]
    model: str
    model_matches: bool
    rebuilding: bool
    quarantined: int
    watched: list[str]
    events: str
    can_tidy: bool
    can_suggest: bool
    can_encode_on_device: bool


class QuarantinedFile(BaseModel):
    """A file that could not be indexed, and why."""

    path: str
    reason: str


class JobRequest(Strict):
    """What to do.

    `index` looks for new, changed and deleted photos, `retry` tries quarantined files again, and
    `rebuild` embeds every photo anew, or goes on with that. `folders` are some of those indexed
    before; all of them by default, and in a rebuild always.
    """

    kind: JobKind
    folders: Annotated[list[Folder], Field(min_length=1, max_length=MAX_FOLDERS)] | None = None

    @model_validator(mode="after")
    def _check_folders(self) -> "JobRequest":
        if self.kind == "rebuild" and self.folders is not None:
            raise ValueError("a rebuild is of all folders; leave folders out")
        return self


class Job(BaseModel):
    """One run of indexing.

    `done` of `total` files are safe on disk; `eta_seconds` is unknown before the first of them.
    `message` says why it failed, and `summary` counts files by what became of them.
    """

    id: str
    kind: JobKind
    folders: list[str]
    state: JobState
    done: int
    total: int | None
    eta_seconds: float | None
    quarantined: int
    started_at: datetime
    seconds: float
    message: str | None
    summary: dict[str, int] | None


class JobQuarantined(BaseModel):
    """A file that a job could not index."""

    job: str
    path: str
    reason: str


class Health(BaseModel):
    """What is being served."""

    status: Literal["ok"]
    version: str
    model: str
    photos: int


class Ready(BaseModel):
    """The next search will be answered without delay."""

    status: Literal["ready"]
