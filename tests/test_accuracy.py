"""The program of `make accuracy`: how it compares. What it compares with is in tests/real/test_accuracy.py."""

from __future__ import annotations

from decimal import Decimal

import pytest
from catalogs import model
from tools.accuracy import facts, names, transports
from tools.accuracy.facts import RIGHT, UNKNOWN, WRONG, Truth
from tools.accuracy.sources import Pair

KEYS = {
    "gpt-5.4": "gpt54",
    "openai/gpt-5-4": "gpt54",
    "us.anthropic.claude-opus-4-6-v1": "claudeopus46v1",
    "vertex_ai/claude-opus-4-5@20251101": "claudeopus45",
    "qwen/qwen3-coder:free": "qwen3coder",
    "amazon.nova-pro-v1:0": "novaprov10",
}

# (name for it, name that is published): exact and loose.
COMPARED = {
    ("GPT-4o (2024-08-06)", "GPT-4o"): (1, 1),
    ("GLM 5.2 (OpenRouter)", "GLM-5.2"): (0, 1),
    ("GPT-5.4 Mini", "GPT-5.4"): (0, 0),
}

TEXT, IMAGES = ("text",), ("text", "image")

# What is known, what is understood, and the verdict on one field.
VERDICTS = {
    "the same": (Truth(1000, None, None, None, None), {"limit": {"context": 1000}}, {"context": RIGHT}),
    "another": (Truth(1000, None, None, None, None), {"limit": {"context": 999}}, {"context": WRONG}),
    "nothing said": (Truth(1000, None, None, None, None), {}, {"context": UNKNOWN}),
    "nothing to compare with": (Truth(None, None, None, None, None), {"limit": {"context": 1}}, {}),
    "prices": (
        Truth(None, None, (Decimal("0.5"), Decimal(3)), None, None),
        {"cost": {"input": 0.5, "output": 3}},
        {"prices": RIGHT},
    ),
    "fewer modalities": (Truth(None, None, None, frozenset(IMAGES), None), {"input": TEXT}, {"modalities": UNKNOWN}),
    "more modalities": (Truth(None, None, None, frozenset(TEXT), None), {"input": IMAGES}, {"modalities": WRONG}),
    "modalities that the source cannot tell of": (
        Truth(None, None, None, frozenset(IMAGES), None, kinds=frozenset(IMAGES)),
        {"input": (*IMAGES, "video")},
        {"modalities": RIGHT},
    ),
    "not reasoning": (Truth(None, None, None, None, reasoning=False), {"reasoning": True}, {"reasoning": WRONG}),
}

CHAT, RESPONSES = "/v1/chat/completions", "/v1/responses"

# Entries of a map, and what the responses route is to them.
ROUTES = {
    "mode": ("gpt-5-pro", {"mode": "responses"}, "needed"),
    "only endpoint": ("computer-use", {"mode": "chat", "supported_endpoints": [RESPONSES, "/v1/batch"]}, "needed"),
    "both": ("gpt-5", {"mode": "chat", "supported_endpoints": [CHAT, RESPONSES]}, "there"),
    "without it": ("o1-preview", {"mode": "chat", "supported_endpoints": [CHAT]}, "an error"),
    "unknown endpoints": ("azure/eu/gpt-5", {"mode": "chat"}, "there"),
    "not reasoning": ("gpt-5-search-api", {"mode": "chat", "supported_endpoints": [CHAT, RESPONSES]}, "an error"),
}


@pytest.mark.parametrize(("model_id", "key"), KEYS.items(), ids=str)
def test_the_key_of_a_pair_is_that_of_its_model(model_id: str, key: str) -> None:
    """One model has one key at all hosts, so both halves never have it."""
    assert Pair("host", model_id, "").key == key


@pytest.mark.parametrize(("both", "counted"), COMPARED.items(), ids=str)
def test_names_are_compared_without_a_parenthesis(both: tuple[str, str], counted: tuple[int, int]) -> None:
    """Exact is letter for letter, loose without case, blanks and punctuation."""
    ours, published = both
    met = names.met([Pair("host", "id", published)], lambda _pair: ours)
    assert (met.exact, met.loose) == counted


def test_only_openrouter_s_vendor_is_removed() -> None:
    """It writes the vendor before a colon, and nobody else does."""
    pairs = [Pair(provider, "id", "Qwen: Qwen3 Max") for provider in ("openrouter", "elsewhere")]
    assert [pair.name for pair in names.without_vendor(pairs)] == ["Qwen3 Max", "Qwen: Qwen3 Max"]


@pytest.mark.parametrize(("truth", "fields", "verdict"), VERDICTS.values(), ids=VERDICTS)
def test_a_fact_is_right_unknown_or_wrong(truth: Truth, fields: dict[str, object], verdict: dict[str, str]) -> None:
    """To say less is no error, and what the source does not know is not counted."""
    assert facts.compared(truth, model("id", **fields)) == verdict


@pytest.mark.parametrize(("model_id", "entry", "verdict"), ROUTES.values(), ids=ROUTES)
def test_a_route_is_needed_or_there_or_an_error(model_id: str, entry: dict[str, object], verdict: str) -> None:
    """The definitions that the page gives."""
    assert transports.needs_responses(entry) == (verdict == "needed")
    assert bool(transports.falsely_chosen({model_id: entry}, {model_id})) == (verdict == "an error")
