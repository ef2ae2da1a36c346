"""The daemon as a process: what appears, what goes, what stays, and what it leaves alone."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest
from daemons import Daemon, configure, eventually, files
from loopback import homes
from servers import KEY, answering, described, proxy
from tool import PROGRAM, discover

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")

ENV = {"LITELLM_API_KEY": KEY}
BOTH = 'write = ["all"]\n'


def config(port: int) -> str:
    """A configuration for both targets and a proxy that the person names."""
    return f'{BOTH}\n[[proxy]]\nurl = "http://127.0.0.1:{port}"\n'


def providers(root: Path) -> dict[str, set[str]]:
    """The models in OpenCode's file, by provider; empty without one."""
    path = root / "config" / "opencode" / "opencode.jsonc"
    found = json.loads(path.read_text())["provider"] if path.exists() else {}
    return {name: set(provider["models"]) for name, provider in found.items()}


def opencode(root: Path) -> set[str]:
    """The models of the usual proxy in OpenCode's file."""
    return providers(root).get("litellm", set())


def pi(root: Path) -> set[str]:
    """The models in Pi's file; empty without one."""
    path = root / "home" / ".pi" / "agent" / "models.json"
    if not path.exists():
        return set()
    return {model["id"] for model in json.loads(path.read_text())["providers"]["litellm"]["models"]}


def _described(*models: str, port: int = 0) -> AbstractContextManager[tuple[int, list[str]]]:
    """A proxy that describes all of its models: only then is it certain that another one is gone."""
    return proxy([*models], [described(f"backend/{model}") | {"model_name": model} for model in models], port=port)


def test_models_appear_and_disappear_and_a_hand_edited_one_stays(tmp_path: Path) -> None:
    """The proxy is started anew with other models, and nobody runs anything. Each change is told in one line."""
    stack = ExitStack()
    port, _ = stack.enter_context(_described("one", "two", "three"))
    notified = tmp_path / "notified"
    notify = f'notify = ["/bin/sh", "-c", "env >> {notified}; echo told: $0 >> {notified}"]\n'
    configure(tmp_path, notify + config(port))
    with stack, Daemon(tmp_path, ENV) as daemon:
        eventually(lambda: opencode(tmp_path) == pi(tmp_path) == {"one", "two", "three"})
        daemon.settled()
        path = tmp_path / "config" / "opencode" / "opencode.jsonc"
        path.write_text(path.read_text().replace('"name": "Two"', '"name": "My Two"'))
        stack.close()
        eventually(lambda: not daemon.seen()["address"])
        with _described("one", "four", port=port):
            eventually(lambda: pi(tmp_path) == {"one", "four"})
            eventually(lambda: opencode(tmp_path) == {"one", "two", "four"})
            eventually(lambda: "litellm: +1 model, −2, wrote opencode.jsonc and models.json" in daemon.said)
            assert '"My Two"' in path.read_text()
            eventually(lambda: daemon.seen()["models"] == 2 and daemon.seen()["writes"] == 4)
            eventually(lambda: "told: litellm: +1 model, −2" in notified.read_text())
            assert KEY not in notified.read_text()


def test_a_list_that_changes_while_the_proxy_stays_is_noticed(tmp_path: Path) -> None:
    """As when a model is added in the proxy's own pages; the key is refused for a while, which empties nothing."""
    answers = {"/v1/models": {"data": [{"id": "one"}]}, "/v1/model/info": {"data": []}}
    status: dict[str, int] = {}
    with answering(answers, status=status) as (port, _):
        configure(tmp_path, config(port))
        with Daemon(tmp_path, ENV) as daemon:
            eventually(lambda: opencode(tmp_path) == {"one"})
            status["/v1/models"] = 401
            eventually(lambda: daemon.seen()["trouble"])
            assert daemon.seen()["trouble"]["code"] == "credential_refused"
            assert opencode(tmp_path) == {"one"}
            del status["/v1/models"]
            answers["/v1/models"] = {"data": [{"id": "one"}, {"id": "two"}]}
            eventually(lambda: opencode(tmp_path) == pi(tmp_path) == {"one", "two"})
            eventually(daemon.good)
            assert "all is well again" in daemon.said
            assert KEY not in daemon.said


