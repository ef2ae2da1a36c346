from __future__ import annotations

import pytest
from catalogs import built

from litellm_discover.core.catalog import MAX_OFFERED, MAX_WEIGHT
from litellm_discover.core.model import Hidden
from litellm_discover.core.naming import display_name
from litellm_discover.core.options import CatalogOptions, TransportOptions
from litellm_discover.core.payloads import Row, Rows


def ids(rows: list[Row], options: CatalogOptions | None = None) -> list[str]:
    """The ids that are offered."""
    return [model.id for model in built(Rows(tuple(rows)), options=options).models]


def test_the_order_does_not_depend_on_the_proxy() -> None:
    """Old proxies shuffle their list on each start; ours is by id, whatever its case."""
    rows = [Row("b"), Row("a"), Row("C")]
    assert ids(rows) == ids(rows[::-1]) == ["a", "b", "C"]


def test_of_ids_that_look_alike_the_smallest_stays() -> None:
    """Case and Unicode form tell nobody two models apart; which one stays does not depend on the order, and is told."""
    rows = [
        Row("gpt-x"),
        Row("GPT-X"),
        Row("Gpt-X"),
        Row("caf\u00e9"),
        Row("cafe\u0301"),
        Row("stra\u00dfe"),
        Row("STRASSE"),
    ]
    for order in (rows, rows[::-1]):
        catalog = built(Rows(tuple(order)), Rows())
        assert [model.id for model in catalog.models] == ["cafe\u0301", "GPT-X", "STRASSE"]
        assert {entry.reason for entry in catalog.hidden} == {"collision:same-but-for-case"}
        (notice,) = catalog.notices
        assert notice.code == "id_collisions"
        assert "Gpt-X, gpt-x" in notice.message


def test_what_is_hidden_for_another_reason_collides_with_nothing() -> None:
    """A person can choose between two that look alike by excluding one."""
    assert ids([Row("A"), Row("a")], CatalogOptions(exclude=("A",))) == ["a"]
    assert ids([Row("A", mode="embedding"), Row("a")]) == ["a"]


@pytest.mark.parametrize(
    ("rows", "offered"),
    [
        ([Row(f"m{n:05d}") for n in range(MAX_OFFERED + 5)], MAX_OFFERED),
        ([Row(f"{n:05d}" + "x" * 251) for n in range(MAX_WEIGHT // 256 + 5)], MAX_WEIGHT // 256),
    ],
)
def test_only_so_much_is_offered(rows: list[Row], offered: int) -> None:
    """The first by id are offered, whatever the order is; the others are hidden with a reason and a notice."""
    for order in (rows, rows[::-1]):
        catalog = built(Rows(tuple(order)), Rows())
        assert [model.id for model in catalog.models] == [row.id for row in rows[:offered]]
        assert [entry.reason for entry in catalog.hidden] == ["limit:too-many-models"] * 5
        assert [notice.code for notice in catalog.notices] == ["too_many_models"]


def test_a_lost_entry_makes_the_catalog_incomplete() -> None:
    """In either list, so that nothing is taken out of a file for it."""
    whole, lost = Rows((Row("a"),)), Rows((Row("a"),), complete=False)
    complete = {
        (listed.complete, described.complete): built(listed, described).complete
        for listed in (whole, lost)
        for described in (whole, lost)
    }
    assert [pair for pair, all_there in complete.items() if all_there] == [(True, True)]


def test_a_name_is_never_a_reference() -> None:
    """Leaving out the stamp of a build can join what surrounds it; then the id is the name."""
    model_id = "openai/{env-v1:0:A_B}"
    (model,) = built(Rows((Row(model_id),))).models
    assert display_name(model_id) == "{env:A_B}"
    assert model.name == model_id


def test_what_is_not_offered_is_listed_with_its_reason() -> None:
    """Wildcards, groups, unsafe ids, other modes and what the person excluded: each says why, in printable text."""
    rows = (
        Row("openai/*"), Row("all-team-models"), Row("a\x1b[2J"), Row("embed", mode="embedding"),
        Row("whisper-1"), Row("mine-canary"), Row("mine"), Row("other"),
    )  # fmt: skip
    options = CatalogOptions(include=("mine*", "*embed*", "openai/*"), exclude=("*-canary",))
    catalog = built(Rows(rows), options=options)
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
    (notice,) = built(Rows(rows)).notices
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
    catalog = built(Rows((), {"duplicate": 2}), Rows((), {"malformed field": 1}))
    assert [notice.message for notice in catalog.notices] == [
        "/v1/models: dropped 2 × duplicate",
        "/v1/model/info: dropped 1 × malformed field",
    ]


def test_owner_comes_from_the_proxy_or_from_the_route() -> None:
    """``owned_by`` is always openai and is not asked; the provider of the description is, then the id's prefix."""
    listed = Rows((Row("anthropic/claude"), Row("x"), Row("y")))
    catalog = built(listed, Rows((Row("y", provider="azure"),)))
    assert {model.id: model.owner for model in catalog.models} == {
        "anthropic/claude": "anthropic",
        "x": None,
        "y": "azure",
    }


def test_a_choice_of_the_person_is_named_as_its_source() -> None:
    """Who decided the route can be seen."""
    options = CatalogOptions(TransportOptions(responses_models=frozenset({"x"})))
    (model,) = built(Rows((Row("x"),)), options=options).models
    assert (model.transport, model.sources["transport"]) == ("responses", "user:models")
