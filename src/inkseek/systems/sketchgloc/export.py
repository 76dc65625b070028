"""A run to a model folder."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from inkseek.data.sequences import load_sequences
from inkseek.data.sets import data_root
from inkseek.systems.sketchgloc.folder import write_folder
from inkseek.systems.sketchgloc.trained import encode_training_sketches, load_model


def export(
    run: Path,
    out: Path,
    *,
    cache: Path,
    on_progress: Callable[[str, int, int], None] = lambda name, done, total: None,
) -> list[Path]:
    """Write the best checkpoint of a run as `folder` describes; returns the files.

    A run that is not finished has no codes of its training sketches yet: they are made here.

    Args:
        run: Folder of the run.
        out: Model folder to write.
        cache: Folder of stored sequences.
        on_progress: Told of the reading of categories.

    Raises:
        ModelError: The run has no checkpoint.
    """
    model = load_model(run)
    if not model.codes:
        sequences = load_sequences(
            data_root() / model.config.source,
            model.config.categories,
            cache,
            max_points=model.config.max_seq_len,
            limit=model.config.num_per_category,
            on_progress=on_progress,
        )
        model = replace(model, codes=encode_training_sketches(model, sequences))
    return write_folder(model, out)
