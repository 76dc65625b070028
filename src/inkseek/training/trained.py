"""The encoder that a finished run holds, whichever system trained it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import yaml
from safetensors.torch import load_file
from torch import Tensor, nn

from inkseek.card import CARD
from inkseek.errors import ModelError
from inkseek.models.backbones import EmbeddingNet, create_backbone, num_features_of, pixel_scale
from inkseek.models.ensemble import Ensemble
from inkseek.training.loop import CHECKPOINT
from inkseek.training.recipe import RECIPE

WEIGHTS = "weights.safetensors"


@dataclass(frozen=True, eq=False)
class TrainedEncoder:
    """A network with what is needed to use it.

    Attributes:
        network: On the processor, in evaluation mode.
        backbone: Its timm name.
        dim: Width of the embedding.
        canvas_size: Side in pixels at which it sees sketches; the largest of several.
        photo_size: Side at which it sees photos.
    """

    network: EmbeddingNet
    backbone: str
    dim: int
    canvas_size: int
    photo_size: int

    @property
    def has_head(self) -> bool:
        """Whether a linear layer makes the embedding of the pooled features."""
        return isinstance(self.network.head, nn.Linear)


def load_trained(run: Path) -> TrainedEncoder:
    """The averaged encoder of a run whose recipe names backbone, width and sizes.

    A recipe without a width, as those of photo topology, trains the pooled features themselves;
    here they are brought to unit length, so what is compared is their cosine. One without a side
    for photos shows them at the side of sketches.

    Raises:
        ModelError: The run has no checkpoint, or its recipe makes no such encoder.
    """
    state = read_averaged(run)
    recipe = yaml.safe_load((run / RECIPE).read_text(encoding="utf-8"))
    try:
        backbone = create_backbone(recipe["backbone"], weights=None, pad_type=recipe["pad_type"])
        features = num_features_of(backbone)
        dim = recipe.get("dim", features)
        canvas_size = (
            recipe["canvas_size"] if "canvas_size" in recipe else max(recipe["canvas_sizes"])
        )
        network = EmbeddingNet(
            backbone,
            features,
            dim,
            head=recipe.get("head", "dim" in recipe),
            pixels=pixel_scale(*(recipe.get(f"pixel_{k}", (0.5,) * 3) for k in ("mean", "std"))),
        )
        network.load_state_dict(state)
        return TrainedEncoder(
            network.eval(),
            recipe["backbone"],
            dim,
            canvas_size,
            recipe.get("photo_canvas_size", canvas_size),
        )
    except (KeyError, RuntimeError) as error:
        raise ModelError(f"run {run} holds no encoder that can be used here: {error}") from error


@dataclass(frozen=True, eq=False)
class Teacher:
    """A frozen network whose distances a student learns.

    Attributes:
        network: Images to unit rows; on the processor, in evaluation mode.
        canvas_size: Side in pixels at which it sees sketches.
        photo_size: Side at which it sees photos.
    """

    network: nn.Module
    canvas_size: int
    photo_size: int


def load_teacher(runs: Sequence[Path]) -> Teacher:
    """One finished run as a teacher, or several, whose cosines are averaged.

    Several see images at the largest side that any of them was trained for.

    Raises:
        ModelError: There is none, or one of them holds no encoder.
    """
    if not runs:
        raise ModelError("a teacher needs the folder of one trained run at least")
    members = [load_trained(run) for run in runs]
    return Teacher(
        members[0].network if len(members) == 1 else Ensemble([m.network for m in members]).eval(),
        max(m.canvas_size for m in members),
        max(m.photo_size for m in members),
    )


def read_averaged(run: Path) -> dict[str, Tensor]:
    """The averaged weights of a run's last checkpoint, or the weights of a model folder.

    Raises:
        ModelError: The folder has neither.
    """
    if (run / CARD).is_file():
        return {key: value.float() for key, value in load_file(run / WEIGHTS).items()}
    path = run / CHECKPOINT
    if not path.is_file():
        raise ModelError(f"run {run} has no {CHECKPOINT}; train it first with `inkseek train`")
    state = torch.load(path, map_location="cpu", weights_only=True)["state_dict"]
    return {key.removeprefix("network."): value for key, value in state.items()}
