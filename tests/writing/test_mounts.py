from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]

OLD = b'{"old": true}\n'


def names(folder: Path) -> list[str]:
    """What is in a folder, to see that nothing temporary stays."""
    return sorted(path.name for path in folder.iterdir())


def test_a_full_disk_leaves_the_old_bytes(folder: Path, tmp_path: Path, with_mounts: Run) -> None:
    """A file system of 64 KiB has no room for 100 kB; the file on it is as it was, and alone."""
    path, original, seen = folder / "c.json", tmp_path / "before.json", tmp_path / "after"
    original.write_bytes(OLD)
    done = with_mounts(
        f"mount -t tmpfs -o size=64k none {folder} && cp {original} {path}",
        *(path, tmp_path / "locks", 100_000),
        after=f"cp -R {folder} {seen}",
    )
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout)["message"] == f"{path} cannot be written: No space left on device"
    assert ((seen / "c.json").read_bytes(), names(seen)) == (OLD, ["c.json"])


def test_a_read_only_file_system_is_told(folder: Path, tmp_path: Path, with_mounts: Run) -> None:
    """Nothing can be written there, and the message says which file."""
    path = folder / "c.json"
    path.write_bytes(OLD)
    mount = f"mount --bind {folder} {folder} && mount -o remount,ro,bind {folder}"
    done = with_mounts(mount, path, tmp_path / "locks")
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout)["message"] == f"{path} cannot be written: it is read-only"
    done = with_mounts(mount, folder / "new.json", tmp_path / "locks")
    assert json.loads(done.stdout)["message"] == f"{folder}/new.json cannot be written: Read-only file system"
    assert (path.read_bytes(), names(folder)) == (OLD, ["c.json"])


def test_a_file_that_is_mounted_alone_is_told(folder: Path, tmp_path: Path, with_mounts: Run) -> None:
    """In a container a single file may be a mount: it cannot be replaced, and is not truncated instead."""
    path, outside = folder / "c.json", tmp_path / "outside.json"
    path.write_bytes(b"below")
    outside.write_bytes(OLD)
    done = with_mounts(f"mount --bind {outside} {path}", path, tmp_path / "locks")
    assert done.returncode == 1, done.stderr
    error = json.loads(done.stdout)
    assert error["message"] == f"{path} cannot be written: it is mounted as a single file, which cannot be replaced"
    assert error["hint"] == "Mount its directory instead."
    assert (outside.read_bytes(), path.read_bytes()) == (OLD, b"below")
    assert names(folder) == ["c.json"]


def test_a_directory_without_write_permission_is_told(
    public: Path, as_nobody: Callable[[Path, Path], subprocess.CompletedProcess[str]]
) -> None:
    """The file may be ours and writable; a new one beside it is what we cannot make."""
    directory = public / "closed"
    directory.mkdir()
    path = directory / "c.json"
    path.write_bytes(OLD)
    path.chmod(0o666)
    directory.chmod(0o555)
    try:
        done = as_nobody(path, public / "locks")
        missing = as_nobody(directory / "new" / "c.json", public / "locks")
    finally:
        directory.chmod(0o755)
    assert (done.returncode, missing.returncode) == (1, 1), done.stderr + missing.stderr
    error = json.loads(done.stdout)
    assert error["message"] == f"{path} cannot be written: Permission denied"
    assert str(directory) in error["hint"]
    assert json.loads(missing.stdout)["message"] == f"{directory}/new/c.json cannot be written: Permission denied"
    assert (path.read_bytes(), names(directory)) == (OLD, ["c.json"])


def test_a_file_of_somebody_else_is_told(
    public: Path, as_nobody: Callable[[Path, Path], subprocess.CompletedProcess[str]]
) -> None:
    """Its directory would let us replace it; its own mode says no."""
    path = public / "c.json"
    path.write_bytes(OLD)
    path.chmod(0o444)
    done = as_nobody(path, public / "locks")
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout)["message"] == f"{path} cannot be written: it is read-only"
    assert path.read_bytes() == OLD
