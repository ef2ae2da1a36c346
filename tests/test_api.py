"""The Python API: what docs/python.md says of it, from programs of their own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from loopback import homes
from rogue import STRANGER, Listener, free_ports, leaks, listening
from servers import KEY, answering, proxy
from tool import discover as command

from litellm_discover import api
from litellm_discover.errors import DeadlineError
from litellm_discover.io.example_proxy import example_proxy

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).parents[1] / "docs" / "python.md"
EXAMPLES = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
LIMIT_S = 30

# Says in one line how a call went, and that the program went on after it.
CALL = """
import json, sys, time
from litellm_discover import DiscoverError, discover
started = time.monotonic()
try:
    catalog = discover(**json.loads(sys.argv[1]))
    said = {"models": [model.id for model in catalog.models], "notices": [notice.code for notice in catalog.notices],
            "proxy": catalog.proxy.id}
except DiscoverError as error:
    said = {"error": type(error).__name__, "code": error.code, "hint": error.hint}
print(json.dumps(said | {"seconds": time.monotonic() - started}))
"""


def program(text: str, *arguments: str, root: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a program that uses the package, with the homes below `root`."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", text, *arguments],
        cwd=root,
        env={**homes(root), **env},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


class Called:
    """What one call of ``discover`` gave, from a program that prints nothing else."""

    def __init__(self, root: Path, env: dict[str, str] | None = None, **arguments: object) -> None:
        done = program(CALL, json.dumps(arguments), root=root, **(env or {}))
        assert (done.returncode, done.stderr) == (0, "")
        (line,) = done.stdout.splitlines()
        said = json.loads(line)
        self.models: list[str] = said.get("models", [])
        self.notices: list[str] = said.get("notices", [])
        self.proxy: str | None = said.get("proxy")
        self.error: str | None = said.get("error")
        self.code: str | None = said.get("code")
        self.hint: str = said.get("hint", "")
        self.seconds: float = said["seconds"]


@pytest.fixture
def example() -> Iterator[dict[str, str]]:
    """The variables with which the example proxy is found."""
    with example_proxy() as (port, key):
        yield {"LITELLM_DISCOVER_PORT": str(port), "LITELLM_API_KEY": key}


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_the_examples_print_what_the_page_says(number: int, example: dict[str, str], tmp_path: Path) -> None:
    """Each is a program by itself."""
    text, printed = EXAMPLES[number]
    done = program(text, root=tmp_path, **example)
    assert (done.stdout, done.stderr, done.returncode) == (printed, "", 0)


def test_every_example_is_run() -> None:
    """A block without its output would be skipped."""
    assert len(EXAMPLES) == PAGE.read_text("utf-8").count("```python") > 3


def test_the_package_is_as_light_as_ever_until_something_is_used(tmp_path: Path) -> None:
    """The hook before each start of an agent imports it."""
    text = """
import sys
before = set(sys.modules)
import litellm_discover
light = {name for name in set(sys.modules) - before if name.startswith("litellm_discover")}
assert light == {"litellm_discover"}, light
assert not {"http.client", "importlib.resources"} & (set(sys.modules) - before)
assert set(litellm_discover.__all__) == set(dir(litellm_discover))
assert all(getattr(litellm_discover, name) for name in litellm_discover.__all__)
assert not {"http.client", "asyncio", "json5", "rich", "typer"} & set(sys.modules)
try:
    litellm_discover.discovr
except AttributeError as error:
    assert "discovr" in str(error)
else:
    raise AssertionError
