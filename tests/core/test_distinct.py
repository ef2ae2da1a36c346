from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest
from catalogs import model
from hypothesis import given
from hypothesis import strategies as st

from litellm_discover.core.distinct import MAX_NAME, distinct
from litellm_discover.core.ids import MAX_ID_LENGTH, folded
from litellm_discover.core.naming import display_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from litellm_discover.core.model import Model

# Ids, and the names that they are told apart by.
TOLD_APART: dict[str, dict[str, str]] = {
    "nothing to tell apart": {"gpt-4o": "GPT-4o", "openai/gpt-4.1": "GPT-4.1"},
    "by the route": {"openai/gpt-4o": "GPT-4o (openai)", "prod/gpt-4o": "GPT-4o (prod)"},
    "whoever has no route keeps the name": {"gpt-4o": "GPT-4o", "prod/gpt-4o": "GPT-4o (prod)"},
    "by Bedrock without a prefix": {
        "claude-sonnet-4-6": "Claude Sonnet 4.6",
        "anthropic.claude-sonnet-4-6": "Claude Sonnet 4.6 (Bedrock)",
        "us.anthropic.claude-sonnet-4-6": "Claude Sonnet 4.6 (Bedrock US)",
    },
    "by the date": {
        "claude-sonnet-4-20250514": "Claude Sonnet 4 (2025-05-14)",
        "claude-sonnet-4": "Claude Sonnet 4",
    },
    "each by as little as is enough for it": {
        "claude-sonnet-4": "Claude Sonnet 4",
        "claude-sonnet-4-20250514": "Claude Sonnet 4 (2025-05-14)",
        "vertex_ai/claude-sonnet-4@20250514": "Claude Sonnet 4 (vertex_ai)",
    },
    "by two together": {
        "a/claude-sonnet-4-20250514": "Claude Sonnet 4 (a, 2025-05-14)",
        "a/claude-sonnet-4-20250601": "Claude Sonnet 4 (a, 2025-06-01)",
        "b/claude-sonnet-4-20250514": "Claude Sonnet 4 (b, 2025-05-14)",
        "b/claude-sonnet-4-20250601": "Claude Sonnet 4 (b, 2025-06-01)",
    },
    "by the owner in a longer path": {
        "openrouter/anthropic/claude-sonnet-4.6": "Claude Sonnet 4.6 (OpenRouter, anthropic)",
        "openrouter/mirror/claude-sonnet-4.6": "Claude Sonnet 4.6 (OpenRouter, mirror)",
    },
    "by the region in a path": {"azure/eu/gpt-4o": "GPT-4o (eu)", "azure/us/gpt-4o": "GPT-4o (us)"},
    "by the id, if nothing else differs": {
        "gemini-2.0-flash": "Gemini 2.0 Flash (gemini-2.0-flash)",
        "gemini-2.0-flash-001": "Gemini 2.0 Flash (gemini-2.0-flash-001)",
    },
    "not by a name that another has": {
        "openai/gpt-4o": "GPT-4o (openai/gpt-4o)",
        "prod/gpt-4o": "GPT-4o (prod)",
        "GPT-4o (OpenAI)": "GPT-4o (OpenAI)",
    },
}


def models(ids: Iterable[str], **fields: Any) -> list[Model]:
    """Models with the names that the formatter gives them."""
    return [model(model_id, name=display_name(model_id), **fields) for model_id in ids]


def names(told: Iterable[Model]) -> Mapping[str, str]:
    """The name of each, by its id."""
    return {each.id: each.name for each in told}


@pytest.mark.parametrize("wanted", TOLD_APART.values(), ids=TOLD_APART)
def test_models_with_one_name_are_told_apart(wanted: dict[str, str]) -> None:
    """By the least that is enough: route, region, date, owner, and else the id."""
    assert names(distinct(models(wanted))) == wanted


def test_one_thing_is_said_once() -> None:
    """The owner of a model may be what its route is called."""
    told = distinct(models(["openai/gpt-5", "openai/eu/gpt-5", "azure/gpt-5"], owner="openai"))
    assert [each.name for each in told] == ["GPT-5 (openai)", "GPT-5 (eu)", "GPT-5 (azure)"]


def test_the_owner_tells_apart_what_the_ids_do_not() -> None:
    """The proxy may state whose model it is where no path does."""
    told = distinct(
        [
            model("claude-opus-4-5", name="Claude Opus 4.5", owner="anthropic"),
            model("claude-opus-4.5", name="CLAUDE opus 4.5", owner="github_copilot"),
        ]
    )
    assert [each.name for each in told] == ["Claude Opus 4.5 (anthropic)", "CLAUDE opus 4.5 (github_copilot)"]


