"""Rows of a small embedding space."""

from collections.abc import Callable

import numpy as np
import pytest

from inkseek.gallery import Gallery, PhotoRow

DIM = 16


@pytest.fixture
def make_rows() -> Callable[..., list[PhotoRow]]:
    """Random unit rows, the same for the same seed."""

    def make(count: int, *, start: int = 0, seed: int = 0, **fields: object) -> list[PhotoRow]:
        matrix = np.random.default_rng(seed).standard_normal((count, DIM)).astype(np.float32)
        matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
        defaults: dict[str, object] = {
            "width": 640,
            "height": 480,
            "taken_at": None,
            "tags": (),
            "copies": (),
            "file_size": 1000,
            "modified_ns": 7,
            "model_digest": "model",
        }
        return [
            PhotoRow(
                **{
                    "photo_id": f"{start + i:032x}",
                    "path": f"/p/{(start + i) % 10}/{start + i}.jpg",
                    "near_key": 2**64 - 1 - i,
                    **defaults,
                    **fields,
                },
                embedding=matrix[i],
            )
            for i in range(count)
        ]

    return make


@pytest.fixture
def gallery(tmp_path) -> Gallery:
    """An empty gallery."""
    return Gallery.open(str(tmp_path / "g"), model_digest="model", dim=DIM, create=True)
