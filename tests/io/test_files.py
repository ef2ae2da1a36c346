from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from litellm_discover.errors import ConfigError
from litellm_discover.io import files

if TYPE_CHECKING:
    from pathlib import Path


def names(folder: Path) -> list[str]:
    """What is in a folder, to see that nothing temporary stays."""
    return sorted(path.name for path in folder.iterdir())


def test_a_new_file_is_created_with_its_folders_for_its_owner_alone(tmp_path: Path) -> None:
    """Missing folders are made; the mode is 0600 whatever the umask."""
    path = tmp_path / "a" / "b" / "new.jsonc"
    files.write(path, b"{}\r\n")
    assert path.read_bytes() == b"{}\r\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert names(path.parent) == ["new.jsonc"]


def test_the_mode_of_a_file_is_kept(tmp_path: Path) -> None:
    """Neither more open nor more closed than the person had it."""
    path = tmp_path / "c.json"
    path.write_bytes(b"old")
    path.chmod(0o640)
    files.write(path, b"new")
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", 0o640)


def test_a_symbolic_link_stays_a_link(tmp_path: Path) -> None:
    """A dotfile setup survives: its target is what changes."""
    target = tmp_path / "dotfiles" / "real.json"
    target.parent.mkdir()
    target.write_bytes(b"old")
    link = tmp_path / "link.json"
    link.symlink_to(target)
    files.write(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_a_failure_leaves_the_file_and_no_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the bytes cannot be put on the disk, the old file is there and nothing else."""
    path = tmp_path / "c.json"
    path.write_bytes(b"old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError, match="No space left"):
        files.write(path, b"new")
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["c.json"]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """A file where a folder must be is the person's; the error names the path."""
    (tmp_path / "f").write_bytes(b"")
    with pytest.raises(ConfigError, match=r"c\.json"):
        files.write(tmp_path / "f" / "c.json", b"")


def test_reading(tmp_path: Path) -> None:
    """Bytes as they are, None for no file, and an error for what is no configuration file."""
    path = tmp_path / "c.json"
    assert files.read(path) is None
    path.write_bytes(b"\xef\xbb\xbf{}\r\n")
    assert files.read(path) == b"\xef\xbb\xbf{}\r\n"
    with pytest.raises(ConfigError, match="cannot be read"):
        files.read(tmp_path)
    with path.open("wb") as file:
        file.truncate(files.MAX_BYTES + 1)
    with pytest.raises(ConfigError, match="larger"):
        files.read(path)
