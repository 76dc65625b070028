"""A run from recipe to checkpoint: resumable, with retrieval and topology measured on the way."""

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import lightning
import numpy as np
import torch
from jaxtyping import Float32, Float64
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger
from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset

from inkseek.data.pack import PackedSet, digest
from inkseek.data.pairs import Split
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
from inkseek.training.features import load_features
from inkseek.training.loop import CHECKPOINT, VALIDATION, SaveLastStep
from inkseek.training.recipe import write_recipe

TOPOLOGY_PHOTOS = 200
"""Drawn photos of a split among which triplets are counted; a test set's worth takes seconds."""

FEWEST_PHOTOS = 3
"""An anchor and two photos."""

CHUNK = 32

Features = Float32[np.ndarray, "photo features"]
Validate = Callable[[PooledNet], dict[str, float]]


def train(
    config: TopologyConfig,
    run: Path,
    *,
    cache: Path,
    resume: bool = False,
    on_progress: Callable[[str, int, int], None] = lambda name, done, total: None,
) -> Path:
    """Train and return the last checkpoint; ``resume`` goes on from it.

    Args:
        config: The recipe.
        run: Folder of this run: ``recipe.yaml``, ``last.ckpt``, ``log/metrics.csv`` (``log-STEP``
            where it was resumed), ``val.jsonl``, whose first line was measured before training.
        cache: Folder of packed data sets and of features of photos.
        resume: Continue from ``last.ckpt`` if there is one.
        on_progress: Told of the packing of data sets.
    """
    sets = load_sets(config.sets, cache, photo_size=config.photo_size, on_progress=on_progress)
    features = [load_reference(config, packed, cache) for packed in sets]
    return fit(config, run, sets, features, held_back(config.sets), resume=resume)


def fit(
    config: TopologyConfig,
    run: Path,
    sets: Sequence[PackedSet],
    features: Sequence[Features],
    absent: frozenset[str],
    *,
    resume: bool = False,
) -> Path:
    """`train` on data that is already loaded.

    Args:
        config: The recipe.
        run: Folder of the run.
        sets: Data sets.
        features: What the frozen network says of all photos of each.
        absent: Categories that take no part in training.
        resume: Continue from the last checkpoint if there is one.
    """
    run.mkdir(parents=True, exist_ok=True)
    write_recipe(config, "photo_topology", run / "recipe.yaml")
    distances = [photo_distances(rows) for rows in features]
    validate = make_validation(config, sets, distances, absent, run)
    module = TopologyModule(config, validate)
    last = run / CHECKPOINT
    begun = resume and last.is_file()
    first_step = 0
    if begun:
        first_step = int(torch.load(last, map_location="cpu", weights_only=True)["global_step"])
    else:
        validate(module.network)
    stream = TripletStream(config, sets, distances, absent, first_step)
    loader = DataLoader(stream, batch_size=None, num_workers=1, prefetch_factor=4)
    # Validation is one step: its function knows what to embed.
    once: DataLoader[tuple[Tensor, ...]] = DataLoader(
        TensorDataset(torch.zeros(1)), batch_size=None
    )
    trainer = _create_trainer(config, run, first_step)
    trainer.fit(module, loader, once, ckpt_path=last if begun else None, weights_only=True)
    return last


def _create_trainer(config: TopologyConfig, run: Path, first_step: int) -> lightning.Trainer:
    """Neither averaged weights nor clipped gradients, unlike `training.loop`: the paper has none.

    Lightning would also refuse to clip gradients that a module sets by itself.
    """
    last = run / CHECKPOINT
    return lightning.Trainer(
        default_root_dir=run,
        max_steps=config.last_step,
        accelerator="auto",
        precision=config.precision,  # type: ignore[arg-type]
        val_check_interval=config.validate_every,
        check_val_every_n_epoch=None,
        num_sanity_val_steps=0,
        # The logger empties its folder, so a resumed run gets one of its own.
        logger=CSVLogger(run, name="", version=f"log-{first_step}" if first_step else "log"),
        log_every_n_steps=20,
        callbacks=[
            ModelCheckpoint(
                run,
                filename=last.stem,
                every_n_train_steps=config.save_every,
                enable_version_counter=False,
            ),
            SaveLastStep(last),
        ],
    )


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
        rows = start_features(create_network(config), packed, config.canvas_size)
        cache.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}.npy")
        np.save(partial, rows)
        partial.replace(path)
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
            found = _distances(queries, gallery)
            allowed = np.where(task.allowed, found, np.float64(np.inf))
            for k in (1, 10):
                values[f"val/{task.name}/acc@{k}"] = acc_at_k(allowed, task.relevant, k=k)
            chosen = _drawn_photos(sets[task.set_index], "val", absent)
            if len(chosen) >= FEWEST_PHOTOS:
                values[f"val/{task.name}/sketch-topology"] = _sketch_agreement(
                    task, found, distances[task.set_index], chosen
                )
        for packed, reference in zip(sets, distances, strict=True):
            for split in splits:
                chosen = _drawn_photos(packed, split, absent)
                if len(chosen) >= FEWEST_PHOTOS:
                    rows = _embed_photos(embed, packed, chosen, size)
                    values[f"{split}/{packed.pairs.name}/topology"] = triplet_agreement(
                        reference[np.ix_(chosen, chosen)],
                        photo_distances(rows),
                        np.arange(len(chosen)),
                    )
        with (run / VALIDATION).open("a", encoding="utf-8") as file:
            file.write(json.dumps(values) + "\n")
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


def _drawn_photos(packed: PackedSet, split: Split, absent: frozenset[str]) -> list[int]:
    photos = enumerate(packed.pairs.photos)
    return [i for i, p in photos if p.split == split and p.category not in absent][:TOPOLOGY_PHOTOS]


def _embed_photos(embed: Embed, packed: PackedSet, chosen: Sequence[int], size: int) -> Rows:
    chunks = [chosen[i : i + CHUNK] for i in range(0, len(chosen), CHUNK)]
    rows = [embed(np.stack([fit_square(packed.photos[i], size) for i in c])) for c in chunks]
    return np.concatenate(rows) if rows else np.empty((0, 1), dtype=np.float32)


def _distances(
    queries: Float32[np.ndarray, "query dim"], gallery: Float32[np.ndarray, "gallery dim"]
) -> Float64[np.ndarray, "query gallery"]:
    """Squared Euclidean, which ranks as the mean squared difference does."""
    sketch, photo = queries.astype(np.float64), gallery.astype(np.float64)
    squares = (sketch**2).sum(1)[:, None] + (photo**2).sum(1)[None, :]
    return np.asarray(squares - 2.0 * sketch @ photo.T)
