from __future__ import annotations

import itertools
import json
import os
import re
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from catalogs import BASE_URL, References, catalog, catalogs_from_json, model
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from litellm_discover.core import jsonc
from litellm_discover.core.host import Rendering
from litellm_discover.core.ids import safe_name, unoffered_reason
from litellm_discover.core.model import KeyReference
from litellm_discover.core.naming import display_name
from litellm_discover.core.ownership import Present, members_at, still_ours
from litellm_discover.core.providers import CHAT, MODELS, RESPONSES
from litellm_discover.errors import ConfigError
from litellm_discover.io.places import Places
from litellm_discover.planning import plan_write
from litellm_discover.targets import merge_all, pi
from litellm_discover.targets.pi.merging import MANY_MODELS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from litellm_discover.core.host import Version
    from litellm_discover.core.merge import Merge
    from litellm_discover.core.model import Catalog, Model, Transport
    from litellm_discover.core.options import ResponsesStyle

GOLDEN = Path(__file__).parent.parent / "golden" / "pi"
SCHEMA = Draft202012Validator(
    json.loads((files("litellm_discover") / "data" / "pi-models.schema.json").read_text("utf-8"))
)

LOOKUP = References(unset=("UNSET",))
KEY = KeyReference("LITELLM_API_KEY")

STYLES: tuple[ResponsesStyle | None, ...] = (None, "per-model", "sibling")
OLD, MIDDLE, NEW = (0, 74, 2), (0, 87, 1), (1, 5, 2)
VERSIONS: tuple[Version | None, ...] = (None, OLD, MIDDLE, NEW)

# LITELLM_DISCOVER_GOLDEN=write makes the expected files anew; read the diff before committing it.
REWRITE = os.environ.get("LITELLM_DISCOVER_GOLDEN") == "write"


def read_as_pi(text: str) -> Any:
    """A file as Pi reads it: // comments and trailing commas are taken out, and the rest is JSON."""
    text = re.sub(r'("(?:\\.|[^"\\])*")|//[^\n]*', lambda found: found[1] or "", text.removeprefix("\ufeff"))
    return json.loads(re.sub(r'("(?:\\.|[^"\\])*")|,(?=\s*[}\]])', lambda found: found[1] or "", text))


def schema_errors(config: object) -> list[str]:
    """What Pi's own schema says against a file; one word of it, and Pi shows no model at all."""
    return [f"{list(error.absolute_path)}: {error.message}" for error in SCHEMA.iter_errors(config)]


def flaws(provider: Any) -> Iterator[str]:
    """What is wrong with a provider of ours although the schema allows it."""
    ids = [entry["id"] for entry in provider[MODELS]]
    if len(set(ids)) != len(ids):
        yield "an id is there twice"
    if {"name", "baseUrl", "apiKey", "api"} - provider.keys():
        yield "a field of the provider is missing"
    for entry in provider[MODELS]:
        if "" in strings(entry):
            yield "an empty text"
        if not set(entry["input"]) <= {"text", "image"} or "text" not in entry["input"]:
            yield "a kind of input that Pi does not know"
        if "cost" in entry and set(entry["cost"]) != {"input", "output", "cacheRead", "cacheWrite"}:
            yield "not all four prices"
        if any(
            isinstance(entry.get(name, 1), bool) or entry.get(name, 1) <= 0 for name in ("contextWindow", "maxTokens")
        ):
            yield "no limit"
        if entry["api"] not in {"openai-completions", "openai-responses"}:
            yield "an api that Pi does not know"


def strings(value: Any) -> Iterator[str]:
    """All texts in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from strings(inner)


def written(before: bytes | None, found: Sequence[Catalog], rendering: Rendering) -> bytes:
    """What the target makes of a file, as the shell does it."""
    text = jsonc.decode(before) if before and before.strip() else pi.EMPTY_FILE
    merge = merge_all(pi, Present(jsonc.parse(text)), found, rendering, (), prune=True)
    return jsonc.encode(jsonc.edit(text, merge.edits)) if merge.edits else before or b""


@pytest.mark.parametrize("case", sorted(path.name for path in GOLDEN.iterdir()))
def test_golden_cases(case: str) -> None:
    """before.json and catalog.json give after.json to the byte; a second run gives the same bytes."""
    folder = GOLDEN / case
    data = json.loads((folder / "catalog.json").read_text("utf-8"))
    version = data.get("version")
    found, rendering = catalogs_from_json(data), Rendering(data.get("style"), tuple(version) if version else None)
    before = (folder / "before.json").read_bytes() if (folder / "before.json").exists() else None
    after = written(before, found, rendering)
    if REWRITE:
        (folder / "after.json").write_bytes(after)
    assert after == (folder / "after.json").read_bytes()
    assert written(after, found, rendering) == after
    text = jsonc.decode(after)
    assert read_as_pi(text) == jsonc.parse(text)
    assert schema_errors(jsonc.parse(text)) == []
    assert b"/*" not in after


# Files with a place in them, marked by ¦, where the new models belong. Everything else is the person's.
PLACES = {
    "trailing comma": '{"providers": {"litellm": {FIELDS, "models": [\n  { "id": "x" }, // mine¦\n]}}, } // end\n',
    "own items": (
        '// top\n{\n  "x": 1.50,\n  "providers": {\n    "b": { "models": [{"id":"a"}] },\n    "litellm": { FIELDS,\n'
        '      "models": [\n        // one\n        { "id": "x", "n": 1e3 },\n        { "n": 2 },¦\n'
        '      ],\n      "modelOverrides": { "a": { "maxTokens": 5 } }, // own\n    },\n  },\n}\n'
    ),
    "empty list": '{"providers": {"litellm": {FIELDS, "models": [¦]}, "z": {}}}',
    "crlf, tabs, mark": (
        '\ufeff{\r\n\t"providers": {\r\n\t\t"litellm": {\r\n\t\t\tFIELDS,\r\n\t\t\t"models": [\r\n'
        '\t\t\t\t{ "id": "x" },¦\r\n\t\t\t]\r\n\t\t}\r\n\t}\r\n}'
    ),
    "minified": '{"providers":{"litellm":{FIELDS,"models":[{"id":"x"}¦]},"z":{"apiKey":"k"}}}',
}
FIELDS = '"name": "N", "baseUrl": "http://127.0.0.1:4000", "apiKey": "k", "api": "openai-completions"'


@pytest.mark.parametrize("name", PLACES)
def test_nothing_outside_our_entries_changes(name: str) -> None:
    """What is left of the file when our entries are cut out is the person's file, byte for byte."""
    head, tail = PLACES[name].replace("FIELDS", FIELDS).split("¦")
    found = catalog(model("a", limit={"context": 5}), model("b", transport="responses"), key=KEY)
    after = jsonc.decode(written((head + tail).encode(), [found], Rendering()))
    assert after.startswith(head)
    assert after.endswith(tail)
    ours = after.removeprefix(head).removesuffix(tail).strip().strip(",")
    assert [entry["id"] for entry in read_as_pi(f"[{ours}]")] == ["a", "b"]
    assert read_as_pi(after) == jsonc.parse(after)


