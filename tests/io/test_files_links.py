from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from litellm_discover.errors import ConfigError
from litellm_discover.io import files
from litellm_discover.io.deadline import Deadline

if TYPE_CHECKING:
    from collections.abc import Callable

    from litellm_discover.io.files import Written


@pytest.fixture
def put(tmp_path: Path) -> Callable[[Path, bytes | None], Written]:
    """Puts bytes in the place of a file."""

    def put(path: Path, data: bytes | None) -> Written:
        with files.locked(path, locks=tmp_path / "locks", deadline=Deadline.after(5)) as file:
            return file.update(lambda _: data)

    return put


def tree(directory: Path) -> dict[str, str]:
    """Each file's content and each link's target, by name; without the locks."""
    return {
        str(path.relative_to(directory)): f"-> {path.readlink()}" if path.is_symlink() else path.read_text()
        for path in directory.rglob("*")
        if (path.is_symlink() or path.is_file()) and "locks" not in path.parts
    }


def test_a_chain_of_links_stays(tmp_path: Path, put: Callable[[Path, bytes | None], Written]) -> None:
    """A dotfile setup survives: what changes is the file at the end, in its own directory."""
    (tmp_path / "dotfiles").mkdir()
    (tmp_path / "dotfiles" / "real.json").write_text("old")
    (tmp_path / "one.json").symlink_to(Path("dotfiles") / "two.json")
    (tmp_path / "dotfiles" / "two.json").symlink_to(Path("..") / "three.json")
    (tmp_path / "three.json").symlink_to(tmp_path / "dotfiles" / "real.json")
    before = tree(tmp_path)
    written = put(tmp_path / "one.json", b"new")
    assert tree(tmp_path) == {**before, "dotfiles/real.json": "new"}
    assert written.path == tmp_path / "dotfiles" / "real.json"


def test_a_linked_directory_stays(tmp_path: Path, put: Callable[[Path, bytes | None], Written]) -> None:
    """GNU stow links whole directories; a file that is made below such a link is made in its target."""
    (tmp_path / "stow").mkdir()
    (tmp_path / "opencode").symlink_to("stow")
    put(tmp_path / "opencode" / "c.json", b"new")
    assert tree(tmp_path) == {"opencode": "-> stow", "stow/c.json": "new"}


def test_a_link_to_nothing_gets_its_target(tmp_path: Path, put: Callable[[Path, bytes | None], Written]) -> None:
    """The file is created where the link says, with the directories that it needs."""
    (tmp_path / "c.json").symlink_to(Path("dotfiles") / "deep" / "real.json")
    put(tmp_path / "c.json", b"new")
    assert tree(tmp_path) == {"c.json": "-> dotfiles/deep/real.json", "dotfiles/deep/real.json": "new"}


def test_links_in_a_circle_are_an_error(tmp_path: Path, put: Callable[[Path, bytes | None], Written]) -> None:
    """There is no file at their end, and none is made."""
    (tmp_path / "a.json").symlink_to("b.json")
    (tmp_path / "b.json").symlink_to("a.json")
    before = tree(tmp_path)
    with pytest.raises(ConfigError, match=r"a\.json cannot be read: Too many levels") as caught:
        files.read(tmp_path / "a.json")
    assert "circle" in caught.value.hint
    with pytest.raises(ConfigError, match=r"a\.json cannot be read: Too many levels"):
        put(tmp_path / "a.json", b"new")
    assert tree(tmp_path) == before


def test_a_file_among_the_directories_is_told(tmp_path: Path, put: Callable[[Path, bytes | None], Written]) -> None:
    """A file where a directory must be is the person's; the error names the whole path."""
    (tmp_path / "f").write_bytes(b"")
    with pytest.raises(ConfigError, match=r"c\.json cannot be read: Not a directory"):
        put(tmp_path / "f" / "c.json", b"")


def test_a_link_to_another_file_system_stays(tmp_path: Path, put: Callable[[Path, bytes | None], Written]) -> None:
    """The temporary file is beside the target, so that one rename is enough."""
    other = Path("/dev/shm")  # noqa: S108 - a file system of its own on Linux
    if not other.is_dir() or other.stat().st_dev == tmp_path.stat().st_dev or not os.access(other, os.W_OK):
        pytest.skip("there is no second file system")
    with tempfile.TemporaryDirectory(dir=other) as name:
        target = Path(name) / "real.json"
        target.write_bytes(b"old")
        (tmp_path / "c.json").symlink_to(target)
        put(tmp_path / "c.json", b"new")
        assert tree(Path(name)) == {"real.json": "new"}
    assert (tmp_path / "c.json").is_symlink()


def test_a_link_that_comes_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    """A dotfile manager that links the file between the lock and the write keeps its link, and its file."""
    path, managed = tmp_path / "c.json", tmp_path / "managed.json"
    managed.write_text("theirs")
    path.write_text("old")

    def change(before: bytes | None) -> bytes:
        path.unlink()
        path.symlink_to(managed)
        return b"new"

    with (
        pytest.raises(ConfigError, match=r"c\.json cannot be read: Too many levels"),
        files.locked(path, locks=tmp_path / "locks", deadline=Deadline.after(1)) as file,
    ):
        file.update(change)
    assert tree(tmp_path) == {"c.json": f"-> {managed}", "managed.json": "theirs"}


@pytest.mark.parametrize("content", [b"new", None], ids=["written", "removed"])
def test_a_hard_link_is_refused(
    tmp_path: Path, put: Callable[[Path, bytes | None], Written], content: bytes | None
) -> None:
    """A new file under one of the names would leave the others with the old one, silently."""
    path, other = tmp_path / "c.json", tmp_path / "other.json"
    path.write_bytes(b"old")
    other.hardlink_to(path)
    with pytest.raises(ConfigError, match=r"c\.json cannot be written: it has 2 names") as caught:
        put(path, content)
    assert caught.value.code == "hard_link"
    assert f"-samefile {path}" in caught.value.hint
    assert path.samefile(other)
    assert tree(tmp_path) == {"c.json": "old", "other.json": "old"}


def test_a_hard_link_does_not_matter_when_nothing_changes(
    tmp_path: Path, put: Callable[[Path, bytes | None], Written]
) -> None:
    """A run that has nothing to write has nothing to refuse."""
    path = tmp_path / "c.json"
    path.write_bytes(b"old")
    (tmp_path / "other.json").hardlink_to(path)
    assert not put(path, b"old").changed
