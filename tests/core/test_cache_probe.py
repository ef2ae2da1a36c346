from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from litellm_discover.core.cache_probe.causes import CAUSES, Seen
from litellm_discover.core.cache_probe.plan import Subject, subject
from litellm_discover.core.cache_probe.requests import request
from litellm_discover.core.cache_probe.saving import saving
from litellm_discover.core.cache_probe.signals import Signals, signals
from litellm_discover.core.cache_probe.verdict import Verdict, judge, too_small
from litellm_discover.core.catalog import build_catalog, evidence_on
from litellm_discover.core.model import Cost, Proxy, Tier
from litellm_discover.core.options import CatalogOptions
from litellm_discover.core.payloads import DESCRIBED, LISTED
from litellm_discover.core.told import Told
from recordings import rows_of

NONCE = "0123456789abcdef"

OPENAI = {
    "litellm_provider": "openai",
    "supports_prompt_caching": True,
    "supports_reasoning": False,
    "supported_openai_params": ["store", "prompt_cache_key", "max_completion_tokens"],
    "input_cost_per_token": 2e-06,
    "output_cost_per_token": 8e-06,
    "cache_read_input_token_cost": 5e-07,
}
CLAUDE = {
    "litellm_provider": "anthropic",
    "supports_prompt_caching": True,
    "prompt_cache_min_tokens": 1024,
    "supported_openai_params": ["cache_control", "max_completion_tokens"],
    "input_cost_per_token": 3e-06,
    "output_cost_per_token": 15e-06,
    "cache_read_input_token_cost": 3e-07,
    "cache_creation_input_token_cost": 3.75e-06,
}
GEMINI = {"litellm_provider": "gemini", "supports_prompt_caching": True}
MISTRAL = {"litellm_provider": "mistral", "supports_vision": True, "supported_openai_params": ["max_completion_tokens"]}


def made(model_id: str, *infos: dict[str, Any], context: int | None = None) -> Subject:
    """The subject of a model that a proxy lists and describes so, among models that list every parameter."""
    entries = [{"model_name": model_id, "litellm_params": {}, "model_info": info} for info in infos]
    other = {"model_name": "other", "litellm_params": {}, "model_info": OPENAI}
    told = Told(
        Proxy("litellm", "http://127.0.0.1:4000/v1", version="1.106.2"),
        rows_of(LISTED, [{"id": model_id, **({"max_input_tokens": context} if context else {})}]),
        rows_of(DESCRIBED, [*entries, other]),
        "/v1/model/info",
    )
    (model,) = build_catalog(told, CatalogOptions(), {}).models
    return subject(model, "litellm", evidence_on(model_id, told, {}))


HAIKU = {**CLAUDE, "key": "claude-haiku-4-5", "prompt_cache_min_tokens": 4096}

# The family, the least that is cached, whether the proxy states it, and whether marks are sent.
SUBJECTS: dict[str, tuple[str, list[dict[str, Any]], tuple[str | None, int, bool, bool]]] = {
    "openai": ("gpt-4o", [OPENAI], ("openai", 1024, False, False)),
    "an alias of claude": ("my-alias", [HAIKU], ("claude", 4096, True, True)),
    "claude": ("claude-sonnet-4-6", [CLAUDE], ("claude", 1024, True, True)),
    "claude, no minimum": (
        "claude-new",
        [CLAUDE | {"prompt_cache_min_tokens": None}],
        ("claude", 4096, False, True),
    ),
    "claude that is not described": ("claude-unknown", [], ("claude", 4096, False, True)),
    "gemini": ("gemini-2.5-pro", [GEMINI | {"prompt_cache_min_tokens": 2048.0}], ("gemini", 2048, True, False)),
    "gemini, no minimum": ("gemini-2.5-pro", [GEMINI], ("gemini", 4096, False, False)),
    "nobody knows": ("what", [{}], (None, 4096, False, False)),
    "several deployments": ("claude", [CLAUDE, HAIKU], ("claude", 4096, True, True)),
    "several families": ("both", [CLAUDE, OPENAI | {"key": "gpt-4o"}], (None, 1024, False, False)),
}


@pytest.mark.parametrize("case", SUBJECTS)
def test_what_is_known_of_a_model_decides_what_is_sent(case: str) -> None:
    """The proxy's minimum, the largest of several, else that of the family; the beginning is not much longer."""
    model_id, infos, expected = SUBJECTS[case]
    probed = made(model_id, *infos)
    assert (probed.family, probed.minimum, probed.stated, probed.marks) == expected
    assert probed.minimum * 1.2 < probed.words < probed.minimum * 1.3
    parts = [step.part for step in probed.steps]
    assert parts == ["fill", "read", "read", "repeat", *(["unmarked"] if probed.marks else [])]


