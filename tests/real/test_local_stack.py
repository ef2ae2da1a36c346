"""The local stack of examples/litellm-local, offline, on the real LiteLLM: what it offers, and who is sent where."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import yaml
from local_stack import CANARY, FOLDER, LocalStack, children, process_group, wait_for_nobody
from loopback import homes
from start_litellm import add_providers
from tool import discover

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.real

CONFIG = yaml.safe_load((FOLDER / "litellm_config.yaml").read_text(encoding="utf-8"))
ENTRIES = {entry["model_name"]: entry["litellm_params"] for entry in CONFIG["model_list"]}
ROUTERS = ("frontier-router", "mistral-router", "opencodego-router")
MODELS = {name: params for name, params in ENTRIES.items() if name not in ROUTERS}

FLASH, PRO = "opencodego/deepseek-v4-flash", "opencodego/deepseek-v4-pro"
KIMI, MIMO = "opencodego/kimi-k2.6", "opencodego/mimo-v2.5-pro"

REFACTOR = "Refactor the API to use async database queries with proper error handling"
DESIGN = "Design a distributed microservice architecture with container orchestration, high throughput, and low latency"
REASON = (
    "Explain your reasoning for this authentication architecture. First, analyze the distributed design, "
    "then implement the container orchestration layer."
)
MARKERS = "Analyze this step by step and think carefully"


@pytest.fixture(scope="module")
def stack(litellm_binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """The stack, started once."""
    with LocalStack(litellm_binary, tmp_path_factory.mktemp("local-stack")) as started:
        yield started


def test_the_proxy_lists_thirty_entries(stack: LocalStack) -> None:
    """27 models and three routers, in the order of the configuration."""
    listed = [entry["id"] for entry in stack.ask("/v1/models").json["data"]]
    assert listed == list(ENTRIES)
    assert (len(MODELS), len(listed)) == (27, 30)


@pytest.mark.parametrize(
    ("prompt", "route"),
    [
        # The four examples, each with the very score that was foretold.
        ("Hello, can you help me?", ("SIMPLE", -0.2, FLASH)),
        (REFACTOR, ("MEDIUM", 0.1, PRO)),
        (DESIGN, ("COMPLEX", 0.25, KIMI)),
        (REASON, ("REASONING", 0.595, MIMO)),
        # Explanations: only their words count, so one without any is no harder than a greeting.
        ("Explain how async functions work in Python", ("MEDIUM", 0.1, PRO)),
        ("Explain how the garbage collector of Go works", ("SIMPLE", 0.0, FLASH)),
        ("Explain how TCP latency affects the throughput of an HTTP API", ("COMPLEX", 0.3, KIMI)),
        # Coding: code alone never gives more than MEDIUM; four technical terms do.
        ("Write a Python function that parses a CSV file", ("MEDIUM", 0.1, PRO)),
        ("Implement a scalable, distributed job queue with parallel workers and low latency", ("COMPLEX", 0.3, KIMI)),
        ("Refactor this class for concurrency, memory and performance under parallel load", ("COMPLEX", 0.35, KIMI)),
        # One marker alone, and two.
        ("Explain your reasoning", ("COMPLEX", 0.28, KIMI)),
        (MARKERS, ("REASONING", 0.4, MIMO)),
        (f"Hello! {MARKERS}", ("REASONING", 0.2, MIMO)),
    ],
)
def test_the_router_sends_a_question_to_its_tier(stack: LocalStack, prompt: str, route: tuple[str, float, str]) -> None:
    """By its words, with the score and the model as they are measured; the README has the same table."""
    answer = stack.chat("opencodego-router", prompt)
    assert answer.route == route
    assert answer.json["choices"][0]["message"]["content"] == f"This is {route[2].split('/')[1]}, offline."


def test_two_markers_decide_without_the_score(stack: LocalStack) -> None:
    """The proxy says so itself; below a score of 0.55 nothing else leads there."""
    cause = "x-litellm-complexity-router-cause"
    assert stack.chat("opencodego-router", MARKERS).headers[cause] == "reasoning_override"
    assert stack.chat("opencodego-router", REASON).headers[cause] == "heuristic_scorer"


def test_a_greeting_is_simple_whatever_came_before(stack: LocalStack) -> None:
    """With 50,000 tokens of hard questions before it, or below a long system prompt full of the words that count."""
    before = [text for number in range(300) for text in (f"{number}: {DESIGN} {REFACTOR}", f"{REASON} {MARKERS} " * 3)]
    alone = stack.chat("opencodego-router", "Hi").route
    late = stack.chat("opencodego-router", *before, "Hi")
    assert alone == late.route == ("SIMPLE", -0.2, FLASH)
    assert len(json.dumps(stack.recorded()[-1]["body"])) > 200_000
    assert stack.chat("opencodego-router", "Hi", system=f"{DESIGN} {REFACTOR} " * 300).route == alone


@pytest.mark.parametrize("router", ROUTERS)
def test_every_router_reaches_each_of_its_tiers(stack: LocalStack, router: str) -> None:
    """No tier is left to a fallback, and no router looks at how long a request is."""
    tiers = ENTRIES[router]["complexity_router_config"]["tiers"]
    prompts = {"SIMPLE": "Hello!", "MEDIUM": REFACTOR, "COMPLEX": DESIGN, "REASONING": MARKERS}
    for tier, prompt in prompts.items():
        found, _, model = stack.chat(router, prompt).route
        assert (found, model) == (tier, MODELS[tiers[tier]]["model"])
    short, long = (stack.chat(router, f"Hello {'word ' * count}").route for count in (1, 3000))
    assert short == long


def test_health_checks_the_models_and_skips_the_routers(stack: LocalStack) -> None:
    """A skipped entry is in neither list."""
    health = stack.ask("/health").json
    assert (health["healthy_count"], health["unhealthy_count"]) == (27, 0)
    checked = {endpoint["model"] for endpoint in health["healthy_endpoints"]}
    assert checked == {params["model"] for params in MODELS.values()}
    assert health["unhealthy_endpoints"] == []


@pytest.mark.parametrize("stream", [False, True])
def test_every_entry_answers_a_chat(stack: LocalStack, stream: bool) -> None:  # noqa: FBT001  a parameter of a test
    """With the model that was meant, which got nothing but the fake key."""
    known = len(stack.recorded())
    for name in ENTRIES:
        answer = stack.chat(name, f"Hello, {name}, {stream}", stream=stream)
        assert (answer.status, "offline." in answer.text) == (200, True), name
        assert ("[DONE]" in answer.text) == stream
        if name in MODELS:
            assert f"This is {MODELS[name]['model'].split('/')[1]}, offline." in answer.text
    recorded = stack.recorded()[known:]
    assert len(recorded) == len(ENTRIES)
    assert all(request["fake_key"] for request in recorded)
    assert CANARY not in json.dumps(recorded)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/responses", {"input": "Hello"}),
        ("/v1/messages", {"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 20}),
    ],
)
def test_each_provider_answers_in_the_other_protocols(
    stack: LocalStack,
    path: str,
    body: dict[str, object],
    stream: bool,  # noqa: FBT001  a parameter of a test
) -> None:
    """One model of each provider and a router, in what the agents may speak."""
    for name in ("gpt-5.5", "claude-opus-4-8", "gemini-2.5-pro", "mistral-small-4", "opencode-glm-5", ROUTERS[0]):
        answer = stack.ask(path, {"model": name, "stream": stream} | body)
        assert (answer.status, "offline." in answer.text) == (200, True), name


def test_a_second_identical_request_comes_from_the_cache(stack: LocalStack) -> None:
    """It has the header of a hit, and the provider hears of it once."""
    first, second = (stack.chat("gpt-5.5", "Only once, please") for _ in range(2))
    assert "x-litellm-cache-key" not in first.headers
    assert second.headers["x-litellm-cache-key"].startswith("litellm.local:")
    assert sum("Only once, please" in json.dumps(request) for request in stack.recorded()) == 1


def test_prices_are_known_and_charged(stack: LocalStack) -> None:
    """Each model has a price; that of the configuration is what a request costs."""
    rows = {row["model_name"]: row["model_info"] for row in stack.ask("/v1/model/info").json["data"]}
    prices = ("input_cost_per_token", "output_cost_per_token")
    for name, params in MODELS.items():
        assert all(rows[name][price] > 0 for price in prices), name
        assert all(rows[name][price] == params[price] for price in prices if price in params), name
    cost = stack.chat("opencode-qwen3-7-max", "What does this cost?").headers["x-litellm-response-cost"]
    assert float(cost) == pytest.approx(12 * 2.5e-6 + 6 * 7.5e-6)


def test_the_own_provider_is_added_to_those_of_litellm(stack: LocalStack, litellm_binary: Path) -> None:
    """In the file that LiteLLM has just read them from."""
    providers = json.loads(add_providers(litellm_binary).read_text(encoding="utf-8"))
    assert providers["opencodego"]["base_url"] == "https://opencode.ai/zen/go/v1"
    assert len(providers) >= 33
    assert {"publicai", "helicone", "veniceai"} <= providers.keys()


def test_the_health_check_of_the_containers_is_met(stack: LocalStack) -> None:
    """By the proxy, and by nothing else."""
    compose = yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))
    _, _, option, program = compose["services"]["litellm"]["healthcheck"]["test"]
    for port, status in ((stack.port, 0), (_closed_port(), 1)):
        command = [sys.executable, option, program.replace(":4000/", f":{port}/")]
        assert subprocess.run(command, capture_output=True, check=False, timeout=60).returncode == status


def _closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def test_no_virtual_key_without_a_database(stack: LocalStack) -> None:
    """The real refusal is told in words, and the master key appears nowhere."""
    key = stack.exported["LITELLM_API_KEY"]
    command: list[str | Path] = [
        sys.executable,
        FOLDER / "make_key.py",
        "--url",
        stack.exported["LITELLM_DISCOVER_URL"],
    ]
    environment = {"PATH": os.defpath, "LITELLM_MASTER_KEY": key}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    assert "has no database" in done.stderr
    assert key not in done.stderr


def test_litellm_accepts_what_is_asked_for_a_key(litellm_binary: Path) -> None:
    """Its own model of the request takes it, and knows the group of routes."""
    program = (
        "import json, make_key; from litellm.proxy._types import GenerateKeyRequest, LiteLLMRoutes;"
        "made = GenerateKeyRequest(**make_key.wanted(['gpt-5.5'], 'agents'));"
        "routes = {route for name in made.allowed_routes for route in LiteLLMRoutes[name].value};"
        "print(json.dumps([made.models, made.key_alias, sorted(routes)]))"
    )
    environment = homes(FOLDER) | {"PYTHONPATH": str(FOLDER), "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    environment |= {"LITELLM_MODE": "PRODUCTION", "PYTHONDONTWRITEBYTECODE": "1"}
    command: list[str | Path] = [litellm_binary.with_name("python"), "-c", program]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=120)
    models, alias, routes = json.loads(done.stdout.splitlines()[-1])
    assert (models, alias) == (["gpt-5.5"], "agents")
    read = {"/v1/models", "/v1/model/info", "/model_group/info"}
    assert read | {"/v1/chat/completions", "/v1/responses", "/v1/messages"} <= set(routes)
    assert not {"/key/generate", "/model/new", "/user/new"} & set(routes)


def test_the_line_that_it_prints_is_all_that_discovery_needs(stack: LocalStack, tmp_path: Path) -> None:
    """30 models, each with its price, and nothing asked of the person."""
    run = discover("--json", root=tmp_path, env=stack.exported)
    document = run.json
    assert run.returncode == 0, run.stderr
    assert {model["id"] for model in document["models"]} == set(ENTRIES)
    assert all(model["cost"] for model in document["models"])


def test_it_ends_and_leaves_nobody(litellm_binary: Path, tmp_path: Path) -> None:
    """LiteLLM goes with it, the port is free, nothing is left in the folder for temporary files."""
    with LocalStack(litellm_binary, tmp_path) as stack:
        assert stack.process is not None
        (litellm,) = children(stack.process.pid)
        assert litellm in process_group(litellm)
        arguments = subprocess.run(
            ["ps", "-o", "args=", "-p", f"{litellm}"], capture_output=True, text=True, check=True, timeout=30
        )
        assert stack.exported["LITELLM_API_KEY"] not in arguments.stdout
        assert stack.end(signal.SIGINT) == 0
    assert wait_for_nobody(litellm) == []
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", stack.port)) != 0
