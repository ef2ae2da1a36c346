"""What is published beside the packages: the lock, the bill of materials, the checksums."""

from __future__ import annotations

import hashlib
import json
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from packaging.markers import Marker
from packaging.requirements import Requirement
from referencing import Registry
from referencing.jsonschema import DRAFT7
from tools.release import dist, lock, sbom

from litellm_discover import __version__

ROOT = Path(__file__).parents[1]
LOCKED = lock.read()
LIMIT_S = 120

PYTHONS = ("3.11", "3.12", "3.13", "3.14")


SCHEMAS = ("bom-1.6", "spdx", "jsf-0.82")


def validator() -> Draft7Validator:
    """Of the official schema, with those that it refers to by their names beside it."""
    folder = files("cyclonedx.schema") / "_res"
    names = [f"{name}.SNAPSHOT.schema.json" for name in SCHEMAS]
    bom, *_ = read = [json.loads((folder / name).read_text("utf-8")) for name in names]
    beside = bom["$id"].rpartition("/")[0]
    resources = [(f"{beside}/{name}", DRAFT7.create_resource(each)) for name, each in zip(names, read, strict=True)]
    return Draft7Validator(bom, registry=Registry().with_resources(resources))


def test_the_bill_of_materials_is_what_its_schema_says() -> None:
    """CycloneDX 1.6; and the check would find an offence."""
    document = json.loads(sbom.render())
    assert list(validator().iter_errors(document)) == []
    document["components"][0]["type"] = "thing"
    assert len(list(validator().iter_errors(document))) == 1


def test_the_bill_of_materials_has_all_that_is_installed() -> None:
    """Each once, with a licence and its place in the graph; everything there is needed by something."""
    document: dict[str, Any] = json.loads(sbom.render())
    components = {each["bom-ref"]: each for each in document["components"]}
    assert {(each["name"], each["version"]) for each in components.values()} == {
        (each.name, each.version) for each in LOCKED
    }
    graph = {each["ref"]: each["dependsOn"] for each in document["dependencies"]}
    ours = f"pkg:pypi/litellm-discover@{__version__}"
    assert document["metadata"]["component"]["bom-ref"] == ours
    assert graph.keys() == {ours, *components}
    assert {ref for wanted in graph.values() for ref in wanted} == components.keys()
    everywhere = [each for each in components.values() if "properties" not in each]
    assert len(everywhere) > 10
    assert all(each.get("licenses") for each in everywhere)


def test_the_same_lock_gives_the_same_bill() -> None:
    """No time, no serial number, no path."""
    text = sbom.render()
    assert text == sbom.render()
    assert not {"serialNumber", "timestamp"} & {*json.loads(text), *json.loads(text)["metadata"]}
    assert str(ROOT) not in text


def test_the_lock_is_read_whole() -> None:
    """Every entry has files that may be installed, and somebody who wants it."""
    lines = lock.LOCK.read_text("utf-8").splitlines()
    assert [each.name for each in LOCKED] == [line.split("==")[0] for line in lines if line and line[0].isalpha()]
    assert sum(len(each.hashes) for each in LOCKED) == sum("--hash=" in line for line in lines)
    assert all(each.hashes and each.wanted_by for each in LOCKED)


def test_the_lock_is_of_the_versions_that_are_tested() -> None:
    """Those of the development environment."""
    text = (ROOT / "requirements" / "dev.txt").read_text("utf-8")
    assert all(f"{each.name}=={each.version} " in text for each in LOCKED)


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize(("platform", "most"), [("linux", 12), ("darwin", 12), ("win32", 13)])
def test_no_more_is_installed_than_is_promised(python: str, platform: str, most: int) -> None:
    """On Windows colorama comes along."""
    environment = {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": platform}
    installed = [each for each in LOCKED if each.marker is None or Marker(each.marker).evaluate(environment)]
    assert len(installed) <= most


def test_the_lock_has_what_the_project_asks_for() -> None:
    """A dependency that changed in pyproject.toml is locked anew."""
    import tomllib

    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    locked = {each.name: each for each in LOCKED}
    for requirement in map(Requirement, wanted):
        assert requirement.specifier.contains(locked[requirement.name].version)
        assert lock.OURS in locked[requirement.name].wanted_by


def test_what_is_published_is_the_same_each_time(tmp_path: Path) -> None:
    """And the checksums are those of the files, all of them."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git repository")
    made = [dist.make(tmp_path / name) for name in ("one", "two")]
    one, two = ({path.name: path.read_bytes() for path in paths} for paths in made)
    assert one == two
    stems = (f"litellm_discover-{__version__}", f"litellm-discover-{__version__}")
    assert one.keys() == {
        f"{stems[0]}.tar.gz",
        f"{stems[0]}-py3-none-any.whl",
        f"{stems[1]}.cdx.json",
        f"{stems[1]}.requirements.txt",
        dist.CHECKSUMS,
    }
    sums = one.pop(dist.CHECKSUMS).decode().splitlines()
    assert sums == [f"{hashlib.sha256(data).hexdigest()}  {name}" for name, data in sorted(one.items())]


def test_what_is_published_is_what_was_committed(tmp_path: Path) -> None:
    """A file that lies about is not in it."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git repository")
    (built,) = (path for path in dist.make(tmp_path / "dist") if path.suffix == ".gz")
    import tarfile

    done = subprocess.run(
        ["git", "ls-tree", "-r", "--name-only", "HEAD", "src", "plugin_shim", "share"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=LIMIT_S,
    )
    with tarfile.open(built) as content:
        names = {name.split("/", 1)[1] for name in content.getnames() if name.count("/") > 1}
    assert names == set(done.stdout.splitlines())