def test_a_model_that_is_too_small_is_asked_nothing() -> None:
    """Neither the least that is cached nor anything else is sent."""
    probed = made("what", {}, context=8192)
    assert (probed.steps, probed.bound) == ((), None)
    verdict = too_small(probed)
    assert (verdict.kind, verdict.code, verdict.judged) == ("none", "context_too_small", True)
    assert made("what", {}, context=16384).steps


def test_the_bound_is_above_what_could_be_billed() -> None:
    """Each word two tokens, each input at the price of writing to the cache, each answer as long as it may be."""
    claude = made("claude-sonnet-4-6", CLAUDE)
    assert claude.bound == 5 * (claude.tokens * Decimal("3.75") + claude.output * 15) / 1_000_000
    openai = made("gpt-4o", OPENAI)
    # From GPT-5.6 on OpenAI takes a quarter more for writing, and an older price map does not know it.
    assert openai.bound == 4 * (openai.tokens * Decimal("2.5") + openai.output * 8) / 1_000_000
    dear = replace(openai, cost=Cost(Decimal(2), Decimal(8), tiers=(Tier(1000, Decimal(20), Decimal(80)),)))
    assert dear.bound == openai.bound * 10
    far = replace(openai, cost=Cost(Decimal(2), Decimal(8), tiers=(Tier(200_000, Decimal(20), Decimal(80)),)))
    assert far.bound == openai.bound


def test_an_unknown_price_is_no_price_of_zero() -> None:
    """Neither without any nor with two zeros."""
    assert made("what", {}).bound is None
    assert made("what", {"input_cost_per_token": 0, "output_cost_per_token": 0}).bound is None


@pytest.mark.parametrize(
    ("probed", "path", "names"),
    [
        (made("gpt-4o", OPENAI), "/v1/chat/completions", {"messages", "max_completion_tokens", "prompt_cache_key"}),
        (made("claude-sonnet-4-6", CLAUDE), "/v1/chat/completions", {"messages", "max_completion_tokens"}),
        (made("what", {}), "/v1/chat/completions", {"messages", "max_tokens"}),
        (
            made("gpt-5.5", {**OPENAI, "supports_reasoning": True}),
            "/v1/responses",
            {"input", "max_output_tokens", "prompt_cache_key", "store"},
        ),
    ],
)
def test_requests_begin_alike_and_end_differently(probed: Subject, path: str, names: set[str]) -> None:
    """Only what the backend takes is sent; no two but the repeated one are the same, and no other run's is."""
    sent = [request(probed, step, NONCE) for step in probed.steps]
    assert {each for each, _ in sent} == {path}
    assert all(body.keys() == {"model", *names} for _, body in sent)
    bodies = [body for _, body in sent]
    assert bodies[2] == bodies[3]
    different = [body for number, body in enumerate(bodies) if number != 3]
    assert len({json.dumps(body) for body in different}) == len(different)
    firsts: list[Any] = [next(iter(body[name] for name in ("messages", "input") if name in body)) for body in bodies]
    assert len({json.dumps(first[0]) for first in firsts[:4]}) == 1
    assert request(probed, probed.steps[0], "another")[1] != bodies[0]
    text = firsts[0][0]["content"] if isinstance(firsts[0][0]["content"], str) else firsts[0][0]["content"][0]["text"]
    assert probed.minimum < len(text.split()) * 1 < probed.tokens
    assert NONCE in text[:40]


def test_marks_are_where_the_beginning_ends_and_in_all_requests_but_one() -> None:
    """As agents set them: on the text part of the system message."""
    probed = made("claude-sonnet-4-6", CLAUDE)
    for step in probed.steps:
        body: Any = request(probed, step, NONCE)[1]
        system, question = body["messages"]
        assert ("cache_control" in json.dumps(system)) == (step.part != "unmarked")
        assert isinstance(question["content"], str)
    gpt = made("gpt-4o", OPENAI)
    assert "cache_control" not in json.dumps([request(gpt, step, NONCE) for step in gpt.steps])


