r"""What a student learns on one canvas: triplets of its own, distances of its teacher.

"Sketch Down the FLOPs" (arXiv 2505.23763), section 3.1:
$\lambda L_{Tri} + (1 - \lambda) L_{RKD}$, the mean over canvases taken by the caller.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from inkseek.losses.relational import batch_relational_distillation, relational_distillation
from inkseek.losses.triplet import hard_triplet_loss, triplet_loss
from inkseek.systems.sketchynet.config import StudentConfig


@dataclass(frozen=True, eq=False)
class Pair:
    """Unit rows of one network: row i of both is a pair."""

    sketch: Float[Tensor, "batch dim"]
    photo: Float[Tensor, "batch dim"]


def find_peers(
    category: Int[Tensor, " batch"], block: Int[Tensor, " batch"]
) -> Bool[Tensor, "batch batch"]:
    """Which photos may be negatives of which sketch.

    Photos of its block, which differ from its own, and photos of other categories; never its own,
    nor one of its category outside its block, which may be the same photo.
    """
    same_block = (block[:, None] == block[None, :]) & (block[:, None] >= 0)
    peers = same_block | (category[:, None] != category[None, :])
    return peers & ~torch.eye(len(block), dtype=torch.bool, device=block.device)


def canvas_objective(
    student: Pair,
    teacher: Pair,
    peers: Bool[Tensor, "batch batch"],
    negative: Int[Tensor, " batch"],
    config: StudentConfig,
) -> tuple[Float[Tensor, ""], Float[Tensor, ""]]:
    """Triplet loss and distillation loss of a batch at one canvas size.

    Args:
        student: Its sketches are drawn at this canvas.
        teacher: Its sketches have the teacher's own canvas, whatever the student's.
        peers: From `find_peers`; the triplet loss alone needs them. A teacher's distance is right
            for any two images, also for those that may show the same thing, and it is from these
            that a student learns what a category is.
        negative: One drawn peer a row, for ``relations: triplet``.
        config: The recipe.
    """
    if config.relations == "batch":
        return (
            hard_triplet_loss(student.sketch, student.photo, peers=peers, margin=config.margin),
            batch_relational_distillation(
                student.sketch,
                student.photo,
                teacher.sketch,
                teacher.photo,
                beta=config.beta,
            ),
        )
    return (
        triplet_loss(student.sketch, student.photo, student.photo[negative], margin=config.margin),
        relational_distillation(
            student.sketch,
            student.photo,
            student.photo[negative],
            teacher.sketch,
            teacher.photo,
            teacher.photo[negative],
            beta=config.beta,
        ),
    )


def draw_negatives(
    peers: Bool[Tensor, "batch batch"], generator: torch.Generator
) -> Int[Tensor, " batch"]:
    """One random peer a row; every row must have one."""
    return torch.multinomial(peers.float().cpu(), 1, generator=generator)[:, 0].to(peers.device)
