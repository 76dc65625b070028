"""Where a trained model lies, found without opening it: no torch is imported."""

import json
from pathlib import Path
from typing import Literal

from inkseek.assets import find_asset
from inkseek.card import CARD
from inkseek.errors import InkseekError, ModelError
from inkseek.training.recipe import RECIPE, require_run

SYSTEM: Literal["sketchgloc"] = "sketchgloc"


def find_model(where: str | Path) -> Path:
    """The folder of a run, of an exported model, or of a model that ships by its name.

    Raises:
        ModelError: There is none, or it is of another system.
    """
    folder = Path(where)
    if not folder.is_dir():
        try:
            folder = find_asset(f"models/{where}")
        except InkseekError as error:
            raise ModelError(
                f"no trained sketch model {str(where)!r}; train one with `inkseek train "
                "recipes/sketchgloc/five.yaml` and pass --model runs/sketchgloc-five"
            ) from error
    if (folder / CARD).is_file():
        _check_card(folder)
        return folder
    if not (folder / RECIPE).is_file():
        raise ModelError(f"{folder} is neither a run nor a model folder: no {RECIPE}, no {CARD}")
    require_run(folder, SYSTEM)
    return folder


def _check_card(folder: Path) -> None:
    try:
        card = json.loads((folder / CARD).read_bytes())
    except ValueError as error:
        raise ModelError(f"{folder / CARD}: is not a card") from error
    if not isinstance(card, dict) or card.get("system") != SYSTEM:
        raise ModelError(f"{folder} is a model that searches, not one that draws; see --help")
