"""Conditions on photos that a search can be limited to, as a test in Python and as SQL."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Literal, get_args

from inkseek.errors import GalleryError
from inkseek.gallery.photos import PhotoInfo

Orientation = Literal["landscape", "portrait", "square"]

SHAPES: dict[Orientation, str] = {
    "landscape": "width > height",
    "portrait": "width < height",
    "square": "width = height",
}


@dataclass(frozen=True)
class Filters:
    """All conditions must hold; a photo of unknown time passes no condition on time.

    Attributes:
        folder: Only photos at any depth below it; a relative one is made absolute.
        not_folder: No photos below it.
        taken_after: Taken at this time or later, in the camera's local time.
        taken_before: Taken before this time.
        min_width: Least width of the upright photo in pixels.
        min_height: Least height of the upright photo in pixels.
        orientation: Shape of the upright photo.
        tags: Every one of them must be there.
    """

    folder: str | None = None
    not_folder: str | None = None
    taken_after: datetime | None = None
    taken_before: datetime | None = None
    min_width: int | None = None
    min_height: int | None = None
    orientation: Orientation | None = None
    tags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("folder", "not_folder"):
            folder = getattr(self, name)
            if folder is not None:
                object.__setattr__(self, name, os.path.abspath(os.path.expanduser(folder)))
        for name in ("taken_after", "taken_before"):
            moment = getattr(self, name)
            if moment is not None and moment.tzinfo:
                object.__setattr__(self, name, moment.astimezone().replace(tzinfo=None))

    @classmethod
    def from_mapping(cls, values: Mapping[str, object]) -> "Filters":
        """Build from named values, such as those of a request; times may be ISO texts.

        Raises:
            GalleryError: A name is unknown or a value is of the wrong kind.
        """
        known = {field.name for field in fields(cls)}
        if unknown := set(values) - known:
            raise GalleryError(
                f"unknown filter {min(unknown)!r}; the filters are {', '.join(sorted(known))}"
            )
        return cls(**{name: _parse(name, value) for name, value in values.items()})  # type: ignore[arg-type]

    def matches(self, info: PhotoInfo) -> bool:
        """Whether a photo passes every condition."""
        shapes = {
            "landscape": info.width > info.height,
            "portrait": info.width < info.height,
            "square": info.width == info.height,
        }
        taken = info.taken_at
        return (
            (self.folder is None or info.path.startswith(_below(self.folder)))
            and (self.not_folder is None or not info.path.startswith(_below(self.not_folder)))
            and (self.taken_after is None or (taken is not None and taken >= self.taken_after))
            and (self.taken_before is None or (taken is not None and taken < self.taken_before))
            and (self.min_width is None or info.width >= self.min_width)
            and (self.min_height is None or info.height >= self.min_height)
            and (self.orientation is None or shapes[self.orientation])
            and set(self.tags) <= set(info.tags)
        )

    def to_sql(self) -> str | None:
        """The same conditions on the columns of a gallery; None when there are none."""
        terms = [f"array_has(tags, {_quote(tag)})" for tag in self.tags]
        if self.folder is not None:
            terms.append(f"starts_with(path, {_quote(_below(self.folder))})")
        if self.not_folder is not None:
            terms.append(f"NOT starts_with(path, {_quote(_below(self.not_folder))})")
        if self.taken_after is not None:
            terms.append(f"taken_at >= {_moment(self.taken_after)}")
        if self.taken_before is not None:
            terms.append(f"taken_at < {_moment(self.taken_before)}")
        if self.min_width is not None:
            terms.append(f"width >= {int(self.min_width)}")
        if self.min_height is not None:
            terms.append(f"height >= {int(self.min_height)}")
        if self.orientation is not None:
            terms.append(SHAPES[self.orientation])
        return " AND ".join(f"({term})" for term in terms) or None


def _below(folder: str) -> str:
    return folder.rstrip(os.sep) + os.sep


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _moment(moment: datetime) -> str:
    return f"timestamp '{moment.isoformat(sep=' ', timespec='microseconds')}'"


def _parse(name: str, value: object) -> object:
    if name == "orientation" and value is not None and value not in get_args(Orientation):
        raise GalleryError(
            f"orientation {value!r} is unknown; use one of {', '.join(get_args(Orientation))}"
        )
    wanted: type = {
        "taken_after": datetime,
        "taken_before": datetime,
        "min_width": int,
        "min_height": int,
        "tags": tuple,
    }.get(name, str)
    if wanted is datetime and isinstance(value, str):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            raise GalleryError(f"{name} {value!r} is no time; write 2024-05-31") from None
    if wanted is tuple and isinstance(value, list) and all(isinstance(tag, str) for tag in value):
        return tuple(value)
    if value is not None and (not isinstance(value, wanted) or isinstance(value, bool)):
        raise GalleryError(f"filter {name} is {value!r} but must be of type {wanted.__name__}")
    return value
