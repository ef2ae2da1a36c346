"""Starting an agent without waiting: what is remembered, `--offline`, `run`, `hook`, and what they never do."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from loopback import homes
from servers import answering, proxy
from tool import PROGRAM, discover

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tool import Run

T = TypeVar("T")

KEY = {"LITELLM_API_KEY": "sk-test-of-the-start"}
CACHE = "cache/litellm-discover"


def base(port: int) -> dict[str, str]:
    """The environment of a person with this proxy."""
    return {**KEY, "LITELLM_API_BASE": f"http://127.0.0.1:{port}/v1"}


def asked(requests: list[str], path: str = "/v1/models") -> int:
    """How often a path was asked for."""
    return sum(request.split()[0] == path for request in requests)


def age(root: Path, seconds: float) -> None:
    """Make everything that is remembered older."""
    for path, name in (
        (root / CACHE / "litellm" / "catalog.json", "takenAt"),
        *((path, "takenAt") for path in (root / CACHE).glob("ready-*.json")),
    ):
        document = json.loads(path.read_bytes())
        path.write_text(json.dumps({**document, name: document[name] - seconds}))


def models(run: Run) -> list[str]:
    """The ids in a JSON document."""
    return [model["id"] for model in run.json["models"]]


def test_a_silent_proxy_does_not_empty_the_picker(tmp_path: Path) -> None:
    """What it offered last is used, said to be old, and written; nothing is taken out."""
    with proxy(["one", "two"]) as (port, _):
        env = base(port)
        assert discover("--write", "all", root=tmp_path, env=env).returncode == 0
    age(tmp_path, 180)
    run = discover("--json", root=tmp_path, env=env)
    assert (run.returncode, run.json["status"], models(run)) == (0, "stale", ["one", "two"])
    assert run.json["proxies"][0]["ageSeconds"] in range(180, 200)
    assert run.json["warnings"][0]["code"] == "stale"
    written = discover("--write", "opencode", root=tmp_path, env=env)
    assert "3 minutes ago" in written.stderr
    assert "up to date" in written.stderr


def test_offline_asks_nobody(tmp_path: Path) -> None:
    """And with other settings, or with nothing remembered, it says so."""
    with proxy(["one"]) as (port, requests):
        env = base(port)
        first = discover("--offline", root=tmp_path, env=env)
        assert (first.returncode, requests) == (1, [])
        assert "without --offline" in first.stderr
        discover(root=tmp_path, env=env)
        before = len(requests)
        assert models(discover("--offline", "--json", root=tmp_path, env=env)) == ["one"]
        for arguments, other in (
            (("--exclude", "x"), env),
            (("--transport", "chat"), env),
            ((), {**env, **base(port + 1)}),
        ):
            assert discover("--offline", *arguments, root=tmp_path, env=other).returncode == 1
        assert discover("--offline", root=tmp_path, env={"LITELLM_API_BASE": env["LITELLM_API_BASE"]}).returncode == 1
        assert len(requests) == before


def test_max_age_is_content_with_what_is_recent(tmp_path: Path) -> None:
    """Asked once, and again when it is older."""
    with proxy(["one"]) as (port, requests):
        env = base(port)
        for _ in range(3):
            assert discover("--max-age", "60", root=tmp_path, env=env).returncode == 0
        assert asked(requests) == 1
        age(tmp_path, 61)
        discover("--max-age", "60", root=tmp_path, env=env)
        assert asked(requests) == 2


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_told(tmp_path: Path, status: int) -> None:
    """What an earlier key could see is not shown in its place."""
    with proxy(["one"]) as (port, _):
        env = base(port)
        discover(root=tmp_path, env=env)
    refusing = {"/health/liveliness": "I'm alive!", "/v1/models": {"error": {"type": "auth_error"}}}
    with answering(refusing, port=port, status={"/v1/models": status}):
        run = discover("--json", root=tmp_path, env=env)
    assert (run.returncode, run.json["status"], run.json["models"]) == (1, "error", [])


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"schemaVersion": 99}', b"\xff\xfe"])
def test_a_damaged_memory_is_made_anew(tmp_path: Path, content: bytes) -> None:
    """It is no error, and it is whole again after the next run."""
    with proxy(["one"]) as (port, _):
        env = base(port)
        discover(root=tmp_path, env=env)
        (tmp_path / CACHE / "litellm" / "catalog.json").write_bytes(content)
        assert discover("--offline", root=tmp_path, env=env).returncode == 1
        assert discover(root=tmp_path, env=env).returncode == 0
        assert discover("--offline", root=tmp_path, env=env).returncode == 0


def test_what_is_remembered_is_for_its_owner_and_has_no_key(tmp_path: Path) -> None:
    """Directories 0700, files 0600; what shims read has the configuration of its target."""
    with proxy(["one"]) as (port, _):
        discover("refresh", "pi", root=tmp_path, env=base(port))
    files = [path for path in (tmp_path / CACHE).rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"catalog.json", "opencode.json", "pi.json", "ready-pi.json"}
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert {path.parent.stat().st_mode & 0o777 for path in files} == {0o700}
    assert not [path for path in files if KEY["LITELLM_API_KEY"].encode() in path.read_bytes()]
    shim = json.loads((tmp_path / CACHE / "litellm" / "pi.json").read_bytes())
    assert shim["targets"]["pi"]["providers"]["litellm"]["models"][0]["id"] == "one"


def test_a_cache_that_cannot_be_written_is_a_note(tmp_path: Path) -> None:
    """The answer itself is there."""
    (tmp_path / "cache").write_text("no directory")
    with proxy(["one"]) as (port, _):
        run = discover("--json", root=tmp_path, env=base(port))
    assert (run.returncode, models(run)) == (0, ["one"])
    assert [warning["code"] for warning in run.json["warnings"]][-1] == "snapshot_not_kept"


def agent(root: Path, name: str) -> dict[str, str]:
    """A program of that name on a PATH, which prints what it was given and ends with 7."""
    folder = root / "bin"
    folder.mkdir(exist_ok=True)
    program = folder / name
    program.write_text('#!/bin/sh\necho "$0 started with $*"\nexit 7\n')
    program.chmod(0o755)
    return {"PATH": f"{folder}:{os.defpath}"}


def models_json(root: Path) -> Any:
    """What was written for Pi; None when nothing was."""
    path = root / "home" / ".pi" / "agent" / "models.json"
    return json.loads(path.read_bytes()) if path.exists() else None


def at_the_latest_the_fifth_time(root: Path, start: Callable[[], T]) -> T:
    """What a first start gives once it had time to ask: a busy machine may need more than it waits for the proxy."""
    for _ in range(5):
        given = start()
        if models_json(root):
            break
    return given


def test_run_makes_ready_and_becomes_the_agent(tmp_path: Path) -> None:
    """Its arguments and its exit status pass through; the models are there before it starts."""
    with proxy(["one"]) as (port, _):
        env = {**base(port), **agent(tmp_path, "pi")}
        command = ("run", "--", "pi", "-p", "hello there", "--model", "x")
        run = at_the_latest_the_fifth_time(tmp_path, lambda: discover(*command, root=tmp_path, env=env))
    assert (run.returncode, run.stderr) == (7, "")
    assert run.stdout.endswith("/pi started with -p hello there --model x\n")
    assert [model["id"] for model in models_json(tmp_path)["providers"]["litellm"]["models"]] == ["one"]


def test_nothing_keeps_an_agent_from_starting(tmp_path: Path) -> None:
    """No proxy, a broken file of the person, a home that cannot be written: it starts, in silence."""
    env = {**agent(tmp_path, "pi"), "LITELLM_API_BASE": "http://127.0.0.1:9/v1"}
    assert discover("run", "--", "pi", root=tmp_path, env=env).returncode == 7
    path = tmp_path / "home" / ".pi" / "agent" / "models.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{ broken")
    with proxy(["one"]) as (port, _):
        run = discover("run", "--", "pi", root=tmp_path, env={**env, **base(port)})
        assert (run.returncode, run.stderr, path.read_text()) == (7, "", "{ broken")
        odd = {**env, **base(port), "XDG_STATE_HOME": "/dev/null", "XDG_CACHE_HOME": "/dev/null"}
        assert discover("run", "--", "pi", root=tmp_path, env=odd).returncode == 7
    assert discover("run", "--", str(tmp_path / "bin" / "pi"), root=tmp_path, env=env).returncode == 7


def test_a_program_that_is_not_there_is_told(tmp_path: Path) -> None:
    """As shells do: 127, and 126 for what is no program."""
    run = discover("run", "--", "no-such-program", root=tmp_path)
    assert (run.returncode, run.stderr) == (
        127,
        "error: no-such-program cannot be started: No such file or directory\n",
    )
    (tmp_path / "text").write_text("")
    assert discover("run", "--", str(tmp_path / "text"), root=tmp_path).returncode == 126


HEAVY = {"typer", "http.client", "anyio", "rich", "json5", "jsonschema", "asyncio", "ssl", "dataclasses", "pathlib"}


def imports_of_ready(env: dict[str, str]) -> set[str]:
    """The modules that one start of Pi imports."""
    program = [sys.executable, "-X", "importtime", "-m", "litellm_discover", "ready", "pi"]
    done = subprocess.run(program, env=env, capture_output=True, text=True, timeout=20, check=True)
    return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}


def test_a_second_start_asks_and_imports_nothing(tmp_path: Path) -> None:
    """While nothing changes, no command line is parsed, no file of a tool is read, and no request is sent."""
    with proxy(["one"]) as (port, requests):
        env = {**homes(tmp_path), **base(port)}
        assert discover("refresh", "pi", root=tmp_path, env=env).returncode == 0
        before = len(requests)
        imported = imports_of_ready(env)
        assert len(requests) == before
    ours = {name for name in imported if name.startswith("litellm_discover")}
    assert ours == {"litellm_discover", "litellm_discover.io", "litellm_discover.io.stamp"}
    assert not imported & {*HEAVY, "subprocess"}


def test_a_start_without_a_stamp_parses_no_command_line(tmp_path: Path) -> None:
    """Something has changed: the tool is made ready from what is remembered, and nothing else is imported for it."""
    with proxy(["one"]) as (port, requests):
        env = {**homes(tmp_path), **base(port)}
        assert discover("refresh", "pi", root=tmp_path, env=env).returncode == 0
        (tmp_path / CACHE / "ready-pi.json").unlink()
        before = len(requests)
        imported = imports_of_ready(env)
        assert len(requests) == before
    assert (tmp_path / CACHE / "ready-pi.json").exists()
    understanding = {f"litellm_discover.core.{name}" for name in ("understanding", "catalog", "entries", "payloads")}
    assert not imported & {*(HEAVY - {"dataclasses", "pathlib"}), *understanding, "litellm_discover.cli.main"}


def test_a_start_with_an_old_answer_only_has_it_renewed(tmp_path: Path) -> None:
    """Nothing else has changed: one process asks the proxy, and the start imports nothing but what starts it."""
    with proxy(["one"]) as (port, requests):
        env = {**homes(tmp_path), **base(port)}
        assert discover("refresh", "pi", root=tmp_path, env=env).returncode == 0
        stamp = tmp_path / CACHE / "ready-pi.json"
        content = json.loads(stamp.read_bytes())
        stamp.write_text(json.dumps({**content, "takenAt": content["takenAt"] - 400}))
        imported = imports_of_ready(env)
        assert not imported & HEAVY
        assert not {name for name in imported if name.startswith(("litellm_discover.cli", "litellm_discover.core"))}
        end = time.monotonic() + 15
        while json.loads(stamp.read_bytes())["takenAt"] < content["takenAt"]:
            assert time.monotonic() < end, "the refresh in the background did nothing"
            time.sleep(0.05)
    assert asked(requests) == 2


def test_what_another_agent_brought_is_written_at_the_next_start(tmp_path: Path) -> None:
    """The stamp of one target does not hold once the snapshot is newer than what the target has."""
    with proxy(["one"]) as (port, _):
        discover("refresh", "pi", root=tmp_path, env=base(port))
    with proxy(["one", "two"], port=port) as (port, requests):
        discover("refresh", "opencode", root=tmp_path, env=base(port))
        assert len(models_json(tmp_path)["providers"]["litellm"]["models"]) == 1
        assert discover("ready", "pi", root=tmp_path, env=base(port)).returncode == 0
    assert len(models_json(tmp_path)["providers"]["litellm"]["models"]) == 2
    assert asked(requests) == 1


def test_an_old_memory_is_used_at_once_and_renewed_behind_the_scenes(tmp_path: Path) -> None:
    """The start does not wait for the proxy; soon after, what the proxy has now is remembered and written."""
    with proxy(["one"]) as (port, requests):
        env = {**base(port), **agent(tmp_path, "pi")}
        discover("refresh", "pi", root=tmp_path, env=env)
        assert asked(requests) == 1
    with proxy(["one", "two"], port=port):
        age(tmp_path, 400)
        discover("run", "--", "pi", root=tmp_path, env=env)
        end = time.monotonic() + 15
        while len(models_json(tmp_path)["providers"]["litellm"]["models"]) < 2:
            assert time.monotonic() < end, "the refresh in the background did nothing"
            time.sleep(0.05)


def test_a_refresh_for_one_agent_asks_the_proxy_of_that_agent(tmp_path: Path) -> None:
    """The other has another one in its own configuration, which is no reason to fail."""
    with proxy(["ours"]) as (port, _), proxy(["theirs"]) as (other, asked_there):
        configuration = tmp_path / "config" / "opencode" / "opencode.json"
        configuration.parent.mkdir(parents=True)
        options = {"baseURL": f"http://127.0.0.1:{other}/v1"}
        configuration.write_text(json.dumps({"provider": {"litellm": {"options": options}}}))
        file = tmp_path / "home" / ".pi" / "agent" / "models.json"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps({"providers": {"litellm": {"baseUrl": f"http://127.0.0.1:{port}/v1"}}}))
        run = discover("refresh", "pi", root=tmp_path, env=KEY)
    assert (run.returncode, asked_there) == (0, []), run.stderr
    assert [model["id"] for model in models_json(tmp_path)["providers"]["litellm"]["models"]] == ["ours"]


def test_one_refresh_at_a_time(tmp_path: Path) -> None:
    """Ten agents that start together ask the proxy once or twice, not ten times."""
    with proxy(["one"], delay=1.0) as (port, requests):
        env = {**homes(tmp_path), **base(port)}
        command = [str(PROGRAM), "refresh", "pi"]
        running = [subprocess.Popen(command, env=env, cwd=tmp_path, stderr=subprocess.PIPE) for _ in range(5)]
        ends = [(process.communicate(timeout=20)[1], process.returncode) for process in running]
    assert ends == [(b"", 0)] * 5
    assert asked(requests) == 1
    assert models_json(tmp_path)


@pytest.mark.parametrize(
    ("shell", "status"), [("bash", "$?"), ("zsh", "$?"), ("fish", "$status"), ("pwsh", "$LASTEXITCODE")]
)
def test_the_hook_makes_ready_and_starts(tmp_path: Path, shell: str, status: str) -> None:
    """The printed functions, in the real shell where there is one: arguments with blanks and the status pass."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not here")
    with proxy(["one"]) as (port, _):
        env = {**homes(tmp_path), **base(port), **agent(tmp_path, "pi")}
        printed = discover("hook", shell, root=tmp_path, env=env).stdout
        script = tmp_path / "script"
        script.write_text(f'{printed}\npi -p "hello  there"\nexit {status}\n')
        words = [shell, str(script)]
        done = at_the_latest_the_fifth_time(
            tmp_path,
            lambda: subprocess.run(
                words, env=env, cwd=tmp_path, capture_output=True, text=True, timeout=30, check=False
            ),
        )
    assert done.stdout.endswith("started with -p hello  there\n")
    assert (done.returncode, done.stderr) == (7, "")
    assert models_json(tmp_path)["providers"]["litellm"]["models"]


def test_a_hook_without_the_program_starts_the_agent(tmp_path: Path) -> None:
    """Who removes litellm-discover and keeps the line in the profile can go on."""
    env = {**homes(tmp_path), **agent(tmp_path, "pi")}
    printed = discover("hook", "bash", root=tmp_path, env=env).stdout.replace(str(PROGRAM), "/nonexistent/program")
    done = subprocess.run(
        ["bash", "-c", f"{printed}\npi x"], env=env, capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.returncode, done.stderr) == (7, "")


def test_an_unknown_shell_or_target_is_wrong_usage(tmp_path: Path) -> None:
    """With the names that there are."""
    for arguments, told in ((("hook", "tcsh"), "pwsh"), (("ready", "vim"), "opencode")):
        run = discover(*arguments, root=tmp_path)
        assert run.returncode == 2
        assert told in run.stderr
