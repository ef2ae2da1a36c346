"""The program of ``make accuracy``: measures, prints the report and writes docs/accuracy.md."""

from __future__ import annotations

import sys

from bench.report import section_text
from tools.accuracy import facts, names, sources, transports

PAGE = sources.ROOT / "docs" / "accuracy.md"

_INTRODUCTION = """\
# Accuracy

How right names, transports and facts are, measured by `make accuracy`, which writes this page. It asks nobody and gives
the same page for the same packages: {versions}."""


def main() -> None:
    """Write the page and print it."""
    sections = [names.run(), names.run_with_catalogs(), transports.run(), facts.run()]
    parts = [_INTRODUCTION.format(versions=sources.versions()), *map(section_text, sections)]
    text = "\n\n".join(parts) + "\n"
    PAGE.write_text(text, "utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
