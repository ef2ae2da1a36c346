"""The log of the daemon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litellm_discover.io.log_file import MAX_BYTES, append

if TYPE_CHECKING:
    from pathlib import Path


def test_it_stays_small_and_its_owners(tmp_path: Path) -> None:
    """Twice its size at most, in two files, without a line lost in between."""
    path = tmp_path / "log"
    line = "x" * 1000
    for _ in range(MAX_BYTES // 1000 * 3):
        append(path, line)
    files = sorted(tmp_path.iterdir())
    assert {file.name for file in files} <= {"log", "log.1"}
    assert all(file.stat().st_size <= MAX_BYTES + 1001 for file in files)
    assert all(file.stat().st_mode & 0o777 == 0o600 for file in files)
    assert (tmp_path / "log.1").read_text().splitlines()[-1] == line
