"""The program as its user runs it: a process, real sockets, a home of its own."""

from __future__ import annotations

import json
import socket
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from servers import answering, described, proxy
from tool import discover

from litellm_discover import __version__
from litellm_discover.core import jsonc
from litellm_discover.io.example_proxy import example_proxy

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA = Draft202012Validator(
    json.loads((Path(__file__).parents[2] / "docs" / "envelope.schema.json").read_text("utf-8"))
)


@pytest.fixture
def example() -> Iterator[tuple[str, dict[str, str]]]:
    """The built-in proxy: its port, and an environment with its key."""
    with example_proxy() as (port, key):
        yield str(port), {"LITELLM_API_KEY": key}


def config(root: Path, text: str | None = None, name: str = "opencode.jsonc") -> Path:
    """OpenCode's configuration below ``root``, with ``text`` in it."""
    path = root / "config" / "opencode" / name
    if text is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return path


def envelope(text: str) -> Any:
    """The JSON document, valid by its published schema."""
    document = json.loads(text)
    assert [error.message for error in SCHEMA.iter_errors(document)] == []
    return document


def closed_port() -> str:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return str(server.getsockname()[1])


def test_the_table_shows_every_model(tmp_path: Path, example: tuple[str, dict[str, str]]) -> None:
    """One line each on stdout, unknown as a dash, counts on stderr, and no colour codes in a pipe."""
    port, env = example
    run = discover("--port", port, root=tmp_path, env=env)
    assert run.returncode == 0, run.stderr
    lines = {line.split()[0]: line for line in run.stdout.splitlines() if line.strip()}
    assert len(lines) == 32
    assert "Claude Sonnet 4.6" in lines["claude-sonnet-4-6"]
    assert "1,000,000" in lines["claude-sonnet-4-6"]
    assert lines["frontier-router"].count("–") == 4
    assert "30 models in" in run.stderr
    assert "\x1b" not in run.stdout + run.stderr


def test_a_table_too_long_to_be_read_says_where_the_rest_is(tmp_path: Path) -> None:
    """The first 500 rows, and a line that names what lists all of them."""
    with proxy([f"m{number:04d}" for number in range(501)]) as (port, _):
        run = discover("--port", str(port), root=tmp_path)
    assert "m0499" in run.stdout
    assert "m0500" not in run.stdout
    assert "501 models in" in run.stderr
    assert "--json lists all" in run.stderr


def test_json_is_the_whole_of_stdout_and_valid(tmp_path: Path, example: tuple[str, dict[str, str]]) -> None:
    """The envelope has models with sources, the rendered target, and the key by name only."""
    port, env = example
    run = discover("--port", port, "--json", root=tmp_path, env=env)
    document = envelope(run.stdout)
    assert (document["status"], len(document["models"]), document["errors"]) == ("ok", 30, [])
    assert document["proxies"][0]["key"] == "env:LITELLM_API_KEY"
    assert document["proxies"][0]["baseUrl"] == f"http://127.0.0.1:{port}/v1"
    gpt = next(model for model in document["models"] if model["id"] == "gpt-5.5")
    above = {"above": 272_000, "input": 10, "output": 45, "cacheRead": 1}
    assert gpt["cost"] == {"input": 5, "output": 30, "cacheRead": 0.5, "tiers": [above]}
    assert gpt["limit"] == {"context": 1050000, "output": 128000}
    providers = document["targets"]["opencode"]["provider"]
    assert {name: len(provider["models"]) for name, provider in providers.items()} == {
        "litellm": 27,
        "litellm-responses": 3,
    }
    (pi,) = document["targets"]["pi"]["providers"].values()
    assert [model["id"] for model in pi["models"]] == [model["id"] for model in document["models"]]
    assert all({"cost", "contextWindow", "maxTokens"} <= model.keys() for model in pi["models"])
    assert run.stderr == ""
    same = envelope(discover("--port", port, "--json", "--for", "opencode", root=tmp_path, env=env).stdout)
    assert same["targets"] == {"opencode": document["targets"]["opencode"]}


def test_json_tells_failures_too(tmp_path: Path) -> None:
    """Nothing found is an envelope with cause and hint, and exit status 1."""
    run = discover("--port", closed_port(), "--json", root=tmp_path)
    document = envelope(run.stdout)
    assert (run.returncode, document["status"], document["models"]) == (1, "error", [])
    assert document["errors"][0]["code"] == "proxy_not_found"
    assert document["errors"][0]["hint"]


