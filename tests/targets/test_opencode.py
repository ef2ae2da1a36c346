from __future__ import annotations

import itertools
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from catalogs import References, catalog, catalogs_from_json, model
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from litellm_discover.core import jsonc
from litellm_discover.core.host import Rendering
from litellm_discover.core.model import KeyReference
from litellm_discover.core.ownership import Present, still_ours
from litellm_discover.core.providers import CHAT, RESPONSES
from litellm_discover.errors import ConfigError
from litellm_discover.targets import merge_all, opencode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from litellm_discover.core.merge import Merge
    from litellm_discover.core.model import Catalog
    from litellm_discover.core.options import ResponsesStyle

HERE = Path(__file__).parent
GOLDEN = HERE.parent / "golden" / "opencode"
SCHEMA = Draft202012Validator(json.loads((HERE / "opencode-config.schema.json").read_text("utf-8")))

LOOKUP = References(unset=("UNSET",))

# LITELLM_DISCOVER_GOLDEN=write makes the expected files anew; read the diff before committing it.
REWRITE = os.environ.get("LITELLM_DISCOVER_GOLDEN") == "write"


def written(before: bytes | None, found: Sequence[Catalog], style: ResponsesStyle | None) -> bytes:
    """What the target makes of a file, as the shell does it."""
    text = jsonc.decode(before) if before else opencode.EMPTY_FILE
    merge = merge_all(opencode, Present(jsonc.parse(text)), found, Rendering(style), (), prune=True)
    return jsonc.encode(jsonc.edit(text, merge.edits)) if merge.edits else before or b""


def fragment_errors(fragment: object) -> list[str]:
    """What OpenCode's own schema says against a configuration."""
    return [f"{list(error.absolute_path)}: {error.message}" for error in SCHEMA.iter_errors(fragment)]


@pytest.mark.parametrize("case", sorted(path.name for path in GOLDEN.iterdir()))
def test_golden_cases(case: str) -> None:
    """before.jsonc and catalog.json give after.jsonc to the byte; a second run gives the same bytes."""
    folder = GOLDEN / case
    data = json.loads((folder / "catalog.json").read_text("utf-8"))
    found, style = catalogs_from_json(data), data.get("style")
    before = folder / "before.jsonc"
    after = written(before.read_bytes() if before.exists() else None, found, style)
    if REWRITE:
        (folder / "after.jsonc").write_bytes(after)
    assert after == (folder / "after.jsonc").read_bytes()
    assert written(after, found, style) == after
    assert fragment_errors(jsonc.parse(jsonc.decode(after))) == []


def test_a_keyless_openai_sdk_is_never_written() -> None:
    """Whatever the key, the style and the person's file: no model on @ai-sdk/openai is without an apiKey."""
    found_models = (model("a"), model("gpt-5.5", transport="responses"))
    own_files: tuple[Any, ...] = (
        {},
        {"provider": {CHAT: {"npm": "@ai-sdk/openai"}}},
        {"provider": {RESPONSES: {"npm": "@ai-sdk/openai", "env": ["LITELLM_API_KEY"]}}},
    )
    keys = (None, KeyReference("LITELLM_API_KEY"), KeyReference("LITELLM_API_KEY", host="opencode"))
    styles: tuple[ResponsesStyle, ...] = ("sibling", "per-model")
    for config, key, style in itertools.product(own_files, keys, styles):
        if key and key.host and config == own_files[1]:
            continue  # refused, see below
        merge = opencode.merge(Present(config), catalog(*found_models, key=key), Rendering(style))
        result: Any = jsonc.parse(jsonc.edit(json.dumps(config), merge.edits))
        for provider in result["provider"].values():
            sdks = {entry.get("provider", provider)["npm"] for entry in provider.get("models", {}).values()}
            assert "@ai-sdk/openai" not in sdks or provider["options"]["apiKey"].startswith("{env:")


def test_every_model_is_offered_exactly_once() -> None:
    """Over both providers and in both styles, each id of the catalog appears once."""
    found = catalog(*(model(f"m{n}", transport="responses" if n % 2 else "chat") for n in range(10)))
    styles: tuple[ResponsesStyle, ...] = ("sibling", "per-model")
    for style in styles:
        providers: Any = opencode.render(found, Rendering(style))["provider"]
        ids = [model_id for provider in providers.values() for model_id in provider["models"]]
        assert sorted(ids) == sorted(m.id for m in found.models)


def test_a_key_that_only_opencode_has_is_explained() -> None:
    """Models that would take the other route are named in a notice that says what to export."""
    found = catalog(
        model("a"), model("gpt-5.5", transport="responses"), key=KeyReference("LITELLM_API_KEY", host="opencode")
    )
    (notice,) = opencode.merge(Present({}), found).notices
    assert notice.code == "key_only_in_host"
    assert "gpt-5.5" in notice.message
    assert "export LITELLM_API_KEY" in notice.message


