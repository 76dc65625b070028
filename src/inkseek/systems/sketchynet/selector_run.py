r"""A canvas selector's run (V2): measure a student's canvases, sweep the price of compute, choose.

"Sketch Down the FLOPs" (arXiv 2505.23763), sections 3.2 and 4. The paper fixes $\lambda_F$; here
every value of the recipe is tried, and validation decides: the cheapest selector that keeps the
asked-for share of the acc@1 of the largest canvas.

The folder of a run holds ``recipe.yaml``, ``frontier.json`` (every selector beside the fixed
canvases and the best possible choice, on validation) and ``selector.safetensors``.
"""

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from jaxtyping import Float64
from safetensors.torch import save_file

from inkseek.card import SelectorCard
from inkseek.data.progress import OnProgress, silent
from inkseek.data.sets import load_sets
from inkseek.errors import RecipeError
from inkseek.metrics.cost import count_macs
from inkseek.raster.draw import DEFAULT_MARGIN
from inkseek.systems.sketchynet.config import StudentConfig
from inkseek.systems.sketchynet.measured import Measured, measure_student
from inkseek.systems.sketchynet.outcomes import Outcomes, oracle_canvas
from inkseek.systems.sketchynet.selector import HIDDEN
from inkseek.systems.sketchynet.student import create_student
from inkseek.systems.sketchynet.train_selector import (
    SelectorConfig,
    SelectorFigures,
    TrainedSelector,
    judge_choices,
    train_selector,
)
from inkseek.training.recipe import RECIPE, read_recipe
from inkseek.training.run import begin_run

SELECTOR = "selector.safetensors"
FRONTIER = "frontier.json"


@dataclass(frozen=True)
class SelectorRunConfig:
    r"""Everything a selector depends on.

    Attributes:
        name: Name of the run and of the model folder it makes.
        student: Folder of the student's run, which stays as it is.
        compute_weights: Values of $\lambda_F$ to try.
        keeps: Share of the largest canvas's acc@1 on validation that a selector must keep.
        levels: Percent of the points at which training sketches are measured; the last is 100.
        max_points: Points to which a sketch is simplified before the selector reads it.
        selector: Its network and training; `compute_weights` replace the weight in its reward.
    """

    name: str
    student: str
    compute_weights: tuple[float, ...] = (0.02, 0.05, 0.1, 0.2, 0.35)
    keeps: float = 0.99
    levels: tuple[int, ...] = (30, 50, 70, 85, 100)
    max_points: int = 100
    selector: SelectorConfig = field(default_factory=SelectorConfig)

    def __post_init__(self) -> None:
        if not self.compute_weights:
            raise RecipeError("compute_weights is empty; name one value at least")
        if list(self.levels) != sorted(set(self.levels)) or self.levels[-1:] != (100,):
            raise RecipeError(f"levels {self.levels} must rise to 100")
        if self.selector.kind not in ("gru", "lstm"):
            raise RecipeError(
                f"selector.kind is {self.selector.kind!r}; only gru and lstm can be exported"
            )


def load(
    config: SelectorRunConfig, cache: Path, on_progress: OnProgress
) -> tuple[StudentConfig, Measured, OnProgress]:
    """What `fit` takes: the student, which must have been trained, what it brings, who is told.

    No student is measured twice: the cache keeps what its canvases bring.
    """
    student = read_recipe(Path(config.student) / RECIPE, StudentConfig)
    sets = load_sets(student.sets, cache, photo_size=student.photo_size, on_progress=on_progress)
    card = describe_selector(config, student, ())
    data = measure_student(
        Path(config.student), sets, cache, levels=config.levels, card=card, on_progress=on_progress
    )
    return student, data, on_progress


def fit(
    config: SelectorRunConfig,
    run: Path,
    student: StudentConfig,
    data: Measured,
    on_progress: OnProgress = silent,
    *,
    resume: bool = False,
) -> Path:
    """Train the selectors of a recipe and keep the best, in ``selector.safetensors``.

    Selectors take minutes: a run that is resumed begins anew.
    """
    begin_run(config, "sketchynet_selector", run)
    network = create_student(student, pretrained=False)
    costs = np.array([2e-9 * count_macs(network, side) for side in student.canvas_sizes])
    trained = sweep(config, data, costs, on_progress=on_progress)
    figures = {weight: t.best.val for weight, t in trained.items()}
    best = choose_weight(config, data.val.outcomes, figures)
    _write_frontier(run / FRONTIER, config, student, data.val.outcomes, costs, trained, best)
    save_file(trained[best].selector.state_dict(), run / SELECTOR)
    return run / SELECTOR


def sweep(
    config: SelectorRunConfig,
    data: Measured,
    costs: Float64[np.ndarray, " canvases"],
    *,
    on_progress: OnProgress = silent,
) -> dict[float, TrainedSelector]:
    """One selector for each price of compute."""
    trained = {}
    for weight in config.compute_weights:
        reward = dataclasses.replace(config.selector.reward, compute_weight=weight)
        trained[weight] = train_selector(
            data.train,
            data.val,
            costs,
            dataclasses.replace(config.selector, reward=reward),
            on_epoch=lambda e: on_progress(f"weight {weight}", e.number, config.selector.epochs),  # noqa: B023
        )
    return trained


def choose_weight(
    config: SelectorRunConfig, val: Outcomes, figures: dict[float, SelectorFigures]
) -> float:
    """The price whose selector is cheapest of those that keep enough; of none, the best kept."""
    largest = float((val.ranks[-1, -1] == 1).mean())
    enough = [w for w, f in figures.items() if f.acc_at_1 >= config.keeps * largest]
    if enough:
        return min(enough, key=lambda w: figures[w].cost)
    return max(figures, key=lambda w: figures[w].acc_at_1)


def describe_selector(
    config: SelectorRunConfig, student: StudentConfig, shares: Sequence[float]
) -> SelectorCard:
    """What a model folder says of its selector."""
    gates = 3 if config.selector.kind == "gru" else 4
    return SelectorCard(
        canvas_sizes=student.canvas_sizes,
        max_points=config.max_points,
        margin=DEFAULT_MARGIN,
        gflops_per_point=2e-9 * gates * HIDDEN * (5 + HIDDEN),
        shares=tuple(shares),
    )


def _write_frontier(
    path: Path,
    config: SelectorRunConfig,
    student: StudentConfig,
    val: Outcomes,
    costs: np.ndarray,
    trained: dict[float, TrainedSelector],
    best: float,
) -> None:
    count = val.ranks.shape[2]
    reward = config.selector.reward

    def judge(choices: np.ndarray) -> SelectorFigures:
        return judge_choices(choices, val, costs, reward)

    report = {
        "student": student.name,
        "canvas_sizes": student.canvas_sizes,
        "gflops": costs.tolist(),
        "queries": count,
        "fixed": [
            dataclasses.asdict(judge(np.full(count, canvas))) for canvas in range(len(costs))
        ],
        "oracle": dataclasses.asdict(judge(oracle_canvas(val.ranks[-1]))),
        "selectors": {str(weight): dataclasses.asdict(t.best) for weight, t in trained.items()},
        "chosen": best,
    }
    path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