@pytest.mark.parametrize("source", ["user:names", "user:registry"])
def test_what_a_person_named_stays(source: str) -> None:
    """Others give way to a name that a person gave, also to one that looks like a name told apart."""
    told = distinct(
        [
            *models(["openai/gpt-4o", "gpt-4o"]),
            model("mine", name="gpt-4O", sources={"name": source}),
            model("mine-too", name="GPT-4o (openai)", sources={"name": source}),
        ]
    )
    assert [each.name for each in told] == ["GPT-4o (openai/gpt-4o)", "GPT-4o (gpt-4o)", "gpt-4O", "GPT-4o (openai)"]


def test_nothing_else_of_a_model_changes() -> None:
    """The source of the name stays, and a model whose name was its own is the same object."""
    before = models(["openai/gpt-4o", "gpt-4o", "gpt-5"], sources={"name": "rule:formatter"})
    after = distinct(before)
    assert after[0].sources == {"name": "rule:formatter"}
    assert after[1:] == tuple(before[1:])


def test_a_new_model_renames_only_what_it_collides_with() -> None:
    """All others keep the name that they had."""
    before = names(distinct(models(["openai/gpt-4o", "prod/gpt-4o", "openai/gpt-5", "gpt-5"])))
    after = names(distinct(models(["openai/gpt-4o", "prod/gpt-4o", "openai/gpt-5", "gpt-5", "openai/eu/gpt-5"])))
    assert {model_id: name for model_id, name in after.items() if before.get(model_id) != name} == {
        "openai/eu/gpt-5": "GPT-5 (eu)",
    }


SEGMENTS = st.sampled_from(
    ["gpt-4o", "GPT-4o", "openai", "prod", "us.anthropic.claude-v2", "anthropic.claude-v2:1", "x-20250514", "x",
     "bedrock", "us-east-1", "GPT-4o (prod)", "x" * 90, "(", ")", "é", "e\u0301", "ß", "SS", ":latest", "@20250514"]
)  # fmt: skip
IDS = st.lists(
    st.lists(SEGMENTS, min_size=1, max_size=4).map("/".join) | st.text(min_size=1, max_size=MAX_ID_LENGTH),
    unique=True,
)


@given(IDS, st.randoms(use_true_random=False))
def test_any_ids_have_distinct_names(ids: list[str], random: object) -> None:
    """Whatever the ids and their order, each name is there once, and telling apart again changes nothing."""
    told = distinct(models(ids))
    assert len({folded(each.name) for each in told}) == len(ids)
    assert distinct(told) == told
    assert [each.id for each in told] == ids
    assert all(each.name == display_name(each.id) or len(each.name) <= MAX_NAME for each in told)
    shuffled = sorted(ids, key=lambda _: random.random())  # type: ignore[attr-defined]
    assert names(distinct(models(shuffled))) == names(told)


@given(IDS, st.text(min_size=1, max_size=20))
def test_a_new_model_keeps_its_effect_to_its_name(ids: list[str], added: str) -> None:
    """A model of another name, told apart or not, changes nothing, unless it takes a name that was made up."""
    before = names(distinct(models(ids)))
    name = folded(display_name(added))
    if name in {folded(display_name(model_id)) for model_id in ids} | {folded(name) for name in before.values()}:
        return
    after = names(distinct(models([*ids, added])))
    assert {model_id: after[model_id] for model_id in ids} == before


@pytest.mark.parametrize("pattern", ["model-{}", "r{}/gpt-4o", "r/gpt-4o@{}", "a/gpt-4o#{}"])
def test_thousands_of_collisions_take_no_quadratic_work(pattern: str) -> None:
    """Ten times as many models take about ten times as many calls, and far less than a hundred times."""
    assert _calls(pattern, 3000) < 20 * _calls(pattern, 300)


def _calls(pattern: str, count: int) -> int:
    """How many calls telling so many models apart takes: what a clock says depends on the machine."""
    alike = models(pattern.format(number) for number in range(count))
    calls = 0

    def seen(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event.endswith("call")

    sys.setprofile(seen)
    try:
        told = distinct(alike)
    finally:
        sys.setprofile(None)
    assert len({folded(each.name) for each in told}) == count
    return calls