"""
    done = program(text, root=tmp_path)
    assert done.returncode == 0, done.stderr


def test_it_says_what_the_command_says_and_writes_nothing(example: dict[str, str], tmp_path: Path) -> None:
    """No snapshot, no configuration, no folder."""
    called = Called(tmp_path, example)
    assert list(tmp_path.iterdir()) == []
    said = command("--json", root=tmp_path, env=example).json
    assert called.models == [model["id"] for model in said["models"]] != []
    assert called.proxy == "litellm"


def test_what_the_plugins_show_stays_when_a_program_asks_for_less(example: dict[str, str], tmp_path: Path) -> None:
    """The memory of the command is read, never written."""
    command(root=tmp_path, env=example)
    before = {path: path.read_bytes() for path in (tmp_path / "cache").rglob("*") if path.is_file()}
    assert len(Called(tmp_path, example, include=["claude-*"]).models) == 7
    assert Called(tmp_path, example, include="claude-haiku-*").models == ["claude-haiku-4-5"]
    assert {path: path.read_bytes() for path in (tmp_path / "cache").rglob("*") if path.is_file()} == before != {}


def test_a_silent_proxy_is_answered_from_what_the_command_remembers(tmp_path: Path) -> None:
    """And said to be stale; asked for offline it is what was wanted."""
    with proxy(["gpt-5.5"]) as (port, _):
        env = {"LITELLM_DISCOVER_URL": f"http://127.0.0.1:{port}"}
        assert Called(tmp_path, env, offline=True).code == "no_snapshot"
        command(root=tmp_path, env=env)
    silent, offline = Called(tmp_path, env), Called(tmp_path, env, offline=True)
    assert (silent.models, "stale" in silent.notices) == (["gpt-5.5"], True)
    assert (offline.models, "stale" in offline.notices) == (["gpt-5.5"], False)


def test_a_recent_answer_is_enough_when_it_is_said_so(tmp_path: Path) -> None:
    """`max_age` in seconds."""
    with proxy(["gpt-5.5"]) as (port, asked):
        env = {"LITELLM_DISCOVER_URL": f"http://127.0.0.1:{port}"}
        command(root=tmp_path, env=env)
        seen = len(asked)
        assert Called(tmp_path, env, max_age=3600).models == ["gpt-5.5"]
        assert len(asked) == seen
        assert Called(tmp_path, env, max_age=0).models == ["gpt-5.5"]
        assert len(asked) > seen


def test_an_address_that_is_given_comes_before_the_environment(tmp_path: Path) -> None:
    """Also before a port in it."""
    with proxy(["gpt-5.5"]) as (port, _), proxy(["claude-opus-4-8"]) as (other, _):
        for env in ({"LITELLM_DISCOVER_URL": f"http://127.0.0.1:{other}"}, {"LITELLM_DISCOVER_PORT": str(other)}):
            assert Called(tmp_path, env).models == ["claude-opus-4-8"]
            assert Called(tmp_path, env, url=f"http://127.0.0.1:{port}").models == ["gpt-5.5"]


def test_one_of_several_proxies_is_named(tmp_path: Path) -> None:
    """Which one is meant is not guessed."""
    with proxy(["gpt-5.5"]) as (port, _), proxy(["claude-opus-4-8"]) as (other, _):
        own = tmp_path / "config" / "litellm-discover" / "config.toml"
        own.parent.mkdir(parents=True, mode=0o700)
        own.write_text(
            f'[[proxy]]\nid = "home"\nurl = "http://127.0.0.1:{port}"\n'
            f'[[proxy]]\nid = "work"\nurl = "http://127.0.0.1:{other}"\n'
        )
        called = Called(tmp_path, proxy="work")
        assert (called.proxy, called.models) == ("work", ["claude-opus-4-8"])
        for wrong in (Called(tmp_path), Called(tmp_path, proxy="play")):
            assert wrong.error == "UsageError"
            assert "proxy='home', proxy='work'" in wrong.hint


@pytest.mark.parametrize(
    ("arguments", "error", "code"),
    [
        ({"url": "http://127.0.0.1:1"}, "ProxyNotFoundError", "proxy_unreachable"),
        ({"url": "ftp://127.0.0.1"}, "UsageError", "usage"),
        ({"url": "http://192.0.2.1:4000"}, "UsageError", "insecure_http"),
        ({"timeout": 0}, "UsageError", "usage"),
        ({"proxy": "work"}, "UsageError", "usage"),
    ],
)
def test_what_goes_wrong_is_an_error_of_ours(
    arguments: dict[str, object], error: str, code: str, tmp_path: Path
) -> None:
    """And nothing else escapes."""
    called = Called(tmp_path, None, **arguments)
    assert (called.error, called.code) == (error, code)


def test_a_refused_key_is_told(tmp_path: Path) -> None:
    """As by the command."""
    with answering({"/health/liveliness": "I'm alive!", "/v1/models": {}}, status={"/v1/models": 401}) as (port, asked):
        called = Called(tmp_path, {"LITELLM_API_KEY": KEY}, url=f"http://127.0.0.1:{port}")
        assert called.error == "CredentialError"
        assert any(KEY in line for line in asked)


@pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="only root on Linux can start a listener of another user"
)
def test_the_key_goes_to_no_stranger(tmp_path: Path) -> None:
    """The gate of the command stands before it."""
    (port,) = free_ports(1)
    heard = tmp_path / "heard"
    with listening(Listener("127.0.0.1", port), log=heard, uid=STRANGER):
        called = Called(tmp_path, {"LITELLM_API_KEY": KEY, "LITELLM_DISCOVER_PORT": str(port)})
    assert called.error == "TrustError"
    assert (leaks(heard.read_bytes(), KEY), b"liveliness" in heard.read_bytes()) == (0, True)


def test_the_time_holds_for_a_proxy_and_the_program_goes_on(tmp_path: Path) -> None:
    """Nothing ends the process: it prints the error itself."""
    with proxy(["gpt-5.5"], delay=20) as (port, _):
        called = Called(tmp_path, url=f"http://127.0.0.1:{port}", timeout=1)
    assert called.error == "DeadlineError"
    assert called.seconds < 10


def test_the_time_holds_for_a_disk_and_the_program_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """What blocks is left behind in a thread of its own."""
    blocked = threading.Event()
    monkeypatch.setattr(api, "settings_for", lambda *_: blocked.wait(LIMIT_S))
    started = time.monotonic()
    with pytest.raises(DeadlineError):
        api.discover(timeout=0.2)
    assert 0.2 <= time.monotonic() - started < LIMIT_S / 2
    blocked.set()


def test_a_thread_with_a_running_loop_may_call_it(example: dict[str, str], tmp_path: Path) -> None:
    """The loop is held up meanwhile, and goes on."""
    text = """
import asyncio, litellm_discover
async def main():
    catalog = litellm_discover.discover()
    await asyncio.sleep(0)
    print(len(catalog.models))
asyncio.run(main())
"""
    done = program(text, root=tmp_path, **example)
    assert (done.stdout, done.stderr) == ("30\n", "")
