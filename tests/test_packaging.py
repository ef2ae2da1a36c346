"""What is built from this repository: the plugins are in it, and are installed from it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from loopback import homes

ROOT = Path(__file__).parents[1]
SHIMS = {f"plugin_shim/{path.parent.name}/{path.name}": path for path in (ROOT / "plugin_shim").glob("*/*.js")}
REPORT = ("page.html", "report.css", "report.js")
LIMIT_S = 120


def build(source: Path, into: Path, kind: str) -> Path:
    """The wheel or sdist of a source folder; nothing is fetched for it."""
    line = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(into)]
    done = subprocess.run(line, cwd=source, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert done.returncode == 0, done.stderr
    (built,) = into.iterdir()
    return built


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The wheel of this folder, and the one of its sdist, as an index or a packager would make it."""
    folder = tmp_path_factory.mktemp("dist")
    with tarfile.open(build(ROOT, folder / "sdist", "sdist")) as sdist:
        sdist.extractall(folder / "unpacked", filter="data")
    (source,) = (folder / "unpacked").iterdir()
    return [build(ROOT, folder / "wheel", "wheel"), build(source, folder / "again", "wheel")]


def test_the_plugins_are_in_every_wheel_and_nothing_strange(wheels: list[Path]) -> None:
    """Byte for byte, and the wheel of the sdist has the same files."""
    assert set(SHIMS) == {f"plugin_shim/{name}/litellm-discover.js" for name in ("opencode", "pi")}
    listed = []
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as content:
            assert {f"litellm_discover/data/report/{name}" for name in REPORT} <= set(content.namelist())
            listed.append(sorted(content.namelist()))
            for name, path in SHIMS.items():
                assert content.read(f"litellm_discover/{name}") == path.read_bytes()
    assert listed[0] == listed[1]
    assert {name.split("/")[0].split("-")[0] for name in listed[0]} == {"litellm_discover"}
    assert not [name for name in listed[0] if name.endswith(".pth") or "test" in name]


@pytest.mark.parametrize("target", ["opencode", "pi"])
def test_what_is_installed_comes_from_the_package(wheels: list[Path], tmp_path: Path, target: str) -> None:
    """Unpacked somewhere, it installs its own text, which a mark in it proves."""
    package = tmp_path / "packages"
    shutil.unpack_archive(wheels[1], package, "zip")
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
