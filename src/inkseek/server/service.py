"""What the routes of one application share."""

import os.path
from dataclasses import dataclass, field
from pathlib import Path

from inkseek.gallery import PhotoInfo
from inkseek.search import Hit, Searcher
from inkseek.server.auth import Tickets
from inkseek.server.explanations import Explanations
from inkseek.server.generating import Generating
from inkseek.server.jobs import Jobs
from inkseek.server.library_schema import PhotoEntry
from inkseek.server.metrics import Metrics
from inkseek.server.schema import FoundPhoto
from inkseek.server.suggesting import Suggesting
from inkseek.server.thumbnails import Thumbnails
from inkseek.server.tidying import Tidying
from inkseek.server.watch import Watcher

EVENTS = "/api/jobs/events"


@dataclass
class Service:
    """One gallery with everything that answers for it.

    Attributes:
        searcher: Answers the searches.
        tickets: Put on the addresses of pictures.
        watcher: Indexes what changes by itself, if that was asked for.
        tidying: Puts misplaced strokes right, if there is a model for it.
        suggesting: Draws what may have been meant, if there is a model for it.
        generating: Draws what is asked for, if there is a model for it.
        is_ready: The first search and the first thumbnail were made.
    """

    searcher: Searcher
    tickets: Tickets
    jobs: Jobs
    watcher: Watcher | None = None
    thumbnails: Thumbnails = field(default_factory=Thumbnails)
    metrics: Metrics = field(default_factory=Metrics)
    tidying: Tidying = field(default_factory=Tidying)
    suggesting: Suggesting = field(default_factory=Suggesting)
    generating: Generating = field(default_factory=Generating)
    is_ready: bool = False

    def __post_init__(self) -> None:
        self.explanations = Explanations(self.searcher, self.thumbnails)

    def to_found(self, hit: Hit) -> FoundPhoto:
        """A hit as it goes over the wire."""
        return FoundPhoto(
            photo_id=hit.photo_id,
            # Forty times a search: a Path takes ten times as long.
            name=os.path.basename(hit.path),
            similarity=hit.similarity,
            confidence=hit.confidence,
            num_duplicates=len(hit.duplicates),
            thumbnail=self.tickets.link(f"/api/photos/{hit.photo_id}/thumbnail"),
            photo=self.tickets.link(f"/api/photos/{hit.photo_id}"),
        )

    def to_entry(self, info: PhotoInfo) -> PhotoEntry:
        """A row as it goes over the wire."""
        return PhotoEntry(
            photo_id=info.photo_id,
            name=Path(info.path).name,
            width=info.width,
            height=info.height,
            taken_at=info.taken_at,
            thumbnail=self.tickets.link(f"/api/photos/{info.photo_id}/thumbnail"),
            photo=self.tickets.link(f"/api/photos/{info.photo_id}"),
        )
