"""`shim install` and `shim uninstall` as a person runs them: what is made, what is left alone, what goes again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from folders import tree
from loopback import homes
from servers import proxy
from tool import PROGRAM, discover

if TYPE_CHECKING:
    from collections.abc import Callable

SHIMS = Path(__file__).parents[2] / "plugin_shim"
LIBRARY = "@opencode-ai/plugin"
NAME = "litellm-discover.js"
FOLDERS = {"opencode": "config/opencode/plugins", "pi": "home/.pi/agent/extensions"}
BY_ITSELF = "was not prepared"

NPM = {"lockfileVersion": 3, "packages": {"": {"dependencies": {"zod": "^4.1.0"}}, "node_modules/zod": {}}}
COMPACT = json.dumps(NPM, separators=(",", ":"))
TABS = json.dumps(NPM, indent="\t") + "\n"
WITH_LIBRARY = json.dumps({"packages": {"": {"devDependencies": {LIBRARY: "1.18.33"}}}}, indent=2)


def put(folder: Path, files: dict[str, str | None]) -> None:
    """Files with their text, and directories for None."""
    for name, text in files.items():
        path = folder / name
        if text is None:
            path.mkdir(parents=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())


Z = "node_modules/zod/index.js"
CODE = "export const Mine = async () => ({})"

# What is in OpenCode's folder before, and whether it is prepared: then the lock names our library afterwards.
OPENCODE: dict[str, tuple[dict[str, str | None], bool]] = {
    "empty": ({}, True),
    "a configuration": ({"opencode.jsonc": '{"plugin": ["some-package@1", ["other", {}]], /* mine */}\n'}, True),
    "modules without a lock": ({Z: ""}, True),
    "an object as lock": ({"package-lock.json": "{}"}, True),
    "a lock, compact": ({Z: "", "package-lock.json": COMPACT}, True),
    "a lock, tabs": ({Z: "", "package-lock.json": TABS}, True),
    "a lock, CRLF": ({Z: "", "package-lock.json": TABS.replace("\n", "\r\n")}, True),
    "a lock, no names": ({Z: "", "package-lock.json": '{"packages": {"": {"name": "opencode"}}}\n\n'}, True),
    "package.json is satisfied": (
        {Z: "", "package.json": '{"devDependencies": {"zod": "*"}}', "package-lock.json": TABS},
        True,
    ),
    "installed by OpenCode": (
        {f"node_modules/{LIBRARY}/package.json": "{}", "package-lock.json": WITH_LIBRARY, "tool/mine.ts": CODE},
        True,
    ),
    "installed by an OpenCode without a lock": (
        {f"node_modules/{LIBRARY}/package.json": "{}", "package.json": f'{{"dependencies": {{"{LIBRARY}": "1"}}}}'},
        True,
    ),
    "package.json is not satisfied": ({Z: "", "package.json": '{"peerDependencies": {"ky": "1", "zod": "4"}}'}, False),
    "package.json wants the library": (
        {Z: "", "package.json": f'{{"optionalDependencies": {{"{LIBRARY}": "1"}}}}'},
        False,
    ),
    "package.json is broken": ({"package.json": '{"dependencies": {'}, False),
    "a lock without modules": ({"package-lock.json": TABS}, False),
    "a lock with the library, without modules": ({"package-lock.json": WITH_LIBRARY}, False),
    "a broken lock": ({Z: "", "package-lock.json": COMPACT[:-2]}, False),
    "a lock with a comment": ({Z: "", "package-lock.json": TABS.replace("\n", " // npm\n", 1)}, False),
    "a lock with a byte order mark": ({Z: "", "package-lock.json": "\ufeff" + COMPACT}, False),
    "a list as lock": ({Z: "", "package-lock.json": "[]"}, False),
    "a list in the lock": ({Z: "", "package-lock.json": '{"packages": [{"id": ""}]}'}, False),
    "names that are no object": ({Z: "", "package-lock.json": '{"packages": {"": {"dependencies": 1}}}'}, False),
    "a folder as lock": ({Z: "", "package-lock.json": None}, False),
    "a file as modules": ({"node_modules": ""}, False),
    "a plugin of the person": ({"plugins/mine.ts": CODE}, False),
    "a tool of the person": ({"tools/mine.js": CODE}, False),
    "a plugin by its path": ({"opencode.json": '{"plugin": [["./mine/index.ts", {"x": 1}]]}'}, False),
}


@pytest.mark.parametrize(("before", "prepared"), OPENCODE.values(), ids=OPENCODE)
def test_every_folder_of_opencode_is_as_before(
    tmp_path: Path, before: dict[str, str | None], *, prepared: bool
) -> None:
    """Installing adds the plugin, and the one name where that is no lie; uninstalling leaves every byte as it was."""
    folder = tmp_path / "config" / "opencode"
    folder.mkdir(parents=True)
    put(folder, before)
    found = tree(tmp_path / "config")
    installed = discover("shim", "install", "opencode", root=tmp_path)
    assert (installed.returncode, installed.stdout) == (0, "")
    after = tree(folder)
    plugin = folder / "plugins" / NAME
    assert str(plugin) in installed.stderr
    assert (BY_ITSELF in installed.stderr) is not prepared
    if prepared:
        root = json.loads((folder / "package-lock.json").read_bytes())["packages"][""]
        assert LIBRARY in {**root.get("dependencies", {}), **root.get("devDependencies", {})}
        assert (folder / "node_modules").is_dir()
    new = after.keys() - tree_of(found, "opencode").keys()
    assert new <= {"plugins", f"plugins/{NAME}", *(["node_modules", "package-lock.json"] if prepared else [])}
    kept = {name: what for name, what in tree_of(found, "opencode").items() if name != "package-lock.json"}
    assert kept.items() <= after.items()
    uninstalled = discover("shim", "uninstall", "opencode", root=tmp_path)
    assert (uninstalled.returncode, uninstalled.stdout) == (0, "")
    assert "left" not in uninstalled.stderr
    assert tree(tmp_path / "config") == found


def tree_of(whole: dict[str, object], folder: str) -> dict[str, object]:
    """The part of a tree that is in one of its folders."""
    return {name.removeprefix(f"{folder}/"): what for name, what in whole.items() if name.startswith(f"{folder}/")}


@pytest.mark.parametrize("target", FOLDERS)
def test_nothing_there_becomes_nothing_again(tmp_path: Path, target: str) -> None:
    """All folders up to the person's home are made and go again; the text calls this very program."""
    missing = discover("shim", "uninstall", target, root=tmp_path)
    assert (missing.returncode, missing.stderr) == (0, f"{target}: nothing to take away\n")
    before = tree(tmp_path, without="state")
    run = discover("shim", "install", target, root=tmp_path)
    assert run.returncode == 0
    path = tmp_path / FOLDERS[target] / NAME
    ours, source = (text.splitlines() for text in (path.read_text(), (SHIMS / target / NAME).read_text()))
    (line,) = [(mine, its) for mine, its in zip(ours, source, strict=True) if mine != its]
    command = json.loads(line[0].removeprefix("const COMMAND = ").removesuffix(";"))
    assert command == [sys.executable, "-P", "-m", "litellm_discover"]
    assert line[1] == 'const COMMAND = ["litellm-discover"];'
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600
        receipts = [*(tmp_path / "state/litellm-discover/installed").iterdir()]
        assert [receipt.stat().st_mode & 0o777 for receipt in receipts] == [0o600]
    again = discover("shim", "uninstall", target, root=tmp_path)
    assert f"removed {path}" in again.stderr
    assert tree(tmp_path, without="state") == before
    assert discover("shim", "uninstall", target, root=tmp_path).stderr == missing.stderr