def test_a_choice_of_sdk_that_cannot_be_given_a_key_is_refused() -> None:
    """Naming a variable would block the key in OpenCode's store, and naming none could send another key."""
    config: Any = {"provider": {"litellm": {"npm": "@ai-sdk/openai"}}}
    found = catalog(model("a"), key=KeyReference("LITELLM_API_KEY", host="opencode"))
    with pytest.raises(ConfigError) as refused:
        opencode.merge(Present(config), found)
    assert refused.value.code == "unsafe_sdk"
    config["provider"]["litellm"]["options"] = {"apiKey": "{env:MINE}"}
    assert opencode.merge(Present(config), found).added == ("a",)


def test_a_key_that_another_tool_has_is_explained_as_long_as_it_is_missing() -> None:
    """Our own reference is no key; one of the person's is."""
    found = catalog(model("a"), key=KeyReference("LITELLM_API_KEY", host="pi"))
    for own, codes in (
        ({}, ["key_not_in_tool"]),
        ({"apiKey": "{env:LITELLM_API_KEY}"}, ["key_not_in_tool"]),
        ({"apiKey": "sk"}, []),
    ):
        config: Any = {"provider": {"litellm": {"options": own}}}
        assert [notice.code for notice in opencode.merge(Present(config), found).notices] == codes


def test_what_may_surprise_about_the_key_is_said() -> None:
    """A reference to OpenAI's variable, and an env that OpenCode will not use."""
    found = catalog(model("a"), key=KeyReference("OPENAI_API_KEY"))
    config: Any = {"provider": {"litellm": {"env": ["A", "B"]}}}
    assert [notice.code for notice in opencode.merge(Present(config), found).notices] == [
        "openai_variable",
        "env_not_one",
    ]


@pytest.mark.parametrize(
    ("config", "code"),
    [
        ({"providers": {"litellm": {}}}, "native_provider"),
        ({"provider": {"litellm": {"options": {"baseURL": "https://other.example.com/v1"}}}}, "other_proxy"),
        ({"provider": {"litellm": {"options": {"baseURL": "http://127.0.0.1:4001/v1"}}}}, "other_proxy"),
        ({"provider": {"litellm": {"options": {"baseURL": "not an address"}}}}, "other_proxy"),
        ({"provider": {"litellm": {"api": "https://other.example.com/v1"}}}, "other_proxy"),
        ({"provider": {"litellm-responses": {"options": {"baseURL": "http://[::1]:9/v1"}}}}, "other_proxy"),
    ],
)
def test_a_configuration_for_another_proxy_is_refused(config: Any, code: str) -> None:
    """Models of one proxy are never written beside the address of another."""
    with pytest.raises(ConfigError) as refused:
        opencode.merge(Present(config), catalog(model("a")))
    assert refused.value.code == code
    assert refused.value.hint


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:4000/v1", "http://127.0.0.1:4000", "http://localhost:4000/v1/", "{env:MY_URL}", ""]
)
def test_the_same_proxy_may_be_spelled_differently(url: str) -> None:
    """With or without /v1, by the name localhost, or by a reference that OpenCode resolves later."""
    config: Any = {"provider": {"litellm": {"options": {"baseURL": url}}}}
    assert opencode.merge(Present(config), catalog(model("a"))).added == ("a",)


@pytest.mark.parametrize(
    "config",
    [[], "x", {"provider": []}, {"provider": {"litellm": None}}, {"provider": {"litellm": {"models": "x"}}}],
)
def test_a_value_of_another_type_is_refused_with_its_place(config: Any) -> None:
    """What stands where an object must be is the person's, and they are told where it is."""
    text = json.dumps(config)
    with pytest.raises(ConfigError, match="line 1, column"):
        jsonc.edit(text, opencode.merge(Present(config), catalog(model("a"))).edits)


@pytest.mark.parametrize(
    ("config", "codes"),
    [
        ({"disabled_providers": ["litellm"]}, ["provider_disabled"]),
        ({"enabled_providers": ["anthropic"]}, ["provider_not_enabled", "provider_not_enabled"]),
        ({"enabled_providers": ["litellm", "litellm-responses"]}, []),
        ({"provider": {"litellm": {"whitelist": ["a"]}}}, ["provider_filtered"]),
    ],
)
def test_what_hides_our_entries_is_said(config: Any, codes: list[str]) -> None:
    """A correct entry that OpenCode will not show is no success without a word."""
    assert [notice.code for notice in opencode.merge(Present(config), catalog(model("a"))).notices] == codes


