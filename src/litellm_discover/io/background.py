"""Asking the proxy in a process of its own, for which nobody waits."""

from __future__ import annotations

import subprocess
import sys

# The program itself, whatever the working directory: nothing in there is imported.
COMMAND = (sys.executable, "-P", "-m", "litellm_discover")


def start_refresh(target: str) -> None:
    """Have what is remembered renewed, and a target with it. Raises OSError when there is no process to be had."""
    subprocess.Popen(  # noqa: S603 - our own program
        [*COMMAND, "refresh", target],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