@pytest.mark.parametrize("target", FOLDERS)
def test_installing_twice_writes_nothing(tmp_path: Path, target: str) -> None:
    """Not even with the same bytes: nothing in the home is newer than before."""
    discover("shim", "install", target, root=tmp_path)
    before = tree(tmp_path, times=True)
    again = discover("shim", "install", target, root=tmp_path)
    assert again.returncode == 0
    assert again.stderr.startswith(f"{target}: already installed ({tmp_path / FOLDERS[target] / NAME})\n")
    assert tree(tmp_path, times=True) == before


def test_several_at_once_do_it_once(tmp_path: Path) -> None:
    """Each succeeds, one of them makes everything, and all of it can be taken away."""
    line = [str(PROGRAM), "shim", "install", "opencode"]
    running = [
        subprocess.Popen(line, env=homes(tmp_path), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    said = [process.communicate(timeout=30)[1] for process in running]
    assert [process.returncode for process in running] == [0] * 4, said
    assert sum("already installed" in text for text in said) == 3
    assert discover("shim", "uninstall", "opencode", root=tmp_path).returncode == 0
    assert not (tmp_path / "config").exists()


def test_a_file_that_went_missing_is_made_again(tmp_path: Path) -> None:
    """As after a run that was cut off: the record is there, some of the files are not."""
    folder = tmp_path / "config" / "opencode"
    for missing in ("plugins/" + NAME, "package-lock.json"):
        discover("shim", "install", "opencode", root=tmp_path)
        whole = tree(folder)
        (folder / missing).unlink()
        run = discover("shim", "install", "opencode", root=tmp_path)
        assert f"made {folder / missing}" in run.stderr
        assert tree(folder) == whole
    assert discover("shim", "uninstall", "opencode", root=tmp_path).returncode == 0
    assert not (tmp_path / "config").exists()


@pytest.mark.parametrize("target", FOLDERS)
@pytest.mark.parametrize("kind", ["file", "same bytes", "link", "link to nowhere"])
def test_a_file_of_the_person_is_not_replaced(tmp_path: Path, target: str, kind: str) -> None:
    """Nothing at all is made then, and nothing of it is taken away."""
    path = tmp_path / FOLDERS[target] / NAME
    path.parent.mkdir(parents=True)
    elsewhere = tmp_path / "elsewhere.js"
    if kind == "same bytes":
        discover("shim", "install", target, root=tmp_path)
        text = path.read_text()
        discover("shim", "uninstall", target, root=tmp_path)
        path.write_text(text)
    elif kind == "file":
        path.write_text("// mine\n")
    else:
        path.symlink_to(elsewhere)
        if kind == "link":
            elsewhere.write_text("// mine\n")
    before = tree(tmp_path, without="state")
    run = discover("shim", "install", target, root=tmp_path)
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.startswith(f"error: {path} is there, and not as it was installed\n")
    assert "Move it away or delete it" in run.stderr
    away = discover("shim", "uninstall", target, root=tmp_path)
    assert (away.returncode, away.stdout) == (0, "")
    assert f"{target}: nothing to take away\n{target}: left {path}: it was not installed" in away.stderr
    assert tree(tmp_path, without="state") == before


def _edit(old: str, new: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    return change


def _adopt(path: Path) -> None:
    """What `stow --adopt` does: the file goes elsewhere, and a link takes its place."""
    other = path.parents[3] / "dotfiles.js"
    path.rename(other)
    path.symlink_to(other)


def _fill(path: Path) -> None:
    (path / "package").mkdir()


# Where the person changes something after the installation, how, and what is left because of that, beside it.
CHANGES: dict[str, tuple[str, Callable[[Path], None], str]] = {
    "the plugin": (f"plugins/{NAME}", _edit("MAX_AGE_S = 300", "MAX_AGE_S = 900"), "it was changed"),
    "the plugin is a link now": (f"plugins/{NAME}", _adopt, "it was changed"),
    "the plugin's folder": ("plugins", _fill, "not empty"),
    "the modules": ("node_modules", _fill, "not empty"),
    "the lock": ("package-lock.json", _edit('"0"', '"1.18.33"'), "it was changed"),
}


@pytest.mark.parametrize(("name", "change", "reason"), CHANGES.values(), ids=CHANGES)
def test_what_was_changed_is_left_and_named(
    tmp_path: Path, name: str, change: Callable[[Path], None], reason: str
) -> None:
    """With the folders that it is in, and nothing else; a second time there is nothing to take away."""
    folder = tmp_path / "config" / "opencode"
    discover("shim", "install", "opencode", root=tmp_path)
    change(folder / name)
    gone = {f"plugins/{NAME}", "package-lock.json"} - {name}
    near = {path: what for path, what in tree(folder).items() if path.startswith(name) or name.startswith(f"{path}/")}
    left = {path: what for path, what in near.items() if path not in gone}
    run = discover("shim", "uninstall", "opencode", root=tmp_path)
    assert run.returncode == 0
    (said,) = (line for line in run.stderr.splitlines() if line.startswith(f"opencode: left {folder / name}: "))
    assert reason in said.lower()
    assert tree(folder) == left
    again = discover("shim", "uninstall", "opencode", root=tmp_path)
    assert (again.returncode, again.stderr.splitlines()[0]) == (0, "opencode: nothing to take away")
    assert tree(folder) == left


def _replace(text: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        path.write_text(text)

    return change


# A lock of the person's with our name in it is changed. What it becomes when the name is taken out of it (None: it
# stays as it was changed), and whether it is said to be left.
MERGED: dict[str, tuple[Callable[[Path], None], str | None, bool]] = {
    "another name": (_edit('"zod": "^4.1.0"', '"zod": "^4.2.0"'), TABS.replace("^4.1.0", "^4.2.0"), False),
    "ours": (_edit(f'"{LIBRARY}": "0"', f'"{LIBRARY}": "1"'), None, True),
    "ours is gone": (_replace(TABS), None, False),
    "broken": (_replace("{"), None, True),
    "gone": (lambda path: path.unlink(), None, False),
}


@pytest.mark.parametrize(("change", "then", "left"), MERGED.values(), ids=MERGED)
def test_the_name_goes_as_long_as_it_is_ours(
    tmp_path: Path, change: Callable[[Path], None], then: str | None, *, left: bool
) -> None:
    """Whatever else is in the person's lock meanwhile; a name that is not ours any more stays, and so does the rest."""
    folder = tmp_path / "config" / "opencode"
    put(folder, {Z: "", "package-lock.json": TABS})
    lock = folder / "package-lock.json"
    run = discover("shim", "install", "opencode", root=tmp_path)
    assert f"added {LIBRARY} to {lock}" in run.stderr
    change(lock)
    changed = tree(folder).get("package-lock.json")
    run = discover("shim", "uninstall", "opencode", root=tmp_path)
    assert run.returncode == 0
    assert (f"left {lock}" in run.stderr) is left
    if then is None:
        assert tree(folder).get("package-lock.json") == changed
    else:
        assert lock.read_text() == then


def test_links_lead_where_they_led(tmp_path: Path) -> None:
    """The folder and the lock are links into somebody's dotfiles: both stay, and what is behind them is as before."""
    dotfiles = tmp_path / "dotfiles"
    put(dotfiles, {"opencode/" + Z: "", "lock.json": COMPACT})
    (dotfiles / "opencode/package-lock.json").symlink_to("../lock.json")
    (tmp_path / "config").mkdir()
    (tmp_path / "config/opencode").symlink_to(dotfiles / "opencode")
    before = tree(tmp_path, without="state")
    assert discover("shim", "install", "opencode", root=tmp_path).returncode == 0
    assert LIBRARY in (dotfiles / "lock.json").read_text()
    assert (dotfiles / "opencode/plugins" / NAME).is_file()
    assert discover("shim", "uninstall", "opencode", root=tmp_path).returncode == 0
    assert tree(tmp_path, without="state") == before


def test_a_lock_that_is_a_link_to_nowhere_is_left(tmp_path: Path) -> None:
    """Nobody can say what belongs there."""
    folder = tmp_path / "config" / "opencode"
    put(folder, {Z: ""})
    (folder / "package-lock.json").symlink_to(tmp_path / "nowhere.json")
    before = tree(tmp_path, without="state")
    assert BY_ITSELF in discover("shim", "install", "opencode", root=tmp_path).stderr
    assert not (tmp_path / "nowhere.json").exists()
    assert discover("shim", "uninstall", "opencode", root=tmp_path).returncode == 0
    assert tree(tmp_path, without="state") == before


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """OpenCode installs nothing there, so nothing is prepared; without a writable folder for plugins it is refused."""
    folder = tmp_path / "config" / "opencode"
    (folder / "plugins").mkdir(parents=True)
    (tmp_path / "plugins").mkdir()
    namespace = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"]), "sh", "-ec"]
    mounts = f"mount --bind {folder} {folder}; mount -o remount,ro,bind {folder}; "
    writable = f"mount --bind {tmp_path / 'plugins'} {folder / 'plugins'}; "

    def inside(script: str, *command: object) -> subprocess.CompletedProcess[str]:
        line = [*namespace, f'{script}exec "$@"', "sh", *map(str, command)]
        return subprocess.run(line, env=homes(tmp_path), capture_output=True, text=True, timeout=30, check=False)

    try:
        tried = inside(mounts, "true")
    except FileNotFoundError:
        pytest.skip("there is no unshare")
    if tried.returncode != 0:
        pytest.skip(f"nothing can be mounted here: {tried.stderr[-200:]}")
    run = inside(mounts, PROGRAM, "shim", "install", "opencode")
    assert (run.returncode, tree(folder)) == (1, {"plugins": tree(folder)["plugins"]})
    assert run.stderr.startswith(f"error: {folder / 'plugins' / NAME} cannot be written: Read-only file system\n")
    run = inside(mounts + writable, PROGRAM, "shim", "install", "opencode")
    assert run.returncode == 0, run.stderr
    assert BY_ITSELF not in run.stderr
    assert [*tree(folder)] == ["plugins"]
    assert (tmp_path / "plugins" / NAME).is_file()


def test_what_to_do_next_is_said(tmp_path: Path) -> None:
    """Run it once, as long as nothing is remembered; and for Pi that one of the two roads is enough."""
    once, other = "run litellm-discover once", "litellm-discover undo pi"
    for target in FOLDERS:
        run = discover("shim", "install", target, root=tmp_path)
        assert once in run.stderr
        assert other not in run.stderr
        assert (".opencode" in run.stderr) is (target == "opencode")
    with proxy(["one"]) as (port, _):
        discover("--port", str(port), "--write", "all", root=tmp_path)
    for target in FOLDERS:
        run = discover("shim", "install", target, root=tmp_path)
        assert once not in run.stderr
        assert (other in run.stderr) is (target == "pi")
    assert discover("undo", "pi", root=tmp_path).returncode == 0
    assert other not in discover("shim", "install", "pi", root=tmp_path).stderr


def test_the_network_is_left_alone(tmp_path: Path) -> None:
    """Whatever proxy is named."""
    with proxy(["one"]) as (port, asked):
        for verb in ("install", "uninstall"):
            for target in FOLDERS:
                run = discover("shim", verb, target, root=tmp_path, env={"LITELLM_DISCOVER_PORT": str(port)})
                assert run.returncode == 0
        assert asked == []


@pytest.mark.parametrize("verb", ["install", "uninstall"])
def test_another_tool_is_a_wrong_command_line(tmp_path: Path, verb: str) -> None:
    """The message has the choices, and nothing is made."""
    run = discover("shim", verb, "all", root=tmp_path)
    assert (run.returncode, run.stdout) == (2, "")
    assert "Targets: opencode, pi." in run.stderr
    assert tree(tmp_path) == {}


def test_a_configuration_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """OpenCode would not start with it either; nothing is made."""
    put(tmp_path / "config/opencode", {"opencode.json": '{"plugin": [}'})
    before = tree(tmp_path / "config")
    run = discover("shim", "install", "opencode", root=tmp_path)
    assert run.returncode == 1
    assert "opencode.json: line 1" in run.stderr
    assert tree(tmp_path / "config") == before


def test_pi_is_found_where_it_is_told_to_be(tmp_path: Path) -> None:
    """Each of two homes of Pi has its own, and its own record."""
    env = {"PI_CODING_AGENT_DIR": str(tmp_path / "another")}
    assert discover("shim", "install", "pi", root=tmp_path).returncode == 0
    assert discover("shim", "install", "pi", root=tmp_path, env=env).returncode == 0
    assert discover("shim", "uninstall", "pi", root=tmp_path).returncode == 0
    assert [*tree(tmp_path / "another")] == ["extensions", f"extensions/{NAME}"]
    assert discover("shim", "uninstall", "pi", root=tmp_path, env=env).returncode == 0
    assert not (tmp_path / "another").exists()
