"""The bundled provider catalogs: their form, what is true of each entry, and what they know of known models."""

from __future__ import annotations

import hashlib
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from litellm_discover.core.facts import Facts, facts
from litellm_discover.core.identity import Found, candidates, find
from litellm_discover.core.ids import is_safe_text, unoffered_reason
from litellm_discover.core.limits import json_number
from litellm_discover.core.makers import DEALERS, HUBS, MAKERS, PROVIDERS
from litellm_discover.core.naming import display_name
from litellm_discover.io import shelf
from litellm_discover.io.shelf import CATALOGS, BundledShelf, bundled

if TYPE_CHECKING:
    from litellm_discover.core.model import Cost, Tier

FILES = {path.stem: path for path in CATALOGS.glob("*.json") if path.stem != "manifest"}
MANIFEST = json.loads((CATALOGS / "manifest.json").read_text("utf-8"))
NAMES = json.loads((Path(__file__).parent / "core" / "data" / "names.json").read_text("utf-8"))
MAX_TOTAL = 400_000

# What Pi calls a provider, where LiteLLM has another name.
OURS = {
    "amazon-bedrock": "bedrock",
    "azure-openai-responses": "azure",
    "fireworks": "fireworks_ai",
    "github-copilot": "github_copilot",
    "google": "gemini",
    "google-vertex": "vertex_ai",
    "moonshotai": "moonshot",
    "moonshotai-cn": "moonshot",
    "nvidia": "nvidia_nim",
    "qwen-token-plan": "dashscope",
    "qwen-token-plan-cn": "dashscope",
    "qwen-token-plan-individual": "dashscope",
    "together": "together_ai",
    "vercel-ai-gateway": "vercel_ai_gateway",
    "xiaomi": "xiaomi_mimo",
    "xiaomi-token-plan-ams": "xiaomi_mimo",
    "xiaomi-token-plan-cn": "xiaomi_mimo",
    "xiaomi-token-plan-sgp": "xiaomi_mimo",
    "zai-coding-cn": "zai",
}


def entries(provider: str) -> dict[str, Any]:
    """The entries of a file, as they are written."""
    models: dict[str, Any] = json.loads(FILES[provider].read_text("utf-8"))["models"]
    return models


def priced(cost: Cost | Tier) -> dict[str, Any]:
    """Prices as an entry has them."""
    prices = {"input": cost.input, "output": cost.output, "cacheRead": cost.cache_read, "cacheWrite": cost.cache_write}
    return {name: json_number(price) for name, price in prices.items() if price is not None}


def entry_of(said: Facts) -> dict[str, Any]:
    """The entry that says just this."""
    limit = {"context": said.limit.context, "output": said.limit.output}
    entry: dict[str, Any] = {
        "name": said.name,
        "limit": {name: tokens for name, tokens in limit.items() if tokens} or None,
        "input": said.input and list(said.input),
        "output": said.output and list(said.output),
        "toolCall": said.tool_call,
        "reasoning": said.reasoning,
        "efforts": None if said.efforts is None else list(said.efforts),
        "mode": said.mode,
        "deprecated": said.deprecated,
    }
    if said.cost:
        tiers = [{"above": tier.above, **priced(tier)} for tier in said.cost.tiers]
        entry["cost"] = priced(said.cost) | ({"tiers": tiers} if tiers else {})
    return {name: value for name, value in entry.items() if value is not None}


@pytest.mark.parametrize("provider", sorted(FILES))
def test_every_field_is_understood_and_nothing_in_it_is_unsafe(provider: str) -> None:
    """What is read of an entry says all that is written."""
    for model_id, entry in entries(provider).items():
        assert entry_of(facts(entry)) == entry, model_id
        assert entry, model_id
        assert unoffered_reason(model_id) is None
        assert is_safe_text(entry.get("name", ""))
        assert entry.get("mode", "responses") in {"responses", "completion"}


