"""A student's run from recipe to checkpoint (V1): resumable, with its figures beside it."""

import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from inkseek.data.pack import PackedSet
from inkseek.data.sets import held_back, load_sets
from inkseek.data.tasks import LARGE_GALLERIES, make_tasks
from inkseek.models.backbones import EmbeddingNet
from inkseek.models.switchable import use_norms
from inkseek.report.evaluation import Embed, Images, Rows, evaluate_canvases
from inkseek.systems.sketchynet.config import StudentConfig
from inkseek.systems.sketchynet.student import PHOTO, StudentModule
from inkseek.systems.sketchynet.student_data import StudentStream
from inkseek.training.embedder import torch_embedder
from inkseek.training.loop import VALIDATION, LoopPlan, run_loop
from inkseek.training.recipe import write_recipe
from inkseek.training.trained import RECIPE, Teacher, load_teacher


def train(
    config: StudentConfig,
    run: Path,
    *,
    cache: Path,
    resume: bool = False,
    on_progress: Callable[[str, int, int], None] = lambda name, done, total: None,
) -> Path:
    """Distil and return the last checkpoint; ``resume`` goes on from it.

    Args:
        config: The recipe; its teacher must have been trained.
        run: Folder of this run: ``recipe.yaml``, ``last.ckpt``, ``log/metrics.csv``, ``val.jsonl``.
        cache: Folder of packed data sets.
        resume: Continue from ``last.ckpt`` if there is one.
        on_progress: Told of the packing of data sets.

    Raises:
        ModelError: The teacher's run has no checkpoint.
    """
    teacher = load_teacher([Path(run) for run in config.teachers])
    sets = load_sets(config.sets, cache, photo_size=config.photo_size, on_progress=on_progress)
    return fit(config, run, sets, teacher, resume=resume)


def fit(
    config: StudentConfig,
    run: Path,
    sets: Sequence[PackedSet],
    teacher: Teacher,
    *,
    resume: bool = False,
) -> Path:
    """`train` on data and with a teacher that are already loaded."""
    run.mkdir(parents=True, exist_ok=True)
    write_recipe(config, "sketchynet", run / RECIPE)
    canvas_sizes = sorted({*config.canvas_sizes, teacher.canvas_size})
    photo_size = max(config.photo_canvas_size, teacher.photo_size)
    return run_loop(
        StudentModule(config, teacher, make_validation(config, sets, run)),
        partial(StudentStream, config, sets, canvas_sizes, photo_size),
        run,
        LoopPlan(config.last_step, config.validate_every, config.save_every, config.ema_decay),
        resume=resume,
    )


def make_validation(
    config: StudentConfig, sets: Sequence[PackedSet], run: Path
) -> Callable[[EmbeddingNet], dict[str, float]]:
    """A function that measures every canvas on the validation splits and notes it in the run."""
    tasks = make_tasks([s.pairs for s in sets], "val", held_back(config.sets))
    tasks = [t for t in tasks if t.name not in LARGE_GALLERIES]

    def validate(network: EmbeddingNet) -> dict[str, float]:
        sketch = {size: canvas_embedder(network, str(size)) for size in config.canvas_sizes}
        photo = canvas_embedder(network, PHOTO)
        measured = evaluate_canvases(sketch, photo, config.photo_canvas_size, sets, tasks)
        values = {
            f"val/{size}/{f.task}/{f.metric}": f.interval.mean
            for size, figures in measured.items()
            for f in figures
        }
        with (run / VALIDATION).open("a", encoding="utf-8") as file:
            file.write(json.dumps(values) + "\n")
        return values

    return validate


def canvas_embedder(network: EmbeddingNet, norms: str) -> Embed:
    """The network as a function of images, with the batch norms of one canvas, or of photos."""
    plain = torch_embedder(network)

    def embed(images: Images) -> Rows:
        use_norms(network, norms)
        return plain(images)

    return embed
