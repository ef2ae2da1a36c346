"""`--default-model` and `--small-model`: what a person asks for, and what every later run leaves alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from servers import described, proxy
from tool import Run, discover

from litellm_discover.core import jsonc

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OPENCODE = """\
{
  "$schema": "https://opencode.ai/config.json",
  // mine
  "model": "anthropic/claude-opus-4-8", // until the budget is gone
  "theme": "dark"
}
"""
PI = '{\n  "lastChangelogVersion": "1.5.2",\n  "defaultProvider": "anthropic"\n}'
ROUTERS = ("--default-model", "litellm/opencodego-router", "--small-model", "litellm/mistral-router")
MODES = {"gpt-5.5": "responses", "embed": "embedding"}


def offering(*ids: str) -> Any:
    """An open proxy that lists and describes these models."""
    return proxy([*ids], [described(each, mode=MODES.get(each, "chat")) for each in ids])


@pytest.fixture
def port() -> Iterator[str]:
    """An open proxy with two routers."""
    with offering("opencodego-router", "mistral-router", "gpt-5.5", "embed") as (port, _):
        yield str(port)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """OpenCode's configuration, and Pi's settings, with something of the person in both."""
    opencode, pi = tmp_path / "config/opencode/opencode.jsonc", tmp_path / "home/.pi/agent/settings.json"
    for path, text in ((opencode, OPENCODE), (pi, PI)):
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    return opencode, pi


def models_of(files: tuple[Path, Path]) -> list[object]:
    """The models that OpenCode and Pi start with."""
    opencode, pi = (jsonc.parse(path.read_text("utf-8")) for path in files)
    assert isinstance(opencode, dict)
    assert isinstance(pi, dict)
    return [opencode.get("model"), opencode.get("small_model"), f"{pi.get('defaultProvider')}/{pi.get('defaultModel')}"]


def write(port: str, root: Path, *arguments: str) -> Run:
    """One `--write` at this port."""
    return discover("--port", port, "--write", *arguments, root=root)


def test_check_diff_write_undo(port: str, files: tuple[Path, Path], tmp_path: Path) -> None:
    """Both agents start with the router; what is beside it stays, and all bytes come back."""
    assert write(port, tmp_path, "all").returncode == 0
    before = [path.read_bytes() for path in files]
    assert write(port, tmp_path, "all", "--check").returncode == 0
    assert write(port, tmp_path, "all", *ROUTERS, "--check").returncode == 4
    dry = write(port, tmp_path, "all", *ROUTERS, "--dry-run").stdout.splitlines()
    assert '-  "model": "anthropic/claude-opus-4-8", // until the budget is gone' in dry
    assert '+  "model": "litellm/opencodego-router", // until the budget is gone' in dry
    assert '+  "defaultProvider": "litellm",' in dry
    assert [path.read_bytes() for path in files] == before
    run = write(port, tmp_path, "all", *ROUTERS)
    assert run.returncode == 0, run.stderr
    assert "set default model litellm/opencodego-router, set small model litellm/mistral-router (" in run.stderr
    assert "note: Pi has no small model" in run.stderr
    assert models_of(files) == ["litellm/opencodego-router", "litellm/mistral-router", "litellm/opencodego-router"]
    assert '// mine\n  "model": "litellm/opencodego-router", // until the budget is gone\n' in files[0].read_text(
        "utf-8"
    )
    assert write(port, tmp_path, "all", *ROUTERS, "--check").returncode == 0
    assert [discover("undo", name, root=tmp_path).returncode for name in ("opencode", "pi")] == [0, 0]
    assert [path.read_bytes() for path in files] == before


@pytest.mark.parametrize("name", ["litellm/gpt-5.5", "litellm-responses/gpt-5.5", "gpt-5.5"])
def test_a_model_is_found_under_the_provider_where_it_is_written(
    port: str, files: tuple[Path, Path], tmp_path: Path, name: str
) -> None:
    """OpenCode has it under the sibling, Pi has no sibling; the person need not know."""
    assert write(port, tmp_path, "all", "--default-model", name).returncode == 0
    assert models_of(files) == ["litellm-responses/gpt-5.5", None, "litellm/gpt-5.5"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("litellm/opencodego-ruoter", "Did you mean litellm/opencodego-router"),
        ("anthropic/claude-opus-4-8", "litellm-discover lists"),
        ("litellm/embed", "left out: mode:embedding"),
        ("", "litellm-discover lists"),
    ],
)
def test_a_model_that_is_not_there_is_refused(
    port: str, files: tuple[Path, Path], tmp_path: Path, name: str, told: str
) -> None:
    """With its cause and the nearest names, and then nothing is written at all."""
    run = write(port, tmp_path, "all", "--default-model", name)
    assert (run.returncode, run.stdout) == (2, "")
    assert told in run.stderr
    assert [line.split(":")[1] for line in run.stderr.splitlines() if line.startswith("error")] == [" opencode", " pi"]
    assert models_of(files) == ["anthropic/claude-opus-4-8", None, "anthropic/None"]
    assert files[0].read_text("utf-8") == OPENCODE
    assert not files[1].with_name("models.json").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--default-model", "litellm/a"), "go with --write"),
        (("--json", "--small-model", "litellm/a"), "go with --write"),
        (("--write", "pi", "--small-model", "litellm/mistral-router"), "Pi has no small model"),
    ],
)
def test_nonsense_is_refused_before_anybody_is_asked(arguments: tuple[str, ...], told: str, tmp_path: Path) -> None:
    """A usage error with the next step; no proxy is needed for it."""
    run = discover(*arguments, root=tmp_path)
    assert run.returncode == 2
    text = "".join(f"{each['message']} {each['hint']}" for each in run.json["errors"]) if run.stdout else run.stderr
    assert told in text
    assert "--write all" in text


def test_what_an_agent_does_not_have_keeps_nothing_from_it(port: str, files: tuple[Path, Path], tmp_path: Path) -> None:
    """A small model that is not there concerns OpenCode alone; Pi's settings are not even looked at."""
    files[1].write_text("{ // not plain JSON\n}", encoding="utf-8")
    run = write(port, tmp_path, "all", "--small-model", "litellm/none")
    assert run.returncode == 2
    assert [line for line in run.stderr.splitlines() if line.startswith("error")] == [
        "error: opencode: there is no model litellm/none to start with"
    ]
    assert "pi: added" in run.stderr


