"""`catalog build`, `verify` and `fetch` as a person runs them: one machine publishes, another one uses it."""

from __future__ import annotations

import json
import stat
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from loopback import homes
from servers import described, proxy
from static import Static, serving
from tool import LIMIT_S, PROGRAM, Run, discover

from litellm_discover.io.shelf import CATALOGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

REGISTRY = """
litellm_models:
  - id: team-fast
    name: Team Fast
    contextWindow: 64000
  - id: anthropic/claude-sonnet-4-5
    name: Claude Sonnet 4.5 of the team
azure_models:
  - id: azure/gpt-team
    name: GPT of the team
    cost: {input: 1.5, output: 6}
"""


def build(root: Path, *arguments: str, env: dict[str, str] | None = None) -> Run:
    """Publish into the folder `www` of a person's root."""
    return discover("catalog", "build", str(root / "www"), *arguments, root=root, env=env)


def models(folder: Path, provider: str) -> dict[str, Any]:
    """The entries of a file."""
    found: dict[str, Any] = json.loads((folder / f"{provider}.json").read_bytes())["models"]
    return found


def contents(folder: Path) -> dict[str, bytes]:
    """The files of a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """A folder with what comes with the program, and a registry."""
    publisher = tmp_path / "publisher"
    publisher.mkdir()
    (publisher / "ai_models.yaml").write_text(REGISTRY)
    done = build(publisher, "--registry", "ai_models.yaml")
    assert done.returncode == 0, done.stderr
    return publisher / "www"


@pytest.fixture
def server(published: Path) -> Iterator[Static]:
    """A web server of that folder."""
    with serving(published) as static:
        yield static


def consumer(tmp_path: Path, *settings: str, name: str = "consumer") -> Path:
    """A person whose configuration has these lines about a catalog."""
    root = tmp_path / name
    folder = root / "config" / "litellm-discover"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text("[[catalog]]\n" + "\n".join(settings) + "\n")
    return root


def test_what_comes_with_the_program_is_published(tmp_path: Path) -> None:
    """Byte for byte, for everybody to read, and twice the same."""
    first = build(tmp_path)
    assert (first.returncode, first.stdout) == (0, "")
    assert contents(tmp_path / "www") == contents(CATALOGS)
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "www").iterdir()} == {0o644}
    times = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "www").iterdir()}
    assert "0 files changed" in build(tmp_path).stderr
    assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / "www").iterdir()} == times


def test_the_registry_comes_on_top(published: Path) -> None:
    """Each entry where it will be looked for; what it does not say stays."""
    assert models(published, "custom") == {"team-fast": {"name": "Team Fast", "limit": {"context": 64000}}}
    assert models(published, "azure")["gpt-team"] == {"name": "GPT of the team", "cost": {"input": 1.5, "output": 6}}
    bundled = models(CATALOGS, "anthropic")["claude-sonnet-4-5"]
    assert models(published, "anthropic")["claude-sonnet-4-5"] == {**bundled, "name": "Claude Sonnet 4.5 of the team"}
    manifest = json.loads((published / "manifest.json").read_bytes())
    assert manifest["sources"][-1] == {"name": "registry"}


def test_what_the_proxy_states_is_published(tmp_path: Path) -> None:
    """Its statements and nothing that was concluded; the key is not in it."""
    info = [
        described("team-fast", litellm_provider="openai", max_input_tokens=32000, max_output_tokens=4000, mode="chat"),
        described("nothing-said"),
    ]
    key = {"LITELLM_API_KEY": "sk-of-the-publisher"}
    with proxy(["team-fast", "nothing-said"], info) as (port, _):
        done = build(tmp_path, "--from-proxy", env={"LITELLM_API_BASE": f"http://127.0.0.1:{port}", **key})
    assert done.returncode == 0, done.stderr
    fact = {"limit": {"context": 32000, "output": 4000}}
    assert models(tmp_path / "www", "openai")["team-fast"].items() >= fact.items()
    assert models(tmp_path / "www", "custom")["team-fast"].items() >= fact.items()
    assert "name" not in models(tmp_path / "www", "custom")["team-fast"]
    assert b"sk-of-the-publisher" not in b"".join(contents(tmp_path / "www").values())
    assert discover("catalog", "verify", str(tmp_path / "www"), root=tmp_path).returncode == 0


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    """A manifest of a web application is none of ours."""
    www = tmp_path / "www"
    www.mkdir()
    for name, text in (("index.html", "mine"), ("manifest.json", '{"name": "app", "icons": []}')):
        (www / name).write_text(text)
        before = contents(www)
        done = build(tmp_path)
        assert done.returncode == 1
        assert "no catalog can be put into" in done.stderr
        assert contents(www) == before


def test_what_is_listed_no_longer_goes_and_what_is_not_ours_stays(published: Path) -> None:
    """A file that somebody changed is not ours any more."""
    (published / "index.html").write_text("mine")
    root = published.parent
    build(root)
    assert not (published / "custom.json").exists()
    assert (published / "index.html").read_text() == "mine"
    build(root, "--registry", "ai_models.yaml")
    (published / "custom.json").write_text("{}")
    build(root)
    assert (published / "custom.json").read_text() == "{}"


def test_verify_finds_nothing_in_what_was_built(published: Path, server: Static, tmp_path: Path) -> None:
    """In the folder and at its address."""
    for where in (str(published), server.base_url):
        done = discover("catalog", "verify", where, root=tmp_path)
        assert (done.returncode, done.stdout) == (0, "")
        assert done.stderr.endswith("nothing wrong\n")


WRONG: dict[str, tuple[str, Callable[[bytes], bytes], str]] = {
    "truncated": ("openai.json", lambda data: data[:-40], "openai.json: it has "),
    "flipped": ("openai.json", lambda data: data.replace(b"gpt", b"gtp", 1), "openai.json: its digest is not that"),
    "manifest cut": ("manifest.json", lambda data: data[:-4], "manifest.json: it is no JSON, or not whole"),
    "newer": ("manifest.json", lambda data: data.replace(b":1,", b":2,", 1), "manifest.json: its schemaVersion is 2"),
}


@pytest.mark.parametrize("case", WRONG)
def test_verify_says_what_is_wrong(case: str, published: Path, server: Static, tmp_path: Path) -> None:
    """A line for each, exit status 1, and the same for a script."""
    name, damage, message = WRONG[case]
    (published / name).write_bytes(damage((published / name).read_bytes()))
    for where in (str(published), server.base_url):
        done = discover("catalog", "verify", where, root=tmp_path)
        assert done.returncode == 1
        assert [line.startswith(message) for line in done.stdout.splitlines()] == [True]
        document = discover("catalog", "verify", where, "--json", root=tmp_path).json
        assert (document["status"], document["problems"]) == ("error", done.stdout.splitlines())


def test_verify_of_nothing_is_an_error(tmp_path: Path) -> None:
    """A folder without a manifest, an address without a server, one that is not encrypted."""
    with serving(tmp_path) as gone:
        pass
    for where in (str(tmp_path), gone.base_url):
        assert discover("catalog", "verify", where, root=tmp_path).returncode == 1
    insecure = discover("catalog", "verify", "http://192.0.2.1/", root=tmp_path)
    assert (insecure.returncode, "could change what comes from there" in insecure.stderr) == (2, True)


def fetch(root: Path, *arguments: str) -> Run:
    """Fetch the catalogs of a person's configuration."""
    return discover("catalog", "fetch", *arguments, root=root)


