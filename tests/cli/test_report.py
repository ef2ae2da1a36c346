"""``report``: a file of its own, from the same look at the proxies as everything else."""

from __future__ import annotations

import json
import os
import stat
from typing import TYPE_CHECKING

import pytest
from rogue import free_ports
from servers import described, proxy
from tool import discover

if TYPE_CHECKING:
    from pathlib import Path

CANARY = "sk-canary-of-the-report"
BACKEND = "https://backend.example.com"
NAME = "litellm-discover-report.html"
MODELS = ["claude-opus-4-8", "text-embedding-3-small", "mine"]
INFO = [
    {
        **described("claude-opus-4-8", litellm_provider="anthropic", input_cost_per_token=5e-06),
        "litellm_params": {"model": "anthropic/claude-opus-4-8", "api_base": BACKEND, "api_key": CANARY},
    },
]


def test_it_is_written_where_the_person_is_and_its_path_is_printed(tmp_path: Path) -> None:
    """For its owner alone; with what is hidden, and without the key, or anything of the proxy's backends."""
    with proxy(MODELS, INFO) as (port, asked):
        url = f"http://127.0.0.1:{port}"
        run = discover("report", "--url", url, root=tmp_path, env={"LITELLM_API_KEY": CANARY})
    assert run.returncode == 0, run.stderr
    path = tmp_path / NAME
    assert run.stdout == f"{path}\n"
    assert "a report of 2 models" in run.stderr
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    page = path.read_text("utf-8")
    for there in ("Claude Opus 4.8", "claude-opus-4-8", "text-embedding-3-small", "rule:embedding", f"{url}/v1"):
        assert there in page
    assert any(CANARY in line for line in asked)
    assert CANARY not in page + run.stdout + run.stderr
    assert BACKEND not in page


def test_a_report_is_replaced_and_nothing_else_is(tmp_path: Path) -> None:
    """What is not ours stays to the byte, and the person is told."""
    ours, theirs = tmp_path / "ours.html", tmp_path / "theirs.html"
    theirs.write_text("<!doctype html>\n<p>my page")
    with proxy(MODELS) as (port, _):
        url = f"http://127.0.0.1:{port}"
        runs = [discover("report", "--output", "ours.html", "--url", url, root=tmp_path)]
        first = ours.read_text("utf-8")
        ours.write_text(first + "older")
        runs.append(discover("report", "--output", str(ours), "--url", url, root=tmp_path))
        refused = discover("report", "--output", "theirs.html", "--url", url, root=tmp_path)
    assert [run.returncode for run in runs] == [0, 0]
    assert "older" not in ours.read_text("utf-8")
    assert refused.returncode == 1
    assert "is there already and is no report of ours" in refused.stderr
    assert refused.stdout == ""
    assert theirs.read_text() == "<!doctype html>\n<p>my page"


def test_a_dash_is_the_standard_output(tmp_path: Path) -> None:
    """The page alone there, and no file."""
    with proxy(MODELS) as (port, _):
        run = discover("report", "--output", "-", "--url", f"http://127.0.0.1:{port}", root=tmp_path)
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("<!doctype html>")
    assert run.stdout.endswith("</html>\n")
    assert not list(tmp_path.glob("*.html"))


def test_a_silent_proxy_is_shown_as_it_was(tmp_path: Path) -> None:
    """Asked, it is told to be silent; with --offline nobody is asked. Never seen before, it is an error."""
    with proxy(MODELS) as (port, asked):
        url = f"http://127.0.0.1:{port}"
        nothing = discover("report", "--offline", "--url", url, root=tmp_path)
        discover("--url", url, "--json", root=tmp_path)
        before = len(asked)
        remembered = next((tmp_path / "cache").rglob("catalog.json"))
        document = json.loads(remembered.read_text("utf-8"))
        remembered.write_text(json.dumps({**document, "takenAt": 1767323045}), "utf-8")
        offline = discover("report", "--offline", "--output", "offline.html", "--url", url, root=tmp_path)
        assert len(asked) == before
    silent = discover("report", "--output", "silent.html", "--url", url, root=tmp_path)
    assert nothing.returncode == 1
    assert not (tmp_path / NAME).exists()
    assert (offline.returncode, silent.returncode) == (0, 0)
    assert "silent now" not in (tmp_path / "offline.html").read_text("utf-8")
    assert "2026-01-02 03:04 UTC" in (tmp_path / "offline.html").read_text("utf-8")
    assert "silent now" in (tmp_path / "silent.html").read_text("utf-8")


def test_of_several_proxies_one_that_fails_hides_nothing(tmp_path: Path) -> None:
    """Its error is in the page and on stderr, and the exit status says so; each row names its proxy."""
    (closed,) = free_ports(1)
    with proxy(["here"]) as (port, _), proxy(["there"]) as (other, _):
        config = tmp_path / "config" / "litellm-discover" / "config.toml"
        config.parent.mkdir(parents=True)
        tables = (("litellm", port), ("work", other), ("gone", closed))
        config.write_text("".join(f'[[proxy]]\nid = "{name}"\nurl = "http://127.0.0.1:{at}"\n' for name, at in tables))
        config.chmod(0o600)
        run = discover("report", root=tmp_path)
    assert run.returncode == 1
    assert "error: gone: " in run.stderr
    page = (tmp_path / NAME).read_text("utf-8")
    assert "<strong>error: </strong>gone: " in page
    assert "<td>litellm</td>" in page
    assert "<td>work</td>" in page


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
@pytest.mark.parametrize("place", ["/dev/null/x.html", "missing/folder/x.html"])
def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, place: str) -> None:
    """Cause and next step, as everywhere; and no folder is made for a slip of the pen."""
    path = tmp_path / place
    with proxy(MODELS) as (port, _):
        run = discover("report", "--output", str(path), "--url", f"http://127.0.0.1:{port}", root=tmp_path)
    assert run.returncode == 1
    assert f"{path} cannot be" in run.stderr
    assert not (tmp_path / "missing").exists()
