"""A page for people: made of what was found, and put where they want it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

from litellm_discover.core.report import BEGINNING, Parts, render
from litellm_discover.errors import ConfigError
from litellm_discover.io.files import locked

if TYPE_CHECKING:
    from pathlib import Path

    from litellm_discover.core.report import Report
    from litellm_discover.io.deadline import Deadline
    from litellm_discover.io.places import Places

_FILES = {"frame": "page.html", "style": "report.css", "script": "report.js"}


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it is to be written."""

    content: str

    def keep(self, path: Path, places: Places, deadline: Deadline) -> Path:
        """Put it into a file, in place of an earlier one; gives the real path.

        Raises ConfigError: with the code ``exists`` when there is another file, which stays as it is; and for a folder
        that is not there.
        """

        def change(before: bytes | None) -> bytes:
            if before and not before.startswith(BEGINNING.encode()):
                raise ConfigError(
                    f"{path} is there already and is no report of ours", code="exists", hint="Name another file."
                )
            return self.content.encode()

        if not path.parent.is_dir():
            # A configuration's folder may well be missing; that of a page is a slip of the pen.
            raise ConfigError(f"{path} cannot be written: there is no folder {path.parent}", hint="Make it first.")
        with locked(path, locks=places.locks(), deadline=deadline) as file:
            return file.update(change).path


def page(report: Report) -> Page:
    """The page of a report."""
    folder = files("litellm_discover") / "data" / "report"
    return Page(render(report, Parts(**{part: (folder / name).read_text("utf-8") for part, name in _FILES.items()})))
