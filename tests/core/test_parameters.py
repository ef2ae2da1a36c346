"""What is concluded of request parameters, held against what LiteLLM 1.106.2 did with them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from litellm_discover.core import groups
from litellm_discover.core.parameters import LISTED, listed_anywhere, parameters
from litellm_discover.core.payloads import FLAGS, Row
from litellm_discover.core.reasoning import efforts

if TYPE_CHECKING:
    from litellm_discover.core.model import Transport

# What /v1/model/info said of each model, and which requests were answered with 400 (drop_params off).
# listed: store, prompt_cache_key ("k"), reasoning_effort ("e"), max_completion_tokens, cache_control; "?" for null.
# stated: the flags for Reasoning and Tools, and for the efforts none, minimal ("i"), xhigh and max.
# no, effort: the parameters and the efforts (also low and high) that were refused on chat; with .r on responses.
# cc: whether cache_control in a part of a message reached the backend on chat. key: ~ is the provider.
TABLE = """
model             provider         listed stated     no no.r effort effort.r cc key
gpt-4o            openai           skem   +T         .  .    nilhxm nilhxm   +  gpt-4o
gpt-4.1           openai           skem   +T         .  .    nilhxm nilhxm   +  gpt-4.1
gpt-5             openai           skem   +R+T-n+i-x .  .    nx     nx       +  gpt-5
gpt-5.1           openai           skem   +R+T+n-i-x .  .    ix     ix       +  gpt-5.1
gpt-5.5           openai           skem   +R+T+n-i+x .  .    i      i        +  gpt-5.5
o3                openai           skem   +R+T       .  .    .      .        +  o3
o4-mini           openai           skem   +R+T       .  .    .      .        +  o4-mini
gpt-5-codex       openai           skem   +R+T       .  .    x      .        .  gpt-5-codex
glm-5             openai           skem   .          .  .    .      nilhxm   +  ~/glm-5
az-gpt-4.1        azure            skm    +T         .  .    nilhxm .        +  ~/gpt-4.1
az-gpt-5          azure            skem   +R+T       .  .    nx     nx       +  ~/gpt-5
claude-haiku-4-5  anthropic        emc    +R+T       sk k    .      .        +  claude-haiku-4-5
claude-sonnet-4-6 anthropic        emc    +R+T+m     sk k    x      x        +  claude-sonnet-4-6
claude-opus-4-8   anthropic        emc    +R+T+x+m   sk k    .      .        +  claude-opus-4-8
db-claude         databricks       em     +R+T       sk k    .      .        +  ~/databricks-claude-sonnet-4-6
db-gemini         databricks       em     +R+T       sk k    .      .        +  ~/databricks-gemini-2-5-pro
db-gpt-5          databricks       em     +T         sk .    .      .        +  ~/databricks-gpt-5
db-gpt-5.5        databricks       em     +R+T       sk .    .      .        .  ~/databricks-gpt-5-5
bedrock-claude    bedrock_converse em     +R+T+m     sk k    x      x        +  us.anthropic.claude-sonnet-4-6
bedrock-nova      bedrock_converse m      +T         sk k    nilhxm nilhxm   +  us.amazon.nova-pro-v1:0
gemini-2.5-pro    gemini           em     +R+T       sk k    xm     xm       .  ~/gemini-2.5-pro
gemini-3.5-flash  gemini           em     +R+T       sk k    xm     xm       .  ~/gemini-3.5-flash
mistral-large     mistral          m      +T         sk k    nilhxm nilhxm   .  ~/mistral-large-latest
magistral         mistral          em     +R+T       sk k    .      .        .  ~/magistral-medium-latest
deepseek-chat     deepseek         skem   +T         .  .    .      .        .  ~/deepseek-chat
deepseek-reasoner deepseek         skem   +R-T       .  .    .      .        .  ~/deepseek-reasoner
grok-4            xai              em     +R+T       sk .    .      .        .  ~/grok-4.3
groq-gpt-oss      groq             skem   +R+T       .  .    .      .        .  ~/openai/gpt-oss-120b
or-claude         openrouter       skem   +R+T       .  .    .      .        +  ~/anthropic/claude-sonnet-4.6
or-gpt-5          openrouter       skem   +R         .  .    .      nx       .  ~/openai/gpt-5
fw-kimi           fireworks_ai     kem    +R+T       s  .    .      .        .  ~/accounts/fireworks/models/kimi-k2p6
together-deepseek together_ai      skm    +T         .  .    .      .        .  ~/deepseek-ai/DeepSeek-V4-Pro-0813
azure-ai-deepseek azure_ai         skm    +R+T       .  .    nilhxm nilhxm   .  ~/deepseek-v3.2
azure-ai-claude   azure_ai         emc    +R+T+m     sk k    x      x        +  ~/claude-sonnet-4-6
vllm-qwen         hosted_vllm      skem   .          .  .    .      .        .  ~/qwen3-coder
ollama-qwen       ?                ?      .          sk k    .      .        .  ?
lm-studio-qwen    lm_studio        skm    .          .  .    nilhxm nilhxm   .  ~/qwen3-8b
opencode-deepseek opencodego       ?      .          .  .    .      .        +  ~/deepseek-v4-pro
"""

_COLUMNS, *_ROWS = (line.split() for line in TABLE.strip().splitlines())
MEASURED = {row[0]: dict(zip(_COLUMNS, row, strict=True)) for row in _ROWS}

PARAMETERS = {
    "s": "store",
    "k": "prompt_cache_key",
    "e": "reasoning_effort",
    "m": "max_completion_tokens",
    "c": "cache_control",
}
EFFORTS = {"n": "none", "i": "minimal", "l": "low", "h": "high", "x": "xhigh", "m": "max"}
FLAG_LETTERS = {"R": "reasoning", "T": "function_calling"} | {
    letter: f"{effort}_reasoning_effort" for letter, effort in EFFORTS.items()
}

ROUTES: tuple[Transport, ...] = ("chat", "responses")

ALL_LISTED = frozenset(PARAMETERS.values())
# LiteLLM 1.53.1 and 1.72.6 list neither for any model.
OLD_LISTED = ALL_LISTED - {"store", "prompt_cache_key"}


def described(name: str) -> Row:
    """A measured model as the proxy described it."""
    cells = MEASURED[name]
    stated = cells["stated"].strip(".")
    flags: dict[str, bool | None] = dict.fromkeys(FLAGS)
    for sign, letter in zip(stated[::2], stated[1::2], strict=True):
        flags[f"supports_{FLAG_LETTERS[letter]}"] = sign == "+"
    return Row(
        name,
        provider=_known(cells["provider"]),
        key=_known(cells["key"].replace("~", cells["provider"])),
        parameters=None if cells["listed"] == "?" else frozenset(PARAMETERS[letter] for letter in cells["listed"]),
        flags=flags,
    )


def _known(cell: str) -> str | None:
    return None if cell == "?" else cell


def refused(name: str, route: Transport) -> set[str]:
    """The parameters that were answered with 400; ``reasoning_effort`` if low was."""
    chat = route == "chat"
    found = {PARAMETERS[letter] for letter in MEASURED[name]["no" if chat else "no.r"].strip(".")}
    return found | ({"reasoning_effort"} if "l" in MEASURED[name]["effort" if chat else "effort.r"] else set())


def found(row: Row, route: Transport, listed: frozenset[str] = ALL_LISTED) -> dict[str, bool]:
    """What is concluded of a row."""
    return parameters(row, route, efforts(row), listed)[0]


def names(*rows: Row) -> frozenset[str]:
    """The names under which these models could be offered when the proxy says nothing else of them."""
    keys = [row.key for row in rows if row.key]
    return frozenset([*(row.id for row in rows), *keys, *(key.rsplit("/", 1)[-1] for key in keys)])


ROWS = {name: described(name) for name in MEASURED}


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("name", MEASURED)
def test_what_was_refused_is_never_said_to_be_taken(name: str, route: Transport) -> None:
    """Not with a list to trust, not with one of an old version, not with no description but the name."""
    row = ROWS[name]
    bare = [Row(each) for each in names(row)]
    old = Row(name, provider=row.provider, key=row.key, parameters=row.parameters and row.parameters & OLD_LISTED)
    for each, listed in (
        (row, ALL_LISTED),
        (row, OLD_LISTED),
        (old, OLD_LISTED),
        *((row, frozenset()) for row in bare),
    ):
        taken = {parameter for parameter, takes in found(each, route, listed).items() if takes}
        assert not taken & refused(name, route), each


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.provider and row.parameters])
def test_what_was_measured_is_said(name: str, route: Transport) -> None:
    """Each listed parameter is taken or refused as it was seen to be, whether the list can be trusted or not."""
    measured = {parameter: parameter not in refused(name, route) for parameter in LISTED}
    for listed in (ALL_LISTED, OLD_LISTED, frozenset[str]()):
        assert {parameter: found(ROWS[name], route, listed)[parameter] for parameter in LISTED} == measured


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("name", MEASURED)
def test_an_effort_that_was_refused_is_not_offered(name: str, route: Transport) -> None:
    """Of no model: what is offered in place of a refused level would stop it from being used at all."""
    cells = MEASURED[name]
    no = {EFFORTS[letter] for letter in cells["effort" if route == "chat" else "effort.r"].strip(".")}
    assert not set(efforts(ROWS[name]) or ()) & no


@pytest.mark.parametrize("name", MEASURED)
def test_marks_of_the_cache_are_set_only_where_they_arrive(name: str) -> None:
    """On chat; on the other route Pi and OpenCode set none."""
    assert not found(ROWS[name], "chat").get("cache_control") or MEASURED[name]["cc"] == "+"
    assert "cache_control" not in found(ROWS[name], "responses")


CLAUDES = [name for name in MEASURED if "claude" in name]


@pytest.mark.parametrize("name", CLAUDES)
def test_every_claude_gets_its_marks(name: str) -> None:
    """Most lists leave out cache_control, and without it each request pays for everything again."""
    assert found(ROWS[name], "chat")["cache_control"]
    assert found(Row(name), "chat", frozenset())["cache_control"]


@pytest.mark.parametrize(("name", "developer"), [("gpt-5.5", True), ("o3", True), ("az-gpt-5", True), ("gpt-4o", None)])
def test_the_developer_role_is_for_openai_s_reasoning_models(name: str, *, developer: bool | None) -> None:
    """LiteLLM turns "system" into "user" for the older of them; of others nothing is known."""
    assert [found(ROWS[name], route).get("developer") for route in ROUTES] == [developer] * 2


def test_a_restricted_key_that_sees_only_claude() -> None:
    """No list names what none of the models takes, so it is what was measured that counts, not the silence."""
    rows = [ROWS[name] for name in ("claude-haiku-4-5", "claude-opus-4-8")]
    listed = listed_anywhere(rows)
    assert not listed & {"store", "prompt_cache_key"}
    for row in rows:
        assert found(row, "chat", listed)["store"] is False
        assert found(row, "chat", listed)["prompt_cache_key"] is False
        assert found(row, "responses", listed)["store"] is True


@pytest.mark.parametrize("route", ROUTES)
def test_nothing_is_claimed_of_a_custom_provider(route: Transport) -> None:
    """A null list says nothing, and the kind of backend is unknown."""
    for listed in (ALL_LISTED, OLD_LISTED, frozenset[str]()):
        assert parameters(ROWS["opencode-deepseek"], route, None, listed) == ({}, False)


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("model_id", ["deepseek-r1", "deepseek-r1:8b", "gpt-oss:20b", "mistral-small", "qwen3:8b"])
def test_a_model_of_ollama_is_not_taken_for_the_family_s_own_service(model_id: str, route: Transport) -> None:
    """LiteLLM tells neither provider nor list of it, and refuses both parameters as it does for ``ollama-qwen``."""
    row = Row(model_id, flags=ROWS["ollama-qwen"].flags)
    taken = {parameter for parameter, takes in found(row, route).items() if takes}
    assert not taken & refused("ollama-qwen", route)


# LiteLLM picks a deployment of a group for each request. The second Claude of Azure differs from the first in its key.
OPUS = replace(ROWS["azure-ai-claude"], key="azure_ai/claude-opus-4-8")
GROUPS: dict[str, tuple[str, Row, Row]] = {
    "claude in two places": ("alias", ROWS["claude-sonnet-4-6"], ROWS["db-claude"]),
    "two of claude in azure_ai": ("smart", ROWS["azure-ai-claude"], OPUS),
    "named for one of them": ("gpt-5", ROWS["gpt-5"], ROWS["claude-opus-4-8"]),
    "both take it": ("fast", ROWS["gpt-4o"], ROWS["az-gpt-4.1"]),
    "databricks as the way out": ("gpt-5.5", ROWS["gpt-5.5"], ROWS["db-gpt-5"]),
    "with one of ollama": ("gpt-4o", ROWS["gpt-4o"], ROWS["ollama-qwen"]),
    "vllm and fireworks": ("open", ROWS["vllm-qwen"], ROWS["fw-kimi"]),
    "grok and deepseek": ("deepseek", ROWS["grok-4"], ROWS["deepseek-chat"]),
}


@pytest.mark.parametrize("listed", [ALL_LISTED, OLD_LISTED], ids=["trusted", "untrusted"])
@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("case", GROUPS)
def test_a_group_takes_only_what_every_deployment_takes(case: str, route: Transport, listed: frozenset[str]) -> None:
    """What one of them refuses is never said to be taken, whatever the group is called."""
    group_id, members = GROUPS[case][0], GROUPS[case][1:]
    group = groups.group(replace(row, id=group_id) for row in members)[group_id]
    taken = {parameter for parameter, takes in found(group, route, listed).items() if takes}
    for row in members:
        assert not taken & refused(row.id, route), row.id


def test_a_group_of_one_kind_is_as_clear_as_its_members() -> None:
    """Two deployments that agree give the answer that each of them gives."""
    for name, store in (("gpt-4o", True), ("claude-opus-4-8", False)):
        group = groups.group([ROWS[name], ROWS[name]])[name]
        assert found(group, "chat")["store"] is store
        assert found(group, "chat", OLD_LISTED)["store"] is store


def test_whether_the_proxy_said_it() -> None:
    """The source of the statement is the proxy only where a list was read."""
    row = ROWS["claude-opus-4-8"]
    assert parameters(row, "chat", None, ALL_LISTED)[1] is True
    assert parameters(row, "responses", None, ALL_LISTED)[1] is False
    assert parameters(row, "chat", None, frozenset())[1] is False
    assert parameters(Row("claude-opus-4-8"), "chat", None, ALL_LISTED)[1] is False


def test_which_parameters_are_listed_at_all() -> None:
    """By one model at least; a null list lists none."""
    assert listed_anywhere([]) == frozenset()
    assert listed_anywhere([ROWS["ollama-qwen"]]) == frozenset()
    assert listed_anywhere([ROWS["mistral-large"], ROWS["db-claude"]]) == {"max_completion_tokens", "reasoning_effort"}
    assert listed_anywhere(ROWS.values()) == ALL_LISTED


@pytest.mark.parametrize(("levels", "takes"), [(None, None), ((), False), (("low",), True)])
def test_efforts_decide_about_reasoning_effort(levels: tuple[str, ...] | None, *, takes: bool | None) -> None:
    """LiteLLM lists it for models that refuse it, so the list is not asked."""
    assert parameters(ROWS["gpt-4o"], "chat", levels, ALL_LISTED)[0].get("reasoning_effort") is takes


def test_what_the_person_lets_through_is_taken_on_the_chat_route() -> None:
    """LiteLLM forwards it then, whatever its list says; nothing is known of the other route."""
    row = replace(ROWS["mistral-large"], allowed=frozenset({"prompt_cache_key"}))
    assert parameters(row, "chat", None, ALL_LISTED)[0]["prompt_cache_key"] is True
    assert parameters(row, "chat", None, ALL_LISTED)[0]["store"] is False
    assert parameters(row, "responses", None, ALL_LISTED)[0]["prompt_cache_key"] is False


def test_what_the_person_lets_through_does_not_make_lists_trusted() -> None:
    """LiteLLM 1.53 lists neither name for any model."""
    assert not listed_anywhere([Row("m", parameters=frozenset(), allowed=frozenset({"store"}))])