def test_a_new_provider_leaves_the_others_as_they_are() -> None:
    """It goes behind them, and their text stays."""
    head, tail = '{ // mine\n  "providers": {\n    "z": {"apiKey":"k",},', "\n  } // end\n}\n"
    after = jsonc.decode(written((head + tail).encode(), [catalog(model("a"))], Rendering()))
    assert after.startswith(head)
    assert after.endswith(tail)
    assert list(read_as_pi(after)["providers"]) == ["z", "litellm"]


def test_every_model_is_offered_exactly_once() -> None:
    """Over both providers, in every style and for every version, each id of the catalog appears once."""
    found = catalog(
        *(
            model(f"m{n}", transport="responses" if n % 2 else "chat", parameters={"prompt_cache_key": n % 3 == 0})
            for n in range(12)
        )
    )
    for style, version in itertools.product(STYLES, VERSIONS):
        for make in (pi.render, pi.render_complete):
            providers: Any = make(found, Rendering(style, version))["providers"]
            ids = [entry["id"] for provider in providers.values() for entry in provider[MODELS]]
            assert sorted(ids) == sorted(m.id for m in found.models)


def entry_of(one: Model, version: Version | None = None, style: ResponsesStyle | None = None) -> Any:
    """The entry of a model."""
    providers: Any = pi.render(catalog(one), Rendering(style, version))["providers"]
    (entry,) = (entry for provider in providers.values() for entry in provider[MODELS])
    return entry


CHAT_API, RESPONSES_API = "openai-completions", "openai-responses"
NO_STORE = {"supportsStore": False, "supportsDeveloperRole": False}
DISABLED = {"promptCacheKeyMode": "disabled"}
SHORT = {"supportsLongCacheRetention": False}
NULL = {"prompt_cache_key": None}
REFUSES = {"store": False, "prompt_cache_key": False}
OPENAI = {"store": True, "prompt_cache_key": True, "developer": True}


@pytest.mark.parametrize(
    ("transport", "parameters", "version", "api", "compat", "sampling"),
    [
        ("chat", {}, None, CHAT_API, NO_STORE, None),
        ("chat", {}, OLD, CHAT_API, NO_STORE, None),
        ("chat", {"store": False}, None, CHAT_API, NO_STORE, None),
        ("chat", {"store": True}, None, CHAT_API, {**NO_STORE, "supportsStore": True}, None),
        ("chat", {"developer": True}, None, CHAT_API, {**NO_STORE, "supportsDeveloperRole": True}, None),
        ("chat", REFUSES, None, CHAT_API, {**NO_STORE, **DISABLED}, None),
        ("chat", REFUSES, (1, 5, 1), CHAT_API, {**NO_STORE, **DISABLED}, None),
        ("chat", REFUSES, (1, 5, 0), CHAT_API, {**NO_STORE, **SHORT}, None),
        ("chat", REFUSES, OLD, CHAT_API, {**NO_STORE, **SHORT}, None),
        ("chat", OPENAI, OLD, CHAT_API, {"supportsStore": True, "supportsDeveloperRole": True}, None),
        ("chat", {"cache_control": True}, None, CHAT_API, {**NO_STORE, "cacheControlFormat": "anthropic"}, None),
        ("chat", {"max_completion_tokens": False}, None, CHAT_API, {**NO_STORE, "maxTokensField": "max_tokens"}, None),
        ("chat", {"max_completion_tokens": True}, None, CHAT_API, NO_STORE, None),
        ("responses", {}, None, RESPONSES_API, None, None),
        ("responses", {}, OLD, RESPONSES_API, None, None),
        ("responses", OPENAI, None, RESPONSES_API, None, None),
        ("responses", OPENAI, OLD, RESPONSES_API, None, None),
        ("responses", {"store": True, "prompt_cache_key": False}, None, RESPONSES_API, DISABLED, None),
        ("responses", {"store": True, "prompt_cache_key": False}, (1, 5, 1), RESPONSES_API, DISABLED, None),
        ("responses", {"store": True, "prompt_cache_key": False}, (1, 5, 0), RESPONSES_API, None, NULL),
        ("responses", {"store": True, "prompt_cache_key": False}, (0, 84, 0), RESPONSES_API, None, NULL),
        ("responses", {"store": True, "prompt_cache_key": False}, (0, 83, 9), CHAT_API, {**NO_STORE, **SHORT}, None),
        ("responses", {"store": True, "prompt_cache_key": False}, OLD, CHAT_API, {**NO_STORE, **SHORT}, None),
    ],
)
def test_what_pi_is_told_about_requests(
    transport: Transport,
    parameters: dict[str, bool],
    version: Version | None,
    api: str,
    compat: dict[str, object] | None,
    sampling: dict[str, None] | None,
) -> None:
    """For each route, each knowledge of the backend and each version: exactly these fields."""
    entry = entry_of(model("m", transport=transport, parameters=parameters), version)
    assert (entry["api"], entry.get("compat"), entry.get("samplingParams")) == (api, compat, sampling)