def test_while_nothing_changes_nothing_is_written_and_it_stays_small(tmp_path: Path) -> None:
    """Not a byte, not a touched file, few milliseconds; no socket but the loop's own pair; nobody else can read."""
    with proxy([f"model-{number}" for number in range(50)]) as (port, asked):
        configure(tmp_path, config(port))
        with Daemon(tmp_path, ENV) as daemon:
            daemon.settled()
            time.sleep(6)
            before, done = files(tmp_path), _described_count(asked)
            os.kill(daemon.process.pid, signal.SIGHUP)
            eventually(lambda: _described_count(asked) > done)
            eventually(lambda: not daemon.children())
            assert files(tmp_path) == before
            cpu, requests, written = daemon.cpu_seconds(), len(asked), _written_bytes(daemon)
            time.sleep(12)
            assert files(tmp_path) == before
            assert _written_bytes(daemon) == written
            assert len(asked) > requests
            assert daemon.cpu_seconds() - cpu <= 0.1
            assert daemon.resident_mb() <= 40
            assert not eventually(lambda: [_sockets(daemon)])[0]
            ours = [tmp_path / each / "litellm-discover" for each in ("state", "cache")]
            modes = {(p.is_dir(), p.stat().st_mode & 0o777) for top in ours for p in (top, *top.rglob("*"))}
            assert modes == {(True, 0o700), (False, 0o600)}


def _written_bytes(daemon: Daemon) -> str:
    return next(
        line for line in Path(f"/proc/{daemon.process.pid}/io").read_text().splitlines() if line.startswith("write_b")
    )


def _sockets(daemon: Daemon) -> list[str]:
    """The sockets of the daemon that listen, or that anybody could find: of the internet, or with a name."""
    inodes = {link[8:-1] for link in daemon.descriptors() if link.startswith("socket:[")}
    found = []
    for table, state, inode in (("tcp", 3, 9), ("tcp6", 3, 9), ("udp", 3, 9), ("udp6", 3, 9)):
        rows = [line.split() for line in Path("/proc/net", table).read_text().splitlines()[1:]]
        # A question to the proxy that is just being asked is none of them.
        found += [f"{table} {row[1]}" for row in rows if row[inode] in inodes and row[state] in {"0A", "07"}]
    rows = [line.split() for line in Path("/proc/net/unix").read_text().splitlines()[1:]]
    return found + [" ".join(row) for row in rows if row[6] in inodes and len(row) > 7]


def test_of_twenty_that_start_at_once_one_is_left(tmp_path: Path) -> None:
    """The others say why. The one is told by its file; kill -9 leaves nothing to do by hand."""
    configure(tmp_path, BOTH)
    env = {**homes(tmp_path), "LITELLM_DISCOVER_PORT": "1"}
    logs = [tmp_path / f"{number}.stderr" for number in range(20)]
    started: list[subprocess.Popen[bytes]] = []
    try:
        for path in logs:
            with path.open("wb") as log:
                started.append(subprocess.Popen([PROGRAM, "daemon", "run"], env=env, stderr=log))
        eventually(lambda: sum(each.poll() is None for each in started) == 1, limit=60)
        alive = next(each for each in started if each.poll() is None)
        assert all(each.returncode == 1 for each in started if each is not alive)
        assert sum("a daemon runs already" in path.read_text() for path in logs) == 19
        status = eventually(lambda: discover("daemon", "status", "--json", root=tmp_path).json)
        assert (status["running"], status["pid"]) == (True, alive.pid)
    finally:
        for each in started:
            each.kill()
            each.wait()
    after = discover("daemon", "status", root=tmp_path)
    assert (after.returncode, after.stdout) == (1, "the daemon does not run\n")
    with Daemon(tmp_path, {"LITELLM_DISCOVER_PORT": "1"}) as daemon:
        eventually(daemon.seen)
        stopped = discover("daemon", "stop", root=tmp_path)
        assert (stopped.returncode, stopped.stderr) == (0, "the daemon has ended\n")
        assert daemon.process.wait(5) == 0
    assert discover("daemon", "stop", root=tmp_path).stderr == "the daemon does not run\n"


def test_it_ends_within_a_second_also_while_a_proxy_does_not_answer(tmp_path: Path) -> None:
    """The child that waits for the proxy is ended too, and there is nothing half written."""
    with proxy(["one"], delay=30) as (port, asked):
        configure(tmp_path, config(port))
        with Daemon(tmp_path, ENV) as daemon:
            eventually(lambda: [line for line in asked if line.startswith("/v1/models")])
            children = daemon.children()
            status, seconds = daemon.end()
            assert (status, seconds < 1) == (0, True)
            assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]
    assert not list(tmp_path.rglob("*.litellm-discover"))


