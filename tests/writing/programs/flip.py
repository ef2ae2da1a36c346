"""flip.py PATH LOCKS TIMES SIZE: replace the file's content by as many other bytes, TIMES times."""

from __future__ import annotations

import sys
from pathlib import Path

from litellm_discover.io import files
from litellm_discover.io.deadline import Deadline


def put(path: Path, locks: Path, data: bytes) -> None:
    """One write."""
    with files.locked(path, locks=locks, deadline=Deadline.after(30)) as file:
        file.update(lambda _: data)


def main(path: Path, locks: Path, times: int, size: int) -> None:
    """Write the letters from a to h in turn."""
    for number in range(times):
        put(path, locks, b"abcdefgh"[number % 8 :][:1] * size)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
