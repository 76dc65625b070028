"""Fetch the WebAssembly build of ONNX Runtime, which runs the encoder in the browser.

python tools/build_web.py    fills src/inkseek/server/static/vendor/; `make web` does the same.

The package comes from the npm registry in one pinned version, is refused unless its digest is the
pinned one, and two of its files are kept: a module, named so that every web server knows its type,
and the WebAssembly it loads, compressed, since not every web server compresses. Nothing is
installed and no script of the package runs. The page itself never asks another server.
"""

import base64
import gzip
import hashlib
import sys
import tarfile
import time
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

VERSION = "1.30.0"
URL = f"https://registry.npmjs.org/onnxruntime-web/-/onnxruntime-web-{VERSION}.tgz"
# As the registry states it: sha512, base64.
INTEGRITY = (
    "q0y+JrrtukXSzsBWEMccVfqX25LRmosXHF+CaRJmg8pZClzcV7svNc4rKY3jL02Vb7QmRMDs1SigqR4CXAfKYQ=="
)

VENDOR = Path(__file__).parents[1] / "src" / "inkseek" / "server" / "static" / "vendor"
FILES = {
    "package/dist/ort.wasm.bundle.min.mjs": "ort.js",
    "package/dist/ort-wasm-simd-threaded.wasm": "ort.wasm.gz",
}
MARK = "version.txt"

SECONDS = 60
ATTEMPTS = 3

# The package names its licence without its text, which must go where the files go.
LICENSE = f"""onnxruntime-web {VERSION}, https://github.com/microsoft/onnxruntime

MIT License

Copyright (c) Microsoft Corporation

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""


class BuildError(Exception):
    """One line on why the runtime could not be fetched."""


def main() -> None:
    """Fetch what is missing."""
    if is_built(VENDOR):
        print(f"{VENDOR} holds onnxruntime-web {VERSION} already")
        return
    try:
        sizes = unpack(fetch(URL), VENDOR)
    except BuildError as error:
        sys.exit(f"build_web: {error}")
    listed = ", ".join(f"{name} ({size >> 10:,} KiB)" for name, size in sizes.items())
    print(f"onnxruntime-web {VERSION} in {VENDOR}: {listed}")


def is_built(folder: Path) -> bool:
    """Whether the folder holds the files of this version; the mark is written last."""
    mark = folder / MARK
    return mark.is_file() and mark.read_text(encoding="utf-8").strip() == VERSION


def fetch(url: str) -> bytes:
    """The content at an address, tried a few times."""
    for attempt in range(ATTEMPTS):
        try:
            with urlopen(url, timeout=SECONDS) as response:
                content: bytes = response.read()
                return content
        except (URLError, OSError) as error:
            reason = error
            time.sleep(attempt)
    raise BuildError(f"{url} cannot be reached ({reason}); connect to the network and try again")


def unpack(package: bytes, folder: Path, integrity: str = INTEGRITY) -> Mapping[str, int]:
    """Keep what the page needs of a package; returns the sizes of the files in bytes."""
    found = base64.b64encode(hashlib.sha512(package).digest()).decode()
    if found != integrity:
        raise BuildError(f"{URL} is not the file it was: sha512-{found}, not sha512-{integrity}")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).unlink(missing_ok=True)
    sizes = {}
    with tarfile.open(fileobj=BytesIO(package)) as archive:
        for member, name in FILES.items():
            try:
                file = archive.extractfile(member)
            except KeyError:
                file = None
            if file is None:
                raise BuildError(f"{URL} has no {member}; change FILES with VERSION")
            content = file.read()
            if name.endswith(".gz"):
                content = gzip.compress(content, mtime=0)
            elif name.endswith(".js"):
                content = drop_source_map(content)
            (folder / name).write_bytes(content)
            sizes[name] = len(content)
    (folder / "LICENSE").write_text(LICENSE, encoding="utf-8")
    (folder / MARK).write_text(VERSION + "\n", encoding="utf-8")
    return sizes


def drop_source_map(module: bytes) -> bytes:
    """Without its last line, which sends developer tools after a file that is not there."""
    return module.partition(b"//# sourceMappingURL=")[0]


if __name__ == "__main__":
    main()