def test_later_writes_leave_the_choice_alone(files: tuple[Path, Path], tmp_path: Path) -> None:
    """Without the flag nothing touches it, not even when its model is gone: that is told, and once."""
    with offering("a", "b") as (port, _):
        assert write(str(port), tmp_path, "all", "--default-model", "a").returncode == 0
    with offering("b", "c") as (port, _):
        dry = write(str(port), tmp_path, "all", "--check", "--default-model", "c")
        assert "no longer there" not in dry.stderr
        run = write(str(port), tmp_path, "all")
    assert run.stderr.count("is no longer there: --default-model names another") == 2
    assert models_of(files) == ["litellm/a", None, "litellm/a"]
    files[1].write_text(files[1].read_text("utf-8").replace('"a"', '"mine"'), encoding="utf-8")
    with offering("b") as (port, _):
        run = write(str(port), tmp_path, "all")
    assert "no longer there" not in run.stderr
    assert models_of(files) == ["litellm/a", None, "litellm/mine"]


def test_a_model_that_moved_is_told_with_its_new_name(tmp_path: Path) -> None:
    """The default still has the old one: it is the person's, so it stays."""
    with offering("a", "b") as (port, _):
        assert write(str(port), tmp_path, "opencode", "--default-model", "a").returncode == 0
        run = write(str(port), tmp_path, "opencode", "--transport", "responses")
    assert "litellm/a, the default model of OpenCode, is litellm-responses/a now" in run.stderr


def test_only_the_last_write_can_be_undone(port: str, files: tuple[Path, Path], tmp_path: Path) -> None:
    """A choice from an earlier write stays when a later one is taken back, and the other way round."""
    models = tmp_path / "home/.pi/agent/models.json"
    assert write(port, tmp_path, "pi", "--default-model", "opencodego-router").returncode == 0
    chosen = files[1].read_bytes()
    with offering("opencodego-router") as (other, _):
        assert write(str(other), tmp_path, "pi").returncode == 0
    assert discover("undo", "pi", root=tmp_path).returncode == 0
    assert files[1].read_bytes() == chosen
    assert discover("undo", "pi", root=tmp_path).returncode == 1
    written = models.read_bytes()
    assert write(port, tmp_path, "pi", "--default-model", "mistral-router").returncode == 0
    assert models.read_bytes() == written
    assert discover("undo", "pi", root=tmp_path).returncode == 0
    assert (models.read_bytes(), files[1].read_bytes()) == (written, chosen)


