"""A program in a process of its own: for what happens only once in a process, or only in a green one."""

import subprocess
import sys

GREEN = "from services.kit.green import patch\npatch()\nimport eventlet\n"
"""The first lines of a program that is to be green."""


def said(program: str) -> str:
    """What it printed; it must end well within a minute."""
    command = [sys.executable, "-W", "ignore", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
