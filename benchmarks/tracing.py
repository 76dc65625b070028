"""How much accuracy does tracing cost? The same validation sketches, by strokes and by pixels.

Run: python benchmarks/tracing.py    writes benchmarks/results/tracing.json.
Each sketch is drawn from its strokes; drawn at 256 pixels, traced back and drawn again; and drawn
at 256 pixels and only scaled down, untraced. The shipped encoder searches with all three. Strokes
of sketchy-mini and shoes are traced themselves, so theirs is the cost of tracing once more; those
of emoji are as they were drawn.
"""

import dataclasses
import json
from pathlib import Path

import numpy as np
from PIL import Image

from inkseek.data.sets import held_back, load_sets
from inkseek.data.tasks import make_tasks
from inkseek.data.traced import TRACED_SIZE, load_traced
from inkseek.encoder import Encoder
from inkseek.metrics.interval import bootstrap_interval
from inkseek.raster.draw import draw
from inkseek.report.retrieval import Figure, evaluate_task
from inkseek.strokes.sketch import Sketch

ROOT = Path(__file__).parents[1]
SETS = ("sketchy-mini", "shoes", "emoji")
TASKS = ("sketchy/in-category", "shoes", "emoji")


def main() -> None:
    """Measure and write."""
    encoder = Encoder.load("default", precision="int8", num_threads=1)
    sets = load_sets(SETS, ROOT / "cache", photo_size=144)
    rows = []
    for task in make_tasks([s.pairs for s in sets], "val", held_back(SETS)):
        if task.name not in TASKS:
            continue
        packed = sets[task.set_index]
        photos = encoder.embed_photos([packed.photos[i] for i in task.gallery])
        strokes = [packed.sketches[int(q)] for q in task.queries]
        again = load_traced(packed, task.queries.tolist(), ROOT / "cache")
        embedded = {
            "strokes": encoder.embed_sketches(strokes),
            "traced at 256": encoder.embed_sketches([again[i] for i in range(len(again))]),
            "pixels at 256, scaled": embed_scaled(encoder, strokes),
        }
        for source, queries in embedded.items():
            cosine = (queries * embedded["strokes"]).sum(1)
            agreement = bootstrap_interval(cosine, generator=np.random.default_rng(0))
            for figure in evaluate_task(task, queries, photos):
                rows.append(to_row(figure, source, agreement.mean))
                print(f"{figure.task:20} {source:22} {figure.metric:6} {figure.interval}")
    report = {
        "command": "python benchmarks/tracing.py",
        "model": encoder.digest,
        "recipe": encoder.card.name,
        "split": "val",
        "size": TRACED_SIZE,
        "figures": rows,
    }
    path = ROOT / "benchmarks" / "results" / "tracing.json"
    path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def to_row(figure: Figure, source: str, cosine: float) -> dict[str, object]:
    """One figure, with the mean cosine between these embeddings and those from strokes."""
    return {"source": source, **dataclasses.asdict(figure), "cosine_to_strokes": cosine}


def embed_scaled(encoder: Encoder, sketches: list[Sketch]) -> np.ndarray:
    """Unit rows of drawings at 256 pixels that are scaled to the canvas, never traced."""
    side = encoder.canvas_size
    images = np.stack(
        [
            np.asarray(
                Image.fromarray(draw(sketch, TRACED_SIZE)).resize(
                    (side, side), Image.Resampling.BOX
                )
            )
            for sketch in sketches
        ]
    )
    return encoder.embed_images(np.repeat(images[:, None], 3, axis=1))


if __name__ == "__main__":
    main()
