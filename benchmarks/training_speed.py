"""How fast a step of training is on one core, and what the gradient of strided convolutions costs.

Run: python benchmarks/training_speed.py    writes benchmarks/results/training_speed.json.
MobileNetV2 forward and backward, as it comes and after `models.strided.quicken_strides`, in the
same run; beside them forward alone, three times of which is what a step should take.
"""

import json
import time
from pathlib import Path

import torch

from inkseek.models.backbones import create_backbone, freeze_batch_norm
from inkseek.models.strided import quicken_strides

ROOT = Path(__file__).parents[1]
BATCH = 64
REPEATS = 5


def main() -> None:
    """Time every side and precision, as images a second of the median run."""
    torch.set_num_threads(1)
    rows = []
    for side in (64, 96, 128):
        image = torch.rand(BATCH, 3, side, side).contiguous(memory_format=torch.channels_last)
        for precision in (torch.bfloat16, torch.float32):
            plain, quick = make_network(quick=False), make_network(quick=True)
            row = {
                "side": side,
                "precision": str(precision).removeprefix("torch."),
                "plain": measure(plain, image, precision),
                "quick": measure(quick, image, precision),
                "limit": measure(plain, image, precision, backward=False) / 3,
            }
            row["times_faster"] = row["quick"] / row["plain"]
            row["ratio_to_limit"] = row["limit"] / row["quick"]
            rows.append(row)
            print(json.dumps(row), flush=True)
    report = {
        "command": "python benchmarks/training_speed.py",
        "unit": "images/s",
        "threads": 1,
        "rows": rows,
    }
    path = ROOT / "benchmarks" / "results" / "training_speed.json"
    path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def make_network(*, quick: bool) -> torch.nn.Module:
    """MobileNetV2 as students train it, its statistics frozen."""
    network = create_backbone("mobilenetv2_100", weights=None, pad_type="same").train()
    freeze_batch_norm(network)
    if quick:
        quicken_strides(network)
    return network


def measure(
    network: torch.nn.Module,
    image: torch.Tensor,
    precision: torch.dtype,
    *,
    backward: bool = True,
) -> float:
    """Images a second, forward and, if wanted, backward."""
    seconds = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        with (
            torch.autocast("cpu", precision, enabled=precision != torch.float32),
            torch.set_grad_enabled(backward),
        ):
            features = network(image).float()
        if backward:
            features.square().mean().backward()
        seconds.append(time.perf_counter() - started)
    return len(image) / sorted(seconds)[REPEATS // 2]


if __name__ == "__main__":
    main()