def test_a_hangup_looks_at_once(tmp_path: Path) -> None:
    """Nobody answered for long, so the next look would be late; now what a file says that is not watched counts."""
    key = tmp_path / "key"
    key.write_text("wrong")
    key.chmod(0o600)
    with answering({"/v1/models": {"data": [{"id": "one"}]}}, status={"/v1/models": 401}) as (port, asked):
        configure(tmp_path, config(port) + f'key = {{ file = "{key}" }}\n')
        with Daemon(tmp_path) as daemon:
            eventually(lambda: daemon.seen() and daemon.seen()["trouble"])
            eventually(lambda: not daemon.children())
            key.write_text("sk-right")
            os.kill(daemon.process.pid, signal.SIGHUP)
            eventually(lambda: [line for line in asked if line == "/v1/models Bearer sk-right"], limit=4)


def test_who_answers_is_asked_without_the_key_first(tmp_path: Path) -> None:
    """A proxy that was found on a likely port: whose it is is looked up before each request with the key."""
    with proxy(["one"]) as (port, asked):
        configure(tmp_path, BOTH)
        with Daemon(tmp_path, {**ENV, "LITELLM_DISCOVER_PORT": str(port)}) as daemon:
            daemon.settled()
            eventually(lambda: sum(line.startswith("/v1/models") for line in asked) >= 2)
    assert {line.split(" ", 1)[1] for line in asked if line.startswith("/health")} == {"None"}


def test_many_refreshes_leave_nothing_behind(tmp_path: Path) -> None:
    """A proxy that changes, refuses and breaks off: as many descriptors and as much memory as before."""
    answers: dict[str, object] = {"/v1/models": {"data": [{"id": "one"}]}}
    status: dict[str, int] = {}
    with answering(answers, status=status) as (port, asked):
        configure(tmp_path, config(port))
        with Daemon(tmp_path, ENV) as daemon:
            daemon.settled()
            descriptors, memory = len(daemon.descriptors()), daemon.resident_mb()
            for number in range(12):
                answers["/v1/models"] = [{"data": [{"id": f"m{number}"}]}, {"data": 5}, "garbage"][number % 3]
                status["/v1/models"] = [200, 200, 200, 500, 401][number % 5]
                before = len(asked)
                os.kill(daemon.process.pid, signal.SIGHUP)
                eventually(lambda before=before: len(asked) > before + 1)  # type: ignore[misc]
                eventually(lambda: not daemon.children())
            assert len(daemon.descriptors()) <= descriptors + 1
            assert daemon.resident_mb() <= min(memory + 3, 40)
            assert daemon.process.poll() is None
            assert opencode(tmp_path)


def test_the_hook_asks_nobody_while_the_daemon_does(tmp_path: Path) -> None:
    """An old stamp is enough then: nothing is started in the background. Without the daemon it is, as ever."""
    with proxy(["one"]) as (port, asked):
        configure(tmp_path, config(port))
        with Daemon(tmp_path, ENV) as daemon:
            daemon.settled()
            assert discover("ready", "pi", root=tmp_path, env=ENV).returncode == 0
            stamp = tmp_path / "cache" / "litellm-discover" / "ready-pi.json"
            stamp.write_text(json.dumps({**json.loads(stamp.read_text()), "takenAt": time.time() - 4000}))
            info = _described_count(asked)
            assert discover("ready", "pi", root=tmp_path, env=ENV).returncode == 0
            time.sleep(2)
            assert _described_count(asked) == info
        assert discover("ready", "pi", root=tmp_path, env=ENV).returncode == 0
        eventually(lambda: _described_count(asked) > info)


def _described_count(asked: list[str]) -> int:
    """How often the whole work was done: a look does not ask for descriptions."""
    return sum(line.startswith("/v1/model/info") for line in asked)


def test_what_is_remembered_is_written_when_it_is_another_or_a_day_old(tmp_path: Path) -> None:
    """What the daemon starts for each piece of work: it says what it did, and touches nothing without a reason."""
    path = tmp_path / "cache" / "litellm-discover" / "litellm" / "catalog.json"
    with proxy(["one"]) as (port, _):
        configure(tmp_path, config(port))

        def once() -> dict[str, object]:
            document: dict[str, object] = discover("daemon", "once", "litellm", root=tmp_path, env=ENV).json
            return document

        assert once() == {
            "proxy": "litellm",
            "root": f"http://127.0.0.1:{port}",
            "models": ["one"],
            "wrote": ["opencode.jsonc", "models.json"],
            "troubles": [],
        }
        before = files(tmp_path)
        assert once()["wrote"] == []
        assert files(tmp_path) == before
        snapshot = json.loads(path.read_text())
        for hours, renewed in ((23, False), (25, True)):
            old = {**snapshot, "takenAt": time.time() - hours * 3600}
            path.write_text(json.dumps(old))
            once()
            assert (json.loads(path.read_text())["takenAt"] != old["takenAt"]) == renewed
        path.write_text("damaged")
        once()
        assert json.loads(path.read_text())["models"]
    assert once()["troubles"]