def refused_parameters_sent(entry: Any, version: Version, takes: dict[str, bool], transport: Transport) -> set[str]:
    """What Pi would send of what is known to be refused; how Pi sends is measured (docs/pi.md)."""
    compat, sampling = entry.get("compat", {}), entry.get("samplingParams", {})
    if entry["api"] == CHAT_API:
        sent = {"store"} if compat.get("supportsStore") is not False else set()
        # With PI_CACHE_RETENTION=long.
        long = compat.get("supportsLongCacheRetention") is not False
        if long and not (version >= (1, 5, 1) and compat.get("promptCacheKeyMode") == "disabled"):
            sent.add("prompt_cache_key")
    else:
        disabled = version >= (1, 5, 1) and compat.get("promptCacheKeyMode") == "disabled"
        null = version >= (0, 84, 0) and "prompt_cache_key" in sampling
        sent = set() if disabled or null else {"prompt_cache_key"}
    same_route = entry["api"] == (CHAT_API if transport == "chat" else RESPONSES_API)
    # Of another route than that which the statements are about, everything may be refused.
    return {name for name in sent if (takes.get(name) is False if same_route else True)}


@pytest.mark.parametrize(
    "version", [(0, 73, 1), OLD, (0, 83, 9), (0, 84, 0), MIDDLE, (1, 5, 0), (1, 5, 1), NEW, (2, 0, 0)]
)
@pytest.mark.parametrize("transport", ["chat", "responses"])
def test_what_a_backend_refuses_is_never_sent(transport: Transport, version: Version) -> None:
    """By any version, on the route that the model is given in it."""
    for store, key in itertools.product((None, True, False), repeat=2):
        if transport == "responses" and store is False:
            continue  # LiteLLM refuses it on that route for no backend
        takes = {name: value for name, value in (("store", store), ("prompt_cache_key", key)) if value is not None}
        for style in STYLES:
            entry = entry_of(model("m", transport=transport, parameters=takes), version, style)
            assert refused_parameters_sent(entry, version, takes, transport) == set(), (takes, style)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("key", [True, False, None])
@pytest.mark.parametrize("transport", ["chat", "responses"])
def test_a_model_that_lets_nobody_choose_is_asked_for_no_effort(
    transport: Transport, version: Version | None, *, key: bool | None
) -> None:
    """It reasons as it likes, and answers 400 to reasoning_effort, whichever route it takes."""
    takes = {"reasoning_effort": False, **({} if key is None else {"prompt_cache_key": key})}
    entry = entry_of(model("m", transport=transport, reasoning=True, efforts=[], parameters=takes), version)
    asked = entry["reasoning"] and entry.get("compat", {}).get("supportsReasoningEffort") is not False
    assert not asked
    assert "thinkingLevelMap" not in entry


LEVELS = ("minimal", "low", "medium", "high", "xhigh", "max")


@pytest.mark.parametrize(
    ("efforts", "transport", "off", "offered"),
    [
        (None, "chat", "unset", "low medium high"),
        (None, "responses", None, "low medium high"),
        (["low", "medium", "high"], "chat", "unset", "low medium high"),
        (["low", "medium", "high"], "responses", None, "low medium high"),
        (["none", "low", "medium", "high", "xhigh"], "chat", "none", "low medium high xhigh"),
        (["none", "low", "medium", "high", "xhigh"], "responses", "none", "low medium high xhigh"),
        (["minimal", "low", "medium", "high"], "responses", None, "minimal low medium high"),
        (["high", "max"], "chat", "unset", "high max"),
        (["none"], "responses", "none", ""),
    ],
)
def test_the_levels_of_thinking(efforts: list[str] | None, transport: Transport, off: str | None, offered: str) -> None:
    """A level is sent as the effort of that name, or hidden; "off" as none, as nothing, or hidden."""
    levels = entry_of(model("m", reasoning=True, efforts=efforts, transport=transport))["thinkingLevelMap"]
    assert levels.get("off", "unset") == off
    assert {level: levels[level] for level in LEVELS} == {
        level: level if level in offered.split() else None for level in LEVELS
    }
    assert set(levels) <= {"off", *LEVELS}


@pytest.mark.parametrize("reasoning", [None, False])
def test_a_model_that_does_not_reason_has_no_levels(*, reasoning: bool | None) -> None:
    """What is not known to reason is not asked to."""
    entry = entry_of(model("m", reasoning=reasoning))
    assert entry["reasoning"] is False
    assert "thinkingLevelMap" not in entry


@pytest.mark.parametrize(
    ("key", "version", "text"),
    [
        (None, None, "no-key"),
        (None, OLD, "no-key"),
        (KEY, None, "$LITELLM_API_KEY"),
        (KEY, NEW, "$LITELLM_API_KEY"),
        (KEY, MIDDLE, "$LITELLM_API_KEY"),
        (KEY, (0, 77, 0), "$LITELLM_API_KEY"),
        (KEY, (0, 76, 9), "LITELLM_API_KEY"),
        (KEY, OLD, "LITELLM_API_KEY"),
        (KeyReference("MINE"), None, "$MINE"),
        (KeyReference("MINE", host="pi"), None, "$MINE"),
        (KeyReference("MINE", host="opencode"), OLD, "MINE"),
    ],
)
def test_the_reference_to_the_key(key: KeyReference | None, version: Version | None, text: str) -> None:
    """In the spelling of the version, in each provider; never a key itself, and never nothing."""
    found = catalog(model("a"), model("b", transport="responses"), key=key)
    providers: Any = pi.render(found, Rendering("sibling", version))["providers"]
    assert [provider["apiKey"] for provider in providers.values()] == [text, text]


