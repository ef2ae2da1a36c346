from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litellm_discover.core.answers import MAX_BRACKETS, MAX_DEPTH, MAX_PIECE, UNREADABLE, Answer
from litellm_discover.errors import AnswerError
from recordings import recorded

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


def answer(body: bytes) -> Answer:
    """A 200 with this body."""
    return Answer("/x", 200, "application/json", body)


def entries(body: bytes) -> list[Any]:
    """Its entries, all read."""
    return list(answer(body).entries("data"))


def test_entries_are_what_json_reads() -> None:
    """The recorded lists, entry by entry."""
    for version in ("v1.106.2", "v1.72.6"):
        for path in ("models", "model_info"):
            listed = recorded(f"{version}/seed004_key__right/GET_v1_{path}")
            assert list(listed.entries("data")) == json.loads(listed.body)["data"]


@given(
    st.dictionaries(st.text(max_size=6) | st.just("data"), JSON | st.lists(JSON, max_size=4), max_size=4), st.booleans()
)
def test_any_document_reads_as_json_reads_it(document: dict[str, Any], ascii_only: bool) -> None:  # noqa: FBT001
    """Brackets and quotes in strings, other lists before the one that is meant, objects in objects: all the same."""
    answered = answer(json.dumps(document, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass"))
    try:
        expected = json.loads(answered.body.decode())["data"]
    except (UnicodeDecodeError, KeyError):
        expected = None
    if isinstance(expected, list):
        assert list(answered.entries("data")) == expected
        assert answered.json() == document
    else:
        with pytest.raises(AnswerError):
            list(answered.entries("data"))


@given(st.binary(max_size=60) | st.text(alphabet='{}[]",:\\ea1 ', max_size=60).map(lambda text: text.encode()))
def test_any_bytes_are_entries_or_our_own_error(data: bytes) -> None:
    """Nothing else escapes, alone or as what stands where entries should be."""
    for body in (data, b'{"data":[' + data + b"]}", b'{"a":[{}],"data":[{"id":1},' + data + b"]}"):
        try:
            list(answer(body).entries("data"))
            answer(body).json()
        except AnswerError:
            pass


@pytest.mark.parametrize(
    "entry",
    [
        b'{"id":"a","id":"b"}',
        b'{"id":"a","x":NaN}',
        b'{"id":"a","x":-Infinity}',
        b'{"id":"a","x":1e999}',
        b'{"id":"a","x":[[1e400]]}',
        b'{"id":"a","x":' + b"1" * 5000 + b"}",
        b'{"id":"\xff"}',
        b'{"id":"\xed\xa0\x80"}',
        b'{"id":"a\nb"}',
        b'{"id":"a" "b"}',
        b"{'id':'a'}",
        b'{"id":"a",}',
        b'{"id":"a"]',
        b'{"id":"' + b"x" * MAX_PIECE + b'"}',
    ],
    ids=lambda entry: entry[:24].decode("latin-1"),
)
def test_an_entry_that_cannot_be_read_stands_for_itself(entry: bytes) -> None:
    """Whatever is wrong inside it, the entries around it are read."""
    assert entries(b'{"data":[{"id":"1"},' + entry + b',{"id":"2"}]}') == [{"id": "1"}, UNREADABLE, {"id": "2"}]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b'{"data":[{}',
        b'{"data":[{}]}x',
        b'{"data":[{}]}{}',
        b'{"data":[{} {}]}',
        b'{"data":[NaN]}',
        b'{"data":[1e999]}',
        b'{"data":[],"data":[]}',
        b'{"data":[{}],"x":"\xff"}',
        b'\xef\xbb\xbf{"data":[]}',
        '{"data":[]}'.encode("utf-16"),
        b'{"data":[' + b"1," * MAX_PIECE + b"1]}",
        b'{"data":[' + b" " * MAX_PIECE + b"]}",
        b'{"data":[' + b"[" * MAX_DEPTH + b"]" * MAX_DEPTH + b"]}",
        b'{"data":[{"a":' + b"[" * MAX_DEPTH + b"]" * MAX_DEPTH + b"}]}",
        b"[" * 100_000,
        b"]" * 1000,
        b'{"data":[' + b"{}," * (MAX_BRACKETS // 2) + b"{}]}",
        b'"' * 1_000_001,
        b'{"data":"',
        b'{"data":{}}',
        b'{"DATA":[]}',
        b"[]",
        b"null",
        b'{"a":[{"data":[]}]}',
    ],
    ids=lambda body: body[:24].decode("latin-1"),
)
def test_a_document_around_entries_is_strict(body: bytes) -> None:
    """Anything wrong outside the entries, or absurd in size, is our own error before the first entry is read."""
    with pytest.raises(AnswerError) as refused:
        answer(body).entries("data")
    assert refused.value.hint


def test_an_escaped_name_is_the_same_name() -> None:
    """A member is found by what its name means, as often as it may look like another one."""
    assert entries(rb'{"\u0064ata":[{"id":"[{\"}"}],"x":[{}]}') == [{"id": '[{"}'}]
    assert entries(b'{"x":[{"id":1},{}],"y":{"data":[{}]},"data":[{"id":2}]}') == [{"id": 2}]


@pytest.mark.parametrize("body", [b"1" * 5000, b"[" * 33 + b"]" * 33, b'{"a":1,"a":1}', b'"' + b"x" * MAX_PIECE + b'"'])
def test_a_small_document_is_as_strict(body: bytes) -> None:
    """The same rules hold for what is read at once."""
    with pytest.raises(AnswerError):
        answer(body).json()
