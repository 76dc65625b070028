"""Searches with a known answer, to fit confidence on and to judge it by.

People search galleries of any size, and now and then for a photo that is not there. An episode
is one such search: a query, a random part of its gallery, and the position of its photo, or none.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Float64

from inkseek.card import Calibration
from inkseek.data.pack import PackedSet
from inkseek.data.tasks import Task, make_tasks
from inkseek.report.evaluation import Embed, EmbedSketches, embed_tasks
from inkseek.search import NUM_JUDGED, NUM_RIVALS, compute_confidence

FALSE_NOTHING = 0.1
"""Share of searches that may say "nothing matches" although the photo is among the first ten."""

ABSENT = -1
"""Target of a search whose photo is not in the gallery."""


@dataclass(frozen=True, eq=False)
class Episode:
    """One search: similarities in descending order, and where the right photo stands."""

    similarity: Float64[np.ndarray, " gallery"]
    target: int


def make_episodes(
    task: Task,
    sketches: Float32[np.ndarray, "query dim"],
    photos: Float32[np.ndarray, "gallery dim"],
    *,
    generator: np.random.Generator,
    absent_share: float = 0.3,
) -> list[Episode]:
    """One episode a query of an instance task, its gallery cut to a random size of at least 8."""
    episodes = []
    similarity = (sketches @ photos.T).astype(np.float64)
    for row, relevant, allowed in zip(similarity, task.relevant, task.allowed, strict=True):
        rivals = generator.permutation(np.flatnonzero(allowed & ~relevant))
        count = round(np.exp(generator.uniform(np.log(8), np.log(max(len(rivals), 9)))))
        kept = row[rivals[:count]]
        if generator.random() < absent_share:
            episodes.append(Episode(np.sort(kept)[::-1], ABSENT))
        else:
            true = row[relevant].max()
            ordered = np.sort(np.append(kept, true))[::-1]
            # A tie counts against the query, as everywhere.
            episodes.append(Episode(ordered, int(np.flatnonzero(ordered == true)[-1])))
    return episodes


def calibrate_on_validation(
    embed: Embed,
    canvas_size: int,
    photo_size: int,
    sets: Sequence[PackedSet],
    unseen: frozenset[str],
    *,
    embed_sketches: EmbedSketches | None = None,
) -> Calibration:
    """`fit_calibration` on an episode of every validation sketch whose very photo is asked for.

    Args:
        embed: As `report.evaluation.evaluate` takes it, like the sizes and ``embed_sketches``.
        canvas_size: Side at which sketches are drawn.
        photo_size: Side to which photos are reduced.
        sets: Packed sets.
        unseen: Categories that take no part.
        embed_sketches: For an encoder that chooses a canvas itself.
    """
    tasks = make_tasks([s.pairs for s in sets], "val", unseen)
    tasks = [task for task in tasks if task.is_instance]
    embedded = embed_tasks(
        embed, canvas_size, photo_size, sets, tasks, embed_sketches=embed_sketches
    )
    generator = np.random.default_rng(0)
    return fit_calibration(
        [
            episode
            for task, queries, gallery in embedded
            for episode in make_episodes(task, queries, gallery, generator=generator)
        ]
    )


def fit_calibration(episodes: Sequence[Episode]) -> Calibration:
    """The four numbers of `compute_confidence` of greatest likelihood, and a threshold.

    Temperature and null similarity by a grid that is narrowed four times; slope and bias by
    Newton's method on whether the first hit is right.
    """
    log_temperature, null = np.log(0.05), 0.5
    reach_temperature, reach_null = 2.0, 1.0
    for _ in range(4):
        best = (np.inf, log_temperature, null)
        for t in np.linspace(-1, 1, 11) * reach_temperature + log_temperature:
            for z in np.linspace(-1, 1, 11) * reach_null + null:
                best = min(best, (_mean_surprise(episodes, float(np.exp(t)), float(z)), t, z))
        _, log_temperature, null = best
        reach_temperature, reach_null = reach_temperature / 4, reach_null / 4
    fitted = Calibration(
        temperature=float(np.exp(log_temperature)), null_similarity=float(null), nothing_below=0.5
    )
    slope, bias = _fit_platt(*judge(episodes, fitted))
    fitted = fitted.model_copy(update={"slope": slope, "bias": bias})
    return fitted.model_copy(update={"nothing_below": _fit_threshold(episodes, fitted)})


def _fit_platt(
    share: Float64[np.ndarray, " hits"], correct: Bool[np.ndarray, " hits"]
) -> tuple[float, float]:
    """Slope and bias of a logistic regression on the log odds of a share."""
    features = np.stack([np.log(share / (1 - share)), np.ones_like(share)], axis=1)
    weights = np.array([1.0, 0.0])
    for _ in range(30):
        expected = 1 / (1 + np.exp(-features @ weights))
        spread = expected * (1 - expected)
        # A little damping: first hits that are all right have no finite optimum.
        curvature = features.T @ (spread[:, None] * features) + 1e-3 * np.eye(2)
        weights = weights + np.linalg.solve(curvature, features.T @ (correct - expected))
        weights = np.clip(weights, -20, 20)
    return float(weights[0]), float(weights[1])


def _fit_threshold(episodes: Sequence[Episode], calibration: Calibration) -> float:
    """The largest total of first confidences that few searches with their photo fall below."""
    totals = [
        float(compute_confidence(e.similarity, calibration)[:NUM_JUDGED].sum())
        for e in episodes
        if ABSENT < e.target < NUM_JUDGED
    ]
    return float(np.quantile(totals, FALSE_NOTHING)) if totals else 0.5


def judge(
    episodes: Sequence[Episode], calibration: Calibration
) -> tuple[Float64[np.ndarray, " hits"], Bool[np.ndarray, " hits"]]:
    """Confidence of each first hit, and whether it was right."""
    confidence = [compute_confidence(e.similarity, calibration)[0] for e in episodes]
    return np.array(confidence), np.array([e.target == 0 for e in episodes])


def _mean_surprise(episodes: Sequence[Episode], temperature: float, null: float) -> float:
    """Mean of -log p(right answer) in nats; a photo behind the rivals counts as absent."""
    total = 0.0
    for episode in episodes:
        logits = np.append(episode.similarity[:NUM_RIVALS], null) / temperature
        top = logits.max()
        is_rival = ABSENT < episode.target < NUM_RIVALS
        answer = logits[episode.target] if is_rival else logits[-1]
        total += top + np.log(np.exp(logits - top).sum()) - answer
    return total / len(episodes)