def test_a_failure_is_a_line_of_cause_and_a_line_of_what_to_do(tmp_path: Path) -> None:
    """Two lines on stderr and nothing on stdout."""
    run = discover("--port", closed_port(), root=tmp_path)
    assert (run.returncode, run.stdout) == (1, "")
    cause, remedy = run.stderr.splitlines()
    assert cause.startswith("error: no LiteLLM proxy was found")
    assert "--url" in remedy


def test_three_silent_ports_cost_no_more_than_one(tmp_path: Path) -> None:
    """Beyond what a run over dead ports takes, three that accept and never answer cost what one does."""

    def timed(*ports: str) -> tuple[str, float]:
        started = time.monotonic()
        run = discover(*(part for port in ports for part in ("--port", port)), root=tmp_path)
        assert run.returncode == 1
        return run.stderr, time.monotonic() - started

    _, dead = timed(closed_port(), closed_port(), closed_port())
    with ExitStack() as stack:
        listeners = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(3)]
        ports = [str(listener.getsockname()[1]) for listener in listeners]
        _, one = timed(ports[0])
        told, three = timed(*ports)
    assert told.count("no answer in time") == 3
    assert three - dead < 1.4 * (one - dead)


def test_writing_keeps_what_the_person_wrote(tmp_path: Path, example: tuple[str, dict[str, str]]) -> None:
    """Comments, order and a curated entry stay to the byte; removing what was added gives the old text."""
    port, env = example
    before = (
        '{\n  // mine\n  "provider": {\n    "litellm": {\n      "models": {\n'
        '        "gpt-5.5": { "name": "Mine" }, // curated\n      },\n    },\n  },\n}\n'
    )
    path = config(tmp_path, before)
    run = discover("--port", port, "--write", "opencode", root=tmp_path, env=env)
    assert "added 29 models, 1 yours" in run.stderr
    after = path.read_text("utf-8")
    remaining = iter(after)
    assert all(character in remaining for character in before)
    providers: Any = jsonc.parse(after)
    assert providers["provider"]["litellm"]["models"]["gpt-5.5"] == {"name": "Mine"}
    assert "gpt-5.5" not in providers["provider"]["litellm-responses"]["models"]


def test_a_new_file_is_jsonc_with_a_schema(tmp_path: Path, example: tuple[str, dict[str, str]]) -> None:
    """Without any file, the one that OpenCode itself would make is made; `all` means every target."""
    port, env = example
    discover("--port", port, "--write", "all", root=tmp_path, env=env)
    written: Any = jsonc.parse(config(tmp_path).read_text("utf-8"))
    assert written["$schema"] == "https://opencode.ai/config.json"
    assert [path.name for path in config(tmp_path).parent.iterdir()] == ["opencode.jsonc"]


@pytest.mark.parametrize("name", ["opencode.json", "config.json"])
def test_the_file_that_is_there_is_the_one_that_changes(
    tmp_path: Path, example: tuple[str, dict[str, str]], name: str
) -> None:
    """No second file appears beside the person's own."""
    port, env = example
    path = config(tmp_path, "{}\n", name)
    discover("--port", port, "--write", "opencode", root=tmp_path, env=env)
    assert "litellm" in path.read_text("utf-8")
    assert [path.name for path in path.parent.iterdir()] == [name]


def test_entries_in_another_of_the_files_count(tmp_path: Path, example: tuple[str, dict[str, str]]) -> None:
    """OpenCode reads all its global files as one: what is curated in the other is not written again."""
    port, env = example
    curated = '{"provider": {"litellm": {"name": "Work", "models": {"gpt-5.5": {}, "gpt-5.4": {}}}}}'
    other = config(tmp_path, curated, "opencode.json")
    path = config(tmp_path, "{}\n")
    run = discover("--port", port, "--write", "opencode", root=tmp_path, env=env)
    assert "added 28 models, 2 yours" in run.stderr
    written: Any = jsonc.parse(path.read_text("utf-8"))
    assert "name" not in written["provider"]["litellm"]
    assert "gpt-5.5" not in json.dumps(written)
    assert other.read_text("utf-8") == curated