def test_the_options_of_the_person_are_read() -> None:
    """Every option of the provider is taken over, references resolved; wrong types are not set."""
    config: Any = {
        "provider": {
            "litellm": {
                "options": {
                    "baseURL": "http://{env:UNSET}host/v1",
                    "apiKey": "{env:K}",
                    "headers": {"A": "1", "B": 2},
                    "customHeaders": {"C": "c={env:C}, {file:~/c}"},
                    "transport": "chat",
                    "responsesApiModels": ["r", 1],
                    "chatApiModels": "not a list",
                    "includeModels": ["*"],
                    "excludeModels": ["x-*"],
                }
            }
        }
    }
    options = opencode.read_options(config, {"litellm": {"type": "api", "key": "sk-s"}}, LOOKUP)
    assert options.base_url == "http://host/v1"
    assert (options.api_key, options.api_key_variable, options.stored_key) == ("value of K", "K", "sk-s")
    assert options.headers == {"A": "1", "C": "c=value of C, text of ~/c"}
    assert (options.transport, options.responses_models, options.chat_models) == ("chat", ("r",), ())
    assert (options.include, options.exclude) == (("*",), ("x-*",))
    assert "sk-s" not in repr(options)


@pytest.mark.parametrize("config", [None, [], {"provider": 1}, {"provider": {"litellm": {"options": [1]}}}])
def test_options_of_odd_configurations_are_simply_not_set(config: Any) -> None:
    """Reading never raises, whatever the files hold."""
    assert opencode.read_options(config, config, LOOKUP).base_url is None


ENTRIES = st.builds(
    model,
    st.text(min_size=1, max_size=20),
    name=st.text(min_size=1, max_size=20),
    transport=st.sampled_from(["chat", "responses"]),
    reasoning=st.none() | st.booleans(),
    efforts=st.none() | st.lists(st.sampled_from(["none", "low", "high", "max"]), unique=True),
    tool_call=st.none() | st.booleans(),
    input=st.sampled_from([["text"], ["text", "image"], ["text", "pdf", "audio", "video"]]),
    limit=st.fixed_dictionaries({}, optional={"context": st.integers(1, 10**8), "output": st.integers(1, 10**8)}),
    cost=st.none() | st.fixed_dictionaries({"input": st.floats(0, 1e6), "output": st.floats(0, 1e6)}),
)


@given(st.lists(ENTRIES, max_size=6), st.sampled_from(["sibling", "per-model"]))
def test_whatever_is_written_is_valid_for_opencode(models: list[Any], style: ResponsesStyle) -> None:
    """One bad entry stops OpenCode's boot: no catalog at all leads to one, nor to a text that it substitutes."""
    found = catalog(*{m.id: m for m in models}.values())
    text = jsonc.edit(opencode.EMPTY_FILE, opencode.merge(Present({}), found, Rendering(style)).edits)
    assert fragment_errors(jsonc.parse(text)) == []
    assert text.count("{env:") + text.count("{file:") == text.count('"apiKey": "{env:LITELLM_API_KEY}"')


# What we wrote earlier, and then what the person and the proxy did since.


def after_write(found: Catalog, text: str = opencode.EMPTY_FILE) -> tuple[str, dict[Any, Any]]:
    """A file that we wrote, and the record of it."""
    merge = opencode.merge(Present(jsonc.parse(text)), found)
    return jsonc.edit(text, merge.edits), {path: [digest] for path, digest in merge.record.items()}


def again(text: str, record: dict[Any, Any], found: Catalog, *, prune: bool = True) -> tuple[Merge, Any]:
    """A later merge into that file: what it means, and the providers that it leads to."""
    merge = opencode.merge(Present(jsonc.parse(text), still_ours(jsonc.read(text), record)), found, prune=prune)
    result: Any = jsonc.parse(jsonc.edit(text, merge.edits))
    return merge, result.get("provider", {})


A, B, C = model("a"), model("b"), model("gpt-5.5", transport="responses")


def test_nothing_changes_when_nothing_changed() -> None:
    """Entries that are as we wrote them, and are wanted so again, need no edit."""
    text, record = after_write(catalog(A, B, C))
    merge, _ = again(text, record, catalog(A, B, C))
    assert merge.edits == ()
    assert {path: [digest] for path, digest in merge.record.items()} == record


def test_our_entries_follow_the_proxy() -> None:
    """A new fact renews an entry, a new model is added, and one that is gone is taken out."""
    text, record = after_write(catalog(A, B))
    merge, providers = again(text, record, catalog(model("a", name="New name"), C))
    assert (merge.added, merge.updated, merge.removed, merge.kept) == (("gpt-5.5",), ("a",), ("b",), ())
    assert list(providers["litellm"]["models"]) == ["a"]
    assert providers["litellm"]["models"]["a"]["name"] == "New name"
    assert list(providers["litellm-responses"]["models"]) == ["gpt-5.5"]