# Answers as LiteLLM 1.106.2 gives them: total, cached, written.
USAGES: dict[str, tuple[Any, tuple[int | None, int | None, int | None]]] = {
    "openai": ({"prompt_tokens": 2000, "prompt_tokens_details": {"cached_tokens": 1920}}, (2000, 1920, None)),
    "openai, cold": ({"prompt_tokens": 2000, "prompt_tokens_details": {"cached_tokens": 0}}, (2000, 0, None)),
    "anthropic": (
        {
            "prompt_tokens": 1631,
            "prompt_tokens_details": {"cached_tokens": 1500, "cache_creation_tokens": 111, "text_tokens": 20},
            "cache_creation_input_tokens": 111,
            "cache_read_input_tokens": 1500,
        },
        (1631, 1500, 111),
    ),
    "anthropic, older": (
        {"prompt_tokens": 20, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 1500},
        (1520, 1500, 0),
    ),
    "gemini": (
        {"prompt_tokens": 5000, "prompt_tokens_details": {"cached_tokens": 4096}, "cache_read_input_tokens": 4096},
        (5000, 4096, None),
    ),
    "responses": (
        {"input_tokens": 2000, "input_tokens_details": {"cached_tokens": 1920, "cache_write_tokens": 12}},
        (2000, 1920, 12),
    ),
    "deepseek": ({"prompt_tokens": 2000, "prompt_cache_hit_tokens": 1984}, (2000, 1984, None)),
    "not stated": ({"prompt_tokens": 2000, "prompt_tokens_details": None}, (2000, None, None)),
    "no usage": (None, (None, None, None)),
    "nonsense": (
        {"prompt_tokens": True, "prompt_tokens_details": [], "cache_read_input_tokens": -5, "input_tokens": "9"},
        (None, None, None),
    ),
    "huge": ({"prompt_tokens": 10**30, "prompt_tokens_details": {"cached_tokens": 1.5}}, (None, None, None)),
}


@pytest.mark.parametrize("style", USAGES)
def test_usage_is_read_in_each_style(style: str) -> None:
    """What cannot be is absent, and unknown is not zero."""
    usage, expected = USAGES[style]
    read = signals({}, {"choices": [], "usage": usage})
    assert (read.total, read.cached, read.written) == expected
    assert 0 <= read.share <= 1


@pytest.mark.parametrize("body", [None, [], "text", 5, {"usage": []}])
def test_an_answer_that_is_something_else_tells_nothing(body: object) -> None:
    """It may be any JSON."""
    assert signals({}, body) == Signals()


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"x-litellm-cache-key": "0" * 64}, Signals(replayed=True)),
        ({"x-litellm-model-id": "d" * 500}, Signals(deployment="d" * 200)),
        ({"x-litellm-attempted-fallbacks": "1"}, Signals(fell_back=True)),
        ({"x-litellm-attempted-fallbacks": "0"}, Signals()),
        ({"x-litellm-response-cost": "0.00125"}, Signals(usd=Decimal("0.00125"))),
        ({"x-litellm-response-cost": "1.25e-05"}, Signals(usd=Decimal("0.0000125"))),
        ({"x-litellm-response-cost": "None"}, Signals()),
        ({"x-litellm-response-cost": "-1"}, Signals()),
        ({"x-litellm-response-cost": "1e999"}, Signals()),
        ({"x-litellm-response-cost": "\x1b[2J"}, Signals()),
    ],
)
def test_headers_are_read(headers: dict[str, str], expected: Signals) -> None:
    """Each by itself; of a cost only a number that can be one."""
    assert signals(headers, {}) == expected


def test_the_saving_of_a_session_counts_what_writing_costs() -> None:
    """By hand: 20 requests with 1000 tokens, of which 900 are cached."""
    cost = Cost(Decimal(3), Decimal(15), cache_read=Decimal("0.3"), cache_write=Decimal("3.75"))
    saved = saving(cost, Signals(1000, 0, 900), Signals(1000, 900, 0))
    assert saved
    with_cache = (100 * Decimal(3) + 900 * Decimal("3.75")) + 19 * (100 * Decimal(3) + 900 * Decimal("0.3"))
    without = 20 * 1000 * Decimal(3)
    assert round(saved.percent, 6) == round((without - with_cache) / without * 100, 6)
    assert round(saved.usd_per_million, 6) == round((without - with_cache) / 20_000, 6)


@pytest.mark.parametrize("cost", [None, Cost(Decimal(3), Decimal(15)), Cost(Decimal(0), Decimal(15), Decimal(0))])
def test_without_a_price_the_saving_is_unknown(cost: Cost | None) -> None:
    """It is not zero."""
    assert saving(cost, Signals(1000, 0, 0), Signals(1000, 900, 0)) is None


COLD, WARM = Signals(1500, 0, None, deployment="a"), Signals(1500, 1408, None, deployment="a")
WROTE, READ = Signals(1500, 0, 1450, deployment="a"), Signals(1500, 1450, 0, deployment="a")
BARE = Signals(1500, 0, 0, deployment="a")
UNSAID = Signals(1500, None, None, deployment="a")
ELSEWHERE = replace(COLD, deployment="b")

UNMAPPED = made("gpt-4o", {**OPENAI, "supports_prompt_caching": None, "supports_vision": True})
GPT, SONNET = made("gpt-4o", OPENAI), made("claude-sonnet-4-6", CLAUDE)
LOST = made("or-claude", {**CLAUDE, "litellm_provider": "openrouter", "supported_openai_params": ["store"]})


def replayed(answer: Signals) -> Signals:
    """The same from the proxy's own cache."""
    return replace(answer, replayed=True)