def test_dry_run_shows_and_check_tells_and_neither_writes(tmp_path: Path, example: tuple[str, dict[str, str]]) -> None:
    """The diff on stdout is what a write would do; exit 4 while something would change, 0 after."""
    port, env = example
    before = '{\n  "provider": {\n    "x": { "options": { "apiKey": "sk-mine-1234" } }\n  }\n}\n'
    path = config(tmp_path, before)
    arguments = ("--port", port, "--write", "opencode")
    dry = discover(*arguments, "--dry-run", root=tmp_path, env=env)
    assert dry.returncode == 0
    assert dry.stdout.startswith(f"--- {path} (now)\n+++ {path} (then)\n@@ ")
    assert "sk-mine-1234" not in dry.stdout
    assert '"apiKey": "***"' in dry.stdout
    assert discover(*arguments, "--check", root=tmp_path, env=env).returncode == 4
    assert path.read_text("utf-8") == before
    discover(*arguments, root=tmp_path, env=env)
    assert discover(*arguments, "--check", root=tmp_path, env=env).returncode == 0
    assert discover(*arguments, "--dry-run", root=tmp_path, env=env).stdout == ""


def test_a_thousand_models_into_a_commented_file(tmp_path: Path) -> None:
    """One run merges them all; a second one writes nothing, not even the time of the file."""
    ids = [f"provider-{n % 7}/model-{n}" for n in range(1000)]
    info = [described(model_id, mode="chat", input_cost_per_token=1e-6, output_cost_per_token=2e-6) for model_id in ids]
    path = config(tmp_path, '{\n  // kept\n  "provider": {\n    "mine": {}, /* kept too */\n  },\n}\n')
    with proxy(ids, info) as (port, _):
        arguments = ("--port", str(port), "--write", "opencode")
        first = discover(*arguments, root=tmp_path)
        assert "added 1000 models" in first.stderr
        before = path.stat()
        assert "up to date" in discover(*arguments, root=tmp_path).stderr
    after = path.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    text = path.read_text("utf-8")
    assert text.startswith('{\n  // kept\n  "provider": {\n    "mine": {}, /* kept too */\n')
    written: Any = jsonc.parse(text)
    assert len(written["provider"]["litellm"]["models"]) == 1000


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{\n  "a": 1,\n  "b" 2\n}\n', "line 3, column 7"),
        ("{\n  'a': 1\n}\n", "JSON5"),
        ('{"provider": []}', "provider"),
        ("[]", "line 1, column 1"),
        ("// nothing but a comment", "line 1"),
    ],
)
def test_a_file_that_cannot_be_edited_is_left_alone(
    tmp_path: Path, example: tuple[str, dict[str, str]], text: str, told: str
) -> None:
    """Exit 1 with path, place and remedy; the bytes are as they were, and discovery itself still works."""
    port, env = example
    path = config(tmp_path, text)
    run = discover("--port", port, "--write", "opencode", root=tmp_path, env=env)
    assert run.returncode == 1
    assert str(path) in run.stderr
    assert told in run.stderr
    assert path.read_text("utf-8") == text
    assert discover("--port", port, root=tmp_path, env=env).returncode == 0


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is a folder in which nobody can make a file, root neither")
def test_json_is_one_document_even_when_the_write_fails(tmp_path: Path, example: tuple[str, dict[str, str]]) -> None:
    """Cause and remedy are in the envelope that a script reads, and so is what was found."""
    port, env = example
    env = {**env, "XDG_CONFIG_HOME": "/proc/self"}
    run = discover("--port", port, "--write", "opencode", "--json", root=tmp_path, env=env)
    document = envelope(run.stdout)
    assert (run.returncode, document["status"], len(document["models"])) == (1, "partial", 30)
    assert "/proc/self/opencode/opencode.jsonc cannot be written" in document["errors"][0]["message"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--url", "http://127.0.0.1:1", "--port", "1"),
        ("--write", "opencode", "--write", "vim"),
        ("--json", "--for", "vim"),
        ("--dry-run",),
        ("--check",),
        ("--for", "opencode"),
        ("--write", "emacs"),
        ("--port", "0"),
        ("--port", "http"),
        ("--timeout", "0"),
        ("--transport", "pigeon"),
        ("--url", "localhost:4000"),
        ("--url", "http://user:secret@127.0.0.1:4000"),
        ("--nonsense",),
        ("nonsense",),
    ],
)
def test_wrong_usage_is_status_2(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """Nothing is looked for, and no password of an address is repeated."""
    run = discover(*arguments, root=tmp_path)
    assert run.returncode == 2
    assert run.stdout + run.stderr
    assert "secret" not in run.stdout + run.stderr


def test_the_lowest_port_wins_and_the_others_are_named(tmp_path: Path) -> None:
    """With several proxies the choice does not depend on the order given, or on who answers first."""
    with proxy(["one"]) as (first, _), proxy(["two"]) as (second, _):
        low, high = sorted((first, second))
        run = discover("--port", str(high), "--port", str(low), "-v", root=tmp_path)
    assert f"using http://127.0.0.1:{low}/v1" in run.stderr
    assert f"LiteLLM also answers at http://127.0.0.1:{high}" in run.stderr


def test_who_is_no_litellm_gets_nothing_and_is_named(tmp_path: Path) -> None:
    """A server that lists models but lacks LiteLLM's mark is asked once, without the key."""
    env = {"LITELLM_API_KEY": "sk-mine"}
    with answering({"/v1/models": {"data": [{"id": "x"}]}}) as (port, asked):
        run = discover("--port", str(port), "-v", root=tmp_path, env=env)
    assert run.returncode == 1
    assert asked == ["/health/liveliness None"]
    assert f"http://127.0.0.1:{port}: not LiteLLM" in run.stderr


@pytest.mark.parametrize("path", ["", "/v1", "/v1/", "/team/litellm", "/team/litellm/v1"])
def test_an_address_is_used_as_it_is(tmp_path: Path, path: str) -> None:
    """With or without /v1, below a prefix or not, and without asking for LiteLLM's mark first."""
    prefix = path.rstrip("/").removesuffix("/v1")
    with proxy(["m"], prefix=prefix) as (port, asked):
        run = discover(
            "--url", f"http://127.0.0.1:{port}{path}", "--json", root=tmp_path, env={"LITELLM_API_KEY": "sk-k"}
        )
    assert envelope(run.stdout)["proxies"][0]["baseUrl"] == f"http://127.0.0.1:{port}{prefix}/v1"
    assert asked[0] == f"{prefix}/v1/models Bearer sk-k"


def test_the_name_localhost_never_reaches_a_socket_or_a_file(tmp_path: Path) -> None:
    """It stands for the two literals; the one that is LiteLLM is used and written."""
    with proxy(["m"]) as (port, _):
        discover("--url", f"http://localhost:{port}", "--write", "opencode", root=tmp_path)
    written = config(tmp_path).read_text("utf-8")
    assert f"http://127.0.0.1:{port}/v1" in written
    assert "localhost" not in written


def test_the_person_s_options_in_opencode_are_used(tmp_path: Path) -> None:
    """Address, key by reference, headers, route lists and filters come from their user-level configuration."""
    with proxy(["a", "b", "c-canary"]) as (port, asked):
        options = {
            "baseURL": f"http://127.0.0.1:{port}/v1",
            "apiKey": "{env:MY_KEY}",
            "responsesApiModels": ["b"],
            "excludeModels": ["*-canary"],
        }
        config(tmp_path, json.dumps({"provider": {"litellm": {"options": options}}}))
        run = discover("--json", root=tmp_path, env={"MY_KEY": "sk-my"})
    document = envelope(run.stdout)
    assert {model["id"]: model["transport"] for model in document["models"]} == {"a": "chat", "b": "responses"}
    assert document["hidden"] == [{"id": "c-canary", "reason": "user:excluded"}]
    assert document["proxies"][0]["key"] == "env:MY_KEY"
    assert "/v1/models Bearer sk-my" in asked
    assert document["targets"]["opencode"]["provider"]["litellm-responses"]["options"]["apiKey"] == "{env:MY_KEY}"


def test_a_project_cannot_steer(tmp_path: Path, example: tuple[str, dict[str, str]]) -> None:
    """Configurations and .env of the working directory are not read: only the person's own files count."""
    port, env = example
    with answering({}) as (hostile, asked):
        steering = json.dumps({"provider": {"litellm": {"options": {"baseURL": f"http://127.0.0.1:{hostile}/v1"}}}})
        for name in ("opencode.json", ".opencode/opencode.json", "opencode.jsonc"):
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(steering, encoding="utf-8")
        (tmp_path / ".env").write_text(f"LITELLM_API_BASE=http://127.0.0.1:{hostile}\n", encoding="utf-8")
        (tmp_path / "json.py").write_text("raise SystemExit(99)\n", encoding="utf-8")
        run = discover("--port", port, root=tmp_path, env=env)
    assert run.returncode == 0
    assert asked == []


def test_hostile_ids_reach_neither_file_nor_terminal(tmp_path: Path) -> None:
    """They are hidden with a reason, shown only in escapes, and OpenCode gets the others."""
    hostile = ["{file:~/.ssh/id_rsa}", "{env:HOME}", "x{env:", "constructor", "__proto__", "a\x1b[2Jb", "a\u202eb", "*"]
    with proxy(["good", *hostile]) as (port, _):
        run = discover("--port", str(port), "--write", "opencode", "-v", root=tmp_path)
        document = envelope(discover("--port", str(port), "--json", root=tmp_path).stdout)
    assert [model["id"] for model in document["models"]] == ["good"]
    assert len(document["hidden"]) == len(hostile)
    assert "\x1b" not in run.stderr
    assert "\u202e" not in run.stderr
    written: Any = jsonc.parse(config(tmp_path).read_text("utf-8"))
    assert list(written["provider"]["litellm"]["models"]) == ["good"]


def test_every_reason_to_hide_is_in_the_schema(tmp_path: Path) -> None:
    """Each kind of reason that there is, in one document that the published schema accepts."""
    ids = [f"m{number}" for number in range(5001)]
    entries = [*ids, "M1", "a\x1b", "*", "whisper-1", {"id": "e", "mode": "embedding"}, "x-canary"]
    with proxy(entries) as (port, _):
        run = discover("--port", str(port), "--json", "--timeout", "30", "--exclude", "*-canary", root=tmp_path)
    document = envelope(run.stdout)
    kinds = {entry["reason"].split(":", 1)[0] for entry in document["hidden"]}
    assert kinds == {"collision", "limit", "mode", "rule", "sentinel", "unsafe", "user"}
    assert {"id_collisions", "too_many_models", "unsafe_ids"} <= {warning["code"] for warning in document["warnings"]}
    assert document["status"] == "partial"


def test_a_partial_answer_says_so(tmp_path: Path) -> None:
    """Without descriptions the models are there, the status is partial and the cause is a warning."""
    with proxy([{"id": "m", "max_input_tokens": 1000, "max_output_tokens": "lots"}]) as (port, _):
        document = envelope(discover("--port", str(port), "--json", root=tmp_path).stdout)
    assert document["status"] == "partial"
    assert {warning["code"] for warning in document["warnings"]} == {"metadata_empty", "dropped_entries"}


def test_the_whole_run_ends_with_the_time_given(tmp_path: Path) -> None:
    """An address that accepts and never answers costs the budget and no more."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        started = time.monotonic()
        run = discover("--url", f"http://127.0.0.1:{listener.getsockname()[1]}", "--timeout", "1", root=tmp_path)
        elapsed = time.monotonic() - started
    assert run.returncode == 1
    assert "did not answer in time" in run.stderr
    assert elapsed < 4


def test_version_and_help(tmp_path: Path) -> None:
    """Both end at once with status 0; help names every option with what it does."""
    assert discover("--version", root=tmp_path).stdout == f"litellm-discover {__version__}\n"
    text = discover("--help", root=tmp_path).stdout
    for word in (
        "--url",
        "--port",
        "--timeout",
        "--json",
        "--write",
        "--dry-run",
        "--check",
        "demo",
        "LITELLM_API_KEY",
    ):
        assert word in text


def test_the_demo_runs_by_itself(tmp_path: Path) -> None:
    """Table, diff and result of a whole run, and not one file in the person's home."""
    run = discover("demo", root=tmp_path)
    assert run.returncode == 0, run.stderr
    assert "Claude Sonnet 4.6" in run.stdout
    assert "+++ " in run.stdout
    assert "29 added, 1 left as the person wrote it" in run.stdout
    assert "A second run would write nothing." in run.stdout
    assert list(tmp_path.iterdir()) == []


def test_quiet_says_nothing_beside_the_result(tmp_path: Path, example: tuple[str, dict[str, str]]) -> None:
    """Notes are for people who want them."""
    port, env = example
    assert discover("--port", port, "--write", "opencode", "-q", root=tmp_path, env=env).stderr == ""


def test_the_variables_of_the_program_are_flags(tmp_path: Path, example: tuple[str, dict[str, str]]) -> None:
    """LITELLM_DISCOVER_* stand for options that are not given."""
    port, env = example
    run = discover(
        "--json", root=tmp_path, env={**env, "LITELLM_DISCOVER_PORT": port, "LITELLM_DISCOVER_TRANSPORT": "chat"}
    )
    assert {model["transport"] for model in envelope(run.stdout)["models"]} == {"chat"}


def test_the_command_line_outranks_the_variables(tmp_path: Path, example: tuple[str, dict[str, str]]) -> None:
    """A port given now is used although an address is in the environment, and the other way round."""
    port, env = example
    elsewhere = {"LITELLM_DISCOVER_URL": "http://127.0.0.1:1", "LITELLM_API_BASE": "http://127.0.0.1:1"}
    assert discover("--port", port, root=tmp_path, env={**env, **elsewhere}).returncode == 0
    ports = {"LITELLM_DISCOVER_PORT": "1"}
    assert discover("--url", f"http://127.0.0.1:{port}", root=tmp_path, env={**env, **ports}).returncode == 0