def test_the_key_that_we_wrote_for_nothing_is_renewed() -> None:
    """A proxy that had no key and has one now, and the other way round."""
    text, record = after_write(catalog(A))
    _, providers = again(text, record, catalog(A, key=KEY))
    assert providers[CHAT]["apiKey"] == "$LITELLM_API_KEY"
    text, record = after_write(catalog(A, key=KEY))
    _, providers = again(text, record, catalog(A))
    assert providers[CHAT]["apiKey"] == "no-key"


@pytest.mark.parametrize(
    ("host", "config", "told"),
    [
        (None, {}, False),
        ("pi", {}, False),
        ("opencode", {}, True),
        ("opencode", {"providers": {"litellm": {"apiKey": "sk-mine"}}}, False),
        ("opencode", {"providers": {"litellm": {"name": "Mine"}}}, True),
        ("opencode", {"providers": {"other": {"apiKey": "sk-mine"}}}, True),
    ],
)
def test_a_key_that_only_the_other_tool_has_is_explained(host: str | None, config: Any, *, told: bool) -> None:
    """Pi would hide every model without a word; the notice says what to do."""
    notices = pi.merge(Present(config), catalog(A, key=KeyReference("MY_KEY", host=host))).notices
    assert [notice.code for notice in notices] == (["key_not_in_tool"] if told else [])
    assert all("export MY_KEY" in notice.message and "opencode" in notice.message for notice in notices)


def test_a_key_that_is_missing_is_explained_as_long_as_it_is() -> None:
    """The reference that we wrote ourselves is no key: the next run says it again."""
    found = catalog(A, key=KeyReference("LITELLM_API_KEY", host="opencode"))
    text, record = after_write(found)
    merge, _ = again(text, record, found)
    assert [notice.code for notice in merge.notices] == ["key_not_in_tool"]


def test_a_provider_that_the_key_in_pi_s_store_is_not_for_is_explained() -> None:
    """Pi stores a key for ``litellm`` alone: the models of the sibling are hidden until the variable is set."""
    found = catalog(A, C, key=KeyReference("LITELLM_API_KEY", host="pi"))
    assert pi.merge(Present({}), catalog(A, key=found.proxy.key), Rendering("sibling")).notices == ()
    notices = pi.merge(Present({}), found, Rendering("sibling")).notices
    assert any("LITELLM_API_KEY" in notice.message for notice in notices)


def test_many_models_are_a_notice() -> None:
    """They make each start of Pi slower."""
    few, many = ([model(f"m{n}") for n in range(count)] for count in (MANY_MODELS, MANY_MODELS + 1))
    assert pi.merge(Present({}), catalog(*few)).notices == ()
    (notice,) = pi.merge(Present({}), catalog(*many)).notices
    assert notice.code == "many_models"
    assert str(MANY_MODELS + 1) in notice.message


def test_what_an_extension_registers_is_complete() -> None:
    """Pi crashes at a field that is missing; what is known is as in the file."""
    found = catalog(
        model("nothing"),
        model("all", limit={"context": 10, "output": 5}, cost={"input": 1, "output": 2}, reasoning=True),
        model("r", transport="responses", parameters={"prompt_cache_key": False}),
    )
    for style, version in itertools.product(STYLES, VERSIONS):
        complete: Any = pi.render_complete(found, Rendering(style, version))
        listed: Any = pi.render(found, Rendering(style, version))
        assert schema_errors(complete) == []
        for name, provider in complete["providers"].items():
            for entry, plain in zip(provider[MODELS], listed["providers"][name][MODELS], strict=True):
                needed = {"id", "name", "reasoning", "input", "cost", "contextWindow", "maxTokens", "api"}
                assert needed <= entry.keys()
                assert len(entry["cost"]) == 4
                assert {key: entry[key] for key in plain} == plain
    assumed = complete["providers"][CHAT][MODELS][0]
    assert (assumed["contextWindow"], assumed["maxTokens"], set(assumed["cost"].values())) == (128000, 16384, {0})


@pytest.mark.parametrize(
    ("cost", "expected"),
    [
        ({"input": 3, "output": 15}, (3, 15, 3, 3)),
        ({"input": 3, "output": 15, "cache_read": 0.3}, (3, 15, 0.3, 3)),
        ({"input": 3, "output": 15, "cache_write": 3.75}, (3, 15, 3, 3.75)),
        ({"input": 3, "output": 15, "cache_read": 0, "cache_write": 0}, (3, 15, 0, 0)),
        ({"input": 0.09, "output": 0}, (0.09, 0, 0.09, 0.09)),
    ],
)
def test_a_price_is_never_given_in_part(cost: dict[str, float], expected: tuple[float, ...]) -> None:
    """A cached token without a price of its own costs what another does; zero is a price."""
    prices = entry_of(model("m", cost=cost))["cost"]
    assert tuple(prices[name] for name in ("input", "output", "cacheRead", "cacheWrite")) == expected


IDS = st.text(min_size=1, max_size=20) | st.sampled_from(
    ["a//b", "-", "/", ".", "a:b", "$X", "!x", "models", "id", " x"]
)


@st.composite
def entries(draw: st.DrawFn) -> Model:
    """A model as a catalog may have it."""
    model_id = draw(IDS.filter(lambda text: unoffered_reason(text) is None))
    reasoning = draw(st.none() | st.booleans())
    efforts = draw(st.none() | st.lists(st.sampled_from(["none", *LEVELS]), unique=True)) if reasoning else None
    names = st.sampled_from(["store", "prompt_cache_key", "developer", "cache_control", "max_completion_tokens"])
    takes = draw(st.dictionaries(names, st.booleans()))
    if efforts is not None:
        takes["reasoning_effort"] = bool(efforts)
    tokens = st.integers(1, 10**8)
    price = st.floats(0, 1e9)
    optional = {"cache_read": price, "cache_write": price}
    return model(
        model_id,
        name=safe_name(display_name(model_id), model_id),
        transport=draw(st.sampled_from(["chat", "responses"])),
        reasoning=reasoning,
        efforts=efforts,
        parameters=takes,
        input=draw(st.sampled_from([["text"], ["text", "image"], ["image"], ["text", "pdf", "audio", "video"]])),
        limit=draw(st.fixed_dictionaries({}, optional={"context": tokens, "output": tokens})),
        cost=draw(st.none() | st.fixed_dictionaries({"input": price, "output": price}, optional=optional)),
    )


