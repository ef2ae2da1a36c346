"""hold.py PATH LOCKS: hold the file's lock, say so, and keep it until the standard input ends."""

from __future__ import annotations

import sys
from pathlib import Path

from litellm_discover.io import files
from litellm_discover.io.deadline import Deadline


def main(path: Path, locks: Path) -> None:
    """Hold the lock."""
    with files.locked(path, locks=locks, deadline=Deadline.after(10)):
        sys.stdout.write("held\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
