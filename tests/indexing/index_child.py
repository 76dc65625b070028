"""Index folders in a process that a test may kill; prints what is committed, a line a path.

    python index_child.py GALLERY BATCH_SIZE FOLDER...

Without folders, it rebuilds the gallery for another model.
The encoder stands in for a trained one: a photo's mean colour in each cell of a 2 x 2 grid.
"""

import json
import sys
from pathlib import Path

import numpy as np

from inkseek.gallery import Gallery
from inkseek.indexing import IndexProgress, index_folders, rebuild_gallery


class GridEncoder:
    """Mean colours as a unit embedding."""

    digest = "grid"
    dim = 12
    photo_size = 32

    def embed_photos(self, photos):
        cells = [np.asarray(p, np.float32).reshape(2, 16, 2, 16, 3).mean((1, 3)) for p in photos]
        rows = np.stack(cells).reshape(len(photos), 12) + 1
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


class OtherEncoder(GridEncoder):
    """A later version of it, in another space."""

    digest = "other"
    dim = 3

    def embed_photos(self, photos):
        rows = np.stack([np.asarray(p, np.float32).mean((0, 1)) for p in photos]) + 1
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def main() -> None:
    """Index, and acknowledge each batch after its commit."""

    def acknowledge(progress: IndexProgress) -> None:
        sys.stdout.write("".join(f"{json.dumps(path)}\n" for path in progress.committed))
        sys.stdout.flush()

    folders = [Path(folder) for folder in sys.argv[3:]]
    if folders:
        run, encoder = index_folders, GridEncoder()
        binding = {"model_digest": encoder.digest, "dim": encoder.dim, "create": True}
    else:
        run, encoder, binding = rebuild_gallery, OtherEncoder(), {}
    run(
        folders,
        Gallery.open(sys.argv[1], **binding),
        encoder,
        workers=1,
        batch_size=int(sys.argv[2]),
        on_progress=acknowledge,
    )
    sys.stdout.write('"done"\n')


if __name__ == "__main__":
    main()