RENDERINGS = st.builds(Rendering, st.sampled_from(STYLES), st.sampled_from(VERSIONS))
KEYS = st.sampled_from([None, KEY, KeyReference("K", host="pi"), KeyReference("K", host="opencode")])


@settings(deadline=None)
@given(st.lists(entries(), max_size=6), KEYS, RENDERINGS)
def test_whatever_is_written_is_valid_for_pi(
    models: list[Model], key: KeyReference | None, rendering: Rendering
) -> None:
    """One bad value hides every provider of the file: no catalog leads to one, in the file or in an extension."""
    found = catalog(*{m.id: m for m in models}.values(), key=key)
    text = jsonc.edit(pi.EMPTY_FILE, pi.merge(Present({}), found, rendering).edits)
    in_file = read_as_pi(text)
    assert in_file == jsonc.parse(text)
    assert "/*" not in text
    rendered: Any = pi.render(found, rendering)
    complete: Any = pi.render_complete(found, rendering)
    for config in (in_file, rendered, complete):
        assert schema_errors(config) == []
        for provider in config["providers"].values():
            assert list(flaws(provider)) == []
    if models:
        assert in_file == {"providers": {name: p for name, p in rendered["providers"].items() if p[MODELS]}}
    ids = [entry["id"] for provider in in_file["providers"].values() for entry in provider[MODELS]]
    assert sorted(ids) == sorted(m.id for m in found.models)


# What a person may have: some of the models, in either provider, and things that are none.
OWN_ITEMS = st.lists(
    st.sampled_from([{"id": "a"}, {"id": "b", "name": "B"}, {"id": "z"}, {"name": "no id"}, {"id": "a", "api": "x"}]),
    max_size=4,
)
OWN_FIELDS = st.fixed_dictionaries(
    {}, optional={"apiKey": st.just("k"), "name": st.just("N"), "models": OWN_ITEMS, "baseUrl": st.just(BASE_URL)}
)


@settings(deadline=None)
@given(
    st.dictionaries(st.sampled_from([CHAT, RESPONSES, "other"]), OWN_FIELDS),
    st.lists(st.sampled_from(["a", "b", "c", "d"]), unique=True),
    st.lists(st.sampled_from(["a", "b", "c", "d"]), unique=True),
    st.sampled_from(STYLES),
)
def test_what_a_person_has_outlives_two_runs(
    own: dict[str, Any], first: list[str], second: list[str], style: ResponsesStyle | None
) -> None:
    """Each of their items and fields is there as it was, in their order, and each id that they lack is added once."""

    def offered(ids: list[str]) -> Catalog:
        return catalog(*(model(each, transport="responses" if each in "bd" else "chat") for each in ids))

    text, record = after_write(offered(first), json.dumps({"providers": own}), Rendering(style))
    merge, providers = again(text, record, offered(second), rendering=Rendering(style))
    theirs = [item.get("id") for name in (CHAT, RESPONSES) for item in own.get(name, {}).get(MODELS, [])]
    for name, provider in own.items():
        # One in which they have nothing at all may go with the last of ours.
        left = providers[name] if any(provider.values()) else providers.get(name, {})
        assert {key: left[key] for key in provider if key != MODELS} == {
            key: value for key, value in provider.items() if key != MODELS
        }
        items = provider.get(MODELS, [])
        assert left.get(MODELS, [])[: len(items)] == items
    ids = [item.get("id") for name in (CHAT, RESPONSES) for item in providers.get(name, {}).get(MODELS, [])]
    expected = sorted([*filter(None, theirs), *(each for each in second or first if each not in theirs)])
    assert sorted(filter(None, ids)) == expected
    assert bool(schema_errors({"providers": providers})) == bool(schema_errors({"providers": own}))
    assert set(merge.kept) == {each for each in second if each in theirs}


@pytest.mark.parametrize(
    "config",
    [
        {"providers": {"litellm": {"baseUrl": "https://other.example.com/v1"}}},
        {"providers": {"litellm": {"baseUrl": "http://127.0.0.1:4001/v1"}}},
        {"providers": {"litellm": {"baseUrl": "not an address"}}},
        {"providers": {"litellm-responses": {"baseUrl": "http://[::1]:9/v1"}}},
    ],
)
def test_a_configuration_for_another_proxy_is_refused(config: Any) -> None:
    """Models of one proxy are never written beside the address of another."""
    with pytest.raises(ConfigError) as refused:
        pi.merge(Present(config), catalog(model("a")))
    assert refused.value.code == "other_proxy"
    assert "baseUrl" in refused.value.message
    assert refused.value.hint


@pytest.mark.parametrize("url", ["http://127.0.0.1:4000/v1", "http://127.0.0.1:4000", "http://localhost:4000/v1/"])
def test_the_same_proxy_may_be_spelled_differently(url: str) -> None:
    """With or without /v1, and by the name localhost."""
    config: Any = {"providers": {"litellm": {"baseUrl": url}}}
    assert pi.merge(Present(config), catalog(model("a"))).added == ("a",)


@pytest.mark.parametrize(
    "config",
    [
        [],
        "x",
        {"providers": []},
        {"providers": None},
        {"providers": {"litellm": None}},
        {"providers": {"litellm": []}},
        {"providers": {"litellm": {"models": "x"}}},
        {"providers": {"litellm": {"models": None}}},
    ],
)
def test_a_value_of_another_type_is_refused_with_its_place(config: Any) -> None:
    """What stands where an object or a list must be is the person's, and they are told where it is."""
    with pytest.raises(ConfigError, match="line 1, column"):
        jsonc.edit(json.dumps(config), pi.merge(Present(config), catalog(model("a"))).edits)


