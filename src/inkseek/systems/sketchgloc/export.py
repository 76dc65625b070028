"""A run to a model folder."""

from dataclasses import replace
from pathlib import Path

from inkseek.data.progress import OnProgress, silent
from inkseek.data.sequences import load_recipe_sequences
from inkseek.systems.sketchgloc.folder import write_folder
from inkseek.systems.sketchgloc.trained import encode_training_sketches, load_model


def export(run: Path, out: Path, *, cache: Path, on_progress: OnProgress = silent) -> list[Path]:
    """Write the best checkpoint of a run as `folder` describes; returns the files.

    A run that is not finished has no codes of its training sketches yet: they are made here.

    Raises:
        ModelError: The run has no checkpoint.
    """
    model = load_model(run)
    if not model.codes:
        sequences = load_recipe_sequences(model.config, cache, on_progress)
        model = replace(model, codes=encode_training_sketches(model, sequences))
    return write_folder(model, out)
