from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from litellm_discover.errors import ConfigError
from litellm_discover.io import files

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from litellm_discover.io.files import LockedFile

    Locked = Callable[[Path], AbstractContextManager[LockedFile]]

OLD, EDITED = b'{"theirs": 1}', b'{"theirs": 2}'


def names(folder: Path) -> list[str]:
    """What is in a folder, to see that nothing temporary stays."""
    return sorted(path.name for path in folder.iterdir())


def add_ours(before: bytes | None) -> bytes:
    """A change that keeps what is there."""
    return b"ours+" + (before or b"")


def by_rename(path: Path) -> None:
    """Save as an editor does that puts a new file in place."""
    new = path.with_name("editor.tmp")
    new.write_bytes(EDITED)
    new.replace(path)


def in_place(path: Path) -> None:
    """Save as an editor does that writes into the file, with as many bytes and the old time of modification."""
    before = path.stat()
    with path.open("r+b") as file:
        file.write(EDITED)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize("moment", ["before the temporary file", "after it"])
@pytest.mark.parametrize("save", [by_rename, in_place])
def test_both_edits_are_there(
    folder: Path,
    locked: Locked,
    monkeypatch: pytest.MonkeyPatch,
    save: Callable[[Path], None],
    moment: str,
) -> None:
    """An editor that saves between our read and our rename is noticed, and our change made again on its bytes."""
    path = folder / "c.json"
    path.write_bytes(OLD)
    calls: list[bytes | None] = []

    def change(before: bytes | None) -> bytes:
        calls.append(before)
        if len(calls) == 1 and moment.startswith("before"):
            save(path)
        return add_ours(before)

    fsync = os.fsync

    def late(descriptor: int) -> None:
        fsync(descriptor)
        if len(calls) == 1 and moment.startswith("after") and path.read_bytes() == OLD:
            save(path)

    monkeypatch.setattr(os, "fsync", late)
    with locked(path) as file:
        written = file.update(change)
    assert calls == [OLD, EDITED]
    assert path.read_bytes() == b"ours+" + EDITED
    assert (written.before, written.after) == (EDITED, b"ours+" + EDITED)
    assert names(folder) == ["c.json"]


def test_an_edit_within_one_tick_of_the_clock_is_noticed(
    folder: Path, locked: Locked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file system's clock may stand still for milliseconds; then only the bytes tell."""
    path = folder / "c.json"
    path.write_bytes(OLD)
    calls: list[bytes | None] = []
    fstat = os.fstat

    def frozen(descriptor: int) -> os.stat_result:
        status = fstat(descriptor)
        return os.stat_result((*status[:7], 0, 0, 0), {"st_mtime_ns": 0, "st_ctime_ns": 0})

    def change(before: bytes | None) -> bytes:
        calls.append(before)
        if len(calls) == 1:
            in_place(path)
        return add_ours(before)

    monkeypatch.setattr(os, "fstat", frozen)
    with locked(path) as file:
        file.update(change)
    assert calls == [OLD, EDITED]
    assert path.read_bytes() == b"ours+" + EDITED


def test_a_file_that_appears_meanwhile_is_not_overwritten(folder: Path, locked: Locked) -> None:
    """The tool's own first start may create the file while we do."""
    path = folder / "c.json"
    calls: list[bytes | None] = []

    def change(before: bytes | None) -> bytes:
        calls.append(before)
        if before is None:
            path.write_bytes(EDITED)
        return add_ours(before)

    with locked(path) as file:
        file.update(change)
    assert calls == [None, EDITED]
    assert path.read_bytes() == b"ours+" + EDITED


def test_a_file_that_goes_meanwhile_stays_gone_if_the_change_says_so(folder: Path, locked: Locked) -> None:
    """The change hears that there is no file any more and decides."""
    path = folder / "c.json"
    path.write_bytes(OLD)

    def change(before: bytes | None) -> bytes | None:
        path.unlink(missing_ok=True)
        return None if before is None else b"new"

    with locked(path) as file:
        assert file.update(change).after is None
    assert names(folder) == []


def test_a_removal_spares_what_was_edited_meanwhile(folder: Path, locked: Locked) -> None:
    """What is removed is what was read, never what someone saved since."""
    path = folder / "c.json"
    path.write_bytes(OLD)
    calls: list[bytes | None] = []

    def change(before: bytes | None) -> bytes | None:
        calls.append(before)
        if before == OLD:
            by_rename(path)
            return None
        return before

    with locked(path) as file:
        assert not file.update(change).changed
    assert (calls, path.read_bytes()) == ([OLD, EDITED], EDITED)


def test_permissions_that_change_meanwhile_are_kept(folder: Path, locked: Locked) -> None:
    """Someone closes the file while we write it: it stays closed."""
    path = folder / "c.json"
    path.write_bytes(OLD)
    path.chmod(0o644)

    def change(before: bytes | None) -> bytes:
        if stat.S_IMODE(path.stat().st_mode) != 0o600:
            path.chmod(0o600)
        return b"new"

    with locked(path) as file:
        file.update(change)
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", 0o600)


def test_a_file_that_never_rests_is_given_up(folder: Path, locked: Locked) -> None:
    """After five tries the other program wins, and the error says so."""
    path = folder / "c.json"
    path.write_bytes(b"0")
    calls: list[bytes | None] = []

    def change(before: bytes | None) -> bytes:
        calls.append(before)
        path.write_bytes(b"%d" % len(calls))
        return add_ours(before)

    with pytest.raises(ConfigError, match=r"c\.json was changed by another program") as caught, locked(path) as file:
        file.update(change)
    assert caught.value.code == "busy"
    assert calls == [b"0", b"1", b"2", b"3", b"4"]
    assert len(calls) == files.MAX_TRIES
    assert path.read_bytes() == b"5"
    assert names(folder) == ["c.json"]
