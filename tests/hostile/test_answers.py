"""A responder that wants to do harm: each attack ends in a result or our own error, in time and in little memory."""

from __future__ import annotations

import gzip
import json
import sys
import unicodedata
import zlib
from typing import TYPE_CHECKING, Any

import pytest
from children import End, measured
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from raw import HEAD, body, endless, sending, serving

from litellm_discover.core.answers import Answer
from litellm_discover.core.catalog import build_catalog
from litellm_discover.core.ids import MAX_ID_LENGTH
from litellm_discover.core.model import Proxy
from litellm_discover.core.options import CatalogOptions
from litellm_discover.core.payloads import FLAGS
from litellm_discover.core.strict import MAX_PIECE
from litellm_discover.errors import DiscoverError
from litellm_discover.sources import litellm
from recordings import FakeGet, recorded

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from litellm_discover.core.model import Catalog

    Serve = Callable[[socket.socket], None]

PEAK_MB = 80
SECONDS = 5.0
MIB = 1024 * 1024
TIERS = (128, 200, 256)

MODELS, INFO, VERSION = "/v1/models", "/v1/model/info", "/public/model_hub/info"


def bomb(mebibytes: int) -> bytes:
    """Zeros, 1000 times smaller."""
    packer = zlib.compressobj(wbits=31)
    piece = b"\0" * MIB
    return b"".join([*(packer.compress(piece) for _ in range(mebibytes)), packer.flush()])


def data(entries: Iterable[bytes], limit: int = 4 * MIB) -> bytes:
    """A list of as many of the entries as fit."""
    taken, size = [], 0
    for entry in entries:
        size += len(entry) + 1
        if size > limit - 20:
            break
        taken.append(entry)
    return b'{"data":[' + b",".join(taken) + b"]}"


def described(model_id: str, number: int) -> bytes:
    """A description with everything in it, each a little different."""
    info: dict[str, Any] = dict.fromkeys(FLAGS, True) | {
        "mode": "chat",
        "litellm_provider": f"p{number}",
        "key": f"k{number}",
        "max_tokens": 1000 + number,
        "max_input_tokens": 100_000 + number,
        "input_cost_per_token": 1e-7 + number * 1e-9,
        "output_cost_per_token": 1e-7,
        "cache_read_input_token_cost": 1e-8,
        **{
            f"{way}_cost_per_token_above_{size}k_tokens": number * 1e-9 for way in ("input", "output") for size in TIERS
        },
    }
    tiers = {"SIMPLE": [f"{number + n:05d}" for n in range(16)] if number % 100 == 0 else [model_id]}
    params = {"model": f"openai/{number:0150d}", "complexity_router_config": {"tiers": tiers}}
    return json.dumps(
        {"model_name": model_id, "model_info": info, "litellm_params": params}, ensure_ascii=False
    ).encode()


