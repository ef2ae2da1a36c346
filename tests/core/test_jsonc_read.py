"""Reading: bytes to text to value, and where exactly the first offence is."""

from __future__ import annotations

import math

import pytest

from litellm_discover.core.jsonc import (
    JsonValue,
    Verbatim,
    decode,
    edit,
    encode,
    foreign_comment,
    parse,
    read,
    reader,
    same,
)
from litellm_discover.errors import JsoncError

READABLE: dict[str, tuple[str, JsonValue]] = {
    "comments everywhere": ('/*1*/{//2\n"a"/*3*/:/*4*/[/*5*/]/*6*/}//7', {"a": []}),
    "trailing commas": ('{"a": [1, 2 , ],\n}', {"a": [1, 2]}),
    "a trailing comma, then comments": ('{"a": 1, // }\n/* ] */ }', {"a": 1}),
    "a trailing comma behind a comment": ("[1 /* , */ , ]", [1]),
    "comment signs in strings": (r'["//", "/*", "*/", "\"//", ",]", "\\"]', ["//", "/*", "*/", '"//', ",]", "\\"]),
    "quotes and brackets in comments": ('[ // " [ {\n 1 /* "}]" */ ]', [1]),
    "a comment that looks closed too early": ("/*/ [2] */[1]", [1]),
    "stars": ("/***/[1]/** **/", [1]),
    "a byte order mark": ("\ufeff{}", {}),
    "CR ends a line comment": ("// one\r[1]", [1]),
    "U+2028 does not": ("// one\u2028[1]\n[2]", [2]),
    "a comment at the end without a line end": ("[1] // one", [1]),
    "the last duplicate": ('{"a": 1, "b": {"c": 2, "c": 3}, "a": 4}', {"a": 4, "b": {"c": 3}}),
    "a key that is no key elsewhere": ('{"__proto__": 1, "": 2}', {"__proto__": 1, "": 2}),
    "escapes": (r'"\ud83d\ude80 \ud800 \u0041\/"', "\U0001f680 \ud800 A/"),
    "numbers": ("[-0, 1.10, 4.400e0, 1E-7, 1e400]", [0, 1.1, 4.4, 1e-7, math.inf]),
    "a number with many digits": ("[1" + "0" * 5000 + "]", [math.inf]),
    "scalars": (" null ", None),
}

# What stands before the offence, the offence, and a part of the message.
REFUSED = {
    "nothing": ("", "", "too early"),
    "only blanks": (" \r\n ", "", "too early"),
    "only comments": ("// one\n/* two */", "", "too early"),
    "truncated": ('{\n  "a": {\n', "", "too early"),
    "an unterminated string": ('{"a": ', '"b', "unterminated string"),
    "an unterminated string before a comment": ('{"a": ', '"b}// c', "unterminated string"),
    "an unterminated comment": ('{"a": 1} ', "/* ,", "never ends"),
    "an unterminated comment, closed too early": ("[1] ", "/*/", "never ends"),
    "a slash": ("[1] ", "/ ", "extra data"),
    "a lone comma": ("{ /* 1 */ ", ", }", "comma without a value"),
    "a lone comma in a list": ("[", ",]", "comma without a value"),
    "a comma at the start": ('{"b": [], "a": {\n', ',"a": 1}}', "comma without a value"),
    "a double comma": ('{"a": 1, // one\n', ',"b": 2}', "comma without a value"),
    "a double comma at the end": ("[1, /* one */\r\n", ",]", "comma without a value"),
    "a comma for a value": ('{"a": ', ",}", "comma without a value"),
    "a comma behind the root": ("{} ", ",", "comma without a value"),
    "no value before the brace": ('{"a": ', "}", "expecting value"),
    "a missing comma": ('{"a": 1 ', '"b": 2}', "expecting ',' delimiter"),
    "a missing colon": ('{"a" ', "1}", "expecting ':' delimiter"),
    "the wrong bracket": ("[1", "}", "expecting ',' delimiter"),
    "two roots": ("{} ", "{}", "extra data"),
    "a bad escape": ('{"a": "', r'\x41"}', r"invalid \escape"),
    "a tab in a string": ('"a', '\t"', "invalid control character"),
    "a line end in a string": ('["a', '\r\n// "]', "invalid control character"),
    "a leading zero": ("[0", "1]", "expecting ',' delimiter"),
    "a # comment": ("{}\n", "# one", "does not start a comment"),
    "conflict markers": ("{\n", '<<<<<<< HEAD\n"a": 1\n', "conflict marker"),
    "an unquoted key": ("{\r  ", "a: 1}", "without double quotes"),
    "single quotes": ("{", "'a': 1}", "single quotes"),
    "NaN": ('{"N-aN": "NaN", "a": [-1, ', "NaN]}", "NaN"),
    "minus infinity": ('["-Infinity", ', "-Infinity]", "Infinity"),
    "hexadecimal": ("[0", "x10]", "expecting ',' delimiter"),
    "a plus": ("[", "+1]", "expecting value"),
    "a point first": ("[", ".5]", "expecting value"),
    "a no-break space": ("{\n", '\u00a0"a": 1}', "unusual white space"),
    "a second byte order mark": ("\ufeff", "\ufeff{}", "unusual white space"),
    "python's true": ("[", "True]", "expecting value"),
    "513 levels": ('{"a":' * 512, "[" + "]" + "}" * 512, "more than 512 levels"),
    "10,000 levels": ("[" * 512, "[" * 9488 + "]" * 10_000, "more than 512 levels"),
    "10,000 levels and an offence before": ("[" * 20, ":" + "[" * 9980, "expecting value"),
}