def test_what_can_be_taken_back_is(port: str, files: tuple[Path, Path], tmp_path: Path) -> None:
    """Pi writes its settings itself: then they stay, with what else is in them, and the models go all the same."""
    assert write(port, tmp_path, "pi", "--default-model", "opencodego-router").returncode == 0
    files[1].write_text(files[1].read_text("utf-8").replace("1.5.2", "1.6.0"), encoding="utf-8")
    run = discover("undo", "pi", root=tmp_path)
    assert run.returncode == 1
    assert f"{files[1]} was changed after our last write" in run.stderr
    assert not (tmp_path / "home/.pi/agent/models.json").exists()


@pytest.mark.parametrize("text", ['{ "theme": "dark" // mine\n}', '{ "theme": "dark", }', "[]", "{"])
def test_settings_that_pi_cannot_read_are_left_alone(port: str, tmp_path: Path, text: str) -> None:
    """Pi reads plain JSON there. Neither of its files is written, and OpenCode's is."""
    path = tmp_path / "home/.pi/agent/settings.json"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    run = write(port, tmp_path, "all", "--default-model", "opencodego-router")
    assert run.returncode == 1
    assert f"error: pi: {path}" in run.stderr
    assert path.read_text("utf-8") == text
    assert not path.with_name("models.json").exists()
    assert '"model": "litellm/opencodego-router"' in (tmp_path / "config/opencode/opencode.jsonc").read_text("utf-8")


def test_offline_and_in_json(port: str, files: tuple[Path, Path], tmp_path: Path) -> None:
    """From what is remembered, and with the document on stdout as with every write."""
    assert discover("--port", port, root=tmp_path).returncode == 0
    run = discover(
        "--port", "1", "--offline", "--json", "--write", "all", "--default-model", "mistral-router", root=tmp_path
    )
    assert run.returncode == 1  # nothing is remembered of that port
    run = discover("--port", port, "--offline", "--json", "--write", "all", *ROUTERS, root=tmp_path)
    assert run.returncode == 0, run.stdout
    assert [each["code"] for each in run.json["warnings"]].count("no_small_model") == 1
    assert models_of(files)[0] == "litellm/opencodego-router"
    bad = discover("--port", port, "--json", "--write", "opencode", "--default-model", "x", root=tmp_path)
    assert (bad.returncode, bad.json["errors"][0]["code"]) == (2, "model_unknown")


def test_the_provider_decides_among_several_proxies(files: tuple[Path, Path], tmp_path: Path) -> None:
    """An id that two have needs its provider."""
    own = tmp_path / "config/litellm-discover/config.toml"
    own.parent.mkdir(parents=True)
    with offering("shared", "a") as (home, _), offering("shared", "b") as (work, _):
        tables = (
            f'[[proxy]]\nid = "{name}"\nurl = "http://127.0.0.1:{at}"\n'
            for name, at in (("litellm", home), ("work", work))
        )
        own.write_text("".join(tables), encoding="utf-8")
        own.chmod(0o600)
        refused = discover("--write", "all", "--default-model", "shared", root=tmp_path)
        assert refused.returncode == 2
        assert "Name one of them: litellm/shared, work/shared." in refused.stderr
        done = discover("--write", "all", "--default-model", "work/shared", "--small-model", "a", root=tmp_path)
    assert done.returncode == 0, done.stderr
    assert models_of(files) == ["work/shared", "litellm/a", "work/shared"]


def test_a_hook_sets_nothing(port: str, files: tuple[Path, Path], tmp_path: Path) -> None:
    """What makes an agent ready brings its models, and no choice of ours."""
    run = discover("refresh", "all", root=tmp_path, env={"LITELLM_DISCOVER_PORT": port})
    assert run.returncode == 0, run.stderr
    assert "opencodego-router" in files[0].read_text("utf-8")
    assert json.loads(files[1].read_text("utf-8")) == json.loads(PI)
    assert models_of(files)[:2] == ["anthropic/claude-opus-4-8", None]
