"""A port that was chosen is its chooser's: two systems that start at the same moment never take the same one."""

import fcntl
import os
import tempfile
import threading
from pathlib import Path

_HELD: dict[int, int] = {}  # the ports this process has claimed, each with the locked file that says so
_LOCK = threading.Lock()


def claim(port: int) -> bool:
    """Whether the port is this process's until it ends; not if another process of this user has claimed it."""
    with _LOCK:
        if port not in _HELD:
            file = os.open(_folder() / str(port), os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(file)
                return False
            _HELD[port] = file
        return True


def is_claimed(port: int) -> bool:
    """Whether this process has chosen the port before, whatever came of it."""
    return port in _HELD


def _folder() -> Path:
    """Of this user alone; the locks in it end with the processes that hold them, the empty files stay."""
    folder = Path(tempfile.gettempdir()) / f"hom-phieu-ports-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
