"""Installing a plugin that is cut off at each of its steps, and one that is brought up to date."""

from __future__ import annotations

import itertools
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

import pytest
from folders import tree

from litellm_discover import installing, preparing
from litellm_discover.errors import ConfigError
from litellm_discover.io import disk, shim
from litellm_discover.io.deadline import Deadline
from litellm_discover.io.places import Places

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from litellm_discover.installing import Installed, Uninstalled

LOCK = '{\n\t"packages": {"": {"dependencies": {"zod": "4"}}}\n}\n'


class CutError(BaseException):
    """The process ends here."""


class Home:
    """A person's home in which OpenCode's plugin is installed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.config = root / ".config"
        self.folder = self.config / "opencode"
        self.path = self.folder / "plugins" / shim.NAME
        self._places = Places(root, {})

    def install(self) -> Installed:
        return installing.install("opencode", self._places, Deadline.after(30))

    def uninstall(self) -> Uninstalled:
        return installing.uninstall("opencode", self._places, Deadline.after(30))


def nothing(_: Home) -> None:
    """No folder of OpenCode's at all."""


def with_a_lock(home: Home) -> None:
    """A lock of the person's, which gets a name."""
    (home.folder / "node_modules" / "zod").mkdir(parents=True)
    (home.folder / "package-lock.json").write_text(LOCK)


def with_an_older_plugin(home: Home) -> None:
    """One that we installed earlier."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(installing, "COMMAND", ("/earlier/python", "-P", "-m", "litellm_discover"))
        home.install()


STARTS = [nothing, with_a_lock, with_an_older_plugin]


# Everything that changes the disk.
CHANGES = [(disk, "replace"), (disk, "remove"), (Path, "mkdir"), (Path, "rmdir")]


def cut_off(act: Callable[[], object], *, step: int, done: bool) -> bool:
    """End an action at one of its changes of the disk, before that or when it is ``done``; whether it came so far."""
    steps = itertools.count()

    def cut(change: Callable[..., object]) -> Callable[..., object]:
        def stand_in(*arguments: object, **keywords: object) -> object:
            here = next(steps) == step
            if here and not done:
                raise CutError
            result = change(*arguments, **keywords)
            if here:
                raise CutError
            return result

        return stand_in

    with pytest.MonkeyPatch.context() as patch:
        for module, name in CHANGES:
            patch.setattr(module, name, cut(getattr(module, name)))
        try:
            act()
        except CutError:
            return True
    return False


def cuts(tmp_path: Path, start: Callable[[Home], None], verb: str) -> Iterator[tuple[Home, dict[str, Any]]]:
    """A home for each way in which installing or uninstalling can be cut off, with what was in it without us."""
    for number in itertools.count():
        home = Home(tmp_path / f"{verb}-{number}")
        home.root.mkdir()
        if start is with_an_older_plugin:
            before: dict[str, Any] = {}
            start(home)
        else:
            start(home)
            before = tree(home.config)
        if verb == "uninstall":
            home.install()
        step, done = divmod(number, 2)
        if not cut_off(getattr(home, verb), step=step, done=bool(done)):
            assert number >= 6, "it is recorded, made, and recorded again"
            return
        yield home, before


def without_empty_folders(found: dict[str, Any]) -> dict[str, Any]:
    """A tree without folders that have no file in them: one made just before the end is not known to be ours."""
    needed = {str(above) for name, what in found.items() if what[1] is not None for above in PurePath(name).parents}
    return {name: what for name, what in found.items() if what[1] is not None or name in needed}


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("verb", ["install", "uninstall"])
def test_what_was_cut_off_can_be_taken_away(tmp_path: Path, start: Callable[[Home], None], verb: str) -> None:
    """At whatever step: no file of ours stays, and each of the person's is as it was."""
    for home, before in cuts(tmp_path, start, verb):
        assert all(left.path.is_dir() for left in home.uninstall().left)
        assert without_empty_folders(tree(home.config)) == without_empty_folders(before)


@pytest.mark.parametrize("start", STARTS)
def test_what_was_cut_off_can_be_completed(tmp_path: Path, start: Callable[[Home], None]) -> None:
    """At whatever step: installed again it is whole, and then it goes as a whole."""
    whole = Home(tmp_path / "whole")
    whole.root.mkdir()
    start(whole)
    whole.install()
    for home, before in cuts(tmp_path, start, "install"):
        home.install()
        assert tree(home.config) == tree(whole.config)
        assert home.install().steps == ()
        assert all(left.path.is_dir() for left in home.uninstall().left)
        assert without_empty_folders(tree(home.config)) == without_empty_folders(before)


def test_what_the_person_puts_there_after_a_cut_stays(tmp_path: Path) -> None:
    """It was recorded that we would write these files; we did not, and what is there now is not ours."""
    mine = {"plugins/" + shim.NAME: "// mine", "package-lock.json": '{"packages": {}}'}
    for home, _ in cuts(tmp_path, nothing, "install"):
        (home.folder / "plugins").mkdir(parents=True, exist_ok=True)
        for name, text in mine.items():
            (home.folder / name).write_text(text)
        home.uninstall()
        assert {name: (home.folder / name).read_text() for name in mine} == mine


def test_an_older_one_is_brought_up_to_date(tmp_path: Path) -> None:
    """With another text or another program; what the person changed meanwhile is refused instead."""
    home = Home(tmp_path)
    with_an_older_plugin(home)
    older = home.path.read_text()
    done = home.install()
    assert [(step.did, step.path) for step in done.steps] == [("brought up to date", home.path)]
    assert home.path.read_text() != older
    home.path.write_text(older)  # which is ours no longer
    with pytest.raises(ConfigError, match="not as it was installed"):
        home.install()
    assert home.path.read_text() == older


def test_a_plugin_without_its_line_is_a_bug(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is made from a text in which there is no place, or more than one, for the program."""
    source = (shim.source() / "opencode" / shim.NAME).read_text()
    monkeypatch.setattr(shim, "_PACKAGED", tmp_path / "shims")
    path = tmp_path / "shims" / "opencode" / shim.NAME
    path.parent.mkdir(parents=True)
    for text in (source.replace('["litellm-discover"]', '["other"]'), source + source):
        path.write_text(text)
        with pytest.raises(RuntimeError):
            Home(tmp_path).install()
    assert not (tmp_path / ".config").exists()


def test_a_damaged_record_makes_everything_the_persons(tmp_path: Path) -> None:
    """Then nothing is taken away, and it is said."""
    for content in (b"", b"[]", b'{"schemaVersion": 2}', b'{"schemaVersion": 1, "files": [], "directories": []}'):
        home = Home(tmp_path / f"home-{len(content)}")
        home.root.mkdir()
        home.install()
        before = tree(home.config)
        (record,) = (home.root / ".local/state/litellm-discover/installed").iterdir()
        record.write_bytes(content)
        assert [left.path for left in home.uninstall().left] == [home.path]
        assert tree(home.config) == before


def test_a_lock_that_changes_meanwhile_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The person's npm was faster: that is told, and its bytes are there. The plugin is not."""
    home = Home(tmp_path)
    with_a_lock(home)
    lock = home.folder / "package-lock.json"
    real = preparing.add_name

    def add_name(*arguments: Any) -> Any:
        lock.write_text("{}")
        return real(*arguments)

    monkeypatch.setattr(installing, "add_name", add_name)
    with pytest.raises(ConfigError, match="changed by another program"):
        home.install()
    assert (lock.read_text(), home.path.exists()) == ("{}", False)