@pytest.mark.parametrize("provider", sorted(FILES))
def test_a_file_has_an_entry_a_line_sorted(provider: str) -> None:
    """So that a change of the data can be read."""
    head, *lines, last = FILES[provider].read_text("utf-8").splitlines()
    assert (head, last) == (f'{{"schemaVersion":1,"provider":"{provider}","models":{{', "}}")
    parsed = [json.loads(f"{{{line.removesuffix(',')}}}") for line in lines]
    ids = [next(iter(entry)) for entry in parsed]
    assert ids == sorted(set(ids))
    assert [len(entry) for entry in parsed] == [1] * len(lines)
    compact = [json.dumps(entry, ensure_ascii=False, separators=(",", ":"))[1:-1] for entry in parsed]
    assert [line.removesuffix(",") for line in lines] == compact


def test_the_manifest_is_that_of_the_files() -> None:
    """Digest, size and number of each file, and no file more or less."""
    assert set(MANIFEST["providers"]) == set(FILES) == PROVIDERS
    assert (MANIFEST["schemaVersion"], MANIFEST["minVersions"]) == (1, {"litellm-discover": "0.1.0"})
    for provider, path in FILES.items():
        content = path.read_bytes()
        wanted = {
            "sha256": hashlib.sha256(content).hexdigest(),
            "bytes": len(content),
            "models": len(entries(provider)),
        }
        assert MANIFEST["providers"][provider] == wanted
    assert {source["license"] for source in MANIFEST["sources"]} == {"MIT"}


def test_all_of_it_is_small() -> None:
    """It is in every wheel."""
    assert sum(path.stat().st_size for path in CATALOGS.iterdir()) <= MAX_TOTAL


def test_every_provider_that_is_looked_at_has_a_catalog() -> None:
    """A maker without a file would never be found."""
    assert {*HUBS, *DEALERS, *(maker for _family, makers in MAKERS for maker in makers)} <= PROVIDERS


SHELF = BundledShelf({})


def found(model_id: str, provider: str | None = None) -> Found | None:
    """What the bundled catalogs say of an id."""
    return find(candidates(model_id, provider), SHELF)


def shown(match: Found | None, model_id: str) -> str:
    """The official name, or that of the formatter."""
    names = [said.name for _source, said in match.layers if said.name] if match else []
    return names[-1] if names else display_name(model_id)


def plain(name: str) -> str:
    """A name without the remark at its end."""
    return re.sub(r"\s*\([^()]*\)$", "", name)


def letters(name: str) -> str:
    """What is left of a name without case, spaces and punctuation."""
    return re.sub(r"[\W_]+", "", plain(name)).casefold()


def shares(names: list[str]) -> tuple[float, float]:
    """Which shares of the official names these are: exact, and but for case, spaces and punctuation."""
    pairs = list(zip(names, (pair["name"] for pair in NAMES), strict=True))
    exact = sum(plain(name) == plain(official) for name, official in pairs)
    alike = sum(letters(name) == letters(official) for name, official in pairs)
    return exact / len(NAMES), alike / len(NAMES)


@pytest.mark.parametrize("routed", [True, False])
def test_official_names_where_the_provider_is_known(*, routed: bool) -> None:
    """By the route in the id, and by what the proxy states."""
    names = []
    for pair in NAMES:
        provider = OURS.get(pair["provider"], pair["provider"])
        model_id = f"{provider}/{pair['id']}" if routed else pair["id"]
        names.append(shown(found(model_id, None if routed else provider), model_id))
    exact, alike = shares(names)
    assert exact >= 0.99
    assert alike == 1


def test_official_names_from_the_id_alone() -> None:
    """Hosts name one id differently: ``openai/gpt-5.5`` is GPT-5.5 at OpenAI, and GPT 5.5 at a gateway."""
    names = [shown(found(pair["id"]), pair["id"]) for pair in NAMES]
    exact, alike = shares(names)
    assert exact >= 0.94
    assert alike >= 0.99
    given = {plain(entry.get("name", "")) for provider in FILES for entry in entries(provider).values()}
    assert {plain(name) for name in names} <= given