# The subject; the answers to fill, read, read, repeat, and the unmarked one; what is said.
VERDICTS: dict[str, tuple[Subject, list[Signals], tuple[str, str]]] = {
    "openai": (GPT, [COLD, WARM, WARM, WARM], ("works", "cached")),
    "claude with marks": (SONNET, [WROTE, READ, READ, READ, BARE], ("works_with_marks", "marks_needed")),
    "claude, marked by the proxy": (SONNET, [WROTE, READ, READ, READ, READ], ("works", "cached")),
    "claude, the last one failed": (SONNET, [WROTE, READ, READ], ("works", "cached")),
    "one read of two": (GPT, [COLD, COLD, WARM, WARM], ("unsteady", "some_hits")),
    "taking turns": (GPT, [COLD, ELSEWHERE, WARM, WARM], ("unsteady", "several_deployments")),
    "others each time": (GPT, [COLD, ELSEWHERE, COLD, COLD], ("none", "several_deployments")),
    "claude, others each time": (
        SONNET,
        [WROTE, replace(WROTE, deployment="b"), replace(WROTE, deployment="c"), READ],
        ("none", "several_deployments"),
    ),
    "cached before": (GPT, [WARM, WARM, WARM, WARM], ("none", "no_hit")),
    "only the same": (GPT, [COLD, COLD, COLD, replayed(COLD)], ("response_cache", "no_hit")),
    "hidden behind it": (GPT, [COLD, replayed(WARM), WARM, WARM], ("response_cache", "hidden")),
    "both caches": (GPT, [COLD, WARM, WARM, replayed(WARM)], ("works", "cached")),
    "cut on the way": (GPT, [replace(COLD, total=900)] * 4, ("none", "below_minimum")),
    "written each time": (SONNET, [WROTE, WROTE, WROTE, WROTE, BARE], ("none", "written_not_read")),
    "marks that do not arrive": (LOST, [BARE] * 5, ("none", "marks_lost")),
    "marks without effect": (SONNET, [BARE] * 5, ("none", "marks_ignored")),
    "another model": (GPT, [COLD, replace(COLD, fell_back=True), COLD, COLD], ("unclear", "fallback")),
    "nothing said": (made("what", {}), [replace(UNSAID, total=6000)] * 4, ("unclear", "not_reported")),
    "a key that is refused": (
        made("mistral-large", {**MISTRAL, "prompt_cache_min_tokens": 1024}),
        [COLD] * 4,
        ("none", "cache_key_refused"),
    ),
    "not in the map": (UNMAPPED, [COLD] * 4, ("none", "unsupported")),
    "no luck": (GPT, [COLD] * 4, ("none", "no_hit")),
    "no usage": (GPT, [Signals()] * 4, ("unclear", "not_reported")),
}  # fmt: skip


def verdict_on(case: str) -> Verdict:
    """What is said of a case."""
    probed, answers, _ = VERDICTS[case]
    return judge(Seen(probed, list(zip(probed.steps, answers, strict=False))))


@pytest.mark.parametrize("case", VERDICTS)
def test_the_verdict_and_its_cause(case: str) -> None:
    """Each has one; where something is missing it says what to do."""
    verdict = verdict_on(case)
    assert (verdict.kind, verdict.code) == VERDICTS[case][2]
    assert verdict.judged == (verdict.kind != "unclear" and verdict.code != "hidden")
    assert verdict.hint or verdict.kind == "works"
    assert (verdict.share is None) == (not verdict.judged)
    assert (verdict.saving is not None) == (verdict.kind in {"works", "works_with_marks"})


def test_every_cause_has_a_case() -> None:
    """None of the table is dead."""
    assert {cause.code for cause in CAUSES} <= {code for _, _, (_, code) in VERDICTS.values()}


def test_figures_are_of_the_provider_alone() -> None:
    """What the proxy answers itself is not billed, and its counts are an echo."""
    spent = [replace(each, usd=Decimal("0.001")) for each in (COLD, WARM, WARM, replayed(WARM))]
    verdict = judge(Seen(GPT, list(zip(GPT.steps, spent, strict=True))))
    assert (verdict.replays, verdict.usd) == (True, Decimal("0.003"))
    assert verdict.share == pytest.approx(1408 / 1500)
    unknown = [*spent[:2], replace(WARM, usd=None), spent[3]]
    assert judge(Seen(GPT, list(zip(GPT.steps, unknown, strict=True)))).usd is None


def test_a_saving_without_a_price_is_unknown_and_says_why() -> None:
    """What to set is in the hint."""
    free = replace(GPT, cost=None)
    verdict = judge(Seen(free, list(zip(free.steps, [COLD, WARM, WARM, WARM], strict=True))))
    assert (verdict.kind, verdict.saving) == ("works", None)
    assert "cache_read_input_token_cost" in verdict.hint
