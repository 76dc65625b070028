"""A student's run from recipe to checkpoint (V1): resumable, with its figures beside it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path

from torch import Tensor

from inkseek.data.pack import PackedSet
from inkseek.data.progress import OnProgress
from inkseek.data.sets import held_back, load_sets
from inkseek.data.tasks import make_tasks
from inkseek.models.backbones import EmbeddingNet, scale_pixels
from inkseek.models.principal import set_principal_head
from inkseek.models.switchable import use_norms
from inkseek.report.evaluation import Embed, Images, Rows, evaluate_canvases
from inkseek.systems.sketchynet.config import StudentConfig
from inkseek.systems.sketchynet.student import PHOTO, StudentModule, fit_photo
from inkseek.systems.sketchynet.student_data import StudentStream
from inkseek.training.embedder import torch_embedder
from inkseek.training.loop import ONE_DEVICE, Hardware, LoopPlan, run_loop
from inkseek.training.run import begin_run, note_validation
from inkseek.training.trained import Teacher, load_teacher, load_trained

HEAD_BATCHES = 10
"""Batches whose images say where a head starts: about ten for each of 128 axes."""


def load(
    config: StudentConfig, cache: Path, on_progress: OnProgress
) -> tuple[list[PackedSet], Teacher]:
    """What `fit` trains on: data sets, and the teacher, which must have been trained.

    Raises:
        ModelError: The teacher's run has no checkpoint.
    """
    teacher = load_teacher([Path(run) for run in config.teachers])
    sets = load_sets(config.sets, cache, photo_size=config.photo_size, on_progress=on_progress)
    return sets, teacher


def fit(
    config: StudentConfig,
    run: Path,
    sets: Sequence[PackedSet],
    teacher: Teacher,
    *,
    resume: bool = False,
    hardware: Hardware = ONE_DEVICE,
) -> Path:
    """Distil and return the last checkpoint; ``resume`` goes on from it."""
    checkpoint = begin_run(config, "sketchynet", run, resume=resume)
    canvas_sizes = sorted({*config.canvas_sizes, teacher.canvas_size})
    photo_size = max(config.photo_canvas_size, teacher.photo_size)
    stream = partial(StudentStream, config, sets, canvas_sizes, photo_size)
    module = StudentModule(config, teacher, make_validation(config, sets, run))
    if checkpoint is None and config.start and not load_trained(Path(config.start)).has_head:
        first = islice(stream(), HEAD_BATCHES)
        set_principal_head(module.network, _images_of(first, config))
    return run_loop(
        module,
        stream,
        run,
        LoopPlan(config.last_step, config.validate_every, config.save_every, config.ema_decay),
        checkpoint=checkpoint,
        hardware=hardware,
    )


def _images_of(batches: Iterable[dict[str, Tensor]], config: StudentConfig) -> Iterator[Tensor]:
    """Their sketches on the largest canvas, and their photos."""
    for batch in batches:
        yield scale_pixels(batch[f"sketch-{max(config.canvas_sizes)}"])
        yield scale_pixels(fit_photo(batch["photo"], config.photo_canvas_size))


def make_validation(
    config: StudentConfig, sets: Sequence[PackedSet], run: Path
) -> Callable[[EmbeddingNet], dict[str, float]]:
    """A function that measures every canvas on the validation splits and notes it in the run."""
    tasks = make_tasks([s.pairs for s in sets], "val", held_back(config.sets))

    def validate(network: EmbeddingNet) -> dict[str, float]:
        sketch = {size: canvas_embedder(network, str(size)) for size in config.canvas_sizes}
        photo = canvas_embedder(network, PHOTO)
        measured = evaluate_canvases(sketch, photo, config.photo_canvas_size, sets, tasks)
        values = {
            f"val/{size}/{f.task}/{f.metric}": f.interval.mean
            for size, figures in measured.items()
            for f in figures
        }
        note_validation(run, values)
        return values

    return validate


def canvas_embedder(network: EmbeddingNet, norms: str) -> Embed:
    """The network as a function of images, with the batch norms of one canvas, or of photos."""
    plain = torch_embedder(network)

    def embed(images: Images) -> Rows:
        use_norms(network, norms)
        return plain(images)

    return embed