def test_status_for_people_and_a_log_of_its_own(tmp_path: Path) -> None:
    """Lines that a person can read; the log is the person's alone and has no key in it."""
    log = tmp_path / "state" / "daemon.log"
    log.parent.mkdir()
    with proxy(["one"]) as (port, _):
        configure(tmp_path, config(port))
        with Daemon(tmp_path, ENV, "--log", str(log)) as daemon:
            eventually(daemon.good)
            lines = discover("daemon", "status", root=tmp_path).stdout.splitlines()
            assert lines[0].startswith("running since ")
            assert lines[1] == "targets: opencode, pi"
            assert lines[2].startswith(f"litellm: answers at http://127.0.0.1:{port} since ")
            assert lines[2].endswith("1 model, 2 files written")
            assert daemon.said == ""
    assert log.stat().st_mode & 0o777 == 0o600
    assert f"litellm: 1 model at http://127.0.0.1:{port}, wrote opencode.jsonc and models.json" in log.read_text()
    assert KEY not in log.read_text()


def test_a_configuration_that_breaks_is_told_and_one_that_is_mended_counts(tmp_path: Path) -> None:
    """The daemon stays; the file is named, and nothing is taken out meanwhile."""
    with proxy(["one"]) as (port, _):
        configure(tmp_path, config(port))
        with Daemon(tmp_path, ENV) as daemon:
            daemon.settled()
            configure(tmp_path, "wirte = 5\n")
            eventually(lambda: daemon.seen()["trouble"])
            assert "config.toml" in daemon.seen()["trouble"]["message"]
            assert opencode(tmp_path) == {"one"}
            configure(tmp_path, config(port))
            eventually(daemon.good)
            assert daemon.status()["proxies"][0]["models"] == 1


def test_each_proxy_is_watched_by_itself(tmp_path: Path) -> None:
    """One that accepts and never answers delays no other; one that is taken out of the configuration is let go."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        slow = f'[[proxy]]\nid = "slow"\nurl = "http://127.0.0.1:{silent.getsockname()[1]}"\n'
        with _described("one") as (port, _), _described("other") as (team, _):
            work = f'[[proxy]]\nid = "work"\nurl = "http://127.0.0.1:{team}"\n'
            configure(tmp_path, config(port) + slow + work)
            with Daemon(tmp_path, ENV) as daemon:
                eventually(lambda: providers(tmp_path) == {"litellm": {"one"}, "work": {"other"}})
                eventually(lambda: [each["id"] for each in daemon.proxies()] == ["litellm", "slow", "work"])
                eventually(lambda: [each["good"] for each in daemon.proxies()] == [True, False, True])
                configure(tmp_path, config(port))
                eventually(lambda: providers(tmp_path) == {"litellm": {"one"}})
                eventually(lambda: [each["id"] for each in daemon.proxies()] == ["litellm"])


# What a stranger can open of what is named on its command line; one path a line.
_OPENED = """
import os, sys
os.setgroups([]); os.setgid(65534); os.setuid(65534)
for path in sys.argv[1:]:
    try:
        open(path, "rb").close()
        print(path)
    except OSError:
        pass
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_another_user_can_read_nothing() -> None:
    """Neither what it writes nor what the kernel knows of its variables, also where the folders above are open."""
    with tempfile.TemporaryDirectory() as name, _described("one") as (port, _):
        root = Path(name)
        for folder in (root, root / "state", root / "cache", root / "config", root / "home"):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o755)
        configure(root, config(port))
        control = root / "control"
        control.write_text("to see that the stranger can read at all")
        control.chmod(0o644)
        with Daemon(root, ENV) as daemon:
            eventually(lambda: opencode(root) == {"one"})
            eventually(daemon.good)
            ours = [path for path in (*root.rglob("state/**/*"), *root.rglob("cache/**/*")) if path.is_file()]
            assert {"daemon.json", "catalog.json", "opencode.json", "pi.json"} <= {path.name for path in ours}
            secret = [*ours, f"/proc/{daemon.process.pid}/environ", f"/proc/{daemon.process.pid}/mem"]
            opened = subprocess.run(
                [sys.executable, "-I", "-c", _OPENED, *map(str, secret), str(control)],
                capture_output=True,
                text=True,
                check=True,
                timeout=20,
            )
    assert opened.stdout.split() == [str(control)]
