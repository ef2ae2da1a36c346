from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litellm_discover.core import jsonc
from litellm_discover.core.jsonc import Put, Remove
from litellm_discover.core.model import Hidden
from litellm_discover.core.starting import Named, Role, gone, offered, resolved
from litellm_discover.errors import UsageError
from litellm_discover.targets import TARGETS, opencode, pi

THERE = {
    "litellm": ("router", "openai/gpt-4o", "shared"),
    "litellm-responses": ("gpt-5.5",),
    "work": ("shared", "openai/gpt-4o-mini"),
    "openai": ("gpt-4o-mini",),
}


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("litellm/router", "litellm/router"),
        ("router", "litellm/router"),
        ("litellm/gpt-5.5", "litellm-responses/gpt-5.5"),
        ("litellm-responses/router", "litellm/router"),
        ("gpt-5.5", "litellm-responses/gpt-5.5"),
        ("openai/gpt-4o", "litellm/openai/gpt-4o"),
        ("litellm/openai/gpt-4o", "litellm/openai/gpt-4o"),
        ("openai/gpt-4o-mini", "openai/gpt-4o-mini"),  # as it is written comes first
        ("work/shared", "work/shared"),
    ],
)
def test_what_a_person_means(asked: str, meant: str) -> None:
    """With or without a provider, and under whichever of a proxy's two providers it is."""
    assert str(resolved(asked, THERE)) == meant


@pytest.mark.parametrize(
    ("asked", "code", "hint"),
    [
        ("litellm/ruoter", "model_unknown", "Did you mean litellm/router?"),
        ("ruoter", "model_unknown", "Did you mean litellm/router?"),
        ("litellm/gpt-5.4", "model_unknown", "Did you mean litellm-responses/gpt-5.5"),
        ("openai/gpt-4-mini", "model_unknown", "Did you mean openai/gpt-4o-mini"),
        ("work/router", "model_unknown", "Did you mean litellm/router?"),
        ("zzz", "model_unknown", "litellm-discover lists those that there are."),
        ("", "model_unknown", "litellm-discover lists those that there are."),
        ("litellm/", "model_unknown", "litellm-discover lists those that there are."),
        ("shared", "model_ambiguous", "Name one of them: litellm/shared, work/shared."),
        ("litellm/embed", "model_hidden", "litellm-discover --verbose"),
        ("embed", "model_hidden", "litellm-discover --verbose"),
    ],
)
def test_what_cannot_be_meant(asked: str, code: str, hint: str) -> None:
    """With the nearest names, or the reason why a model is left out."""
    with pytest.raises(UsageError) as refused:
        resolved(asked, THERE, [Hidden("embed", "mode:embedding")])
    assert refused.value.code == code
    assert refused.value.hint.startswith(hint)


@pytest.mark.parametrize(
    ("shape", "models"), [(opencode.SHAPE, {"a": {}, "b/c": {}}), (pi.SHAPE, [{"id": "a"}, {"id": "b/c"}, {}, 1])]
)
def test_what_is_offered(shape: Any, models: Any) -> None:
    """Whatever form the models have; what is no provider has none."""
    config: Any = {shape.root: {"litellm": {"models": models}, "x": {}, "y": 1}, "model": "z"}
    assert offered(shape, config) == {"litellm": ("a", "b/c"), "x": (), "y": ()}
    assert offered(shape, {shape.root: []}) == offered(shape, None) == {}


def test_what_goes_and_what_only_moves() -> None:
    """One by one, with the whole provider, and to the other provider of the same proxy alone."""
    config: Any = {"provider": {"litellm": {"models": {"a": {}, "b": {}}}, "old": {"models": {"a": {}, "c": {}}}}}
    edits: list[Put | Remove] = [
        Put(("provider", "litellm-responses", "models", "b"), {}),
        Put(("provider", "litellm", "options", "baseURL"), "x"),
        Remove(("provider", "litellm", "models", "b")),
        Remove(("provider", "old")),
    ]
    assert gone(opencode.SHAPE, config, edits) == {
        Named("litellm", "b"): Named("litellm-responses", "b"),
        Named("old", "a"): None,
        Named("old", "c"): None,
    }