@pytest.mark.parametrize("name", [CHAT, RESPONSES])
@pytest.mark.parametrize("models", [{}, {"a": {}}, {"a": {"id": "a"}}])
def test_models_in_an_object_are_refused(name: str, models: Any) -> None:
    """It looks like OpenCode's form; Pi would reject the file, so nothing is put into it."""
    with pytest.raises(ConfigError, match=rf"providers\.{name}\.models") as refused:
        pi.merge(Present({"providers": {name: {"models": models}}}), catalog(model("a")))
    assert refused.value.hint


# The whole way of a write, without the file system's part of it.


def planned(home: Path, text: str, found: Catalog) -> Any:
    """The plan for a person with this models.json."""
    folder = home / ".pi" / "agent"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "models.json").write_text(text, encoding="utf-8", newline="")
    return plan_write("pi", [found], None, Places(home, {}), prune=True)


@pytest.mark.parametrize("text", ['{ /* mine */ "providers": {} }', '{ // mine\r "providers": {} }'])
def test_comments_that_pi_cannot_read_are_refused_before_the_target(tmp_path: Path, text: str) -> None:
    """The target knows nothing of comments; who writes refuses the file, and says where and why."""
    assert pi.merge(Present(jsonc.parse(text)), catalog(A)).added == ("a",)
    with pytest.raises(ConfigError, match=r"models\.json: .*line 1") as refused:
        planned(tmp_path, text, catalog(A))
    assert refused.value.hint


def test_a_value_of_the_person_that_hides_everything_is_said(tmp_path: Path) -> None:
    """Their mistake does not stop us, and is not repeated in the words of the notice."""
    plan = planned(tmp_path, '{"providers": {"x": {"apiKey": 55512, "models": {"a": {}}}}}', catalog(A))
    (notice,) = plan.merge.notices
    assert notice.code == "schema_violation"
    assert "providers.x" in notice.message
    assert "55512" not in notice.message
    assert plan.merge.added == ("a",)


def test_the_version_that_is_installed_decides_the_form(tmp_path: Path) -> None:
    """Where no program tells, the one that Pi noted down."""
    found = catalog(A, key=KEY)
    assert b'"apiKey": "$LITELLM_API_KEY"' in planned(tmp_path, "", found).after
    (tmp_path / ".pi/agent/settings.json").write_text('{"lastChangelogVersion": "0.74.2"}', encoding="utf-8")
    assert b'"apiKey": "LITELLM_API_KEY"' in planned(tmp_path, "", found).after


# What we wrote earlier, and then what the person and the proxy did since.


def after_write(
    found: Catalog, text: str = pi.EMPTY_FILE, rendering: Rendering | None = None
) -> tuple[str, dict[Any, Any]]:
    """A file that we wrote, and the record of it."""
    merge = pi.merge(Present(jsonc.parse(text)), found, rendering or Rendering())
    return jsonc.edit(text, merge.edits), {path: [digest] for path, digest in merge.record.items()}


def again(
    text: str, record: dict[Any, Any], found: Catalog, *, prune: bool = True, rendering: Rendering | None = None
) -> tuple[Merge, Any]:
    """A later merge into that file: what it means, and the providers that it leads to."""
    present = Present(jsonc.parse(text), still_ours(jsonc.read(text), record))
    merge = pi.merge(present, found, rendering or Rendering(), prune=prune)
    result: Any = jsonc.parse(jsonc.edit(text, merge.edits))
    return merge, result.get("providers", {})


def ids_of(provider: Any) -> list[str]:
    """The ids in a provider, in their order."""
    return [entry["id"] for entry in provider[MODELS]]


A, B, C = model("a"), model("b"), model("gpt-5.5", transport="responses")
SIBLING = Rendering("sibling")


@pytest.mark.parametrize(
    "rendering", [Rendering(style, version) for style in STYLES for version in (None, OLD, MIDDLE)]
)
def test_nothing_changes_when_nothing_changed(rendering: Rendering) -> None:
    """Entries that are as we wrote them, and are wanted so again, need no edit."""
    found = catalog(A, B, C, model("k", transport="responses", parameters={"prompt_cache_key": False}), key=KEY)
    text, record = after_write(found, rendering=rendering)
    merge, _ = again(text, record, found, rendering=rendering)
    assert merge.edits == ()
    assert {path: [digest] for path, digest in merge.record.items()} == record


def test_our_items_follow_the_proxy() -> None:
    """A new fact renews an item in its place, a new model is added behind, and one that is gone is taken out."""
    text, record = after_write(catalog(A, B, C))
    merge, providers = again(text, record, catalog(C, model("a", name="New name"), model("d")))
    assert (merge.added, merge.updated, merge.removed, merge.kept) == (("d",), ("a",), ("b",), ())
    assert ids_of(providers[CHAT]) == ["a", "gpt-5.5", "d"]
    assert providers[CHAT][MODELS][0]["name"] == "New name"


