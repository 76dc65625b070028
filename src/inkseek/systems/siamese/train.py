"""A siamese run from recipe to checkpoint: resumable, with its figures beside the weights."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import lightning
import torch
import yaml
from lightning.pytorch.callbacks import EMAWeightAveraging, ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger
from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset

from inkseek.data.pack import PackedSet
from inkseek.data.sets import held_back, load_sets
from inkseek.data.tasks import make_tasks
from inkseek.models.backbones import EmbeddingNet, scale_pixels
from inkseek.report.evaluation import Embed, Images, Rows, evaluate
from inkseek.systems.siamese.config import SiameseConfig
from inkseek.systems.siamese.data import BatchStream
from inkseek.systems.siamese.module import SiameseModule
from inkseek.training.recipe import to_tree

LARGE_GALLERIES = ("sketchy/all", "shoes/+2000")
"""Left out of validation: four thousand more photos to embed, for the same choice."""


def train(
    config: SiameseConfig,
    run: Path,
    *,
    cache: Path,
    resume: bool = False,
    on_progress: Callable[[str, int, int], None] = lambda name, done, total: None,
) -> Path:
    """Train and return the last checkpoint; ``resume`` goes on from it.

    Args:
        config: The recipe.
        run: Folder of this run: ``recipe.yaml``, ``last.ckpt``, ``log/metrics.csv``, ``val.json``.
        cache: Folder of packed data sets.
        resume: Continue from ``last.ckpt`` if there is one.
        on_progress: Told of the packing of data sets.
    """
    run.mkdir(parents=True, exist_ok=True)
    (run / "recipe.yaml").write_text(yaml.safe_dump(to_tree(config), sort_keys=False))
    sets = load_sets(config.sets, cache, photo_size=config.photo_size, on_progress=on_progress)
    last = run / "last.ckpt"
    checkpoint = last if resume and last.is_file() else None
    first_step = _step_of(checkpoint) if checkpoint else 0
    stream = BatchStream(config, sets, first_step)
    module = SiameseModule(config, make_validation(config, sets, run))
    trainer = lightning.Trainer(
        default_root_dir=run,
        max_steps=config.last_step,
        accelerator="auto",
        precision="bf16-mixed",
        val_check_interval=config.validate_every,
        check_val_every_n_epoch=None,
        num_sanity_val_steps=0,
        logger=CSVLogger(run, name="", version="log"),
        log_every_n_steps=20,
        gradient_clip_val=5.0,
        callbacks=[
            EMAWeightAveraging(decay=config.ema_decay),
            ModelCheckpoint(
                run, filename="last", every_n_train_steps=100, enable_version_counter=False
            ),
        ],
    )
    loader = DataLoader(stream, batch_size=None, num_workers=1, prefetch_factor=4)
    # Validation is one step: its function knows what to embed.
    once: DataLoader[tuple[Tensor, ...]] = DataLoader(
        TensorDataset(torch.zeros(1)), batch_size=None
    )
    trainer.fit(module, loader, once, ckpt_path=checkpoint, weights_only=False)
    trainer.save_checkpoint(last)
    return last


def make_validation(
    config: SiameseConfig, sets: Sequence[PackedSet], run: Path
) -> Callable[[EmbeddingNet], dict[str, float]]:
    """A function that measures a network on the validation splits and notes it in the run."""
    tasks = make_tasks([s.pairs for s in sets], "val", held_back())
    tasks = [t for t in tasks if t.name not in LARGE_GALLERIES]

    def validate(network: EmbeddingNet) -> dict[str, float]:
        figures = evaluate(torch_embedder(network), config.canvas_size, sets, tasks)
        values = {f"val/{f.task}/{f.metric}": f.interval.mean for f in figures}
        with (run / "val.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(values) + "\n")
        return values

    return validate


def torch_embedder(network: EmbeddingNet) -> Embed:
    """The network as a function of uint8 images, in evaluation mode and full precision."""

    def embed(images: Images) -> Rows:
        was_training = network.training
        network.eval()
        with torch.no_grad():
            pixels = scale_pixels(torch.from_numpy(images).permute(0, 3, 1, 2))
            rows: Rows = network(pixels).float().numpy()
        network.train(was_training)
        return rows

    return embed


def _step_of(checkpoint: Path) -> int:
    return int(torch.load(checkpoint, map_location="cpu", weights_only=False)["global_step"])
