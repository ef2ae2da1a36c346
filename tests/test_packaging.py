"""What is built from this repository: exactly the package, the same bytes each time, with everything that it needs."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tarfile
import zipfile
from email.parser import HeaderParser
from pathlib import Path

import pytest
from loopback import homes
from tools.release import dist, lock

ROOT = Path(__file__).parents[1]
LIMIT_S = 120

# Where the parts of the repository are in a wheel.
PARTS = {
    "src/litellm_discover/": "litellm_discover/",
    "plugin_shim/": "litellm_discover/plugin_shim/",
    "share/": "litellm_discover-{}.data/data/share/",
}
LICENCES = ("LICENSE", "src/litellm_discover/data/LICENSES.txt")
WRITTEN_BY_THE_BUILD = {"METADATA", "WHEEL", "RECORD", "entry_points.txt"}


def tracked() -> list[str]:
    """The files that git has, as they are now: paths from the root."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git repository")
    done = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=LIMIT_S,
    )
    return [name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def version_of(wheel: Path) -> str:
    """The version in its name."""
    return wheel.name.split("-")[1]


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sdist of this folder."""
    folder = tmp_path_factory.mktemp("sdist")
    dist.build(ROOT, folder, "sdist")
    (built,) = folder.iterdir()
    return built


def test_the_wheel_has_the_package_and_nothing_else(wheel: Path) -> None:
    """Byte for byte what git has; no test, no cache, nothing that runs at the start of an interpreter."""
    version = version_of(wheel)
    expected = {
        target.format(version) + name.removeprefix(part): ROOT / name
        for name in tracked()
        for part, target in PARTS.items()
        if name.startswith(part)
    }
    expected |= {f"litellm_discover-{version}.dist-info/licenses/{name}": ROOT / name for name in LICENCES}
    with zipfile.ZipFile(wheel) as content:
        made = {f"litellm_discover-{version}.dist-info/{name}" for name in WRITTEN_BY_THE_BUILD}
        assert set(content.namelist()) == expected.keys() | made
        for name, path in expected.items():
            assert content.read(name) == path.read_bytes(), name
        assert not [name for name in content.namelist() if name.endswith((".pth", ".pyc"))]
        assert "litellm_discover/plugin_shim/pi/litellm-discover.js" in content.namelist()


def test_the_sdist_has_what_the_wheel_is_made_of(sdist: Path) -> None:
    """And the texts; no test, no tool."""
    with tarfile.open(sdist) as content:
        names = {member.name.split("/", 1)[1] for member in content.getmembers() if member.isfile()}
        owners = {(member.uid, member.gid, member.uname, member.gname, member.mtime) for member in content}
    kept = {name for name in tracked() if name.startswith(tuple(PARTS))}
    texts = {"README.md", "CHANGELOG.md", "LICENSE", "pyproject.toml", ".gitignore"}
    assert names == kept | texts | {"PKG-INFO"}
    assert len(owners) == 1, "who built it, and when, is in it"


def test_the_wheel_of_the_sdist_is_the_same_wheel(sdist: Path, wheel: Path, tmp_path: Path) -> None:
    """As an index or a packager would make it."""
    with tarfile.open(sdist) as content:
        content.extractall(tmp_path / "unpacked", filter="data")
    (source,) = (tmp_path / "unpacked").iterdir()
    dist.build(source, tmp_path / "again", "wheel")
    (again,) = (tmp_path / "again").iterdir()
    assert again.read_bytes() == wheel.read_bytes()


def copied(into: Path, mode: int, time: int) -> Path:
    """The source somewhere else, with other modes and times."""
    for name in tracked():
        if name.startswith((*PARTS, "README", "CHANGELOG", "LICENSE", "pyproject", ".gitignore")):
            path = into / name
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, path)
            path.chmod(mode)
            os.utime(path, (time, time))
    return into


def test_who_builds_it_where_and_when_makes_no_difference(sdist: Path, wheel: Path, tmp_path: Path) -> None:
    """Not the folder, not the time, not the modes; neither does SOURCE_DATE_EPOCH of whoever builds."""
    source = copied(tmp_path / "elsewhere" / "deep" / "source", mode=stat.S_IRUSR | stat.S_IWUSR, time=1_000_000_000)
    environ = {"SOURCE_DATE_EPOCH": "1700000000", "TZ": "Asia/Tokyo"}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environ.items():
            patch.setenv(name, value)
        dist.build(source, tmp_path / "built")
    for built in (tmp_path / "built").iterdir():
        assert built.read_bytes() == (wheel if built.suffix == ".whl" else sdist).read_bytes(), built.name


def test_the_metadata_says_what_it_is(wheel: Path) -> None:
    """Versions of Python, licences, what it needs, what is typed."""
    version = version_of(wheel)
    with zipfile.ZipFile(wheel) as content:
        said = HeaderParser().parsestr(content.read(f"litellm_discover-{version}.dist-info/METADATA").decode())
        assert "litellm_discover/py.typed" in content.namelist()
    assert (said["Name"], said["Version"], said["License-Expression"]) == ("litellm-discover", version, "MIT")
    assert said.get_all("License-File") == list(LICENCES)
    assert said["Requires-Python"] == ">=3.11"
    assert "Typing :: Typed" in said.get_all("Classifier", [])
    needed = {name.split("<")[0].split(">")[0] for name in said.get_all("Requires-Dist", []) if "extra ==" not in name}
    assert needed == {each.name for each in lock.read() if lock.OURS in each.wanted_by}


def test_every_source_of_our_data_is_named_with_its_licence() -> None:
    """In the folder itself, and so in the wheel."""
    data = ROOT / "src" / "litellm_discover" / "data"
    readme, licences = (data / "README.md").read_text("utf-8"), (data / "LICENSES.txt").read_text("utf-8")
    for name, line in (
        ("litellm", "Copyright (c) 2023 Berri AI"),
        ("@earendil-works/pi", "Copyright (c) 2025 Mario Zechner"),
        ("models.dev", "Copyright (c) 2025 models.dev"),
    ):
        assert name in readme
        assert f": {line}\n" in licences
    assert (
        licences.split("Permission is hereby granted")[1]
        == (ROOT / "LICENSE").read_text().split("Permission is hereby granted")[1]
    )


@pytest.mark.parametrize("target", ["opencode", "pi"])
def test_what_is_installed_comes_from_the_package(wheel: Path, tmp_path: Path, target: str) -> None:
    """Unpacked somewhere, it installs its own text, which a mark in it proves."""
    package = tmp_path / "packages"
    shutil.unpack_archive(wheel, package, "zip")
    shim = package / "litellm_discover" / "plugin_shim" / target / "litellm-discover.js"
    shim.write_text(shim.read_text() + "// of this package\n")
    done = subprocess.run(
        [sys.executable, "-P", "-m", "litellm_discover", "shim", "install", target],
        env={**homes(tmp_path), "PYTHONPATH": str(package)},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    (installed,) = (path for path in tmp_path.rglob("litellm-discover.js") if package not in path.parents)
    assert installed.read_text().endswith("// of this package\n")


USER = """
from litellm_discover import Catalog, DiscoverError, Model, discover


def cheapest(catalog: Catalog) -> Model | None:
    priced = [(model.cost.input, model.id, model) for model in catalog.models if model.cost is not None]
    return min(priced)[2] if priced else None


try:
    found = cheapest(discover(url="http://127.0.0.1:4000", include=["gpt-*"]))
except DiscoverError as error:
    reveal_type(error.hint)
else:
    reveal_type(found)
"""

WRONG = """
import litellm_discover

litellm_discover.discover(port="4000")
litellm_discover.discovr()
print(litellm_discover.discover().models[0].nmae)
"""


@pytest.fixture
def typed(wheel: Path, tmp_path: Path) -> Path:
    """An environment that has the wheel and nothing of this folder."""
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True, timeout=LIMIT_S)
    (packages,) = environment.rglob("site-packages")
    shutil.unpack_archive(wheel, packages, "zip")
    return environment


def checked(program: str, environment: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """What a strict mypy says of a program in that environment."""
    (folder / "program.py").write_text(program, "utf-8")
    (python,) = (path for path in environment.glob("*/python*") if path.stem == "python")
    return subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--python-executable", str(python), "program.py"],
        cwd=folder,
        env=homes(folder),
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


def test_a_program_that_uses_the_package_is_checked_by_its_types(typed: Path, tmp_path: Path) -> None:
    """Mypy takes them from the wheel, and finds what is wrong."""
    done = checked(USER, typed, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert 'Revealed type is "str"' in done.stdout.replace("builtins.", "")
    assert "litellm_discover.core.model.Model | None" in done.stdout
    done = checked(WRONG, typed, tmp_path)
    lines = [line.split(": ")[0] for line in done.stdout.splitlines() if ": error:" in line]
    assert lines == ["program.py:4", "program.py:5", "program.py:6"], done.stdout
