"""From strokes to embedding on one core: the paper's teacher, V1 on each canvas, V2 if it ships.

Run: python benchmarks/student_speed.py    writes benchmarks/results/student_speed.json. The
teacher is VGG-16 at 256 pixels with random weights, which cost what trained ones do.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime

from inkseek.encoder import Encoder
from inkseek.export.onnx import to_onnx
from inkseek.models.backbones import EmbeddingNet, create_backbone, num_features_of
from inkseek.raster.draw import draw_batch
from inkseek.report.speed import draw_random_sketches
from inkseek.strokes.sketch import Sketch

ROOT = Path(__file__).parents[1]
TEACHER_SIDE = 256
RUNS = {"teacher": 12, "student": 200}


def main() -> None:
    """Time everything in one run, and say how many times faster than the teacher it is."""
    sketches = draw_random_sketches(RUNS["student"], generator=np.random.default_rng(0))
    rows = [
        {
            "name": f"VGG-16 fp32, {TEACHER_SIDE}",
            "ms": time_each(embed_by_teacher(), sketches[: RUNS["teacher"]]),
        }
    ]
    for precision in ("fp32", "int8"):
        encoder = Encoder.load("default", precision=precision)  # type: ignore[arg-type]
        for side in sorted(encoder.card.canvas_sizes):
            rows.append(
                {
                    "name": f"V1 {precision}, {side}",
                    "ms": time_each(lambda s, e=encoder, c=side: e.embed_drawn([s], c), sketches),
                }
            )
        if encoder.card.selector:
            rows.append(
                {
                    "name": f"V2 {precision}",
                    "ms": time_each(lambda s, e=encoder: e.embed_sketches([s]), sketches),
                }
            )
    for row in rows:
        row["times_faster"] = rows[0]["ms"] / row["ms"]
        print(f"{row['name']:20} {row['ms']:8.3f} ms  {row['times_faster']:7.1f} times faster")
    report = {"command": "python benchmarks/student_speed.py", "threads": 1, "rows": rows}
    path = ROOT / "benchmarks" / "results" / "student_speed.json"
    path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def embed_by_teacher() -> Callable[[Sketch], object]:
    """VGG-16's convolutions, average pool and a head, on one thread of the same runtime."""
    backbone = create_backbone("vgg16", weights=None, pad_type="")
    network = EmbeddingNet(backbone, num_features_of(backbone), 128).eval()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    model = to_onnx(network).SerializeToString()
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def embed(sketch: Sketch) -> object:
        drawn = np.repeat(draw_batch([sketch], TEACHER_SIDE)[:, None], 3, axis=1)
        return session.run(["embedding"], {"image": drawn})

    return embed


def time_each(task: Callable[[Sketch], object], sketches: list[Sketch]) -> float:
    """Median in milliseconds after a warm-up."""
    for sketch in sketches[:3]:
        task(sketch)
    seconds = []
    for sketch in sketches:
        start = time.perf_counter()
        task(sketch)
        seconds.append(time.perf_counter() - start)
    return 1e3 * float(np.median(seconds))


if __name__ == "__main__":
    main()
