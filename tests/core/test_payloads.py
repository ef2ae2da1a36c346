from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litellm_discover.core.payloads import MAX_MODELS, Row, Rows, described_rows, listed_rows
from recordings import body

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


def described(**info: object) -> Rows:
    """The rows of one description."""
    return described_rows({"data": [{"model_name": "m", "model_info": info}]})


def test_a_recorded_list_of_1_106_is_read_whole() -> None:
    """The newest recorded list has 30 rows, with mode and limits where the proxy gives them."""
    rows = listed_rows(body("v1.106.2/seed004_key__right/GET_v1_models"))
    assert len(rows.rows) == 30
    assert not rows.dropped
    assert Row("gpt-5.5", mode="chat", context=1050000, output=128000) in rows.rows
    assert Row("opencode-glm-5") in rows.rows


def test_a_recorded_list_of_1_72_has_names_only() -> None:
    """The older recorded list tells nothing but ids."""
    rows = listed_rows(body("v1.72.6/seed004_key__right/GET_v1_models"))
    assert len(rows.rows) == 27
    assert all(row == Row(row.id) for row in rows.rows)


def test_recorded_descriptions_are_read_whole() -> None:
    """Both recorded descriptions are usable to the last row and field."""
    for version, count in (("v1.106.2", 30), ("v1.72.6", 27)):
        rows = described_rows(body(f"{version}/seed004_key__right/GET_v1_model_info"))
        assert len(rows.rows) == count
        assert not rows.dropped


def test_prices_are_exact() -> None:
    """A price is the decimal that the proxy wrote, not its binary neighbour."""
    assert described(input_cost_per_token=9e-08).rows[0].input_price == Decimal("9e-08")


@pytest.mark.parametrize(
    ("answer", "ids", "dropped"),
    [
        ({"data": [{"id": "a"}, {"name": "b"}, {"id": ""}, {"id": 5}]}, ["a"], {"entry without an id": 3}),
        ({"data": [{"id": {"api_key": "x"}}, None, [], "a", {"id": "b"}]}, ["b"], None),
        ({"data": [{"id": "a"}, {"id": "b"}, {"id": "a"}]}, ["a", "b"], {"duplicate": 1}),
        ({"data": [{"id": "a", "mode": None}]}, ["a"], {}),
        ({"data": []}, [], {}),
        ({"data": {"a": 1}}, [], {"answer without a list": 1}),
        ([1, 2], [], {"answer without a list": 1}),
        (None, [], {"answer without a list": 1}),
    ],
)
def test_garbage_is_dropped_and_counted(answer: object, ids: list[str], dropped: dict[str, int] | None) -> None:
    """Entries that cannot be used disappear, are counted by reason, and never disturb the others."""
    rows = listed_rows(answer)
    assert [row.id for row in rows.rows] == ids
    assert dropped is None or rows.dropped == dropped


@pytest.mark.parametrize("value", ["200000", True, -1, 1.5, 1e12, 10**400, [1], {}])
def test_a_limit_of_another_type_is_unknown_and_counted(value: object) -> None:
    """Texts, booleans, fractions and absurd numbers are no limits."""
    rows = listed_rows({"data": [{"id": "a", "max_input_tokens": value}]})
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
    rows = listed_rows({"data": [{"id": "a", "max_output_tokens": value}]})
    assert rows.rows[0].output == tokens
    assert not rows.dropped


def test_max_tokens_is_the_output_limit() -> None:
    """``max_tokens`` stands in for a missing output limit and is never the context."""
    row = described(max_tokens=4096).rows[0]
    assert (row.context, row.output) == (None, 4096)


def test_only_so_many_models_are_taken() -> None:
    """A list without end is cut, and the cut is counted."""
    rows = listed_rows({"data": [{"id": f"m{n}"} for n in range(MAX_MODELS + 5)]})
    assert len(rows.rows) == MAX_MODELS
    assert rows.dropped == {f"entry past the first {MAX_MODELS}": 5}


@pytest.mark.parametrize("value", ["chat\x1b[2J", "ch at", "chät", "", "x" * 201, "a\u202eb"])
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


@given(
    st.fixed_dictionaries(
        {
            "data": st.lists(
                st.dictionaries(st.sampled_from(["id", "mode", "model_name", "model_info", "max_input_tokens"]), JSON),
                max_size=5,
            )
        }
    )
    | JSON
)
def test_no_answer_at_all_can_raise(answer: Any) -> None:
    """Whatever JSON comes, both readers return rows."""
    assert all(row.id for row in listed_rows(answer).rows)
    assert all(row.id for row in described_rows(answer).rows)
