"""The optimiser and schedule that the systems share."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn


def create_optimiser(
    modules: Sequence[tuple[nn.Module, float]], *, weight_decay: float, warmup: int, steps: int
) -> dict[str, Any]:
    """AdamW with linear warm-up and a cosine to zero, as Lightning takes it.

    Args:
        modules: Each with its peak learning rate.
        weight_decay: Decoupled, on kernels; scales, shifts and biases have none.
        warmup: Steps from a hundredth of the peak to the peak.
        steps: Where the cosine reaches zero.
    """
    groups = []
    for module, rate in modules:
        parameters = list(module.parameters())
        kernels = [p for p in parameters if p.ndim > 1]
        vectors = [p for p in parameters if p.ndim <= 1]
        groups.append({"params": kernels, "lr": rate, "weight_decay": weight_decay})
        groups.append({"params": vectors, "lr": rate, "weight_decay": 0.0})
    optimizer = torch.optim.AdamW(groups)
    schedule = torch.optim.lr_scheduler.SequentialLR(
        optimizer,
        [
            torch.optim.lr_scheduler.LinearLR(optimizer, 0.01, 1.0, warmup),
            torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, max(steps - warmup, 1)),
        ],
        [warmup],
    )
    return {
        "optimizer": optimizer,
        "lr_scheduler": {"scheduler": schedule, "interval": "step"},
    }
