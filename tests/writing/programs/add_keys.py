"""add_keys.py PATH LOCKS NAME ROUNDS: add the keys NAME-0, NAME-1, … to a JSON file, each with its own change."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from litellm_discover.io import files
from litellm_discover.io.deadline import Deadline


def main(path: Path, locks: Path, name: str, rounds: int) -> None:
    """Add the keys one after the other."""
    for number in range(rounds):

        def change(before: bytes | None, key: str = f"{name}-{number}") -> bytes:
            return json.dumps({**json.loads(before or b"{}"), key: True}).encode()

        with files.locked(path, locks=locks, deadline=Deadline.after(120)) as file:
            file.update(change)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
