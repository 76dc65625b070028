r"""Relational distillation: the student keeps the teacher's distances, not its coordinates.

After "Sketch Down the FLOPs" (arXiv 2505.23763), Eq. 2. Distances are squared Euclidean distances
of unit rows, in [0, 4]. Only distances are compared, so the two networks may differ in width, and
turning either embedding changes nothing. The teacher gets no gradient.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from inkseek.losses.masked import masked_mean


def huber(
    a: Float[Tensor, "*shape"], b: Float[Tensor, "*shape"], *, beta: float = 1.0
) -> Float[Tensor, "*shape"]:
    r"""Huber's function of each difference (Eq. 2).

    $$ \tfrac{1}{2} (a - b)^2 \;\text{if}\; |a - b| < \beta
       \;\text{else}\; \beta (|a - b| - \beta / 2) $$

    This is ``torch.nn.HuberLoss``; ``SmoothL1Loss`` is the same divided by $\beta$.
    """
    gap = (a - b).abs()
    return torch.where(gap < beta, 0.5 * gap.square(), beta * (gap - 0.5 * beta))


def relational_distillation(
    student_sketch: Float[Tensor, "batch student_dim"],
    student_positive: Float[Tensor, "batch student_dim"],
    student_negative: Float[Tensor, "batch student_dim"],
    teacher_sketch: Float[Tensor, "batch teacher_dim"],
    teacher_positive: Float[Tensor, "batch teacher_dim"],
    teacher_negative: Float[Tensor, "batch teacher_dim"],
    *,
    beta: float = 1.0,
) -> Float[Tensor, ""]:
    r"""Match the three distances of each triplet (Eq. 2).

    $$ L = \frac{1}{B} \sum_i \sum_{(a, b) \in \{sp, sn, pn\}}
        \mathrm{Huber}(\delta^\text{teacher}_{ab}, \delta^\text{student}_{ab}) $$

    The paper leaves open how a batch is reduced; here by its mean.

    Args:
        student_sketch: Unit rows of the student, from the sketch at any canvas size.
        student_positive: Its unit rows of the photos that were drawn.
        student_negative: Its unit rows of other photos.
        teacher_sketch: Unit rows of the teacher, from the sketch at full size.
        teacher_positive: Its unit rows of the same positives.
        teacher_negative: Its unit rows of the same negatives.
        beta: Difference from which the loss is linear, in squared distance; the paper's is 1.
    """
    student = _triplet_distances(student_sketch, student_positive, student_negative)
    teacher = _triplet_distances(teacher_sketch, teacher_positive, teacher_negative)
    return huber(teacher.detach(), student, beta=beta).sum(1).mean()


def batch_relational_distillation(
    student_sketch: Float[Tensor, "batch student_dim"],
    student_photo: Float[Tensor, "batch student_dim"],
    teacher_sketch: Float[Tensor, "batch teacher_dim"],
    teacher_photo: Float[Tensor, "batch teacher_dim"],
    *,
    peers: Bool[Tensor, "batch batch"] | None = None,
    beta: float = 1.0,
) -> Float[Tensor, ""]:
    r"""Eq. 2 with every photo of the batch as the negative, where the paper draws one.

    Ours, not the paper's. The sketch-photo and photo-photo distances of the batch are $B \times B$
    matrices: the diagonal of the first holds the $sp$ of Eq. 2, what is off it the $sn$, and
    what is off the diagonal of the second the $pn$. Each kind is averaged and the three are added,
    so that with all pairs as peers this is the mean of `relational_distillation` over all
    $B (B - 1)$ triplets.

    Args:
        student_sketch: Unit rows of the student.
        student_photo: Unit rows of the student; row $i$ is the photo of sketch $i$.
        teacher_sketch: Unit rows of the teacher.
        teacher_photo: Unit rows of the teacher, the same photos.
        peers: Which photos may be negatives of which sketch: not those that show the same object.
            By default all but its own; its own never is.
        beta: Difference from which the loss is linear, in squared distance.
    """
    across = _huber_of_matrices(student_sketch, student_photo, teacher_sketch, teacher_photo, beta)
    photos = _huber_of_matrices(student_photo, student_photo, teacher_photo, teacher_photo, beta)
    others = ~torch.eye(len(across), dtype=torch.bool, device=across.device)
    chosen = others if peers is None else peers & others
    return across.diagonal().mean() + masked_mean(across + photos, chosen)


def _triplet_distances(
    sketch: Float[Tensor, "batch dim"],
    positive: Float[Tensor, "batch dim"],
    negative: Float[Tensor, "batch dim"],
) -> Float[Tensor, "batch 3"]:
    pairs = ((sketch, positive), (sketch, negative), (positive, negative))
    return torch.stack([(a - b).square().sum(1) for a, b in pairs], dim=1)


def _huber_of_matrices(
    student_a: Float[Tensor, "batch student_dim"],
    student_b: Float[Tensor, "batch student_dim"],
    teacher_a: Float[Tensor, "batch teacher_dim"],
    teacher_b: Float[Tensor, "batch teacher_dim"],
    beta: float,
) -> Float[Tensor, "batch batch"]:
    student = 2.0 - 2.0 * student_a @ student_b.T
    teacher = 2.0 - 2.0 * teacher_a @ teacher_b.T
    return huber(teacher.detach(), student, beta=beta)
