from __future__ import annotations

import os
import re
import shutil
import subprocess
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from litellm_proxy import BACKENDS, MASTER_KEY, SEED_004, LiteLLM, add_custom_providers, configuration
from opencode import OpenCode
from pi import VERSIONS, Pi
from stranger import Stranger
from upstream import Upstream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import NoReturn

    from litellm_proxy import Proxy

_ROOT = Path(__file__).parents[2]
_PI = _ROOT / ".tools" / "pi" / "node_modules"
# What the packages ask for; the first still has users on a Node of that age, so it runs on the system's.
_NODE_FOR_PI = {"0.74": (20, 6), "0.87": (22, 19), "1.5": (22, 19)}


def _missing(reason: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def _tool(name: str, variable: str, pattern: str) -> Path:
    # LITELLM_DISCOVER_TEST_LITELLM and LITELLM_DISCOVER_TEST_OPENCODE name a program to use in place of
    # the one that `make tools` installs.
    named = os.environ.get(variable)
    for candidate in [Path(named)] if named else sorted(_ROOT.glob(pattern)):
        if candidate.is_file() and os.access(candidate, os.X_OK):
            return candidate
    _missing(f"the real {name} is not there: run `make tools`, or name it in {variable}")


def _new_enough(node: str, wanted: tuple[int, int]) -> bool:
    done = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30, check=False)
    found = re.match(r"v(\d+)\.(\d+)\.", done.stdout)
    return found is not None and (int(found[1]), int(found[2])) >= wanted


def _node(line: str) -> Path:
    """The Node for a version of Pi: the one that `make tools` installs, or the system's if that is new enough."""
    packaged = [node for node in sorted(_PI.glob("node-*/bin/node")) if os.access(node, os.X_OK)]
    system = shutil.which("node")
    own = [Path(system)] if system and _new_enough(system, _NODE_FOR_PI[line]) else []
    candidates = own + packaged if line == next(iter(VERSIONS)) else packaged + own
    if not candidates:
        _missing("no Node for Pi: run `make tools`, or install Node {}.{} or newer".format(*_NODE_FOR_PI[line]))
    return candidates[0]


@pytest.fixture(scope="session")
def litellm_binary() -> Path:
    """The `litellm` command of the test environment."""
    return _tool("LiteLLM", "LITELLM_DISCOVER_TEST_LITELLM", ".tools/litellm/bin/litellm")


@pytest.fixture(scope="session")
def opencode_binary() -> Path:
    """The `opencode` program of this platform."""
    pattern = ".tools/opencode/node_modules/opencode-*/bin/opencode"
    return _tool("OpenCode", "LITELLM_DISCOVER_TEST_OPENCODE", pattern)


@pytest.fixture(scope="session")
def upstream_server() -> Iterator[Upstream]:
    """The recording server behind both proxies."""
    with Upstream() as server:
        yield server


@pytest.fixture
def upstream(upstream_server: Upstream) -> Upstream:
    """The recording server with nothing recorded yet."""
    upstream_server.clear()
    return upstream_server


@pytest.fixture(scope="session")
def started_proxies(
    litellm_binary: Path, upstream_server: Upstream, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, LiteLLM]]:
    """All proxies, started at the same time because each takes several seconds."""
    add_custom_providers(litellm_binary)
    proxies = {"keyed": (SEED_004, MASTER_KEY), "open": (SEED_004, None), "backends": (BACKENDS, MASTER_KEY)}
    with ExitStack() as stack:
        started = {}
        for name, (file, key) in proxies.items():
            config = configuration(file, upstream_server.base_url, keyed=key is not None)
            process = LiteLLM(litellm_binary, config, tmp_path_factory.mktemp(f"litellm-{name}"), key=key)
            started[name] = stack.enter_context(process)
        yield started


@pytest.fixture(scope="session")
def keyed_proxy(started_proxies: dict[str, LiteLLM]) -> Proxy:
    """The user's stack with a master key."""
    return started_proxies["keyed"].ready()


@pytest.fixture(scope="session")
def open_proxy(started_proxies: dict[str, LiteLLM]) -> Proxy:
    """The user's stack without a master key."""
    return started_proxies["open"].ready()


@pytest.fixture(scope="session")
def backends_proxy(started_proxies: dict[str, LiteLLM]) -> Proxy:
    """One model and more of each kind of backend, with a master key."""
    return started_proxies["backends"].ready()


@pytest.fixture
def opencode(opencode_binary: Path, tmp_path: Path) -> OpenCode:
    """A fresh OpenCode installation, without any configuration."""
    return OpenCode(opencode_binary, tmp_path / "opencode")


@pytest.fixture(params=VERSIONS)
def pi(request: pytest.FixtureRequest, tmp_path: Path) -> Pi:
    """A fresh Pi of each version in turn, without any configuration."""
    return _pi(request.param, tmp_path)


@pytest.fixture
def pi_newest(tmp_path: Path) -> Pi:
    """A fresh Pi of the newest version."""
    return _pi(next(reversed(VERSIONS)), tmp_path)


def _pi(line: str, folder: Path) -> Pi:
    package = _PI / f"pi-{line}"
    if not package.is_dir():
        _missing(f"the real Pi {line} is not there: run `make tools`")
    return Pi(_node(line), package, folder / "pi")


@pytest.fixture
def stranger(wheel: Path, tmp_path: Path) -> Stranger:
    """A person who has nothing but the wheel."""
    root = tmp_path / "stranger"
    (root / "home").mkdir(parents=True)
    return Stranger(root, wheel)
