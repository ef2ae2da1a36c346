"""What is in a folder, to be compared with what was in it."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


def tree(root: Path, *, without: str = "", times: bool = False) -> dict[str, Any]:
    """Everything below a folder by its relative name: where a link leads, a file's mode and bytes, a folder's mode.

    ``without`` leaves out what is directly in ``root`` under that name; with ``times`` come the times of change.
    """
    found = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root)
        if name.parts[0] == without:
            continue
        status = path.lstat()
        content: Any = None
        if path.is_symlink():
            content = str(path.readlink())
        elif path.is_file():
            content = path.read_bytes()
        found[name.as_posix()] = (stat.filemode(status.st_mode), content, status.st_mtime_ns if times else None)
    return found
