"""A log of a limited size: when it is full it becomes the old one, and the one before that is gone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from litellm_discover.io import disk

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES = 512 * 1024


def append(path: Path, line: str) -> None:
    """Add a line to the file, which only its owner can read. Raises OSError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | disk.NOFOLLOW | disk.PLAIN, 0o600)
    try:
        os.write(descriptor, f"{line}\n".encode())
        full = os.fstat(descriptor).st_size >= MAX_BYTES
    finally:
        os.close(descriptor)
    if full:
        path.replace(path.with_name(f"{path.name}.1"))