def test_our_items_follow_the_proxy_between_those_of_the_person() -> None:
    """Their items, and the comments at them, stay where they are."""
    own = '{"providers": {"litellm": {"models": [\n  { "id": "x" }, // x\n  { "n": 1 }, // n\n]}}}'
    text, record = after_write(catalog(A, B), own)
    present = Present(jsonc.parse(text), still_ours(jsonc.read(text), record))
    result = jsonc.edit(text, pi.merge(present, catalog(model("b", name="New"))).edits)
    items: Any = members_at(jsonc.parse(result), "providers", CHAT)[MODELS]
    assert [item.get("id") for item in items] == ["x", None, "b"]
    assert items[2]["name"] == "New"
    assert '  { "id": "x" }, // x\n  { "n": 1 }, // n\n' in result


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"name": "a"', '"name": "Mine"'),
        ('"id": "a",', '"id": "a", "maxTokens": 5,'),
        ('"name": "a",', '"name": "a", // why\n'),
        ('"reasoning": false,', ""),
        ('{\n          "id": "a"', '{ "id": "a" },\n        {\n          "id": "a"'),
    ],
)
def test_an_item_that_the_person_touched_is_theirs_from_then_on(old: str, new: str) -> None:
    """A changed value, a comment inside or a second item with its id: we neither renew nor remove it, now or later."""
    text, record = after_write(catalog(A, B))
    assert old in text
    edited = text.replace(old, new, 1)
    before: Any = jsonc.parse(edited)
    theirs = [item for item in before["providers"][CHAT][MODELS] if item["id"] == "a"]
    merge, providers = again(edited, record, catalog(model("a", name="New name"), B))
    assert (merge.added, merge.updated, merge.removed, merge.kept) == ((), (), (), ("a",))
    assert [item for item in providers[CHAT][MODELS] if item["id"] == "a"] == theirs
    merge, providers = again(edited, {p: [d] for p, d in merge.record.items()}, catalog(B))
    assert merge.removed == ()
    assert [item for item in providers[CHAT][MODELS] if item["id"] == "a"] == theirs


def test_layout_and_order_are_no_edit() -> None:
    """A formatter, sorted keys or another order of the items do not make our items the person's."""
    text, record = after_write(catalog(A, B))
    config: Any = jsonc.parse(text)
    config["providers"][CHAT][MODELS].reverse()
    merge, providers = again(json.dumps(config, indent=4, sort_keys=True), record, catalog(B))
    assert merge.removed == ("a",)
    assert ids_of(providers[CHAT]) == ["b"]


@pytest.mark.parametrize("found", [catalog(), replace(catalog(B), complete=False), replace(catalog(), complete=False)])
def test_nothing_is_taken_out_or_renewed_on_a_weak_word(found: Catalog) -> None:
    """A partial or an empty answer never empties a picker, and never makes an item poorer."""
    text, record = after_write(catalog(A, model("b", limit={"context": 1000, "output": 100})))
    merge, providers = again(text, record, found)
    assert (merge.updated, merge.removed) == ((), ())
    assert ids_of(providers[CHAT]) == ["a", "b"]
    assert providers[CHAT][MODELS][1]["contextWindow"] == 1000
    assert set(merge.record) == set(record)


def test_no_prune_keeps_what_is_gone() -> None:
    """On request nothing is taken out, and it stays ours for another day."""
    text, record = after_write(catalog(A, B))
    merge, providers = again(text, record, catalog(B), prune=False)
    assert ids_of(providers[CHAT]) == ["a", "b"]
    merge, providers = again(text, {p: [d] for p, d in merge.record.items()}, catalog(B))
    assert ids_of(providers[CHAT]) == ["b"]


def test_a_provider_that_is_ours_altogether_goes_with_its_last_model() -> None:
    """No empty sibling stays behind."""
    text, record = after_write(catalog(A, C), rendering=SIBLING)
    merge, providers = again(text, record, catalog(A), rendering=SIBLING)
    assert list(providers) == [CHAT]
    assert merge.removed == ("gpt-5.5",)
    assert not any(RESPONSES in path for path in merge.record)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"name": "LiteLLM (responses)",', '"name": "Mine",'),
        ('"name": "LiteLLM (responses)",', '"name": "LiteLLM (responses)", "headers": {},'),
        ('"name": "LiteLLM (responses)",', '"name": "LiteLLM (responses)", "modelOverrides": {},'),
        ('"models": [', '"models": [{ "name": "no id" },'),
        ('"models": [', '"models": ["a text",'),
        ('"models": [', '"models": [{ "id": "own" },'),
    ],
)
def test_a_provider_with_something_of_the_person_stays(old: str, new: str) -> None:
    """Our models leave it, and nothing else does."""
    text, record = after_write(catalog(A, C), rendering=SIBLING)
    head, sibling = text.split(f'"{RESPONSES}"')
    assert old in sibling
    edited = f'{head}"{RESPONSES}"{sibling.replace(old, new, 1)}'
    before: Any = jsonc.parse(edited)
    _, providers = again(edited, record, catalog(A), rendering=SIBLING)
    expected = before["providers"][RESPONSES]
    expected[MODELS] = [item for item in expected[MODELS] if not isinstance(item, dict) or item.get("id") != "gpt-5.5"]
    assert providers[RESPONSES] == expected


@pytest.mark.parametrize(
    ("first", "second"), [*itertools.permutations([Rendering(), SIBLING, Rendering(None, OLD)], 2)]
)
def test_another_style_or_version_moves_what_is_ours(first: Rendering, second: Rendering) -> None:
    """As if it had been written so from the start, each model once, and nothing left behind."""
    found = catalog(A, C, model("k", transport="responses", parameters={"prompt_cache_key": False}), key=KEY)
    text, record = after_write(found, rendering=first)
    merge, providers = again(text, record, found, rendering=second)
    expected: Any = pi.render(found, second)["providers"]
    assert {name: sorted(ids_of(provider)) for name, provider in providers.items()} == {
        name: sorted(ids_of(provider)) for name, provider in expected.items()
    }
    for name, provider in expected.items():
        by_id = {entry["id"]: entry for entry in provider[MODELS]}
        assert {entry["id"]: entry for entry in providers[name][MODELS]} == by_id
        assert providers[name]["apiKey"] == provider["apiKey"]
    assert merge.kept == ()


def test_a_model_that_the_person_lists_elsewhere_is_taken_back() -> None:
    """Their own item under the other provider makes ours go."""
    text, record = after_write(catalog(A, C), rendering=SIBLING)
    own: Any = {"id": "gpt-5.5", "name": "over chat"}
    edited = jsonc.edit(text, [jsonc.Put(("providers", CHAT, MODELS, "gpt-5.5"), own)])
    merge, providers = again(edited, record, catalog(A, C), rendering=SIBLING)
    assert (merge.removed, merge.kept) == (("gpt-5.5",), ("gpt-5.5",))
    assert list(providers) == [CHAT]


