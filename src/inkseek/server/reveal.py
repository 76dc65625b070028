"""Show a file in the file manager of the computer that serves."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request

from inkseek.server.guards import LOOPBACK
from inkseek.server.problems import NotSupportedError

SECONDS = 10.0


def check_local(request: Request) -> None:
    """Refuse whoever does not sit at this computer.

    Raises:
        HTTPException: The request came from elsewhere, or through another name.
    """
    client = request.client.host if request.client else ""
    # A proxy on this computer asks for others, but under the name that they know.
    if client not in LOOPBACK or (request.url.hostname or "") not in LOOPBACK:
        raise HTTPException(403, "files are shown only to whoever sits at the computer that serves")


def reveal_file(path: Path) -> None:
    """Open the file manager at a file, or at its folder where it cannot select one.

    Raises:
        NotSupportedError: There is no file manager, or it does not start.
    """
    command = find_command(path)
    try:
        # The path is absolute, so it cannot be taken for an option; no shell is involved.
        done = subprocess.run(command, check=False, capture_output=True, timeout=SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotSupportedError(f"{command[0]} does not start; open {path.parent}") from error
    # Windows' Explorer returns 1 when it did its work.
    if done.returncode and sys.platform != "win32":
        raise NotSupportedError(f"{command[0]} failed; open {path.parent} by hand")


def find_command(path: Path) -> list[str]:
    """What shows a file on this computer.

    Raises:
        NotSupportedError: Nothing does.
    """
    if sys.platform == "darwin":
        return ["open", "-R", str(path)]
    if sys.platform == "win32":
        return ["explorer", f"/select,{path}"]
    opener = shutil.which("xdg-open")
    if opener is None or not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise NotSupportedError(f"the computer that serves has no file manager; open {path.parent}")
    return [opener, str(path.parent)]
