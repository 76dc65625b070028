"""What `make web` keeps of the package it fetches, and what it refuses."""

import base64
import gzip
import hashlib
import runpy
import tarfile
from io import BytesIO
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TOOL = runpy.run_path(str(ROOT / "tools" / "build_web.py"))


def pack(files):
    buffer = BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, BytesIO(content))
    package = buffer.getvalue()
    return package, base64.b64encode(hashlib.sha512(package).digest()).decode()


@pytest.fixture
def package():
    wanted = dict.fromkeys(TOOL["FILES"], b"code();\n//# sourceMappingURL=x.map")
    return pack({**wanted, "package/dist/other.js": b"other", "../escape.js": b"evil"})


def test_only_the_needed_files_are_kept_with_their_licence(package, tmp_path):
    folder = tmp_path / "a" / "vendor"
    TOOL["unpack"](*package[:1], folder, package[1])
    assert {path.name for path in folder.iterdir()} == {
        "ort.js",
        "ort.wasm.gz",
        "LICENSE",
        "version.txt",
    }
    assert (folder / "ort.js").read_bytes() == b"code();\n"
    assert gzip.decompress((folder / "ort.wasm.gz").read_bytes()).startswith(b"code();")
    assert "Copyright (c) Microsoft" in (folder / "LICENSE").read_text()
    assert not (tmp_path / "a" / "escape.js").exists()
    assert TOOL["is_built"](folder)


def test_another_package_than_the_pinned_one_is_refused(package, tmp_path):
    with pytest.raises(TOOL["BuildError"], match="is not the file it was"):
        TOOL["unpack"](package[0], tmp_path / "vendor")
    assert not (tmp_path / "vendor").exists()


def test_a_package_without_the_files_is_said(tmp_path):
    content, integrity = pack({"package/other.js": b"other"})
    with pytest.raises(TOOL["BuildError"], match="has no package/dist"):
        TOOL["unpack"](content, tmp_path, integrity)
    assert not TOOL["is_built"](tmp_path)


def test_an_address_that_does_not_answer_is_one_line(monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _: None)
    with pytest.raises(TOOL["BuildError"], match="cannot be reached"):
        TOOL["fetch"]("http://127.0.0.1:1/x.tgz")


def test_nothing_fetched_is_kept_by_git():
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert "/src/inkseek/server/static/vendor/" in ignored