@pytest.mark.parametrize(("text", "value"), READABLE.values(), ids=READABLE.keys())
def test_readable(text: str, value: JsonValue) -> None:
    """JSON with comments and trailing commas reads as both hosts read it."""
    assert same(parse(text), value)


@pytest.mark.parametrize(("before", "offence", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(before: str, offence: str, message: str) -> None:
    """Everything else is refused, by the editor too, with line and column of the first offence."""
    lines = before.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for parser in (parse, lambda text: edit(text, [])):
        with pytest.raises(JsoncError) as caught:
            parser(before + offence)
        assert (caught.value.line, caught.value.column) == (len(lines), len(lines[-1]) + 1)
        assert message in caught.value.message


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        '{"a": "/* // */\\"/*", "b//": "http://x/*"} // one /* two */\n// three\r\n// four',
        "\ufeff// one\r\n{\r}\r// two \u2028 three",
    ],
)
def test_comments_that_pi_reads(text: str) -> None:
    """Line comments up to LF, CRLF or the end; and strings are no comments."""
    assert foreign_comment(read(text)) is None


@pytest.mark.parametrize(
    ("before", "comment", "message"),
    [
        ('{"a": "/* // */\\"/*" ', "/* 1 */ /* 2 */}", "a /* */ comment"),
        ("// one\n// two /* three */\r\n{} ", "/**/", "a /* */ comment"),
        ("\ufeff", "/* one */ {} // two\r", "a /* */ comment"),
        ("{} // one\n", "// two\r/* three */", "a // comment that ends with a lone CR"),
        ("{\r", "// one\r}", "a // comment that ends with a lone CR"),
        ('{"http://x": 1} ', "// one\r\r\n", "a // comment that ends with a lone CR"),
        ("[1, ", "//\r]", "a // comment that ends with a lone CR"),
    ],
)
def test_comments_that_pi_cannot_read(before: str, comment: str, message: str) -> None:
    """The first of them is reported, with its line and column and what to do about it."""
    error = foreign_comment(read(before + comment))
    assert error is not None
    lines = before.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    line, column = len(lines), len(lines[-1]) + 1
    assert error.message == f"line {line}, column {column}: {message}"
    assert (error.line, error.column) == (line, column)
    assert error.hint


def test_comments_of_a_malformed_text() -> None:
    """A text that cannot be read at all is refused for that."""
    with pytest.raises(JsoncError, match="line 1, column 9: a comma without a value"):
        read("{/* 1 */,}")


@pytest.mark.parametrize("bracket", ["[]", '{"a": }'], ids=["arrays", "objects"])
def test_depth(bracket: str) -> None:
    """512 levels are read."""
    value = parse(bracket[:-1] * 511 + "[]" + bracket[-1] * 511)
    for _ in range(511):
        assert isinstance(value, (dict, list))
        (value,) = value.values() if isinstance(value, dict) else value
    assert value == []


@pytest.mark.parametrize("text", [" [1]", " [1]]]", " {"])
def test_depth_of_the_caller(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the caller leaves no room on the stack, that is an error about the text, too."""

    class NoRoom:
        def decode(self, _: str) -> None:
            raise RecursionError

    monkeypatch.setattr(reader, "_JSON", NoRoom())
    with pytest.raises(JsoncError, match="line 1, column 2: nested too deeply to be read here"):
        parse(text)


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"\xef\xbb\xbf{\r\n}\r", '["é\u2028\U0001f680"]\n'.encode()],
    ids=["empty", "plain", "bom", "é"],
)
def test_bytes_to_text_and_back(data: bytes) -> None:
    """The text has everything that the bytes had: byte order mark, line ends, missing final line end."""
    assert encode(decode(data)) == data


@pytest.mark.parametrize(
    ("data", "line", "column", "message"),
    [
        (b'{\r\n"\xc3\xa9": "\xff\xfe"}', 2, 7, "0xFF is not valid UTF-8"),
        (b'\xef\xbb\xbf"\xe2\x80"', 1, 2, "0xE2 is not valid UTF-8"),
        (b'"\xed\xa0\x80"', 1, 2, "0xED is not valid UTF-8"),
        ("{}".encode("utf-16"), 1, 1, "UTF-16 or UTF-32"),
        ("{}".encode("utf-32"), 1, 1, "UTF-16 or UTF-32"),
        (b"\xfe\xff\0{\0}", 1, 1, "UTF-16 or UTF-32"),
        (b"\0\0\xfe\xff\0\0\0{", 1, 1, "UTF-16 or UTF-32"),
        ("{}".encode("utf-16-le"), 1, 2, "NUL"),
        (b"{}\n\0", 2, 1, "NUL"),
    ],
)
def test_bytes_that_are_no_utf8(data: bytes, line: int, column: int, message: str) -> None:
    """Bytes that could not be written back as they were are refused."""
    with pytest.raises(JsoncError, match=message) as caught:
        decode(data)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("a", "b"),
    [(1, 1.0), (0, -0.0), ({"a": 1, "b": [2]}, {"b": [2.0], "a": 1}), ("a", Verbatim("a")), ([], []), (None, None)],
)
def test_same(a: JsonValue, b: JsonValue) -> None:
    """Numbers are equal whatever their type, objects whatever the order of their keys."""
    assert same(a, b)
    assert same([b], [a])


@pytest.mark.parametrize(
    ("a", "b"),
    [(True, 1), (0.0, False), (None, False), ("1", 1), ([], {}), ([1], [1, 1]), ({"a": 1}, {"b": 1}), ([[1]], [[True]]),
     ({"a": None}, {}), ("", None), (2**53, 2**53 + 1)],
)  # fmt: skip
def test_not_same(a: JsonValue, b: JsonValue) -> None:
    """A boolean is no number, and no other two types are equal either."""
    assert not same(a, b)
    assert not same(b, a)
