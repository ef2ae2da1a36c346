"""The program of ``make share`` and ``make dist``."""

from __future__ import annotations

import sys
from pathlib import Path

from tools.release import dist, share


def main(arguments: list[str]) -> None:
    """Write the man page and the completions into ``share``, or what is published into a folder."""
    match arguments:
        case ["share"]:
            for path in share.write(share.ROOT / "share"):
                print(path)  # noqa: T201 - this is a program
        case ["dist", folder]:
            for path in dist.make(Path(folder)):
                print(path)  # noqa: T201 - as above
        case _:
            sys.exit("usage: python -m tools.release share | dist FOLDER")


if __name__ == "__main__":
    main(sys.argv[1:])
