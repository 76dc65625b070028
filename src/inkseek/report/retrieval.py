"""How well an encoder finds photos: every task of `data.tasks`, with intervals."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Float64

from inkseek.data.tasks import Task
from inkseek.feedback import expand_query
from inkseek.metrics.interval import Interval, bootstrap_interval
from inkseek.metrics.ranking import average_precisions, ranks
from inkseek.search import NUM_TRUSTED

BEYOND = np.float32(10.0)
"""Distance of photos that a query does not compete with: above any cosine distance."""


EXPANDED = "mAP@all, expanded"
"""The same of the order in which `Searcher` shows photos."""


@dataclass(frozen=True)
class Figure:
    """One measured number: a metric of a task, with its interval over queries."""

    task: str
    metric: str
    interval: Interval
    chance: float
    num_queries: int
    num_gallery: float


def evaluate_task(
    task: Task,
    sketches: Float32[np.ndarray, "query dim"],
    photos: Float32[np.ndarray, "gallery dim"],
    *,
    seed: int = 0,
) -> list[Figure]:
    """Figures of one task from unit embeddings of its queries and gallery, in the task's order."""
    distances = np.where(task.allowed, 1.0 - sketches @ photos.T, BEYOND)
    position = ranks(distances, task.relevant)
    values: dict[str, Float64[np.ndarray, " query"]]
    competing = task.allowed.sum(1)
    share = task.relevant.sum(1) / competing
    if task.is_instance:
        values = {"acc@1": position <= 1, "acc@10": position <= 10}
        chance = {"acc@1": share.mean(), "acc@10": np.minimum(10 * share, 1).mean()}
    else:
        expanded = expand_distances(distances, sketches, photos)
        values = {
            "P@1": position <= 1,
            "mAP@all": average_precisions(distances, task.relevant),
            EXPANDED: average_precisions(expanded, task.relevant),
        }
        chance = dict.fromkeys(values, share.mean())
    return [
        Figure(
            task.name,
            metric,
            bootstrap_interval(
                np.asarray(per_query, dtype=np.float64),
                generator=np.random.default_rng(seed),
                clusters=task.clusters.tolist(),
            ),
            float(chance[metric]),
            len(task.queries),
            float(competing.mean()),
        )
        for metric, per_query in values.items()
    ]


def expand_distances(
    distances: Float32[np.ndarray, "query gallery"],
    sketches: Float32[np.ndarray, "query dim"],
    photos: Float32[np.ndarray, "gallery dim"],
) -> Float32[np.ndarray, "query gallery"]:
    """Distances that rank every photo as `Searcher.search_embedding` does, near-duplicates aside.

    The trusted photos of a query come first, in their order; the others follow by their distance
    to the drawing and these.
    """
    ranked = np.empty_like(distances)
    for i, row in enumerate(distances):
        trusted = np.argsort(row, kind="stable")[:NUM_TRUSTED]
        ranked[i] = 1.0 - photos @ expand_query(sketches[i], photos[trusted])
        ranked[i, trusted] = np.arange(len(trusted)) - BEYOND * NUM_TRUSTED
    return np.where(distances < BEYOND, ranked, BEYOND)


def needed_rows(tasks: Iterable[Task], num_sets: int) -> list[tuple[Sequence[int], Sequence[int]]]:
    """For each data set, the sketches and photos that some task asks for, each once."""
    sketches: list[set[int]] = [set() for _ in range(num_sets)]
    photos: list[set[int]] = [set() for _ in range(num_sets)]
    for task in tasks:
        sketches[task.set_index].update(task.queries.tolist())
        photos[task.set_index].update(task.gallery.tolist())
    return [(sorted(s), sorted(p)) for s, p in zip(sketches, photos, strict=True)]