def redirect(target: str) -> Serve:
    """A redirect without a body."""
    return sending(f"HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode())


_CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"

# What breaks HTTP, or never ends.
TRANSPORT: dict[str, Serve] = {
    "endless-body": endless(HEAD + b"\r\n", b"x" * 65536),
    "endless-chunks": endless(_CHUNKED, b"10000\r\n" + b"x" * 65536 + b"\r\n"),
    "endless-tiny-chunks": endless(_CHUNKED, b"1\r\nx\r\n" * 1000),
    "endless-chunk-extension": endless(_CHUNKED + b"1;", b"x" * 65536),
    "endless-trailers": endless(_CHUNKED + b"0\r\n", b"X: y\r\n" * 10_000),
    "endless-headers": endless(HEAD, b"X: y\r\n" * 10_000),
    "100-mb-header": sending(HEAD, b"X: ", b"x" * 100 * MIB, b"\r\n\r\n1"),
    "100-mb-status-line": sending(b"HTTP/1.1 200 ", b"x" * 100 * MIB, b"\r\n\r\n1"),
    "many-small-headers": sending(HEAD, b"a:\r\n" * 20_000, b"\r\n1"),
    "gzip-bomb": body(bomb(1024), b"Content-Encoding: gzip"),
    "gzip-twice": body(gzip.compress(bomb(64)), b"Content-Encoding: gzip, gzip"),
    "gzip-then-more": endless(HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"{}"), b"x" * 65536),
    "gzip-of-nothing": endless(
        HEAD + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\0\0\0\0\0\0\x03", b"\0\0\0\xff\xff" * 10_000
    ),
    "cut-short": body(b'{"data":[', b"Content-Length: 3622"),
    "length-of-an-exbibyte": body(b'{"data":[]}', b"Content-Length: 1152921504606846976"),
    "chunk-of-an-exbibyte": endless(_CHUNKED + b"1000000000000000\r\n", b"x" * 65536),
    "negative-length": body(b'{"data":[]}', b"Content-Length: -1"),
    "two-lengths": body(b'{"data":[]}', b"Content-Length: 11", b"Content-Length: 12"),
    "no-http": sending(b"SSH-2.0-OpenSSH_9.9\r\n"),
    "http-2": sending(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "switching-protocols": sending(b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
    "redirect-to-a-file": redirect("file:///etc/passwd"),
    "nothing": sending(),
}

# What is HTTP, but no list that can be used, or one that is too large.
CONTENT: dict[str, bytes] = {
    "a-million-models": data((b'{"id":"m%07d"}' % n for n in range(1_000_000)), 80 * MIB),
    "50000-models": data(b'{"id":"m%05d"}' % n for n in range(50_000)),
    "long-ids": data(b'{"id":"%05d%s\xf0\x9f\x98\x80"}' % (n, b"x" * 250) for n in range(20_000)),
    "unsafe-ids": data(b'{"id":"\\u001b[%05d"}' % n for n in range(50_000)),
    "alike-ids": data(b'{"id":"%s"}' % bytes(b"aA"[n >> bit & 1] for bit in range(14)) for n in range(1 << 14)),
    "endless-id": b'{"data":[{"id":"' + b"x" * 4_000_000 + b'"}]}',
    "deep-lists": b"[" * 100_000,
    "deep-entry": b'{"data":[{"id":"a","b":' + b"[" * 100_000 + b"]" * 100_000 + b"}]}",
    "deep-objects": b'{"data":' + b'{"a":' * 100_000,
    "empty-lists": b'{"data":[' + b"[]," * 1_000_000 + b"[]]}",
    "empty-objects": b'{"data":[' + b"{}," * 1_000_000 + b"{}]}",
    "numbers": b'{"data":[' + b"1," * 2_000_000 + b"1]}",
    "numbers-in-entries": data([b'{"id":[' + b"1.5," * (MAX_PIECE // 4 - 9) + b"1]}"] * 100),
    "texts-in-entries": data([b'{"id":[' + b'"abc",' * (MAX_PIECE // 6 - 9) + b"1]}"] * 100),
    "keys-in-entries": data([b"{" + b",".join(b'"%05d":1' % n for n in range(25_000)) + b"}"] * 100),
    "huge-entry": b'{"data":[{"id":[' + b"1.5," * 1_000_000 + b"1]}]}",
    "quotes": b'"' * (4 * MIB - 1),
    "backslashes": b'"' + b"\\" * (4 * MIB - 2),
    "blanks": b" " * 4 * MIB,
    "huge-number": b'{"data":[{"id":"a","max_input_tokens":' + b"9" * 200_000 + b"}]}",
    "nan": b'{"data":[{"id":"a","max_input_tokens":NaN},NaN]}',
    "infinity": b'{"data":[{"id":"a","max_input_tokens":1e999}]}',
    "duplicate-keys": b'{"data":[],"data":[{"id":"a","id":"b"}]}',
    "invalid-utf-8": b'{"data":[{"id":"\xff\xfe"}],"x":"\xff"}',
    "utf-16": '{"data":[{"id":"a"}]}'.encode("utf-16"),
    "html": b"<!doctype html><title>Sign in</title>",
    "prototype": b'{"__proto__":{"a":1},"data":[{"id":"__proto__"},{"id":"constructor"}]}',
}

DESCRIBED = {
    "flood-of-descriptions": (["good"], [described("good", n) for n in range(20_000)]),
    **{
        f"all-that-fits-with-{character}": (
            [f"{n:05d}{'x' * 23}{character}" for n in range(5000)],
            [described(f"{n % 5000:05d}{'x' * 23}{character}", n) for n in range(12_000)],
        )
        for character in "中😀"
    },
}


def check(end: End, *statuses: int, seconds: float = SECONDS) -> None:
    """In time, in little memory, and without a word that is not ours."""
    assert end.status in (statuses or (0, 1)), end.stderr
    assert end.seconds <= seconds
    if sys.platform == "linux":
        assert end.peak_mb <= PEAK_MB
    assert "Traceback" not in end.stderr
    assert "this is a bug" not in end.stderr
    assert "stopped after" not in end.stderr
    assert end.status == 0 or end.stderr.startswith("error: ")
    shown = end.stdout + end.stderr
    assert not {unicodedata.category(character) for character in shown.replace("\n", "")} & ACTING


@pytest.mark.parametrize("attack", TRANSPORT)
def test_a_list_that_breaks_http(attack: str, tmp_path: Path) -> None:
    """Whatever bytes come instead of the list, the run ends with one line of cause and one of what to do."""
    with serving({MODELS: TRANSPORT[attack]}) as (port, _):
        end = measured("--url", f"http://127.0.0.1:{port}", "--timeout", "2", root=tmp_path / "run")
    check(end, 1)


@pytest.mark.long
@pytest.mark.parametrize("attack", TRANSPORT)
def test_descriptions_that_break_http(attack: str, tmp_path: Path) -> None:
    """The same bytes instead of what only adds to the list cost nothing but that, and never the list."""
    attacks = {INFO: TRANSPORT[attack], VERSION: TRANSPORT[attack]}
    with serving(attacks) as (port, _):
        end = measured("--url", f"http://127.0.0.1:{port}", "--timeout", "3", root=tmp_path / "run")
    check(end, 0)
    assert "good" in end.stdout


@pytest.mark.parametrize("attack", CONTENT)
def test_a_list_that_is_none(attack: str, tmp_path: Path) -> None:
    """Garbage, floods and bombs in JSON: what is usable is used, and the rest is counted or refused."""
    with serving({MODELS: body(CONTENT[attack])}) as (port, _):
        end = measured("--url", f"http://127.0.0.1:{port}", "--write", "opencode", root=tmp_path / "run")
    check(end)


@pytest.mark.long
@pytest.mark.parametrize("attack", CONTENT)
def test_descriptions_that_are_none(attack: str, tmp_path: Path) -> None:
    """The same garbage under the name of what a description is called."""
    with serving({INFO: body(CONTENT[attack].replace(b'"id"', b'"model_name"'))}) as (port, _):
        end = measured("--url", f"http://127.0.0.1:{port}", "--json", root=tmp_path / "run")
    check(end, 0)
    assert [model["id"] for model in json.loads(end.stdout)["models"]] == ["good"]


@pytest.mark.parametrize("arguments", [("--json",), (), ("--write", "opencode")], ids=["json", "table", "write"])
@pytest.mark.parametrize("attack", DESCRIBED)
def test_the_largest_answers(attack: str, arguments: tuple[str, ...], tmp_path: Path) -> None:
    """As many models and descriptions as are taken at all, in each form; a busy machine may need longer."""
    ids, descriptions = DESCRIBED[attack]
    models = data(json.dumps({"id": model_id}, ensure_ascii=False).encode() for model_id in ids)
    with serving({MODELS: body(models), INFO: body(data(descriptions, 16 * MIB))}) as (port, _):
        words = ("--url", f"http://127.0.0.1:{port}", "--timeout", "25", *arguments)
        end = measured(*words, root=tmp_path / "run")
    check(end, 0, seconds=25)


@pytest.mark.parametrize(("path", "code"), [(MODELS, "credential_refused"), (INFO, "metadata_forbidden")])
def test_a_refusal_of_any_length(path: str, code: str, tmp_path: Path) -> None:
    """Its status counts, and hardly anything of it is held."""
    head = b"HTTP/1.1 401 No\r\nContent-Type: text/plain\r\nContent-Length: 62914560\r\n\r\n"
    with serving({path: sending(head, b"x" * 60 * MIB)}) as (port, _):
        words = ("--url", f"http://127.0.0.1:{port}", "--json")
        end = measured(*words, root=tmp_path / "run", env={"LITELLM_API_KEY": "sk-mine"})
    document = json.loads(end.stdout)
    assert [told["code"] for told in (*document["errors"], *document["warnings"])] == [code]
    assert end.seconds <= SECONDS
    if sys.platform == "linux":
        assert end.peak_mb <= 50  # a run without any answer has 35


@pytest.mark.parametrize("path", [MODELS, INFO])
def test_a_redirect_leads_nowhere(path: str, tmp_path: Path) -> None:
    """Who it points at hears nothing at all."""
    with serving({}) as (other, asked), serving({path: redirect(f"http://127.0.0.1:{other}/v1/models")}) as (port, _):
        end = measured("--url", f"http://127.0.0.1:{port}", root=tmp_path / "run", env={"LITELLM_API_KEY": "sk-mine"})
    check(end)
    assert asked == []


# In-process: whatever the answers hold.

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)

_NASTY = st.sampled_from(
    [
        *("\x1b[2J", "\n", "\0", "\x9b", "\u202e", "\u200b", "\ufeff", "\ud800", "\U000e0041", "\u2028", "\u061c"),
        *("{env:HOME}", "{file:/etc/passwd}", "{env-v1:0:A_B}", "{fi-v1:0le:x}", "!cmd", "__proto__", "constructor"),
        *("gpt-5.5", "GPT-5.5", "openai/", "bedrock/us.", "claude-opus-4-6-v1:0", "@latest", ":free", "#x", "*"),
    ]
)
_TEXT = st.lists(_NASTY | st.text(max_size=4), max_size=4).map("".join)
_FIELDS = st.sampled_from(
    [
        *("id", "model_name", "model_info", "mode", "litellm_provider", "key", "max_tokens", "max_input_tokens"),
        *("supported_endpoints", "supported_openai_params", "reasoning_effort_levels", "input_cost_per_token"),
        *FLAGS[:4],
    ]
)
_ENTRY = st.dictionaries(_FIELDS, _TEXT | JSON | st.dictionaries(_FIELDS, _TEXT | JSON, max_size=5), max_size=5)
_LIST = st.fixed_dictionaries({"data": st.lists(_ENTRY | JSON, max_size=6)}).map(
    lambda value: json.dumps(value).encode()
)
_RECORDED = [
    recorded(f"{version}/seed004_key__right/GET_v1_{path}").body
    for version in ("v1.106.2", "v1.72.6")
    for path in ("models", "model_info")
]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A recorded body with a few bytes changed, taken out or put in."""
    text = bytearray(draw(st.sampled_from(_RECORDED)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text) - 1))
        text[at : at + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    return bytes(text)


# Control, format, surrogate, line and paragraph separator.
ACTING = {"Cc", "Cf", "Cs", "Zl", "Zp"}

BODY = _LIST | mutated() | st.binary(max_size=50) | JSON.map(lambda value: json.dumps(value).encode())
VERSIONS = BODY | _TEXT.map(lambda text: json.dumps({"litellm_version": text}).encode())


def fetched(models: bytes, info: bytes, version: bytes, status: int = 200) -> Catalog | DiscoverError:
    """What a proxy with these bodies comes to."""
    get = FakeGet(
        {
            MODELS: Answer(MODELS, status, "application/json", models),
            INFO: Answer(INFO, status, "application/json", info),
            VERSION: Answer(VERSION, 200, "application/json", version),
        }
    )
    proxy = Proxy("litellm", "http://127.0.0.1:4000/v1")
    try:
        return build_catalog(litellm.fetch(get, proxy, lambda: 1.0), CatalogOptions(), {})
    except DiscoverError as error:
        return error


def texts(found: Catalog | DiscoverError) -> list[str]:
    """Everything in it that can reach a terminal or a file."""
    if isinstance(found, DiscoverError):
        return [found.message, found.hint]
    models = [
        text
        for model in found.models
        for text in (model.id, model.name, model.owner, model.mode, *(model.efforts or ()), *model.sources.values())
    ]
    hidden = [text for entry in found.hidden for text in (entry.id, entry.reason)]
    notices = [text for notice in found.notices for text in (notice.code, notice.message)]
    return [text for text in (*models, *hidden, *notices, found.proxy.version) if text]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(BODY, BODY, VERSIONS, st.sampled_from([200, 200, 200, 401, 500]))
def test_any_answers_are_a_catalog_or_our_own_error(models: bytes, info: bytes, version: bytes, status: int) -> None:
    """And no text of it can act on a terminal, turn around what stands beside it, or refer to a secret."""
    found = fetched(models, info, version, status)
    for text in texts(found):
        assert not {unicodedata.category(character) for character in text} & ACTING, ascii(text)
        assert "{env:" not in text
        assert "{file:" not in text
    if not isinstance(found, DiscoverError):
        assert all(0 < len(model.id) <= MAX_ID_LENGTH for model in found.models)