# What is publicly known of the 27 models of a real user: limits, prices for a million tokens, what goes in. LiteLLM's
# figures where it knows the model; of an `opencode-` model, on which both services of OpenCode agree, or the only one.
FULL = ("text", "image", "audio", "video", "pdf")
SEED_004 = {
    "gpt-5.5": (1050000, 128000, 5, 30, FULL[:2] + FULL[4:]),
    "gpt-5.4": (1050000, 128000, 2.5, 15, FULL[:2] + FULL[4:]),
    "gpt-5.4-mini": (272000, 128000, 0.75, 4.5, FULL[:2] + FULL[4:]),
    "claude-haiku-4-5": (200000, 64000, 1, 5, FULL[:2] + FULL[4:]),
    "claude-sonnet-4-5": (200000, 64000, 3, 15, FULL[:2] + FULL[4:]),
    "claude-sonnet-4-6": (1000000, 128000, 3, 15, FULL[:2] + FULL[4:]),
    "claude-opus-4-5": (200000, 64000, 5, 25, FULL[:2] + FULL[4:]),
    "claude-opus-4-6": (1000000, 128000, 5, 25, FULL[:2] + FULL[4:]),
    "claude-opus-4-7": (1000000, 128000, 5, 25, FULL[:2] + FULL[4:]),
    "claude-opus-4-8": (1000000, 128000, 5, 25, FULL[:2] + FULL[4:]),
    "gemini-2.5-pro": (1048576, 65536, 1.25, 10, FULL),
    "gemini-3.1-pro-preview": (1048576, 65536, 2, 12, FULL),
    "gemini-3.5-flash": (1048576, 65536, 1.5, 9, FULL),
    "mistral-medium-3-5": (262144, 262144, 1.5, 7.5, FULL[:2]),
    "opencode-deepseek-v4-pro": (1000000, 384000, None, None, FULL[:1]),
    "opencode-deepseek-v4-flash": (1000000, 384000, None, None, FULL[:1]),
    "opencode-glm-5": (None, None, 1, 3.2, FULL[:1]),
    "opencode-glm-5-1": (None, None, 1.4, 4.4, FULL[:1]),
    "opencode-kimi-k2-5": (262144, 65536, 0.6, 3, ("text", "image", "video")),
    "opencode-kimi-k2-6": (262144, 65536, 0.95, 4, ("text", "image", "video")),
    "opencode-mimo-v2-5": (1000000, 128000, 0.14, 0.28, FULL[:4]),
    "opencode-mimo-v2-5-pro": (1048576, 128000, 0.435, 0.87, FULL[:1]),
    "opencode-minimax-m2-5": (204800, None, 0.3, 1.2, FULL[:1]),
    "opencode-minimax-m2-7": (204800, 131072, 0.3, 1.2, FULL[:1]),
    "opencode-qwen3-6-plus": (None, 65536, 0.5, 3, ("text", "image", "video")),
    "opencode-qwen3-7-max": (1000000, 65536, 2.5, 7.5, FULL[:1]),
}


@pytest.mark.parametrize("model_id", SEED_004)
def test_the_models_of_a_real_user_from_their_ids_alone(model_id: str) -> None:
    """All that is public of them, and nothing else."""
    match = found(model_id)
    assert match is not None
    (_source, said), _name = match.layers
    prices = (float(said.cost.input), float(said.cost.output)) if said.cost else (None, None)
    assert (said.limit.context, said.limit.output, *prices, said.input) == SEED_004[model_id]
    assert said.reasoning is True


@pytest.mark.parametrize("model_id", ["mistral-small-4", "frontier-router", "opencodego-router", "mistral-router"])
def test_what_nobody_publishes_is_unknown(model_id: str) -> None:
    """The id is the own one of that user, whatever is behind it."""
    assert found(model_id) is None


def test_prices_of_long_requests() -> None:
    """Above a threshold, the whole request is billed by the tier."""
    match = found("gemini-2.5-pro")
    assert match is not None
    cost = match.layers[0][1].cost
    assert cost is not None
    assert [(tier.above, tier.input, tier.output) for tier in cost.tiers] == [(200_000, Decimal("2.5"), Decimal(15))]


def test_only_the_files_that_are_asked_for_are_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others cannot be read, and nothing notices."""
    for name, path in FILES.items():
        (tmp_path / path.name).write_bytes(path.read_bytes() if name == "anthropic" else b"{")
    monkeypatch.setattr(shelf, "CATALOGS", tmp_path)
    assert set(bundled(["anthropic", "nobody", "../anthropic"])) == {"anthropic"}
    assert find(candidates("anthropic/claude-opus-4-5", None), BundledShelf({})) is not None
    with pytest.raises(ValueError, match="Expecting"):
        bundled(["openai"])
