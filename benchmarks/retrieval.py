"""How well does the shipped model find photos, beside a crude fine-tune, start weights and chance?

Run: python benchmarks/retrieval.py [--peer runs/contrastive]    after recipes/contrastive.yaml was
trained; writes benchmarks/results/retrieval.json and, for the docs, docs/images/reliability.png.
Only this file reads the test splits; nothing may be chosen by what it prints.
"""

import argparse
import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch

from inkseek.data.sets import held_back, load_sets
from inkseek.data.tasks import make_tasks
from inkseek.encoder import Encoder
from inkseek.metrics.uncertainty import expected_calibration_error, reliability_bins
from inkseek.models.backbones import create_backbone, scale_pixels, weights_root
from inkseek.report.confidence import judge, make_episodes
from inkseek.report.evaluation import Embed, Images, Rows, embed_tasks, evaluate, onnx_embedder
from inkseek.report.reliability import draw_reliability
from inkseek.training.embedder import torch_embedder
from inkseek.training.trained import load_trained

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Measure every task for four encoders, then the confidence of the shipped one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", type=Path, default=ROOT / "runs" / "contrastive")
    arguments = parser.parse_args()
    shipped = Encoder.load("default", precision="int8", num_threads=0)
    recipe = shipped.card.recipe
    sets = load_sets(recipe["sets"], ROOT / "cache", photo_size=recipe["photo_size"])
    tasks = make_tasks([s.pairs for s in sets], "test", held_back(recipe["sets"]))
    sizes = (shipped.canvas_size, shipped.photo_size)
    results = []
    for name in ("untrained", "crude", "fp32", "int8"):
        if name == "untrained":
            figures = evaluate(untrained_embedder(recipe), *sizes, sets, tasks, centred=True)
        elif name == "crude":
            peer = load_trained(arguments.peer)
            figures = evaluate(
                torch_embedder(peer.network), peer.canvas_size, peer.photo_size, sets, tasks
            )
        else:
            encoder = shipped if name == "int8" else Encoder.load("default", precision="fp32")
            figures = evaluate(
                onnx_embedder(encoder), *sizes, sets, tasks, embed_sketches=encoder.embed_sketches
            )
        for figure in figures:
            row = dataclasses.asdict(figure)
            results.append({"encoder": name, **row})
            print(f"{name:10} {figure.task:22} {figure.metric:8} {figure.interval}")
    generator = np.random.default_rng(0)
    episodes = [
        episode
        for task, queries, gallery in embed_tasks(
            onnx_embedder(shipped),
            *sizes,
            sets,
            [t for t in tasks if t.is_instance],
            embed_sketches=shipped.embed_sketches,
        )
        for episode in make_episodes(task, queries, gallery, generator=generator)
    ]
    confidence, correct = judge(episodes, shipped.card.calibration)
    error = expected_calibration_error(confidence, correct)
    bins = reliability_bins(confidence, correct)
    draw_reliability(bins, error, ROOT / "docs" / "images" / "reliability.png")
    report = {
        "command": "python benchmarks/retrieval.py",
        "model": shipped.digest,
        "recipe": recipe,
        "seed": recipe["seed"],
        "software": {"torch": torch.__version__, "onnxruntime": onnxruntime.__version__},
        "figures": results,
        "confidence": {
            "searches": len(episodes),
            "expected_calibration_error": error,
            "bins": [dataclasses.asdict(b) for b in bins if b.count],
        },
    }
    path = ROOT / "benchmarks" / "results" / "retrieval.json"
    path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def untrained_embedder(recipe: dict[str, Any]) -> Embed:
    """Pooled features of the start weights, unit length."""
    weights = weights_root() / recipe["weights"]
    backbone = create_backbone(recipe["backbone"], weights=weights, pad_type=recipe["pad_type"])
    backbone.eval()

    def embed(images: Images) -> Rows:
        with torch.no_grad():
            pixels = scale_pixels(torch.from_numpy(images).permute(0, 3, 1, 2))
            rows: Rows = backbone(pixels).mean(dim=(2, 3)).numpy()
        return rows

    return embed


if __name__ == "__main__":
    main()
