from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litellm_discover.core.answers import Answer
from litellm_discover.core.entries import UNREADABLE
from litellm_discover.core.strict import MAX_PIECE
from litellm_discover.errors import AnswerError
from recordings import entries_of, recorded

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)

# Where a document is cut: a few small pieces, then the rest.
SIZES = st.lists(st.integers(0, 9), max_size=30)


def objects_first(items: list[Any]) -> list[Any]:
    """The order in which items are given."""
    return sorted(items, key=lambda item: not isinstance(item, dict))


def test_entries_are_what_json_reads() -> None:
    """The recorded lists, entry by entry."""
    for version in ("v1.106.2", "v1.72.6"):
        for path in ("models", "model_info"):
            body = recorded(f"{version}/seed004_key__right/GET_v1_{path}").body
            assert entries_of(body) == json.loads(body)["data"]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_where_a_document_is_cut_changes_nothing(size: int) -> None:
    """A recorded list in pieces of the same size, down to single bytes: brackets, strings and escapes are all cut."""
    body = recorded("v1.106.2/seed004_key__right/GET_v1_models").body
    text = rb'{"x\\":["\"]{",{}],"data":[{"id":"a\\","x":"\\\"}"},{"id":"\u00e9[{"},' + body[body.index(b"[") + 1 :]
    assert entries_of(text, sizes=[size] * (len(text) // size)) == json.loads(text)["data"]


@given(
    st.dictionaries(st.text(max_size=6) | st.just("data"), JSON | st.lists(JSON, max_size=4), max_size=4),
    st.booleans(),
    SIZES,
)
def test_any_document_reads_as_json_reads_it(document: dict[str, Any], ascii_only: bool, sizes: list[int]) -> None:  # noqa: FBT001
    """Brackets and quotes in strings, other lists before the one that is meant, objects in objects: all the same."""
    body = json.dumps(document, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    try:
        expected = json.loads(body.decode())["data"]
    except (UnicodeDecodeError, KeyError):
        expected = None
    if isinstance(expected, list):
        assert entries_of(body, sizes=sizes) == objects_first(expected)
        assert Answer("/x", 200, "application/json", body).json() == document
    else:
        with pytest.raises(AnswerError):
            entries_of(body, sizes=sizes)


@given(
    st.binary(max_size=60) | st.text(alphabet='{}[]",:\\ea1 ', max_size=60).map(lambda text: text.encode()),
    SIZES,
)
def test_any_bytes_are_entries_or_our_own_error(data: bytes, sizes: list[int]) -> None:
    """Nothing else escapes, alone or as what stands where entries should be, and cuts make no difference."""
    for body in (data, b'{"data":[' + data + b"]}", b'{"a":[{}],"data":[{"id":1},' + data + b"]}"):
        try:
            whole = entries_of(body)
        except AnswerError:
            with pytest.raises(AnswerError):
                entries_of(body, sizes=sizes)
        else:
            assert entries_of(body, sizes=sizes) == whole


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
        b'{"id":"' + b"\\\\x" * MAX_PIECE + b'"}',
        b'{"id":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"id":' + b'{"a":' * 20_000 + b"1" + b"}" * 20_000 + b"}",
    ],
    ids=lambda entry: entry[:24].decode("latin-1"),
)
def test_an_entry_that_cannot_be_read_stands_for_itself(entry: bytes) -> None:
    """Whatever is wrong inside it, the entries around it are read."""
    body = b'{"data":[{"id":"1"},' + entry + b',{"id":"2"}]}'
    for sizes in ([], [1000] * 1000, [65536] * 12):
        assert entries_of(body, sizes=sizes) == [{"id": "1"}, UNREADABLE, {"id": "2"}]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b'{"data":[{}',
        b'{"data":[{"a":1',
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
        b'{"data":[' + b"[" * 100_000 + b"]" * 100_000 + b"]}",
        b"[" * 100_000,
        b"]" * 1000,
        b'{"x":[' + b"{}," * MAX_PIECE + b"{}]}",
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
    """Anything wrong outside the entries, or absurd in size, is our own error, however it arrives."""
    for sizes in ([], [1] * 40, [65536] * 12):
        with pytest.raises(AnswerError) as refused:
            entries_of(body, sizes=sizes)
        assert refused.value.hint


def test_an_escaped_name_is_the_same_name() -> None:
    """A member is found by what its name means, as often as it may look like another one."""
    assert entries_of(rb'{"\u0064ata" : [{"id":"[{\"}"}],"x":[{}]}') == [{"id": '[{"}'}]
    assert entries_of(rb'{"x\"data":[{"id":0}],"x":["data",[{}]],"data":[{"id":1}]}') == [{"id": 1}]
    assert entries_of(b'{"x":[{"id":1},{}],"y":{"data":[{}]},"data":[{"id":2}]}') == [{"id": 2}]


def test_what_is_not_wanted_is_not_parsed() -> None:
    """Entries of another list may hold anything that balances: they are read over."""
    assert entries_of(b'{"x":[{a},{"b":NaN}],"data":[{"id":2},3]}') == [{"id": 2}, 3]


def test_the_pieces_are_not_kept() -> None:
    """However long the list, the memory stays that of one entry."""
    import tracemalloc

    from litellm_discover.core.entries import EntryReader

    entry = b'{"id":"' + b"x" * 7400 + b'"},'
    reader = EntryReader("/x", "data")
    tracemalloc.start()
    try:
        pieces = [b'{"data":[', *([entry] * 5000), b"{}]}"]
        count = sum(1 for piece in pieces for _ in reader.feed(piece))
        assert (count, reader.close()) == (5001, [])
        assert tracemalloc.get_traced_memory()[1] < 500_000
    finally:
        tracemalloc.stop()
