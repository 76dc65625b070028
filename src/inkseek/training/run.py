"""The folder of a run: what every training leaves behind, whichever system it is of.

    recipe.yaml      the whole recipe, defaults included
    last.ckpt        all that is needed to go on: weights, their average, optimiser, schedule, step
    log/metrics.csv  losses and figures by step; log-STEP where the run was resumed
    val.jsonl        figures of every validation, one object a line, the oldest first

A system says which further files its runs hold. Those that grow or are compared with (``val.jsonl``
and the weights of the best validation) are deleted when a run begins anew in the same folder.
"""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from inkseek.training.loop import CHECKPOINT, VALIDATION
from inkseek.training.recipe import RECIPE, write_recipe

RANKS = ("RANK", "LOCAL_RANK", "NODE_RANK", "SLURM_PROCID")
"""Variables by which the launchers of several processes number them, from 0."""


def is_first_process() -> bool:
    """Whether this process writes into the run's folder: of several devices the first does."""
    return all(os.environ.get(name, "0") == "0" for name in RANKS)


def begin_run(
    recipe: Any,  # noqa: ANN401
    system: str,
    run: Path,
    *,
    resume: bool = False,
    stale: Sequence[str] = (),
) -> Path | None:
    """Make the folder, store the recipe, and say which checkpoint to go on from: ``None`` if none.

    Args:
        recipe: Frozen dataclass of the recipe.
        system: The system it is for.
        run: Folder of the run.
        resume: Go on from ``last.ckpt`` if there is one; otherwise the run begins anew.
        stale: Files besides ``val.jsonl`` that a run which begins anew must not find.
    """
    last = run / CHECKPOINT
    goes_on = resume and last.is_file()
    if not is_first_process():
        return last if goes_on else None
    run.mkdir(parents=True, exist_ok=True)
    write_recipe(recipe, system, run / RECIPE)
    if goes_on:
        return last
    for name in (VALIDATION, *stale):
        (run / name).unlink(missing_ok=True)
    return None


def note_validation(run: Path, values: Mapping[str, float]) -> None:
    """Append the figures of a validation to those of the run."""
    if not is_first_process():
        return
    with (run / VALIDATION).open("a", encoding="utf-8") as file:
        file.write(json.dumps(values) + "\n")
