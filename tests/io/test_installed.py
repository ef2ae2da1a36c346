from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from litellm_discover.io import files
from litellm_discover.io.installed import installed_version
from litellm_discover.targets import pi

if TYPE_CHECKING:
    from pathlib import Path

    from litellm_discover.core.host import Version

NEW, OLD = "@earendil-works/pi-coding-agent", "@mariozechner/pi-coding-agent"

SHIM = "#!/bin/sh\nexec node /nowhere/cli.js\n"


def found(root: Path, *, path: str | None = None) -> Version | None:
    """The version that is found with ``root/bin`` on the PATH and Pi's directory at ``root/agent``."""
    assert pi.INSTALLATION
    return installed_version(pi.INSTALLATION, root / "agent", {"PATH": path or f"/nowhere:{root / 'bin'}"})


def data_of(content: object) -> bytes:
    """An object as JSON, anything else as it is."""
    if isinstance(content, bytes):
        return content
    return (content if isinstance(content, str) else json.dumps(content)).encode()


def package(folder: Path, content: object) -> None:
    """A package.json, with an object or a text in it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_bytes(data_of(content))


def program(path: Path) -> Path:
    """Something that can be executed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(SHIM, encoding="utf-8")
    path.chmod(0o755)
    return path


def npm(root: Path, version: Any, *, name: str = NEW, cli: str = "dist/bundle/cli.js") -> Path:
    """Pi as npm installs it globally: a link on the PATH to a file in the package; gives the package."""
    folder = root / "lib/node_modules" / name
    package(folder, {"name": name, "version": version, "bin": {"pi": cli}})
    link = root / "bin/pi"
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(os.path.relpath(program(folder / cli), link.parent))
    return folder


def noted(root: Path, content: object) -> None:
    """Pi's own note of the version that ran last."""
    (root / "agent").mkdir()
    (root / "agent/settings.json").write_bytes(data_of(content))


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("1.5.2", (1, 5, 2)),
        ("0.74.2", (0, 74, 2)),
        ("1.6.0-beta.3", (1, 6, 0)),
        ("0.87.1+build.7", (0, 87, 1)),
        ("10.20.30", (10, 20, 30)),
        ("next", None),
        ("1.5", None),
        ("", None),
        (15, None),
        (None, None),
    ],
)
def test_the_version_in_the_package_of_the_program(tmp_path: Path, version: object, expected: Version | None) -> None:
    """Through the link on the PATH; what follows the third number does not count."""
    npm(tmp_path, version)
    assert found(tmp_path) == expected


@pytest.mark.parametrize("name", [NEW, OLD])
@pytest.mark.parametrize("cli", ["cli.js", "dist/cli.js", "dist/bundle/cli.js"])
def test_either_name_and_any_depth_of_the_program(tmp_path: Path, name: str, cli: str) -> None:
    """The package had another name before 0.74, and its program has moved."""
    npm(tmp_path, "1.2.3", name=name, cli=cli)
    assert found(tmp_path) == (1, 2, 3)


def test_the_program_comes_before_the_note(tmp_path: Path) -> None:
    """What ran last may be older, or on another account's PATH."""
    npm(tmp_path, "1.5.2")
    noted(tmp_path, {"lastChangelogVersion": "0.74.2"})
    assert found(tmp_path) == (1, 5, 2)


def test_the_first_program_on_the_path_is_the_one_that_runs(tmp_path: Path) -> None:
    """Not the newest; and one that cannot be executed is none."""
    for version in ("1.5.2", "0.87.1"):
        npm(tmp_path / version, version)
    path = os.pathsep.join(str(tmp_path / version / "bin") for version in ("0.87.1", "1.5.2"))
    assert found(tmp_path, path=path) == (0, 87, 1)
    (tmp_path / "0.87.1/lib/node_modules" / NEW / "dist/bundle/cli.js").chmod(0o644)
    assert found(tmp_path, path=path) == (1, 5, 2)


def test_a_package_inside_the_package_is_passed_over(tmp_path: Path) -> None:
    """Build tools leave a package.json without a name, or with another, beside what they make."""
    folder = npm(tmp_path, "1.5.2")
    package(folder / "dist", {"type": "module", "version": "9.9.9"})
    package(folder / "dist/bundle", {"name": "bundle", "version": "8.8.8"})
    assert found(tmp_path) == (1, 5, 2)