def test_an_entry_that_the_person_edited_is_theirs_from_then_on() -> None:
    """A changed value, or a comment inside, and we neither renew nor remove it, now or later."""
    text, record = after_write(catalog(A, B))
    for edited in (text.replace('"name": "a"', '"name": "Mine"'), text.replace('"name": "a"', '"name": "a" /* why */')):
        merge, providers = again(edited, record, catalog(model("a", name="New name"), B))
        assert (merge.updated, merge.removed, merge.kept) == ((), (), ("a",))
        later, providers = again(edited, {p: [d] for p, d in merge.record.items()}, catalog(B))
        assert "a" in providers["litellm"]["models"]
        assert later.removed == ()


def test_layout_is_no_edit() -> None:
    """A formatter that moves white space around, or sorts keys, does not make our entries the person's."""
    text, record = after_write(catalog(A, B))
    reformatted = json.dumps(jsonc.parse(text), indent=4, sort_keys=True)
    merge, _ = again(reformatted, record, catalog(B))
    assert merge.removed == ("a",)


@pytest.mark.parametrize("found", [catalog(), replace(catalog(B), complete=False), replace(catalog(), complete=False)])
def test_nothing_is_taken_out_or_renewed_on_a_weak_word(found: Catalog) -> None:
    """A partial or an empty answer never empties a picker, and never makes an entry poorer."""
    text, record = after_write(catalog(A, model("b", limit={"context": 1000, "output": 100})))
    merge, providers = again(text, record, found)
    assert (merge.updated, merge.removed) == ((), ())
    assert list(providers["litellm"]["models"]) == ["a", "b"]
    assert "limit" in providers["litellm"]["models"]["b"]
    assert set(merge.record) == set(record)


def test_no_prune_keeps_what_is_gone() -> None:
    """On request nothing is taken out, and it stays ours for another day."""
    text, record = after_write(catalog(A, B))
    merge, providers = again(text, record, catalog(B), prune=False)
    assert list(providers["litellm"]["models"]) == ["a", "b"]
    merge, providers = again(text, {p: [d] for p, d in merge.record.items()}, catalog(B))
    assert list(providers["litellm"]["models"]) == ["b"]


def test_a_provider_that_is_ours_altogether_goes_with_its_last_model() -> None:
    """No empty sibling stays behind; one with something of the person's does."""
    text, record = after_write(catalog(A, C))
    merge, providers = again(text, record, catalog(A))
    assert list(providers) == ["litellm"]
    assert merge.removed == ("gpt-5.5",)
    assert not any("litellm-responses" in path for path in merge.record)
    for own in ('"timeout": 5, "baseURL"', '"headers": {}, "baseURL"'):
        before, sibling = text.split('"litellm-responses"')
        edited = before + '"litellm-responses"' + sibling.replace('"baseURL"', own)
        _, providers = again(edited, record, catalog(A))
        assert providers["litellm-responses"]["models"] == {}
        assert providers["litellm-responses"]["npm"] == "@ai-sdk/openai"


def test_a_model_that_changes_its_route_moves() -> None:
    """It leaves the one provider for the other, and is never in both."""
    text, record = after_write(catalog(A, model("x")))
    merge, providers = again(text, record, catalog(A, model("x", transport="responses")))
    assert list(providers["litellm"]["models"]) == ["a"]
    assert list(providers["litellm-responses"]["models"]) == ["x"]
    assert merge.added == ("x",)


def test_a_model_that_the_person_lists_elsewhere_is_taken_back() -> None:
    """Their own entry under the other provider makes ours go."""
    text, record = after_write(catalog(A, C))
    edited = jsonc.edit(text, [jsonc.Put(("provider", "litellm", "models", "gpt-5.5"), {"name": "over chat"})])
    merge, providers = again(edited, record, catalog(A, C))
    assert (merge.removed, merge.kept) == (("gpt-5.5",), ("gpt-5.5",))
    assert "litellm-responses" not in providers


def test_our_address_follows_the_proxy_and_theirs_does_not() -> None:
    """A proxy on another port is no foreigner to an address of ours; one that the person wrote is respected."""
    text, record = after_write(catalog(A))
    moved = catalog(A, base_url="http://127.0.0.1:8000/v1")
    _, providers = again(text, record, moved)
    assert providers["litellm"]["options"]["baseURL"] == "http://127.0.0.1:8000/v1"
    with pytest.raises(ConfigError, match="another address"):
        again(text, {}, moved)
