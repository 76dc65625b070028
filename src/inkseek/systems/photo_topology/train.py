"""A run from recipe to checkpoint: resumable, with retrieval and topology measured on the way.

The first line of a run's ``val.jsonl`` was measured before training.
"""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float32, Float64

from inkseek.data.pack import PackedSet, digest
from inkseek.data.pairs import Split
from inkseek.data.progress import OnProgress
from inkseek.data.sets import held_back, load_sets
from inkseek.data.tasks import LARGE_GALLERIES, Task, make_tasks
from inkseek.metrics.ranking import acc_at_k
from inkseek.metrics.topology import triplet_agreement
from inkseek.raster.photo import fit_square
from inkseek.report.evaluation import Embed, Images, Rows, embed_tasks
from inkseek.systems.photo_topology.config import TopologyConfig
from inkseek.systems.photo_topology.data import Distances, TripletStream
from inkseek.systems.photo_topology.module import PooledNet, TopologyModule, create_network
from inkseek.systems.photo_topology.neighbours import photo_distances
from inkseek.training.features import load_features, store_array
from inkseek.training.loop import LoopPlan, run_loop
from inkseek.training.run import begin_run, note_validation

TOPOLOGY_PHOTOS = 200
"""Drawn photos of a split among which triplets are counted; a test set's worth takes seconds."""

FEWEST_PHOTOS = 3
"""An anchor and two photos."""

CHUNK = 32

Features = Float32[np.ndarray, "photo features"]
Validate = Callable[[PooledNet], dict[str, float]]


def load(
    config: TopologyConfig, cache: Path, on_progress: OnProgress
) -> tuple[list[PackedSet], list[Features], frozenset[str]]:
    """What `fit` trains on: data sets, features of their photos, and the absent categories."""
    sets = load_sets(config.sets, cache, photo_size=config.photo_size, on_progress=on_progress)
    features = [load_reference(config, packed, cache) for packed in sets]
    return sets, features, held_back(config.sets)


def fit(
    config: TopologyConfig,
    run: Path,
    sets: Sequence[PackedSet],
    features: Sequence[Features],
    absent: frozenset[str],
    *,
    resume: bool = False,
    measured: bool = True,
) -> Path:
    """Train and return the last checkpoint; ``resume`` goes on from it.

    Neither averaged weights nor clipped gradients: the paper has none, and Lightning would refuse
    to clip gradients that a module sets by itself.

    Args:
        config: The recipe.
        run: Folder of the run.
        sets: Data sets.
        features: What the frozen network says of all photos of each.
        absent: Categories that take no part in training.
        resume: Continue from the last checkpoint if there is one.
        measured: Validate before the first step and on the way; a comparison of many short runs
            has no use for it.
    """
    checkpoint = begin_run(config, "photo_topology", run, resume=resume)
    distances = [photo_distances(rows) for rows in features]
    validate = make_validation(config, sets, distances, absent, run) if measured else None
    module = TopologyModule(config, validate)
    if checkpoint is None:
        module.validate()
    plan = LoopPlan(
        config.last_step,
        config.validate_every if measured else config.last_step,
        config.save_every,
        ema_decay=None,
        precision=config.precision,
        clip=None,
        validate_last=False,
    )
    stream = partial(TripletStream, config, sets, distances, absent)
    return run_loop(module, stream, run, plan, checkpoint=checkpoint)


def load_reference(config: TopologyConfig, packed: PackedSet, cache: Path) -> Features:
    """What the frozen network of a recipe says of all photos of a set, cached.

    With ``config.reference`` these are the centred unit features of another network; otherwise,
    as in the paper, the pooled ones of the backbone before it is trained, as they are.
    """
    if config.reference is not None:
        return load_features(packed, cache, backbone=config.reference, size=config.reference_size)
    start = config.weights or ("timm" if config.pretrained else f"random-{config.seed}")
    name = f"{packed.pairs.name}-{config.backbone}-{Path(start).stem}-{config.canvas_size}"
    path = cache / f"{name}-{digest(packed.pairs)}.npy"
    if not path.is_file():
        store_array(path, start_features(create_network(config), packed, config.canvas_size))
    found: Features = np.load(path, allow_pickle=False)
    return found


def start_features(network: PooledNet, packed: PackedSet, size: int) -> Features:
    """Embeddings of all photos of a set by a network as it is."""
    return _embed_photos(bytes_embedder(network), packed, range(len(packed.photos)), size)