@pytest.mark.parametrize(
    "content",
    [
        {"name": "pi", "version": "9.9.9"},
        {"name": "@evil/pi-coding-agent", "version": "9.9.9"},
        {"name": [NEW], "version": "9.9.9"},
        {"name": {"a": 1}, "version": "9.9.9"},
        "{",
        "",
        "[]",
        "null",
        '"1.5.2"',
        "\x00",
        "[" * 100_000,
        b"\xff\xfe\xff",
    ],
)
def test_a_program_of_another_package_is_none(tmp_path: Path, content: object) -> None:
    """Many programs may be called pi; what cannot be read is none of ours either, and the note counts."""
    folder = npm(tmp_path, "1.5.2")
    package(folder, content)
    assert found(tmp_path) is None
    noted(tmp_path, {"lastChangelogVersion": "0.87.1"})
    assert found(tmp_path) == (0, 87, 1)


def test_a_package_without_a_usable_version_leaves_it_to_the_note(tmp_path: Path) -> None:
    """As in a checkout of the source: nothing is known from the program, so what is known otherwise counts."""
    npm(tmp_path, "workspace")
    noted(tmp_path, {"lastChangelogVersion": "0.87.1"})
    assert found(tmp_path) == (0, 87, 1)


@pytest.mark.parametrize("version", ["1" * 5000 + ".0.0", "1.0." + "9" * 5000])
def test_a_number_without_end_is_no_version(tmp_path: Path, version: str) -> None:
    """Python refuses to read it, and no run may end at that."""
    npm(tmp_path, version)
    noted(tmp_path, {"lastChangelogVersion": version})
    assert found(tmp_path) is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no fifos here")
def test_a_fifo_is_not_waited_for(tmp_path: Path) -> None:
    """Neither for the package nor for the note."""
    folder = npm(tmp_path, "1.5.2")
    (folder / "package.json").unlink()
    os.mkfifo(folder / "package.json")
    (tmp_path / "agent").mkdir()
    os.mkfifo(tmp_path / "agent/settings.json")
    assert found(tmp_path) is None


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    """It is no package.json, whatever it holds."""
    folder = npm(tmp_path, "1.5.2")
    text = json.dumps({"name": NEW, "version": "1.5.2"})
    for size, expected in ((files.MAX_BYTES, (1, 5, 2)), (files.MAX_BYTES + 1, None)):
        (folder / "package.json").write_text(text.ljust(size), encoding="utf-8")
        assert found(tmp_path) == expected


@pytest.mark.parametrize("where", ["pnpm", ".local/share/mise/shims", ".volta/bin"])
def test_a_shim_leaves_it_to_the_note(tmp_path: Path, where: str) -> None:
    """Version managers and pnpm put a program of their own on the PATH that says nothing of the package."""
    shim = program(tmp_path / where / "pi")
    package(shim.parent, {"name": "shims", "version": "9.9.9"})
    assert found(tmp_path, path=str(shim.parent)) is None
    noted(tmp_path, {"lastChangelogVersion": "0.99.1", "theme": "dark"})
    assert found(tmp_path, path=str(shim.parent)) == (0, 99, 1)


@pytest.mark.parametrize(
    "content", ["", "{", "[]", {}, {"lastChangelogVersion": 1}, {"lastChangelogVersion": "x"}, {"version": "1.5.2"}]
)
def test_without_a_program_and_a_note_nothing_is_known(tmp_path: Path, content: object) -> None:
    """An odd note is none."""
    assert found(tmp_path) is None
    noted(tmp_path, content)
    assert found(tmp_path) is None


@pytest.mark.parametrize("path", [{}, {"PATH": ""}])
def test_without_a_path_nothing_of_ours_is_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: dict[str, str]
) -> None:
    """The PATH is that of the person's variables, and never the one of this process."""
    npm(tmp_path, "1.5.2")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert pi.INSTALLATION
    assert installed_version(pi.INSTALLATION, tmp_path / "agent", path) is None


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_link_in_a_circle_is_no_program(tmp_path: Path) -> None:
    """Nor is one that leads nowhere."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/pi").symlink_to(tmp_path / "bin/pi")
    assert found(tmp_path) is None
    (tmp_path / "bin/pi").unlink()
    (tmp_path / "bin/pi").symlink_to(tmp_path / "gone")
    assert found(tmp_path) is None


def test_it_is_not_run(tmp_path: Path) -> None:
    """The version is read; a program on the PATH is never started for it."""
    npm(tmp_path, "1.5.2")
    trace = tmp_path / "trace"
    (tmp_path / "lib/node_modules" / NEW / "dist/bundle/cli.js").write_text(f"#!/bin/sh\ntouch {trace}\n", "utf-8")
    assert found(tmp_path) == (1, 5, 2)
    assert not trace.exists()
