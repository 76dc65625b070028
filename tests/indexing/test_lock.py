import subprocess
import sys

import pytest

from inkseek.errors import GalleryError
from inkseek.indexing.lock import hold_lock

HOLD = """
import sys, pathlib
from inkseek.indexing.lock import hold_lock
with hold_lock(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_the_lock_is_free_again_after_use(tmp_path):
    for _ in range(2):
        with hold_lock(tmp_path):
            pass


def test_a_second_holder_is_told_to_wait_until_the_first_is_killed(tmp_path):
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(GalleryError, match="wait for it, or stop it"), hold_lock(tmp_path):
            pass
        holder.kill()
        holder.wait()
        with hold_lock(tmp_path):
            pass
