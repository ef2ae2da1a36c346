"""One model from all that is stated of it: who wins, and who is named as the source."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from litellm_discover.core.facts import Facts, facts
from litellm_discover.core.groups import merge
from litellm_discover.core.identity import Found
from litellm_discover.core.model import Cost, Limit, Model
from litellm_discover.core.options import TransportOptions
from litellm_discover.core.payloads import Row
from litellm_discover.core.understanding import Asked, Evidence, understand

PUBLIC = facts(
    {
        "name": "Claude Sonnet 4.6",
        "limit": {"context": 1_000_000, "output": 128_000},
        "cost": {"input": 3, "output": 15},
        "input": ["text", "image", "pdf"],
        "output": ["text"],
        "toolCall": True,
        "reasoning": True,
        "efforts": ["low", "high"],
        "deprecated": "2027-02-17",
    }
)
DESCRIBED_BY = "proxy:/v1/model/info"
CATALOG = "catalog:anthropic"


def understood(
    listed: Row | None = None,
    described: Row | None = None,
    public: tuple[tuple[str, Facts], ...] = ((CATALOG, PUBLIC),),
    *,
    exact: bool = True,
    version: str | None = None,
) -> Model:
    """A model of that evidence, for a person who chose nothing."""
    found = Found(public, exact) if public else None
    row = listed or Row("claude-sonnet-4-6")
    evidence = Evidence(row, described, DESCRIBED_BY, merge(row, described), found)
    return understand(evidence, Asked(TransportOptions(), version, frozenset()))


def test_an_id_alone_has_what_is_publicly_known() -> None:
    """A key without rights to metadata still gets a complete model, each field with its source."""
    model = understood()
    assert model == Model(
        id="claude-sonnet-4-6",
        name="Claude Sonnet 4.6",
        owner=None,
        mode=None,
        transport="chat",
        reasoning=True,
        efforts=("low", "high"),
        input=("text", "image", "pdf"),
        output=("text",),
        tool_call=True,
        limit=Limit(1_000_000, 128_000),
        cost=Cost(Decimal(3), Decimal(15)),
        deprecated="2027-02-17",
        parameters=model.parameters,
        sources={
            "name": CATALOG,
            "transport": "rule:chat-unless-stated",
            "reasoning": CATALOG,
            "efforts": CATALOG,
            "input": CATALOG,
            "output": CATALOG,
            "toolCall": CATALOG,
            "limit": CATALOG,
            "cost": CATALOG,
            "deprecated": CATALOG,
            "parameters": "rule:backend",
        },
    )


FULL = Row(
    "claude-sonnet-4-6",
    context=200_000,
    output=64_000,
    flags={
        "supports_vision": True,
        "supports_pdf_input": None,
        "supports_function_calling": False,
        "supports_reasoning": False,
    },
)


@pytest.mark.parametrize(
    ("field", "value", "source"),
    [
        ("limit", Limit(200_000, 64_000), DESCRIBED_BY),
        ("input", ("text", "image"), DESCRIBED_BY),
        ("tool_call", False, DESCRIBED_BY),
        ("reasoning", False, DESCRIBED_BY),
        ("efforts", None, None),
        ("cost", Cost(Decimal(3), Decimal(15)), CATALOG),
    ],
)
def test_what_the_proxy_states_wins(field: str, value: object, source: str | None) -> None:
    """Also where it denies; what it leaves out is taken from the catalog."""
    model = understood(described=FULL)
    assert getattr(model, field) == value
    assert model.sources.get({"tool_call": "toolCall"}.get(field, field)) == source


def test_an_answer_without_a_word_for_documents_leaves_room_for_them() -> None:
    """``/model_group/info`` knows of images alone."""
    model = understood(described=Row("claude-sonnet-4-6", flags={"supports_vision": True}))
    assert model.input == ("text", "image", "pdf")
    assert model.sources["input"] == f"{DESCRIBED_BY}, {CATALOG}"


def test_a_limit_of_two_sources_names_both() -> None:
    """LiteLLM often knows the window and not the length of an answer."""
    model = understood(Row("claude-sonnet-4-6", context=200_000))
    assert model.limit == Limit(200_000, 128_000)
    assert model.sources["limit"] == f"proxy:/v1/models, {CATALOG}"


@pytest.mark.parametrize(
    "silence",
    [
        {},
        {"flags": dict.fromkeys(("supports_vision", "supports_reasoning"))},
    ],
)
def test_silence_of_the_proxy_leaves_room(silence: dict[str, Any]) -> None:
    """Null and zero are no statements: older price maps give them for every newer model."""
    model = understood(described=Row("claude-sonnet-4-6", **silence))
    assert (model.input, model.reasoning, model.cost) == (PUBLIC.input, True, PUBLIC.cost)


def test_the_upper_catalog_overrides_field_by_field() -> None:
    """A team's own file needs to say only what differs."""
    team = facts({"limit": {"context": 500_000}, "name": "Our Sonnet"})
    model = understood(public=((CATALOG, PUBLIC), ("catalog:models.example.com/anthropic", team)))
    assert (model.name, model.limit) == ("Our Sonnet", Limit(500_000, 128_000))
    assert model.sources["name"] == "catalog:models.example.com/anthropic"
    assert model.sources["limit"] == f"catalog:models.example.com/anthropic, {CATALOG}"


def test_a_name_needs_the_very_id() -> None:
    """With a date or a region left out the name would say less than the id."""
    model = understood(Row("claude-sonnet-4-6-20260217"), exact=False)
    assert model.sources["name"] == "rule:formatter"
    assert model.limit == PUBLIC.limit


@pytest.mark.parametrize(
    ("version", "transport", "source"),
    [(None, "responses", CATALOG), ("1.53.1", "chat", "rule:no-responses-before-1.63.8")],
)
def test_a_published_mode_decides_the_route(version: str | None, transport: str, source: str) -> None:
    """As far as the proxy has that route at all."""
    model = understood(Row("codex-x"), public=((CATALOG, facts({"mode": "responses"})),), version=version)
    assert (model.transport, model.sources["transport"], model.mode) == (transport, source, "responses")


def test_nothing_is_made_up() -> None:
    """An id that nobody knows keeps its unknowns."""
    model = understood(Row("mine"), public=())
    assert (model.reasoning, model.efforts, model.tool_call, model.cost, model.limit) == (
        None,
        None,
        None,
        None,
        Limit(),
    )
    assert set(model.sources) == {"name", "transport", "input", "output"}
