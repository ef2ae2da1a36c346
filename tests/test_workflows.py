"""The workflows: pinned, with as few rights as they need, and for every Python that is promised."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / ".github" / "workflows").glob("*"))
LIMIT_S = 60

# What each job may do beside reading public things. A new right needs a line here.
RIGHTS = {
    ("ci.yml", "everything"): {"contents": "read"},
    ("ci.yml", "unit"): {"contents": "read"},
    ("ci.yml", "windows"): {"contents": "read"},
    ("release.yml", "build"): {"contents": "read"},
    ("release.yml", "attest"): {"attestations": "write", "id-token": "write"},
    ("release.yml", "publish"): {"id-token": "write"},
    ("release.yml", "notes"): {"contents": "write"},
}

PINNED = re.compile(r"\s+-? ?uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")


def workflow(path: Path) -> dict[Any, Any]:
    """The file; YAML takes its ``on`` for a truth."""
    found: dict[Any, Any] = yaml.safe_load(path.read_text("utf-8"))
    return found


def jobs() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each job, with its file and name."""
    for path in FILES:
        yield from ((path.name, name, job) for name, job in workflow(path)["jobs"].items())


def steps() -> list[dict[str, Any]]:
    """Every step of all."""
    return [step for _, _, job in jobs() for step in job["steps"]]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_action_is_pinned_to_a_commit_and_says_its_version(path: Path) -> None:
    """A tag can be moved by whoever takes over an action."""
    uses = [line for line in path.read_text("utf-8").splitlines() if "uses:" in line]
    assert uses
    assert [line for line in uses if not PINNED.fullmatch(line)] == []


def test_one_action_has_one_pin() -> None:
    """In all files."""
    pins = {step["uses"] for step in steps() if "uses" in step}
    assert len(pins) == len({pin.split("@")[0] for pin in pins})


def test_nobody_has_more_rights_than_the_job_needs() -> None:
    """None by default, and each named."""
    assert all(workflow(path)["permissions"] == {} for path in FILES)
    assert {(file, name): job["permissions"] for file, name, job in jobs()} == RIGHTS


def test_no_stranger_starts_what_has_rights() -> None:
    """Only a tag makes a release, and no stored secret is used."""
    triggers = {path.name: workflow(path)[True] for path in FILES}
    assert triggers["release.yml"] == {"push": {"tags": ["v*"]}}
    assert triggers["ci.yml"].keys() == {"push", "pull_request"}
    assert all("secrets." not in path.read_text("utf-8") for path in FILES)


def test_no_text_of_others_is_put_into_a_shell() -> None:
    """What a tag or a branch is called reaches a command as a variable."""
    assert [step["run"] for step in steps() if "${{" in step.get("run", "")] == []


def test_the_checkout_leaves_no_token_behind() -> None:
    """For what is built and tested then."""
    checkouts = [step for step in steps() if step.get("uses", "").startswith("actions/checkout@")]
    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_every_python_that_is_promised_is_tried() -> None:
    """On each system; the classifiers are the promise."""
    classifiers = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["classifiers"]
    promised = [each.rpartition(" :: ")[2] for each in classifiers if re.search(r":: 3\.\d+$", each)]
    found = {name: job["strategy"]["matrix"] for _, name, job in jobs() if "strategy" in job}
    assert {name: matrix["python"] for name, matrix in found.items()} == {"unit": promised, "windows": promised}
    assert {each.split("-")[0] for each in found["unit"]["os"]} == {"ubuntu", "macos"}


def test_jobs_end() -> None:
    """One that hangs costs minutes, not hours."""
    assert all(job["timeout-minutes"] <= 60 for _, _, job in jobs())


def test_what_the_jobs_call_is_there() -> None:
    """Targets of the Makefile, and the script of CI."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = [step["run"].split()[1] for step in steps() if step.get("run", "").startswith("make ")]
    assert {"unit", "dist"} == set(targets)
    assert all(f"\n{target}: " in makefile for target in targets)
    assert (ROOT / ".ci" / "run").is_file()


def test_nothing_in_them_can_be_abused() -> None:
    """As far as zizmor sees, at its most pedantic, without asking anybody."""
    done = subprocess.run(
        [Path(sys.executable).with_name("zizmor"), "--offline", "--no-progress", "--persona=pedantic", *FILES],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
