"""Student and selector to a model folder: V2 as a search uses it.

A student's run alone (V1) is exported without a selector: its usual canvas is always used.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from safetensors.torch import load_file

from inkseek.card import Calibration, SelectorCard, write_card
from inkseek.data.pack import PackedSet
from inkseek.data.progress import OnProgress, silent
from inkseek.data.sets import held_back, load_sets
from inkseek.encoder import SELECTOR as SELECTOR_FILE
from inkseek.encoder import Encoder
from inkseek.errors import ModelError
from inkseek.export.folder import Sides, describe_model, prepare_network, write_networks
from inkseek.models.backbones import EmbeddingNet
from inkseek.report.confidence import calibrate_on_validation
from inkseek.report.evaluation import onnx_embedder
from inkseek.systems.sketchynet.config import StudentConfig
from inkseek.systems.sketchynet.selector import (
    RecurrentSelector,
    create_selector,
    selector_to_onnx,
)
from inkseek.systems.sketchynet.selector_run import (
    FRONTIER,
    SELECTOR,
    SelectorRunConfig,
    describe_selector,
)
from inkseek.systems.sketchynet.student import create_student
from inkseek.training.recipe import RECIPE, read_recipe, to_tree
from inkseek.training.trained import read_averaged

UNFITTED = Calibration(temperature=0.05, null_similarity=0.5, nothing_below=0.0)
"""Stands on the card while the finished encoder is measured to fit the real one."""


def export_student(
    run: Path, out: Path, *, cache: Path, on_progress: OnProgress = silent
) -> list[Path]:
    """Write the model folder of a student's run (V1), as `registry.System` has it.

    Raises:
        ModelError: The run has no checkpoint, or a network that one file cannot hold.
    """
    config = read_recipe(run / RECIPE, StudentConfig)
    sets = load_sets(config.sets, cache, photo_size=config.photo_size, on_progress=on_progress)
    return _write_folder(run, config, None, out, sets, recipe=to_tree(config))


def export_selector(
    run: Path, out: Path, *, cache: Path, on_progress: OnProgress = silent
) -> list[Path]:
    """Write the model folder of a selector's run, with its student (V2).

    Raises:
        ModelError: The run or its student's has no checkpoint.
    """
    config = read_recipe(run / RECIPE, SelectorRunConfig)
    if not (run / SELECTOR).is_file():
        raise ModelError(f"run {run} has no {SELECTOR}; train it first with `inkseek train`")
    student = read_recipe(Path(config.student) / RECIPE, StudentConfig)
    sets = load_sets(student.sets, cache, photo_size=student.photo_size, on_progress=on_progress)
    frontier = json.loads((run / FRONTIER).read_text(encoding="utf-8"))
    shares = frontier["selectors"][str(frontier["chosen"])]["val"]["shares"]
    selector = create_selector(config.selector.kind, num_canvases=len(student.canvas_sizes))
    selector.load_state_dict(load_file(run / SELECTOR))
    if not isinstance(selector, RecurrentSelector):
        raise ModelError(f"a {config.selector.kind} selector cannot be exported; train a gru")
    out.mkdir(parents=True, exist_ok=True)
    (out / SELECTOR_FILE).write_bytes(selector_to_onnx(selector).SerializeToString())
    return _write_folder(
        Path(config.student),
        student,
        describe_selector(config, student, shares),
        out,
        sets,
        recipe={**to_tree(student), "selector": to_tree(config)},
    )


def _write_folder(
    run: Path,
    config: StudentConfig,
    selector: SelectorCard | None,
    out: Path,
    sets: Sequence[PackedSet],
    *,
    recipe: dict[str, object],
) -> list[Path]:
    network = _load_student(run, config)
    sides = Sides(config.canvases_by_use, config.photo_canvas_size)
    if selector is None:
        (out / SELECTOR_FILE).unlink(missing_ok=True)
    write_networks(network, prepare_network(network), out, sides, sets, seed=config.seed)
    card = describe_model(
        out, network, sides, config, tree=recipe, calibration=UNFITTED, selector=selector
    )
    write_card(card, out)
    fitted = card.model_copy(update={"calibration": _calibrate(out, config, sets)})
    write_card(fitted, out)
    return [out / name for name in card.files]


def _load_student(run: Path, config: StudentConfig) -> EmbeddingNet:
    if config.norms != "shared":
        raise ModelError(
            f"run {run} has batch norms for each canvas, which one exported network cannot hold; "
            "train it with `--set norms=shared`"
        )
    network = create_student(config, pretrained=False)
    network.load_state_dict(read_averaged(run))
    return network


def _calibrate(folder: Path, config: StudentConfig, sets: Sequence[PackedSet]) -> Calibration:
    """Confidence of the folder as it searches, selector and all, on validation sketches."""
    encoder = Encoder.load(folder, precision="fp32", num_threads=0)
    return calibrate_on_validation(
        onnx_embedder(encoder),
        encoder.canvas_size,
        encoder.photo_size,
        sets,
        held_back(config.sets),
        embed_sketches=encoder.embed_sketches,
    )
