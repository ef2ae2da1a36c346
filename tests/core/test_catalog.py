from __future__ import annotations

import pytest

from litellm_discover.core.catalog import CatalogOptions, build_catalog
from litellm_discover.core.model import Hidden, Proxy
from litellm_discover.core.payloads import Row, Rows
from litellm_discover.core.transport import TransportOptions

PROXY = Proxy("litellm", "http://127.0.0.1:4000/v1")


def ids(rows: list[Row], options: CatalogOptions | None = None) -> list[str]:
    """The ids that are offered."""
    return [model.id for model in build_catalog(PROXY, Rows(tuple(rows)), None, options or CatalogOptions()).models]


def test_the_order_does_not_depend_on_the_proxy() -> None:
    """Old proxies shuffle their list on each start; ours is by id, whatever its case."""
    rows = [Row("b"), Row("A"), Row("a"), Row("C")]
    assert ids(rows) == ids(rows[::-1]) == ["A", "a", "b", "C"]


def test_what_is_not_offered_is_listed_with_its_reason() -> None:
    """Wildcards, groups, unsafe ids, other modes and what the person excluded: each says why, in printable text."""
    rows = (
        Row("openai/*"), Row("all-team-models"), Row("a\x1b[2J"), Row("embed", mode="embedding"),
        Row("whisper-1"), Row("mine-canary"), Row("mine"), Row("other"),
    )  # fmt: skip
    options = CatalogOptions(include=("mine*", "*embed*", "openai/*"), exclude=("*-canary",))
    catalog = build_catalog(PROXY, Rows(rows), None, options)
    assert [model.id for model in catalog.models] == ["mine"]
    assert set(catalog.hidden) == {
        Hidden("openai/*", "sentinel:wildcard"),
        Hidden("all-team-models", "sentinel:group-of-models"),
        Hidden("a\\u001b[2J", "unsafe:control-characters"),
        Hidden("embed", "mode:embedding"),
        Hidden("whisper-1", "rule:audio_transcription"),
        Hidden("mine-canary", "user:excluded"),
        Hidden("other", "user:not-included"),
    }


def test_ids_that_could_harm_are_reported_unasked() -> None:
    """A notice counts them and shows the first ones in printable text; the other hidden ones need none."""
    rows = (Row("*"), Row("{env:HOME}"), Row("a\x1b"), Row("constructor"), Row("valueOf"))
    (notice,) = build_catalog(PROXY, Rows(rows), None, CatalogOptions()).notices
    assert notice.code == "unsafe_ids"
    assert "4 with" in notice.message
    assert "a\\u001b, constructor, valueOf, …" in notice.message


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (CatalogOptions(), ["a/x", "a/y", "b"]),
        (CatalogOptions(include=("a/*",)), ["a/x", "a/y"]),
        (CatalogOptions(exclude=("a/*",)), ["b"]),
        (CatalogOptions(include=("*",), exclude=("*",)), []),
        (CatalogOptions(include=("A/*",)), []),
        (CatalogOptions(include=("a/[xy]", "b?")), ["a/x", "a/y"]),
    ],
)
def test_filters_match_whole_ids(options: CatalogOptions, expected: list[str]) -> None:
    """Globs are for whole ids and mind their case; excluding outranks including."""
    assert ids([Row("a/x"), Row("a/y"), Row("b")], options) == expected


def test_what_was_dropped_is_told_with_its_place() -> None:
    """Counts of garbage become notices that name the list."""
    catalog = build_catalog(PROXY, Rows((), {"duplicate": 2}), Rows((), {"malformed field": 1}), CatalogOptions())
    assert [notice.message for notice in catalog.notices] == [
        "/v1/models: dropped 2 × duplicate",
        "/v1/model/info: dropped 1 × malformed field",
    ]


def test_owner_comes_from_the_proxy_or_from_the_route() -> None:
    """``owned_by`` is always openai and is not asked; the provider of the description is, then the id's prefix."""
    listed = Rows((Row("anthropic/claude"), Row("x"), Row("y")))
    catalog = build_catalog(PROXY, listed, Rows((Row("y", provider="azure"),)), CatalogOptions())
    assert {model.id: model.owner for model in catalog.models} == {
        "anthropic/claude": "anthropic",
        "x": None,
        "y": "azure",
    }


def test_a_choice_of_the_person_is_named_as_its_source() -> None:
    """Who decided the route can be seen."""
    options = CatalogOptions(TransportOptions(responses_models=frozenset({"x"})))
    (model,) = build_catalog(PROXY, Rows((Row("x"),)), None, options).models
    assert (model.transport, model.sources["transport"]) == ("responses", "user:models")
