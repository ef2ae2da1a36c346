"""The bytes of catalogs and manifests, what is read of them, and what is wrong with one."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litellm_discover.core.facts import Facts, facts
from litellm_discover.core.inspection import problems
from litellm_discover.core.manifest import (
    MAX_FILE,
    CatalogSetting,
    IncompatibleError,
    Listed,
    Manifest,
    entry,
    read_file,
    read_manifest,
    render_catalog,
    render_manifest,
)
from litellm_discover.core.model import Cost, Limit, Tier
from litellm_discover.errors import UsageError
from litellm_discover.io.shelf import CATALOGS

FULL = Facts(
    name="Größe – X",
    mode="responses",
    reasoning=True,
    efforts=("low", "high"),
    input=("text", "image"),
    output=("text",),
    tool_call=False,
    limit=Limit(1_000_000, 128_000),
    cost=Cost(
        Decimal(3), Decimal("15.5"), Decimal("0.3"), None, (Tier(200_000, Decimal(6), Decimal("22.5"), Decimal("0.6")),)
    ),
    deprecated="2027-04-08",
)
FULL_LINE = (
    '"b/x":{"name":"Größe – X","limit":{"context":1000000,"output":128000},"cost":{"input":3,"output":15.5,'
    '"cacheRead":0.3,"tiers":[{"above":200000,"input":6,"output":22.5,"cacheRead":0.6}]},"input":["text","image"],'
    '"output":["text"],"toolCall":false,"reasoning":true,"efforts":["low","high"],"mode":"responses",'
    '"deprecated":"2027-04-08"}'
)
HEAD = '{"schemaVersion":1,"provider":"openrouter","models":{\n'
DIGEST = "0" * 64


def test_a_catalog_has_an_entry_a_line_sorted() -> None:
    """The layout is fixed: whoever writes the same content writes the same bytes."""
    data = render_catalog("openrouter", {"b/x": FULL, "a": Facts(mode="chat")})
    assert data.decode() == f'{HEAD}"a":{{}},\n{FULL_LINE}\n}}}}\n'
    assert render_catalog("openrouter", {}).decode() == f"{HEAD}}}}}\n"


def test_what_is_rendered_reads_back() -> None:
    """Nothing is lost on the way."""
    read = read_file(render_catalog("openrouter", {"b/x": FULL}), "openrouter")
    assert dict(read) == {"b/x": FULL}


def test_a_manifest_has_a_provider_a_line_sorted() -> None:
    """The same for the manifest, whose sources keep their order."""
    listed = {"openai": Listed(DIGEST, 9, 1), "azure": Listed(DIGEST, 10, 2)}
    sources = ({"name": "litellm", "version": "1.106.2", "license": "MIT"}, {"name": "registry"})
    manifest = Manifest(listed, sources)
    assert render_manifest(manifest).decode() == (
        '{"schemaVersion":1,"minVersions":{"litellm-discover":"0.1.0"},"providers":{\n'
        f'"azure":{{"sha256":"{DIGEST}","bytes":10,"models":2}},\n"openai":{{"sha256":"{DIGEST}","bytes":9,"models":1}}\n'
        '},"sources":[\n{"name":"litellm","version":"1.106.2","license":"MIT"},\n{"name":"registry"}\n]}\n'
    )
    assert read_manifest(render_manifest(manifest)) == manifest


def document(**changed: Any) -> bytes:
    """A manifest with one provider, changed."""
    listed = {"openai": {"sha256": DIGEST, "bytes": 9, "models": 1}}
    return json.dumps({"schemaVersion": 1, "minVersions": {}, "providers": listed, "sources": [], **changed}).encode()


@pytest.mark.parametrize(
    ("changed", "version", "message"),
    [
        ({"schemaVersion": 2, "providers": None}, "9.0", "its schemaVersion is 2; understood is 1"),
        (
            {"minVersions": {"litellm-discover": "0.2"}},
            "0.1.9",
            "it needs litellm-discover 0.2 or newer; this is 0.1.9",
        ),
        ({"minVersions": {"litellm-discover": "0.2"}}, "0.2.0rc1", None),
        ({"minVersions": {"litellm-discover": "0.10.0"}}, "0.9.0", "it needs litellm-discover 0.10.0"),
        ({"minVersions": {"litellm-discover": "1.0.0"}}, "1", None),
        ({"minVersions": {"another": "99"}}, "0.1.0", None),
    ],
)
def test_a_manifest_says_who_understands_it(changed: dict[str, Any], version: str, message: str | None) -> None:
    """A newer schema or a needed newer version is told apart from a broken manifest."""
    if message is None:
        assert list(read_manifest(document(**changed), version).providers) == ["openai"]
        return
    with pytest.raises(IncompatibleError, match=message):
        read_manifest(document(**changed), version)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"null",
        document()[:-1],
        document(schemaVersion=None),
        document(schemaVersion=True),
        document(schemaVersion=0),
        document(minVersions={"litellm-discover": 1}),
        document(minVersions=[]),
        document(providers=[]),
        b'{"schemaVersion":1,"schemaVersion":1,"minVersions":{},"providers":{}}',
        b" " * 300_000 + document(),
        document(providers={f"p{number}": {"sha256": DIGEST, "bytes": MAX_FILE, "models": 1} for number in range(17)}),
    ],
    ids=lambda data: repr(data[:40]),
)
def test_a_broken_manifest_is_not_read(data: bytes) -> None:
    """Whatever is wrong with it is one kind of error, and not that it is newer."""
    with pytest.raises(ValueError, match="it") as error:
        read_manifest(data)
    assert not isinstance(error.value, IncompatibleError)


@pytest.mark.parametrize(
    ("name", "listed"),
    [
        ("../etc", {"sha256": DIGEST, "bytes": 9, "models": 1}),
        ("manifest", {"sha256": DIGEST, "bytes": 9, "models": 1}),
        ("UPPER", {"sha256": DIGEST, "bytes": 9, "models": 1}),
        ("openai", {"sha256": "short", "bytes": 9, "models": 1}),
        ("openai", {"sha256": DIGEST, "bytes": MAX_FILE + 1, "models": 1}),
        ("openai", {"sha256": DIGEST, "bytes": True, "models": 1}),
        ("openai", {"sha256": DIGEST, "bytes": 9, "models": -1}),
        ("openai", None),
    ],
)
def test_an_entry_that_cannot_be_used_is_left_out(name: str, listed: object) -> None:
    """Nothing that could name a file elsewhere, or be too large, is ever asked for."""
    good = {"sha256": DIGEST, "bytes": 9, "models": 1}
    assert list(read_manifest(document(providers={name: listed, "xai": good})).providers) == ["xai"]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda j: st.lists(j) | st.dictionaries(st.text(), j)
    )
)
def test_any_json_is_a_manifest_or_an_error(value: object) -> None:
    """No other error comes out."""
    data = json.dumps({"schemaVersion": 1, "minVersions": {}, "providers": {"x": value}, "sources": [value]}).encode()
    for each in (data, json.dumps(value).encode()):
        try:
            read_manifest(each)
        except ValueError:
            continue


@pytest.mark.parametrize(
    ("url", "root"),
    [
        ("https://catalogs.example.com", "https://catalogs.example.com"),
        ("https://catalogs.example.com:8443/team/v1/", "https://catalogs.example.com:8443/team/v1"),
        (" http://127.0.0.1:8000/ ", "http://127.0.0.1:8000"),
    ],
)
def test_the_address_of_a_catalog_is_that_of_its_folder(url: str, root: str) -> None:
    """Unlike that of a proxy, it may end in /v1."""
    assert CatalogSetting(url).folder.root == root


@pytest.mark.parametrize(
    "url",
    ["ftp://x/", "x", "https://me:secret@example.com/", "https://example.com/?key=secret", "http://localhost:8000"],
)
def test_an_address_that_cannot_be_used_is_an_error(url: str) -> None:
    """The error holds nothing that could be a secret."""
    with pytest.raises(UsageError) as error:
        _ = CatalogSetting(url).folder
    assert "secret" not in f"{error.value.message}{error.value.hint}"


def test_a_file_of_brackets_is_refused_before_it_is_parsed() -> None:
    """Empty objects take the most memory for their bytes."""
    models = ",".join(f'"{number}":{{}}' for number in range(70_000))
    with pytest.raises(ValueError, match="it is no JSON"):
        read_file(f'{{"schemaVersion":1,"provider":"x","models":{{{models}}}}}'.encode(), "x")


def of(models: str, *, count: int = 1) -> tuple[bytes, Listed]:
    """A file of the provider x with these models, and what a manifest says of it."""
    data = f'{{"schemaVersion":1,"provider":"x","models":{models}}}'.encode()
    return data, Listed.of(data, count)


@pytest.mark.parametrize(
    ("models", "expected"),
    [
        ('{"a":{"name":"A","mode":"chat","input":["image","text"],"limit":{"context":1}}}', []),
        ('{"a":{"cost":{"input":3,"output":15,"tiers":[{"above":5,"input":6,"output":7}]}}}', []),
        ('{"a":{"cost":{"input":3},"nmae":"A","limit":{"context":0}}}', ["a: what cannot be used: cost, nmae, limit"]),
        ('{"a":{"efforts":["low","huge"]}}', ["a: what cannot be used: efforts"]),
        ('{"a":{"name":"A\\u0007"}}', ["a: what cannot be used: name"]),
        ('{"a":[]}', ["a: the entry is no object"]),
        ('{"a":{},"b":{}}', ["it has 2 models, and the manifest says 1"]),
        ("[]", ["it has no models"]),
        ("{", ["it is no JSON, or not whole"]),
    ],
)
def test_what_is_wrong_with_a_file_is_told(models: str, expected: list[str]) -> None:
    """Whoever publishes a catalog hears what nobody would use of it."""
    assert list(problems(*of(models)[:1], "x", of(models)[1])) == expected


def test_a_changed_file_is_told() -> None:
    """By its size or its digest, before anything else."""
    data, listed = of('{"a":{}}')
    assert list(problems(data + b" ", "x", listed)) == [f"it has {len(data) + 1} bytes instead of {len(data)}"]
    changed = data.replace(b'"a"', b'"b"')
    assert list(problems(changed, "x", listed)) == ["its digest is not that of the manifest"]
    assert list(problems(data, "y", listed)) == ["it is not that of y"]


def test_the_bundled_catalogs_are_what_their_manifest_says() -> None:
    """And each field in them is understood."""
    manifest = read_manifest((CATALOGS / "manifest.json").read_bytes())
    wrong = [
        f"{provider}: {problem}"
        for provider, listed in manifest.providers.items()
        for problem in problems((CATALOGS / f"{provider}.json").read_bytes(), provider, listed)
    ]
    assert wrong == []
    assert {path.stem for path in CATALOGS.glob("*.json")} == {*manifest.providers, "manifest"}


def test_an_entry_is_what_facts_read() -> None:
    """One reading and one writing of the fields."""
    assert facts(entry(FULL)) == FULL