def test_a_model_that_is_lost_is_told_to_whom_starts_with_it() -> None:
    """For the role that it has, and not when another is chosen in the same run."""
    config: Any = {"model": "p/a", "small_model": "p/b"}
    lost = {Named("p", "a"): None, Named("p", "b"): Named("p-responses", "b"), Named("p", "c"): None}
    first, second = (notice.message for notice in opencode.STARTING.lost(lost, config, ()))
    assert first == "p/a, the default model of OpenCode, is no longer there: --default-model names another"
    assert second == "p/b, the small model of OpenCode, is p-responses/b now: --small-model names another"
    assert len(opencode.STARTING.lost(lost, config, {"default": "x"})) == 1
    assert pi.STARTING.lost(lost, {"defaultProvider": "p", "defaultModel": "a"}, ())
    assert not pi.STARTING.lost(lost, {"defaultProvider": "q", "defaultModel": "a"}, ())


@pytest.mark.parametrize(
    ("target", "config", "codes"),
    [
        (pi, {"enabledModels": ["anthropic/*"]}, ["model_not_enabled"]),
        (pi, {"enabledModels": ["anthropic/*", "LiteLLM/*"]}, []),
        (pi, {"enabledModels": ["router"]}, []),
        (pi, {"enabledModels": [1]}, ["model_not_enabled"]),
        (pi, {"enabledModels": []}, []),
        (pi, {"enabledModels": "x"}, []),
        (pi, [], []),
        (opencode, {"agent": {"build": {"model": "x/y"}, "plan": {}, "mine": {"model": "x/y"}}}, ["agent_has_model"]),
        (opencode, {"agent": 1}, []),
    ],
)
def test_what_outranks_it_is_told(target: Any, config: Any, codes: list[str]) -> None:
    """What keeps the tool from starting with the model although it is its default."""
    named: dict[Role, Named] = {"default": Named("litellm", "router")}
    assert [notice.code for notice in target.start_notices(config, named)] == codes
    assert target.start_notices(config, {}) == ()


NAMES = st.text(min_size=1, max_size=12)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | NAMES, lambda inner: st.lists(inner, max_size=2), max_leaves=4
)
GAPS = st.sampled_from(["", " ", "\n  ", "\r\n\t", ' // a comment: "model": 1\n ', ' /* "small_model": "x" */ '])


@given(st.dictionaries(NAMES, VALUES, max_size=4), VALUES, GAPS, GAPS, NAMES, st.data())
def test_every_other_byte_stays(
    members: dict[str, Any], old: Any, before: str, behind: str, model_id: str, data: st.DataObject
) -> None:
    """Whatever is in the file and however it is written: only the value changes, and it reads as it was meant."""
    members = {name: value for name, value in members.items() if name not in {"model", "small_model"}}
    here = data.draw(st.integers(0, len(members)))
    texts = [f"{before}{json.dumps(name)}:{behind}{json.dumps(value)}{before}" for name, value in members.items()]
    texts.insert(here, f'{before}"model"{before}:{behind}\0{behind}')
    head, tail = ("{" + ",".join(texts) + behind + "}").split("\0")
    text = f"{head}{json.dumps(old)}{tail}"
    merge = opencode.STARTING.choose({"default": Named("p", model_id)}, jsonc.parse(text))
    revision = jsonc.revise(jsonc.read(text), merge.edits)
    value = revision.text.removeprefix(head).removesuffix(tail)
    assert (head + value + tail, json.loads(value)) == (revision.text, f"p/{model_id}")
    assert "{" not in value
    assert jsonc.revert(revision.text, revision.back) == text


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS.keys())
def test_the_person_s_word_is_not_ours(target: Any) -> None:
    """Nothing of it is recorded, so that nothing of it is renewed or taken back."""
    done = target.STARTING.choose({"default": Named("p", "m")}, {})
    assert (done.record, done.chosen) == ({}, ("default model p/m",))
    assert done.edits
    missing = [notice.code for notice in target.STARTING.missing(("default", "small"))]
    assert missing == ([] if target is opencode else ["no_small_model"])