def test_our_address_follows_the_proxy_and_theirs_does_not() -> None:
    """A proxy on another port is no foreigner to an address of ours; one that the person wrote is respected."""
    text, record = after_write(catalog(A))
    moved = catalog(A, base_url="http://127.0.0.1:8000/v1")
    _, providers = again(text, record, moved)
    assert providers[CHAT]["baseUrl"] == "http://127.0.0.1:8000/v1"
    with pytest.raises(ConfigError, match="another address"):
        again(text, {}, moved)


# What the person has set.


@pytest.mark.parametrize(
    ("api_key", "key", "variable"),
    [
        ("sk-literal", "sk-literal", None),
        ("$K", "value of K", "K"),
        ("${K}", "value of K", "K"),
        ("K", "value of K", "K"),
        ("$k_1", "value of k_1", "k_1"),
        ("$UNSET", None, "UNSET"),
        ("${UNSET}", None, "UNSET"),
        ("UNSET", None, "UNSET"),
        ("$$K", "$K", None),
        ("$!K", "!K", None),
        ("sk-$$", "sk-$", None),
        ("a${K}b", "avalue of Kb", None),
        ("$K$UNSET", None, None),
        ("$K${K}", "value of Kvalue of K", None),
        ("$", "$", None),
        ("$1", "$1", None),
        ("${K", "${K", None),
        ("${}", "${}", None),
        ("k", "k", None),
        ("no-key", None, None),
        ("", None, None),
        ("!pass show litellm", None, None),
        ("!", None, None),
        (5, None, None),
        (None, None, None),
        (["$K"], None, None),
        ({"$var": "K"}, None, None),
    ],
)
def test_a_key_in_the_file_is_read_as_pi_does(api_key: Any, key: str | None, variable: str | None) -> None:
    """Literal, reference, escape, or a command, which is nothing to run for a look."""
    config: Any = {"providers": {"litellm": {"apiKey": api_key}}}
    options = pi.read_options(config, {}, LOOKUP)
    assert (options.api_key, options.api_key_variable) == (key, variable)


def test_a_command_is_never_run(tmp_path: Path) -> None:
    """Neither in the file, nor in a header, nor in the store."""
    trace = tmp_path / "trace"
    command = f"!touch {trace}"
    config: Any = {"providers": {"litellm": {"apiKey": command, "headers": {"A": command}}}}
    options = pi.read_options(config, {"litellm": {"type": "api_key", "key": command}}, LOOKUP)
    assert (options.has_key, dict(options.headers)) == (False, {})
    assert not trace.exists()


@pytest.mark.parametrize(
    ("stored", "api_key", "expected"),
    [
        ("sk-stored", "sk-file", (None, None, "sk-stored")),
        ("sk-stored", "$UNSET", (None, None, "sk-stored")),
        ("$K", "sk-file", (None, None, "value of K")),
        ("$UNSET", "sk-file", ("sk-file", None, None)),
        ("!command", "$K", ("value of K", "K", None)),
        ("", "sk-file", ("sk-file", None, None)),
        (5, "sk-file", ("sk-file", None, None)),
        ("sk-stored", "no-key", (None, None, "sk-stored")),
        ("sk-stored", None, (None, None, "sk-stored")),
    ],
)
def test_the_store_comes_before_the_file(stored: Any, api_key: Any, expected: tuple[str | None, ...]) -> None:
    """Where it has a key: Pi would send that one, and so do we."""
    store: Any = {"litellm": {"type": "api_key", "key": stored}, "other": {"type": "api_key", "key": "sk-other"}}
    options = pi.read_options({"providers": {"litellm": {"apiKey": api_key}}}, store, LOOKUP)
    assert (options.api_key, options.api_key_variable, options.stored_key) == expected


def test_address_and_headers_are_read() -> None:
    """References in headers are followed; what Pi would not send is left out, and no secret is in the repr."""
    headers: Any = {"A": "1", "B": 2, "C": "c=$C", "D": "$UNSET", "E": "!date", "F": "", "G": "sk-secret"}
    provider: Any = {"baseUrl": "http://h/v1", "headers": headers, "apiKey": "sk-secret"}
    options = pi.read_options({"providers": {"litellm": provider}}, {}, LOOKUP)
    assert (options.name, options.base_url) == ("pi", "http://h/v1")
    assert options.headers == {"A": "1", "C": "c=value of C", "G": "sk-secret"}
    assert "sk-secret" not in repr(options)


@pytest.mark.parametrize(
    "config",
    [
        None,
        [],
        "x",
        5,
        {"providers": 1},
        {"providers": {"litellm": [1]}},
        {"providers": {"litellm": [{"id": "baseUrl"}]}},
        {"providers": {"litellm": {"baseUrl": ["http://h/v1"], "headers": 1}}},
        {"providers": {"litellm-responses": {"baseUrl": "http://h/v1", "apiKey": "sk"}}},
        {"provider": {"litellm": {"options": {"baseURL": "http://h/v1"}}}},
    ],
)
def test_options_of_odd_configurations_are_simply_not_set(config: Any) -> None:
    """Reading never raises, whatever the files hold, and takes nothing from where Pi does not look."""
    options = pi.read_options(config, config, LOOKUP)
    assert (options.base_url, options.has_key, dict(options.headers)) == (None, False, {})


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["$K", "${", "!x", "", "$UNSET", "id"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["providers", "litellm", "apiKey", "headers", "baseUrl", "key", "id", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(ODD, ODD)
def test_reading_never_raises(config: Any, stored: Any) -> None:
    """Whatever the files hold, what comes out has the types that it should."""
    options = pi.read_options({"providers": {"litellm": config}}, {"litellm": stored}, LOOKUP)
    for text in (options.base_url, options.api_key, options.api_key_variable, options.stored_key):
        assert text is None or isinstance(text, str)
    assert all(isinstance(value, str) for value in options.headers.values())