def test_another_machine_fetches_what_was_published(server: Static, tmp_path: Path, published: Path) -> None:
    """All of it or a few providers, and the second time only what changed."""
    root = consumer(tmp_path, f'url = "{server.base_url}/"')
    few = fetch(root, "custom", "openai")
    assert (few.returncode, few.stdout) == (0, ""), few.stderr
    assert server.since() == ["200 manifest.json", "200 custom.json", "200 openai.json"]
    everything = fetch(root)
    count = len(contents(published)) - 1
    assert f"{count} of {count} providers are here" in everything.stderr
    again = len(server.asked)
    fetch(root)
    assert server.since(again) == ["304 manifest.json"]
    (kept,) = (root / "cache").rglob("custom.json")
    assert kept.read_bytes() == (published / "custom.json").read_bytes()
    assert not any("authorization" in headers.lower() for headers in server.headers)


FAULTS: dict[str, Sequence[str]] = {
    "down": ("", "nothing answers there"),
    "hanging": ("manifest.json", "hanging", "it did not come in time"),
    "truncated": ("custom.json", "truncated", "the answer broke off"),
    "wrong digest": ("custom.json", "flipped", "its digest is not that of the manifest"),
    "too long": ("custom.json", "long", "it has more than"),
    "gone": ("custom.json", "404", "the server answered 404"),
    "broken": ("manifest.json", "500", "the server answered 500"),
}