def make_validation(
    config: TopologyConfig,
    sets: Sequence[PackedSet],
    distances: Sequence[Distances],
    absent: frozenset[str],
    run: Path,
) -> Validate:
    """A function that measures a network on the validation splits and notes it in the run.

    It gives acc@1 and acc@10 by the distance that was trained; for the training and the validation
    photos of each set, the share of triplets that are ordered as in the frozen space; and the same
    with validation sketches in place of the photos they were drawn from.
    """
    tasks = make_tasks([s.pairs for s in sets], "val", absent)
    tasks = [t for t in tasks if t.is_instance and t.name not in LARGE_GALLERIES]
    splits: tuple[Split, ...] = ("train", "val")

    def validate(network: PooledNet) -> dict[str, float]:
        embed = bytes_embedder(network)
        size = config.canvas_size
        values: dict[str, float] = {}
        for task, queries, gallery in embed_tasks(embed, size, size, sets, tasks):
            found = squared_distances(queries, gallery)
            allowed = np.where(task.allowed, found, np.float64(np.inf))
            for k in (1, 10):
                values[f"val/{task.name}/acc@{k}"] = acc_at_k(allowed, task.relevant, k=k)
            chosen = drawn_photos(sets[task.set_index], "val", absent)
            if len(chosen) >= FEWEST_PHOTOS:
                values[f"val/{task.name}/sketch-topology"] = _sketch_agreement(
                    task, found, distances[task.set_index], chosen
                )
        for packed, reference in zip(sets, distances, strict=True):
            for split in splits:
                chosen = drawn_photos(packed, split, absent)
                if len(chosen) >= FEWEST_PHOTOS:
                    rows = _embed_photos(embed, packed, chosen, size)
                    values[f"{split}/{packed.pairs.name}/topology"] = triplet_agreement(
                        reference[np.ix_(chosen, chosen)],
                        photo_distances(rows),
                        np.arange(len(chosen)),
                    )
        note_validation(run, values)
        return values

    return validate


def bytes_embedder(network: PooledNet) -> Embed:
    """The network as a function of uint8 images, in evaluation mode and full precision.

    Not `training.embedder`, which scales pixels: this network does so itself.
    """

    def embed(images: Images) -> Rows:
        was_training = network.training
        network.eval()
        device = next(network.parameters()).device
        with torch.no_grad(), torch.autocast(device.type, enabled=False):
            pixels = torch.from_numpy(np.ascontiguousarray(images.transpose(0, 3, 1, 2)))
            rows: Rows = network(pixels.to(device)).cpu().numpy()
        network.train(was_training)
        return rows

    return embed


def _sketch_agreement(
    task: Task,
    found: Float64[np.ndarray, "query gallery"],
    reference: Distances,
    chosen: Sequence[int],
) -> float:
    """How often a sketch orders two photos as its own photo does: what the loss asks directly."""
    columns = np.flatnonzero(np.isin(task.gallery, chosen))
    asked = np.flatnonzero(task.relevant[:, columns].any(axis=1))
    anchors = task.relevant[np.ix_(asked, columns)].argmax(axis=1)
    photos = task.gallery[columns]
    return triplet_agreement(
        reference[np.ix_(photos[anchors], photos)].astype(np.float64),
        found[np.ix_(asked, columns)],
        anchors,
    )


def drawn_photos(packed: PackedSet, split: Split, absent: frozenset[str]) -> list[int]:
    """Photos of a split among which triplets are counted, the first `TOPOLOGY_PHOTOS`."""
    photos = enumerate(packed.pairs.photos)
    return [i for i, p in photos if p.split == split and p.category not in absent][:TOPOLOGY_PHOTOS]


def _embed_photos(embed: Embed, packed: PackedSet, chosen: Sequence[int], size: int) -> Rows:
    chunks = [chosen[i : i + CHUNK] for i in range(0, len(chosen), CHUNK)]
    rows = [embed(np.stack([fit_square(packed.photos[i], size) for i in c])) for c in chunks]
    return np.concatenate(rows) if rows else np.empty((0, 1), dtype=np.float32)


def squared_distances(
    queries: Float32[np.ndarray, "query dim"], gallery: Float32[np.ndarray, "gallery dim"]
) -> Float64[np.ndarray, "query gallery"]:
    """Squared Euclidean, which ranks as the mean squared difference does."""
    sketch, photo = queries.astype(np.float64), gallery.astype(np.float64)
    squares = (sketch**2).sum(1)[:, None] + (photo**2).sum(1)[None, :]
    return np.asarray(squares - 2.0 * sketch @ photo.T)
