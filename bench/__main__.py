"""The program of `make bench`: runs the benches and writes docs/benchmarks.md."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from bench import command, opencode, pi, report, scale
from bench.installed import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = ROOT / "docs" / "benchmarks.md"

# In the order of the page.
BENCHES: dict[str, Callable[[int], report.Section]] = {
    "hosts-opencode": opencode.run,
    "hosts-pi": pi.run,
    "command": command.run,
    "scale": scale.run,
}


def main() -> None:
    """Run all benches and write the page, or one and print it."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often a case runs and counts [3]")
    parser.add_argument("--only", choices=BENCHES, help="print the section of this bench instead of writing the page")
    options = parser.parse_args()
    chosen = [options.only] if options.only else list(BENCHES)
    found = report.circumstances(options.rounds)
    sections = [_run(name, options.rounds) for name in chosen]
    text = report.page(found, sections)
    if options.only:
        sys.stdout.write(text)
    else:
        PAGE.write_text(text, "utf-8")


def _run(name: str, rounds: int) -> report.Section:
    print(name, file=sys.stderr)
    return BENCHES[name](rounds)


if __name__ == "__main__":
    main()
