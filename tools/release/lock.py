"""Reading requirements/runtime.txt: what is installed beside the package, where, and from which files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

LOCK = Path(__file__).parents[2] / "requirements" / "runtime.txt"

OURS = "litellm-discover"


@dataclass(frozen=True, slots=True)
class Locked:
    """One distribution: ``marker`` says where it is installed, None everywhere; ``hashes`` are SHA-256.

    ``wanted_by`` are those that depend on it, ``litellm-discover`` among them.
    """

    name: str
    version: str
    marker: str | None
    hashes: tuple[str, ...]
    wanted_by: tuple[str, ...]


_ENTRY = re.compile(
    r"^(?P<name>[a-z0-9-]+)==(?P<version>[^ ;]+)(?: ; (?P<marker>[^\\]+?))? \\\n(?P<rest>(?:    .*\n)+)", re.MULTILINE
)
_WANTED_BY = re.compile(r"^    #(?: via|  ) ([a-z0-9-]+)(?: \(pyproject\.toml\))?$", re.MULTILINE)


def read(text: str | None = None) -> tuple[Locked, ...]:
    """All of them, in the order of the lock."""
    return tuple(
        Locked(
            entry["name"],
            entry["version"],
            entry["marker"],
            tuple(re.findall(r"sha256:([0-9a-f]{64})", entry["rest"])),
            tuple(_WANTED_BY.findall(entry["rest"])),
        )
        for entry in _ENTRY.finditer(LOCK.read_text("utf-8") if text is None else text)
    )
