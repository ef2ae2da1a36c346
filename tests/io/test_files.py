from __future__ import annotations

import os
import socket
import stat
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from litellm_discover.errors import ConfigError
from litellm_discover.io import files
from litellm_discover.io.deadline import Deadline

if TYPE_CHECKING:
    from collections.abc import Callable

    from litellm_discover.io.files import Written

# What must pass through unchanged: the editor decides what it can edit.
CONTENTS = {
    "empty": b"",
    "bom": b"\xef\xbb\xbf{}\n",
    "crlf": b"{\r\n}\r\n",
    "no final newline": b"{}",
    "invalid utf-8": b'{"a": "\xff\xfe"}\n',
    "lone surrogate": b'{"a": "\\ud800"}\n',
    "zero bytes": b"\0\0\0",
    "as large as can be": b" " * files.MAX_BYTES,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty directory; the locks are elsewhere."""
    folder = tmp_path / "config"
    folder.mkdir()
    return folder


@pytest.fixture
def put(tmp_path: Path) -> Callable[[Path, bytes | None], Written]:
    """Puts bytes, or nothing, in the place of a file."""

    def put(path: Path, data: bytes | None) -> Written:
        with files.locked(path, locks=tmp_path / "locks", deadline=Deadline.after(5)) as file:
            return file.update(lambda _: data)

    return put


def names(folder: Path) -> list[str]:
    """What is in a folder, to see that nothing temporary stays."""
    return sorted(path.name for path in folder.iterdir())


def mode(path: Path) -> int:
    """The permissions of a file."""
    return stat.S_IMODE(path.stat().st_mode)


def test_no_file_reads_as_none(tmp_path: Path) -> None:
    """A file that is not there is no error; neither is a link to one."""
    (tmp_path / "link").symlink_to("nowhere")
    assert files.read(tmp_path / "c.json") is None
    assert files.read(tmp_path / "no" / "c.json") is None
    assert files.read(tmp_path / "link") is None


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
def test_bytes_are_read_as_they_are(folder: Path, content: bytes) -> None:
    """Nothing is decoded, stripped or normalised."""
    path = folder / "c.json"
    path.write_bytes(content)
    assert files.read(path) == content


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
def test_bytes_are_written_as_they_are(
    folder: Path, put: Callable[[Path, bytes | None], Written], content: bytes
) -> None:
    """Nothing is encoded, stripped or normalised."""
    path = folder / "c.json"
    path.write_bytes(b"old")
    written = put(path, content)
    assert path.read_bytes() == content
    assert (written.path, written.before, written.after, written.changed) == (path, b"old", content, True)
    assert names(folder) == ["c.json"]


def irregular(kind: str, path: Path) -> None:
    """Something in the place of a file."""
    match kind:
        case "directory":
            path.mkdir()
        case "fifo":
            os.mkfifo(path)
        case "socket":
            with socket.socket(socket.AF_UNIX) as server:
                server.bind(str(path))
        case "device":
            path.symlink_to(os.devnull)


@pytest.mark.parametrize("kind", ["directory", "fifo", "socket", "device"])
def test_what_is_no_regular_file_is_refused_at_once(
    folder: Path, put: Callable[[Path, bytes | None], Written], monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """A fifo without a writer would keep a reader for ever; a device has no place for a configuration."""
    monkeypatch.chdir(folder)  # the name of a socket has at most 107 bytes
    path = Path("c.json")
    irregular(kind, path)
    before = path.lstat()
    messages: list[str] = []

    def refused() -> None:
        for call in (lambda: files.read(path), lambda: put(path, b"{}")):
            with pytest.raises(ConfigError) as caught:
                call()
            messages.append(caught.value.message)

    thread = threading.Thread(target=refused, daemon=True)  # so that one who waits does not keep us
    thread.start()
    thread.join(timeout=1)
    assert messages == ["c.json cannot be read: it is no regular file"] * 2
    assert path.lstat() == before
    assert names(folder) == ["c.json"]


def test_a_file_without_end_is_refused(folder: Path, put: Callable[[Path, bytes | None], Written]) -> None:
    """More than eight MiB is no configuration, and nothing that we would write."""
    path = folder / "c.json"
    with path.open("wb") as file:
        file.truncate(files.MAX_BYTES + 1)
    with pytest.raises(ConfigError, match=r"c\.json is larger than 8388608 bytes"):
        files.read(path)
    path.write_bytes(b"old")
    with pytest.raises(ConfigError, match=r"c\.json would become larger than 8388608 bytes"):
        put(path, bytes(files.MAX_BYTES + 1))
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize("name", ["a\0b", "a\ud800b"], ids=["zero byte", "no Unicode"])
def test_a_name_that_no_file_can_have_is_told(
    folder: Path, put: Callable[[Path, bytes | None], Written], name: str
) -> None:
    """A path may come out of a configuration file, where anything can be written."""
    with pytest.raises(ConfigError, match="no file can have this name"):
        files.read(folder / name)
    with pytest.raises(ConfigError, match="no file can have this name"):
        put(folder / name, b"{}")


def test_a_new_file_is_for_its_owner_alone(folder: Path, put: Callable[[Path, bytes | None], Written]) -> None:
    """Missing directories are made; file and directories are closed to others whatever the umask."""
    path = folder / "a" / "b" / "new.jsonc"
    umask = os.umask(0)
    try:
        written = put(path, b"{}\r\n")
    finally:
        os.umask(umask)
    assert path.read_bytes() == b"{}\r\n"
    assert (written.before, written.after) == (None, b"{}\r\n")
    assert (mode(path), mode(path.parent), mode(path.parent.parent)) == (0o600, 0o700, 0o700)
    assert names(path.parent) == ["new.jsonc"]


@pytest.mark.parametrize("kept", [0o600, 0o640, 0o664, 0o6755, 0o200], ids=oct)
def test_the_mode_of_a_file_is_kept(folder: Path, put: Callable[[Path, bytes | None], Written], kept: int) -> None:
    """Neither more open nor more closed than the person had it, with a umask of 0 too."""
    if kept == 0o200 and os.geteuid() != 0:
        pytest.skip("only root can read it")
    path = folder / "c.json"
    path.write_bytes(b"old")
    path.chmod(kept)
    umask = os.umask(0)
    try:
        put(path, b"new")
    finally:
        os.umask(umask)
    assert (path.read_bytes(), mode(path)) == (b"new", kept)


@pytest.mark.parametrize("content", [b"same", b"", None], ids=["bytes", "empty", "no file"])
def test_nothing_is_written_when_nothing_changes(
    folder: Path, put: Callable[[Path, bytes | None], Written], content: bytes | None
) -> None:
    """A second run leaves inode and times as they are, also of the directory."""
    path = folder / "c.json"
    if content is not None:
        path.write_bytes(content)
    before = [item.stat() for item in (folder, *folder.iterdir())]
    written = put(path, content)
    after = [item.stat() for item in (folder, *folder.iterdir())]
    assert [(status.st_ino, status.st_mtime_ns, status.st_ctime_ns) for status in after] == [
        (status.st_ino, status.st_mtime_ns, status.st_ctime_ns) for status in before
    ]
    assert (written.before, written.after, written.changed) == (content, content, False)


def test_a_file_can_be_removed(folder: Path, put: Callable[[Path, bytes | None], Written]) -> None:
    """None stands for no file; behind a link it is the target that goes, as it is the target that came."""
    path, link = folder / "c.json", folder / "link.json"
    path.write_bytes(b"old")
    link.symlink_to(path)
    written = put(link, None)
    assert (written.path, written.before, written.after) == (path, b"old", None)
    assert names(folder) == ["link.json"]


def test_a_failure_of_the_change_writes_nothing(tmp_path: Path, folder: Path) -> None:
    """What the change raises is the caller's own, and the lock is free again."""
    path = folder / "no" / "c.json"

    def change(before: bytes | None) -> bytes:
        raise KeyError(before)

    for _ in range(2):
        with (
            pytest.raises(KeyError),
            files.locked(path, locks=tmp_path / "locks", deadline=Deadline.after(1)) as file,
        ):
            file.update(change)
    assert names(folder) == []


def test_several_updates_fit_under_one_lock(tmp_path: Path, folder: Path) -> None:
    """What must change together, such as the intent, the file and the state, does so under the file's lock."""
    path = folder / "c.json"
    with files.locked(path, locks=tmp_path / "locks", deadline=Deadline.after(1)) as file:
        assert file.read() is None
        file.update(lambda _: b"1")
        assert file.read() == b"1"
        file.update(lambda before: (before or b"") + b"2")
        assert file.read() == b"12"
    assert path.read_bytes() == b"12"
