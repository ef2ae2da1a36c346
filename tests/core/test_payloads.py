from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litellm_discover.core.entries import UNREADABLE
from litellm_discover.core.ids import MAX_ID_LENGTH
from litellm_discover.core.payloads import DESCRIBED, LISTED, Kind, Row, Rows
from litellm_discover.core.reasoning import EFFORTS
from recordings import entries_of, recorded, rows_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


def described(**info: object) -> Rows:
    """The rows of one description."""
    return rows_of(DESCRIBED, [{"model_name": "m", "model_info": info}])


def test_a_recorded_list_of_1_106_is_read_whole() -> None:
    """The newest recorded list has 30 rows, with mode and limits where the proxy gives them."""
    rows = rows_of(LISTED, entries_of(recorded("v1.106.2/seed004_key__right/GET_v1_models").body))
    assert len(rows.rows) == 30
    assert not rows.dropped
    assert Row("gpt-5.5", mode="chat", context=1050000, output=128000) in rows.rows
    assert Row("opencode-glm-5") in rows.rows


def test_a_recorded_list_of_1_72_has_names_only() -> None:
    """The older recorded list tells nothing but ids."""
    rows = rows_of(LISTED, entries_of(recorded("v1.72.6/seed004_key__right/GET_v1_models").body))
    assert len(rows.rows) == 27
    assert all(row == Row(row.id) for row in rows.rows)


def test_recorded_descriptions_are_read_whole() -> None:
    """Both recorded descriptions are usable to the last row and field."""
    for version, count in (("v1.106.2", 30), ("v1.72.6", 27)):
        rows = rows_of(DESCRIBED, entries_of(recorded(f"{version}/seed004_key__right/GET_v1_model_info").body))
        assert len(rows.rows) == count
        assert not rows.dropped


def test_prices_are_exact() -> None:
    """A price is the decimal that the proxy wrote, not its binary neighbour."""
    assert described(input_cost_per_token=9e-08).rows[0].input_price == Decimal("9e-08")


@pytest.mark.parametrize(
    ("entries", "ids", "dropped"),
    [
        ([{"id": "a"}, {"name": "b"}, {"id": ""}, {"id": 5}], ["a"], {"entry without an id": 3}),
        ([{"id": {"api_key": "x"}}, None, [], "a", {"id": "b"}], ["b"], None),
        ([{"id": "a"}, {"id": "b"}, {"id": "a"}], ["a", "b"], {"duplicate": 1}),
        ([{"id": "a", "mode": None}], ["a"], {}),
        ([{"id": "x" * MAX_ID_LENGTH}, {"id": "x" * (MAX_ID_LENGTH + 1)}], ["x" * MAX_ID_LENGTH], None),
        ([], [], {}),
    ],
)
def test_garbage_is_dropped_and_counted(entries: list[object], ids: list[str], dropped: dict[str, int] | None) -> None:
    """Entries that cannot be used disappear, are counted by reason, and never disturb the others."""
    rows = rows_of(LISTED, entries)
    assert [row.id for row in rows.rows] == ids
    assert rows.complete
    assert dropped is None or rows.dropped == dropped


def test_a_lost_entry_makes_the_list_incomplete() -> None:
    """What could not be read may have been a model: nobody may conclude that it is gone."""
    rows = rows_of(LISTED, [{"id": "a"}, UNREADABLE])
    assert [row.id for row in rows.rows] == ["a"]
    assert rows.dropped == {"entry that cannot be read": 1}
    assert not rows.complete


@pytest.mark.parametrize("value", ["200000", True, -1, 1.5, 1e12, 10**400, [1], {}])
def test_a_limit_of_another_type_is_unknown_and_counted(value: object) -> None:
    """Texts, booleans, fractions and absurd numbers are no limits."""
    rows = rows_of(LISTED, [{"id": "a", "max_input_tokens": value}])
    assert rows.rows == (Row("a"),)
    assert rows.dropped == {"malformed field": 1}


@pytest.mark.parametrize("value", ["0.1", False, -1e-6, 2000, float("nan"), float("inf")])
def test_a_price_of_another_type_is_unknown_and_counted(value: object) -> None:
    """Texts, booleans, negative, infinite and absurd numbers are no prices."""
    rows = described(input_cost_per_token=value)
    assert rows.rows[0].input_price is None
    assert rows.dropped == {"malformed field": 1}


@pytest.mark.parametrize(("value", "tokens"), [(1050000.0, 1050000), (0, None), (None, None), (8192, 8192)])
def test_limits_come_as_whole_numbers(value: object, tokens: int | None) -> None:
    """An integral float counts; zero is unknown and no garbage."""
    rows = rows_of(LISTED, [{"id": "a", "max_output_tokens": value}])
    assert rows.rows[0].output == tokens
    assert not rows.dropped


def test_max_tokens_is_the_output_limit() -> None:
    """``max_tokens`` stands in for a missing output limit and is never the context."""
    row = described(max_tokens=4096).rows[0]
    assert (row.context, row.output) == (None, 4096)


@pytest.mark.parametrize(("kind", "name"), [(LISTED, "id"), (DESCRIBED, "model_name")])
def test_only_so_many_entries_are_taken(kind: Kind, name: str) -> None:
    """A list without end is cut, and the cut is counted."""
    rows = rows_of(kind, ({name: f"m{n}", "model_info": {}} for n in range(kind.most + 5)))
    assert len(rows.rows) == kind.most
    assert not rows.complete
    assert rows.dropped == {f"entry past the first {kind.most}": 5}


@pytest.mark.parametrize("value", ["chat\x1b[2J", "ch at", "chät", "", "x" * 201, "a\u202eb", "{env:HOME}"])
def test_names_of_litellm_s_own_are_plain_words(value: str) -> None:
    """A mode or a provider is shown and written: what is no plain word is unknown."""
    row = described(mode=value, litellm_provider=value).rows[0]
    assert (row.mode, row.provider) == (None, None)


def test_a_flag_that_is_null_beside_others_means_no() -> None:
    """The price map leaves out what is false, so null means no once anything is stated, and nothing before."""
    stated = described(supports_vision=True, supports_reasoning=None).rows[0]
    assert (stated.states("supports_vision"), stated.states("supports_reasoning")) == (True, False)
    assert stated.states("supports_pdf_input") is None
    assert described(supports_reasoning=None).rows[0].states("supports_reasoning") is None


def test_of_lists_of_texts_only_what_is_looked_for_is_kept() -> None:
    """An answer cannot fill the memory with words; each effort and both routes are known."""
    routes = ["/v1/chat/completions", "/v1/responses"]
    row = described(
        supported_endpoints=[*routes, "/v1/batches", 5],
        supported_openai_params=["reasoning_effort", "seed", None],
        reasoning_effort_levels=[*EFFORTS, "odd"],
    ).rows[0]
    assert row.endpoints == frozenset(routes)
    assert row.parameters == frozenset({"reasoning_effort"})
    assert row.effort_levels == frozenset(EFFORTS)


@given(
    st.lists(
        JSON
        | st.dictionaries(st.sampled_from(["id", "mode", "model_name", "model_info", "max_input_tokens"]), JSON)
        | st.just(UNREADABLE),
        max_size=5,
    )
)
def test_no_entries_at_all_can_raise(entries: list[Any]) -> None:
    """Whatever JSON comes, both readers return rows."""
    assert all(row.id for row in rows_of(LISTED, entries).rows)
    assert all(row.id for row in rows_of(DESCRIBED, entries).rows)
