"""Pictures that broke image libraries: the test images in the source archives of Pillow and
pillow-heif, uploaded as drawings and indexed as photos.

The archives are fetched from PyPI and kept in pytest's cache; nothing of them is in this project.
"""

import hashlib
import random
import re
import tarfile
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urljoin

import httpx2
import pytest
from fastapi.testclient import TestClient

from inkseek.indexing import index_folders
from inkseek.indexing.quarantine import Quarantine
from inkseek.server.app import create_app

INDEX = "https://pypi.org/simple/"
ARCHIVES = {"pillow": "Tests/images", "pillow-heif": "tests/images"}

WORST = re.compile(r"crash|timeout|oom|bomb|overflow|overrun|invalid|corrupt|truncated|bad|broken")

NUM_UPLOADS = 80
NUM_INDEXED = 250


def fetch_archive(name: str, cache: Path) -> Path:
    """The source archive of the installed version, checked against the digest of the index."""
    file = f"{name.replace('-', '_')}-{version(name)}.tar.gz"
    path = cache / file
    if not path.is_file():
        try:
            page = httpx2.get(f"{INDEX}{name}/", timeout=20, follow_redirects=True)
            found = re.search(rf'href="([^"]*{re.escape(file)})#sha256=([0-9a-f]+)"', page.text)
            if found is None:
                pytest.skip(f"{INDEX} does not offer {file}")
            archive = httpx2.get(urljoin(str(page.url), found[1]), timeout=300)
        except httpx2.HTTPError as error:
            pytest.skip(f"{INDEX} cannot be reached for {file}: {error}")
        assert hashlib.sha256(archive.content).hexdigest() == found[2]
        path.write_bytes(archive.content)
    return path


@pytest.fixture(scope="module")
def pictures(request, tmp_path_factory) -> list[Path]:
    """Every file of the image folders, those with a telling name first."""
    folder = tmp_path_factory.mktemp("pictures")
    cache = request.config.cache.mkdir("source-archives")
    found = []
    for name, images in ARCHIVES.items():
        with tarfile.open(fetch_archive(name, cache)) as archive:
            members = [
                member
                for member in archive.getmembers()
                if member.isfile() and f"/{images}/" in member.name
            ]
            archive.extractall(folder / name, members, filter="data")
        found += [path for path in (folder / name).rglob("*") if path.is_file()]
    assert len(found) > 500
    random.Random(0).shuffle(found)
    return sorted(found, key=lambda path: not WORST.search(path.name.lower()))


@pytest.mark.slow
def test_every_upload_gets_strokes_or_a_clear_error(empty_searcher, pictures):
    client = TestClient(create_app(empty_searcher), base_url="http://127.0.0.1")
    outcomes = {200: 0, 413: 0, 422: 0}
    for path in pictures[: NUM_UPLOADS // 2] + pictures[-NUM_UPLOADS // 2 :]:
        response = client.post(
            "/api/sketches", content=path.read_bytes(), params={"name": path.name[:80]}
        )
        assert response.status_code in outcomes, (path, response.text)
        outcomes[response.status_code] += 1
        if response.status_code == 422:
            detail = response.json()["detail"]
            assert path.name[:80] in detail, path
            assert "Traceback" not in detail
            assert len(detail.splitlines()) == 1
            assert len(detail) < 600
    assert client.get("/api/health").json()["status"] == "ok"
    assert outcomes[200] > 5
    assert outcomes[422] > 5


@pytest.mark.slow
def test_a_folder_of_them_is_indexed_and_the_bad_ones_are_put_aside(
    empty_searcher, pictures, tmp_path
):
    folder = tmp_path / "photos"
    folder.mkdir()
    for i, path in enumerate(pictures[: NUM_INDEXED // 2] + pictures[-NUM_INDEXED // 2 :]):
        (folder / f"{i}-{path.name}").write_bytes(path.read_bytes())
    summary = index_folders([folder], empty_searcher.gallery, empty_searcher.encoder, workers=2)
    entries = Quarantine(Path(empty_searcher.gallery.url)).read()
    assert summary.added > 50
    assert summary.quarantined == len(entries) > 5
    assert summary.added == empty_searcher.gallery.count()
    assert all(len(entry.reason.splitlines()) == 1 for entry in entries.values())
    client = TestClient(create_app(empty_searcher), base_url="http://127.0.0.1")
    sketch = {"canvas_size": 9, "strokes": [[[1, 1], [8, 8]]]}
    hits = client.post("/api/search", json={"sketch": sketch, "k": 20}).json()["hits"]
    assert len(hits) == 20
    for hit in hits:
        assert client.get(hit["thumbnail"]).headers["content-type"] == "image/jpeg"
