"""Does the student bear pruning as well? Section 5.4 of "Sketch Down the FLOPs", on validation.

Run: python benchmarks/pruning.py [--runs runs]    after recipes/sketchynet/student.yaml was
trained; writes benchmarks/results/pruning.json. The smallest weights of all 1 x 1 convolutions,
nine tenths of the multiply-adds, become zero, without any training afterwards.
"""

import argparse
import copy
import dataclasses
import json
from pathlib import Path

from torch import nn
from torch.nn.utils import prune

from inkseek.data.sets import held_back, load_sets
from inkseek.data.tasks import make_tasks
from inkseek.metrics.cost import count_macs
from inkseek.models.backbones import EmbeddingNet
from inkseek.report.evaluation import evaluate
from inkseek.systems.sketchynet.config import StudentConfig
from inkseek.training.embedder import torch_embedder
from inkseek.training.recipe import RECIPE, read_recipe
from inkseek.training.trained import load_trained

ROOT = Path(__file__).parents[1]
SHARES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)


def main() -> None:
    """Measure every share on the usual canvas."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=Path, default=ROOT / "runs")
    arguments = parser.parse_args()
    config = read_recipe(arguments.runs / "student" / RECIPE, StudentConfig)
    whole = load_trained(arguments.runs / "student").network
    side = config.canvases_by_use[0]
    sets = load_sets(config.sets, ROOT / "cache", photo_size=config.photo_size)
    tasks = make_tasks([s.pairs for s in sets], "val", held_back(config.sets))
    rows = []
    for share in SHARES:
        network = copy.deepcopy(whole)
        gflops = 2e-9 * (count_macs(network, side) - prune_pointwise(network, share, side))
        embed = torch_embedder(network)
        for figure in evaluate(embed, side, config.photo_canvas_size, sets, tasks):
            rows.append({"share": share, "gflops": gflops, **dataclasses.asdict(figure)})
        print(f"{share:.1f} pruned, {gflops:.4f} GFLOPs", flush=True)
    report = {
        "command": "python benchmarks/pruning.py",
        "recipe": "recipes/sketchynet/student.yaml",
        "split": "val",
        "canvas": side,
        "rows": rows,
    }
    path = ROOT / "benchmarks" / "results" / "pruning.json"
    path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def prune_pointwise(network: EmbeddingNet, share: float, side: int) -> int:
    """Zero the smallest weights of a network, in place; the multiply-adds that need not be done.

    Args:
        network: Its sketches have `side` pixels.
        share: Of the weights of all pointwise convolutions together, by magnitude.
        side: Of the canvas.
    """
    layers = [m for m in network.modules() if isinstance(m, nn.Conv2d) and m.kernel_size == (1, 1)]
    chosen = [(layer, "weight") for layer in layers]
    prune.global_unstructured(chosen, pruning_method=prune.L1Unstructured, amount=share)
    for layer in layers:
        prune.remove(layer, "weight")
    places: dict[nn.Module, int] = {}
    hooks = [
        layer.register_forward_hook(
            lambda module, _, output: places.update({module: output.shape[2] * output.shape[3]})
        )
        for layer in layers
    ]
    count_macs(network, side)
    for hook in hooks:
        hook.remove()
    return sum(places[layer] * int((layer.weight == 0).sum()) for layer in layers)


if __name__ == "__main__":
    main()
