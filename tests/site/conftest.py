"""A small gallery of photos, and the page as if its runtime were there."""

import shutil
from hashlib import blake2b

import numpy as np
import pytest
from PIL import Image

from inkseek.encoder import Encoder
from inkseek.gallery.photos import PhotoRow
from inkseek.gallery.store import Gallery
from inkseek.site import page

NUM_PHOTOS = 6


@pytest.fixture(scope="session")
def encoder(tiny_model):
    return Encoder.load(tiny_model)


@pytest.fixture
def gallery(encoder, tmp_path):
    """Six pictures of noise; the first says where and when it was taken."""
    photos = tmp_path / "private" / "photos"
    photos.mkdir(parents=True)
    generator = np.random.default_rng(0)
    rows = []
    for i in range(NUM_PHOTOS):
        exif = Image.Exif()
        if i == 0:
            exif[0x010E] = "at home, SECRET"
            exif.get_ifd(0x8769)[0x9003] = "2001:02:03 04:05:06"
        pixels = generator.integers(0, 256, (8, 8, 3), dtype=np.uint8)
        path = photos / f"photo-{i}.jpg"
        Image.fromarray(pixels).resize((800, 600)).save(path, exif=exif)
        rows.append(make_row(path, encoder, generator))
    url = str(tmp_path / "gallery")
    made = Gallery.open(url, model_digest=encoder.digest, dim=encoder.dim, create=True)
    made.upsert(rows)
    return made


def make_row(path, encoder, generator):
    content = path.read_bytes()
    return PhotoRow(
        photo_id=blake2b(content, digest_size=16).hexdigest(),
        path=str(path),
        width=800,
        height=600,
        taken_at=None,
        tags=(),
        near_key=int(generator.integers(0, 2**63)),
        copies=(),
        file_size=len(content),
        modified_ns=path.stat().st_mtime_ns,
        embedding=encoder.embed_photos([path])[0],
        model_digest=encoder.digest,
    )


@pytest.fixture
def runtime(monkeypatch, tmp_path):
    """The files of `make web`, empty: what is in them matters to a browser only."""
    service = tmp_path / "static"
    shutil.copytree(page.SERVICE, service, ignore=shutil.ignore_patterns("vendor"))
    (service / "vendor").mkdir()
    for name in page.RUNTIME:
        (service / "vendor" / name).touch()
    monkeypatch.setattr(page, "SERVICE", service)
    return service / "vendor"