@pytest.mark.parametrize("case", FAULTS)
def test_what_cannot_be_fetched_is_said_and_the_older_one_stays(
    case: str, server: Static, published: Path, tmp_path: Path
) -> None:
    """Exit status 1 and the reason; what was here is here."""
    root = consumer(tmp_path, f'url = "{server.base_url}/"')
    assert fetch(root, "custom").returncode == 0
    (kept,) = (root / "cache").rglob("custom.json")
    before = kept.read_bytes()
    (published.parent / "ai_models.yaml").write_text(REGISTRY.replace("Team Fast", "Team X"))
    build(published.parent, "--registry", "ai_models.yaml")
    *fault, message = FAULTS[case]
    if fault[0]:
        server.faults[fault[0]] = fault[1]
    else:
        config = root / "config" / "litellm-discover" / "config.toml"
        with serving(published) as gone:
            pass
        config.write_text(f'[[catalog]]\nurl = "{gone.base_url}"\n')
    done = fetch(root, "custom", "--timeout", "2")
    assert done.returncode == 1
    assert message in done.stderr
    assert kept.read_bytes() == before


def test_an_incompatible_catalog_is_said(server: Static, published: Path, tmp_path: Path) -> None:
    """The older one stays until this program is newer."""
    root = consumer(tmp_path, f'url = "{server.base_url}/"')
    fetch(root, "custom")
    manifest = json.loads((published / "manifest.json").read_bytes())
    manifest["minVersions"] = {"litellm-discover": "99.0"}
    (published / "manifest.json").write_text(json.dumps(manifest))
    done = fetch(root, "custom")
    assert done.returncode == 1
    assert "it needs litellm-discover 99.0 or newer" in done.stderr
    assert "1 of" in done.stderr


def test_without_a_catalog_there_is_nothing_to_fetch(server: Static, tmp_path: Path) -> None:
    """And a provider that none has is a mistake of the person."""
    nobody = fetch(tmp_path)
    assert (nobody.returncode, "no remote catalog is configured" in nobody.stderr) == (2, True)
    done = fetch(consumer(tmp_path, f'url = "{server.base_url}/"'), "opneai")
    assert (done.returncode, "no configured catalog has opneai" in done.stderr) == (2, True)


def test_a_second_machine_knows_what_the_first_one_published(server: Static, tmp_path: Path) -> None:
    """A proxy that lists ids only: facts come from the catalog, with their source, once a day, and offline."""
    root = consumer(tmp_path, f'url = "{server.base_url}/"')
    source = f"catalog:{server.base_url.removeprefix('http://')}/custom"
    with proxy(["team-fast"]) as (port, asked):
        first = discover("--port", str(port), "--json", root=root)
        second = discover("--port", str(port), "--json", root=root)
    for run in (first, second):
        (model,) = run.json["models"]
        assert (model["name"], model["limit"]) == ("Team Fast", {"context": 64000})
        assert (model["sources"]["name"], model["sources"]["limit"]) == (source, source)
    assert server.since() == ["200 manifest.json", "200 custom.json"]
    assert asked


def test_a_dead_server_costs_a_run_nothing_but_a_note(server: Static, tmp_path: Path) -> None:
    """It is asked once, and the models are there all the same."""
    root = consumer(tmp_path, f'url = "{server.base_url}/"')
    server.faults["manifest.json"] = "hanging"
    with proxy(["team-fast"]) as (port, _):
        runs = [discover("--port", str(port), "--json", root=root) for _ in range(2)]
    for run in runs:
        assert [model["id"] for model in run.json["models"]] == ["team-fast"]
        assert "catalog_unreachable" in [warning["code"] for warning in run.json["warnings"]]
    assert len(server.asked) == 1


def test_the_help_of_the_command_needs_no_network(tmp_path: Path) -> None:
    """It is one of the commands."""
    done = subprocess.run(
        [PROGRAM, "catalog", "--help"], env=homes(tmp_path), capture_output=True, text=True, timeout=LIMIT_S, check=True
    )
    assert {"build", "verify", "fetch"} <= set(done.stdout.split())


def test_the_selected_model_is_told_when_the_person_says_so(server: Static, tmp_path: Path) -> None:
    """By its public id; an id of their own is nobody's business."""
    for name, model in (("public", "claude-sonnet-4-5"), ("secret", "team-fast")):
        root = consumer(tmp_path, f'url = "{server.base_url}/"', "send_model = true", name=name)
        opencode = root / "config" / "opencode"
        opencode.mkdir()
        (opencode / "opencode.json").write_text(json.dumps({"model": f"litellm/{model}"}))
        with proxy(["team-fast", "claude-sonnet-4-5"]) as (port, _):
            discover("--port", str(port), "--json", root=root)
    asked = [target for target, _ in server.asked]
    assert asked.count("/anthropic.json?model=claude-sonnet-4-5") == 1
    assert "team-fast" not in "".join(asked)
