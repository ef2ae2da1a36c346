from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from litellm_discover.core.answers import Answer
from litellm_discover.core.catalog import build_catalog
from litellm_discover.core.model import KeyReference, Proxy
from litellm_discover.core.options import CatalogOptions
from litellm_discover.errors import AnswerError, CredentialError, DeadlineError, DiscoverError
from litellm_discover.sources import litellm
from recordings import UNREACHABLE, FakeGet, recorded

if TYPE_CHECKING:
    from litellm_discover.core.model import Catalog
    from litellm_discover.core.told import Told

KEY = KeyReference("LITELLM_API_KEY")
NEW, OLD = "v1.106.2/seed004_key__right/GET_", "v1.72.6/seed004_key__right/GET_"
OLDEST, MIDDLE = "v1.53.1/mixed_key__right/GET_", "v1.86.2/mixed_key__right/GET_"
LADDER = ("/v1/model/info", "/model/info", "/model_group/info")

Answers = dict[str, Answer | Exception]


def answers(version: str = NEW, /, **changed: Answer | Exception) -> Answers:
    """What a recorded proxy answers to each path that we ask, with some answers changed."""
    found: Answers = {
        "/v1/models": recorded(f"{version}v1_models"),
        "/v1/model/info": recorded(f"{version}v1_model_info"),
        "/public/model_hub/info": recorded(f"{version}public_model_hub_info"),
    }
    if version == OLD:
        found["/health/readiness"] = recorded(f"{version}health_readiness")
    names = {
        "models": "/v1/models",
        "info": "/v1/model/info",
        "unversioned": "/model/info",
        "groups": "/model_group/info",
    }
    return {**found, **{names[name]: answer for name, answer in changed.items()}}


def told(get: FakeGet, key: KeyReference | None = KEY, left: float = 5) -> Told:
    """What is told in one fetch from a table of answers."""
    proxy = Proxy("litellm", "http://127.0.0.1:4000/v1", key=key)
    return litellm.fetch(get, proxy, lambda: left)


def fetch(get: FakeGet, key: KeyReference | None = KEY, left: float = 5) -> Catalog:
    """What is understood of it."""
    return build_catalog(told(get, key, left), CatalogOptions(), {})


def test_a_recorded_1_106_is_understood_whole() -> None:
    """27 models and 3 routers, all offered, with the proxy's version, in the order of their ids."""
    get = FakeGet(answers())
    catalog = fetch(get)
    assert catalog.complete
    assert catalog.proxy.version == "1.106.2"
    assert (len(catalog.models), catalog.hidden, catalog.notices) == (30, (), ())
    ids = [model.id for model in catalog.models]
    assert ids == sorted(ids)
    assert get.asked == [("/v1/models", True), ("/public/model_hub/info", False), ("/v1/model/info", True)]


def test_a_recorded_1_72_is_understood_as_far_as_it_goes() -> None:
    """Older proxies list names only: limits stay unknown, zero prices are no prices, the version comes elsewhere."""
    catalog = fetch(FakeGet(answers(OLD)))
    assert catalog.complete
    assert catalog.proxy.version == "1.72.6"
    assert len(catalog.models) == 27
    models = {model.id: model for model in catalog.models}
    assert models["gpt-5.5"].cost is None
    assert models["gpt-5.5"].transport == "responses"
    mistral = models["mistral-small-4"].cost
    assert mistral
    assert (str(mistral.input), str(mistral.output)) == ("0.15", "0.6")


def test_facts_of_the_recorded_proxy() -> None:
    """Spot checks against the recorded bodies: name, owner, route, efforts, modalities, limits, prices, sources."""
    models = {model.id: model for model in fetch(FakeGet(answers())).models}
    gpt, claude, router, kimi = (
        models[name] for name in ("gpt-5.5", "claude-sonnet-4-6", "frontier-router", "opencode-kimi-k2-6")
    )
    assert (gpt.name, gpt.owner, gpt.transport) == ("GPT-5.5", "openai", "responses")
    assert gpt.efforts == ("none", "low", "medium", "high", "xhigh")
    assert (claude.transport, claude.reasoning, claude.tool_call) == ("chat", True, True)
    assert claude.input == ("text", "image", "pdf")
    assert claude.cost
    assert str(claude.cost.cache_write) == "3.75"
    assert (router.mode, router.transport, router.limit.context) == ("chat", "chat", 272_000)
    assert (kimi.mode, kimi.reasoning, kimi.tool_call, kimi.efforts) == (None, None, None, None)
    assert gpt.sources["limit"] == "proxy:/v1/models"
    assert gpt.sources["cost"] == "proxy:/v1/model/info"
    assert gpt.sources["transport"] == "rule:openai-reasoning-family"
    assert gpt.cost
    assert [tier.above for tier in gpt.cost.tiers] == [272_000]


@pytest.mark.parametrize(
    ("answer", "key", "code", "told"),
    [
        ("v1.106.2/seed004_key__noauth/GET_v1_models", None, "credential_missing", "wants a key"),
        ("v1.72.6/seed004_key__noauth/GET_v1_models", None, "credential_missing", "wants a key"),
        ("v1.106.2/noprisma_key__noauth/GET_v1_models", None, "credential_missing", "wants a key"),
        ("v1.106.2/seed004_key__wrong_sk/GET_v1_models", KEY, "credential_refused", "no_db_connection"),
        ("v1.106.2/virtualkey_expired/v1_models", KEY, "credential_refused", "expired_key"),
        ("v1.106.2/virtualkey_blocked/v1_models", KEY, "credential_refused", "auth_error"),
        ("v1.106.2/virtualkey_team/v1_models", KEY, "credential_refused", "auth_error"),
        ("v1.106.2/virtualkey_UNKNOWN/v1_models", KEY, "credential_refused", "token_not_found_in_db"),
        ("v1.106.2/virtualkey_chatonly/v1_models", KEY, "credential_scope", "may not list"),
        ("v1.106.2/seed004_key__right/GET_v1_models_slash", KEY, "bad_answer", "redirect"),
        ("synthetic/gateway_login_302", KEY, "bad_answer", "redirect"),
        ("synthetic/gateway_login_200_html", KEY, "bad_answer", "not JSON"),
        ("synthetic/bad_gateway_502_html", KEY, "bad_answer", "502"),
        ("synthetic/truncated_json", KEY, "bad_answer", "not JSON"),
    ],
)
def test_refusals_are_told_by_their_cause(answer: str, key: KeyReference | None, code: str, told: str) -> None:
    """Each recorded refusal has its own code and remedy, and none of our texts quotes the proxy."""
    body = recorded(answer).body.decode()
    with pytest.raises(DiscoverError, match=told) as refused:
        fetch(FakeGet(answers(models=recorded(answer))), key)
    assert refused.value.code == code
    assert refused.value.hint
    assert not any(part in str(refused.value) for part in (body, "sk-", "hash") if part)


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (422, b'{"error":{"message":"Budget of my-alias","type":"budget_exceeded","code":"422"}}', "budget_exceeded"),
        (404, b'{"detail":"Not Found"}', "bad_answer"),
        (500, b"Internal Server Error", "bad_answer"),
        (200, b'{"object":"list"}', "bad_answer"),
        (200, b"[" * 100_000, "bad_answer"),
        (200, b'{"data": [NaN]}', "bad_answer"),
        (200, b'{"data": []}\xff', "bad_answer"),
        (200, b'"text"', "bad_answer"),
        (200, b'{"data": {"a": 1}}', "bad_answer"),
        (200, b'{"data": [], "data": []}', "bad_answer"),
        (200, '{"data": []}'.encode("utf-16"), "bad_answer"),
        (401, b"[" * 5_000_000, "credential_refused"),
    ],
)
def test_other_answers_that_are_no_list(status: int, body: bytes, code: str) -> None:
    """Whatever stands where the list should be becomes our own error."""
    answer = Answer("/v1/models", status, "application/json", body)
    with pytest.raises((CredentialError, AnswerError)) as refused:
        fetch(FakeGet(answers(models=answer)))
    assert refused.value.code == code
    assert "my-alias" not in str(refused.value)


@pytest.mark.parametrize(
    ("content_type", "code"),
    [("application/json", "credential_scope"), ("text/html", "gateway_refused"), ("", "gateway_refused")],
)
def test_a_403_of_a_gateway_is_not_blamed_on_the_key(content_type: str, code: str) -> None:
    """LiteLLM refuses in JSON; Cloudflare Access and its like do with a page. Neither is covered up."""
    with pytest.raises(CredentialError) as refused:
        fetch(FakeGet(answers(models=Answer("/v1/models", 403, content_type, b"<h1>Forbidden</h1>"))))
    assert refused.value.code == code


def test_a_key_without_models_is_no_failure() -> None:
    """An empty list is a valid answer, and nothing more is asked."""
    get = FakeGet(answers(models=recorded("v1.106.2/virtualkey_nodefault/v1_models")))
    catalog = fetch(get)
    assert (catalog.models, catalog.complete) == ((), True)
    assert ("/v1/model/info", True) not in get.asked


def test_ids_that_are_objects_are_dropped_unseen() -> None:
    """Very old proxies put an object with a key there; it is counted and never shown."""
    get = FakeGet(answers(models=recorded("synthetic/id_not_string_v1_3")))
    catalog = fetch(get)
    assert catalog.models == ()
    (notice,) = catalog.notices
    assert notice.code == "dropped_entries"
    assert "sk-" not in notice.message


def test_the_list_decides_what_exists() -> None:
    """An alias that is only in the list stays, and descriptions of others add nothing."""
    virtual = "v1.106.2/virtualkey_alias/v1_model"
    get = FakeGet(answers(models=recorded(f"{virtual}s"), info=recorded(f"{virtual}_info")))
    listed = {entry["id"] for entry in recorded(f"{virtual}s").json()["data"]}  # type: ignore[index] # recorded
    assert {model.id for model in fetch(get).models} == listed


def test_an_expanded_wildcard_offers_chat_models_once() -> None:
    """Of the 46 recorded ids of a wildcard key, each is offered once or hidden with a reason."""
    catalog = fetch(FakeGet(answers(models=recorded("v1.106.2/virtualkey_wildsub/v1_models"))))
    assert len(catalog.models) + len(catalog.hidden) == 46
    assert len({model.id for model in catalog.models}) == len(catalog.models)


@pytest.mark.parametrize(
    ("info", "code"),
    [
        (Answer("/v1/model/info", 500, "text/plain", b"Internal Server Error"), "metadata_refused"),
        (Answer("/v1/model/info", 200, "application/json", b'{"data": []}'), "metadata_empty"),
        (Answer("/v1/model/info", 200, "text/html", b"<html>"), "bad_answer"),
        (Answer("/v1/model/info", 200, "application/json", b'{"data": null}'), "bad_answer"),
        (DeadlineError("late"), "deadline"),
        (AnswerError("too long"), "bad_answer"),
        (UNREACHABLE, "proxy_not_found"),
    ],
)
def test_missing_descriptions_mean_no_metadata_and_never_no_models(info: Answer | Exception, code: str) -> None:
    """All models stay, with what the list alone says; the catalog says that it is not complete, and why."""
    catalog = fetch(FakeGet(answers(info=info)))
    assert len(catalog.models) == 30
    assert not catalog.complete
    assert [notice.code for notice in catalog.notices] == [code]
    claude = next(model for model in catalog.models if model.id == "claude-sonnet-4-6")
    assert (claude.limit.context, claude.cost, claude.input) == (1_000_000, None, ("text", "image"))


def test_descriptions_are_not_asked_for_without_time_or_for_too_many() -> None:
    """With no time left, or with more models than an answer may hold, the list has to do."""
    get = FakeGet(answers())
    assert [notice.code for notice in fetch(get, left=0).notices] == ["metadata_late"]
    entries = ",".join(f'{{"id":"m{n}"}}' for n in range(10_000))
    many = Answer("/v1/models", 200, "application/json", f'{{"data":[{entries}]}}'.encode())
    get_many = FakeGet(answers(models=many))
    assert "metadata_too_large" in [notice.code for notice in fetch(get_many).notices]
    assert not {path for path, _ in get.asked + get_many.asked} & set(LADDER)


FORBIDDEN = Answer("/x", 403, "application/json", b"{}")
ABSENT = Answer("/x", 404, "application/json", b'{"detail":"Not Found"}')
UNWELL = Answer("/x", 500, "text/plain", b"Internal Server Error")
EMPTY = Answer("/x", 200, "application/json", b'{"data": []}')
SENTINEL = Answer("/x", 200, "application/json", b'{"data": [{"model_name": "all-proxy-models", "model_info": {}}]}')
GROUPS = recorded(f"{NEW}model_group_info")
INFO = recorded(f"{NEW}v1_model_info")


@pytest.mark.parametrize(
    ("changed", "asked", "described_by", "code", "complete"),
    [
        ({}, 1, "/v1/model/info", None, True),
        ({"groups": GROUPS}, 1, "/v1/model/info", None, True),
        ({"info": ABSENT, "unversioned": INFO}, 2, "/model/info", None, True),
        ({"info": FORBIDDEN, "groups": GROUPS}, 2, "/model_group/info", "metadata_forbidden", True),
        ({"info": EMPTY, "groups": GROUPS}, 2, "/model_group/info", "metadata_empty", True),
        ({"info": SENTINEL, "groups": GROUPS}, 2, "/model_group/info", "metadata_empty", True),
        ({"info": ABSENT, "groups": GROUPS}, 3, "/model_group/info", "metadata_absent", True),
        ({"info": UNWELL, "groups": GROUPS}, 2, "/model_group/info", "metadata_refused", False),
        ({"info": FORBIDDEN, "groups": FORBIDDEN}, 2, None, "metadata_forbidden", True),
        ({"info": ABSENT}, 3, None, "metadata_absent", True),
        ({"info": EMPTY, "groups": FORBIDDEN}, 2, None, "metadata_empty", False),
        ({"info": DeadlineError("late"), "groups": GROUPS}, 1, None, "deadline", False),
        ({"info": UNREACHABLE, "groups": GROUPS}, 1, None, "proxy_not_found", False),
    ],
)
def test_the_ladder(
    changed: Answers, asked: int, described_by: str | None, code: str | None, *, complete: bool
) -> None:
    """Each rung is asked only if the ones above had nothing; one notice names all causes; the models always stay.

    What may be over at the next run leaves the catalog incomplete, what this key is always told does not.
    """
    get = FakeGet(answers(**changed))
    found = told(get)
    rungs = [path for path, _ in get.asked if path in LADDER]
    assert len(rungs) == asked
    assert rungs == [path for path in LADDER if path in rungs]
    assert (found.described_by if found.described and found.described.rows else None) == described_by
    assert [notice.code for notice in found.notices] == ([code] if code else [])
    if code in {"metadata_forbidden", "metadata_absent"}:
        failed = [path for path in rungs if path != described_by]
        assert all(f"{path} answered" in found.notices[0].message for path in failed)
    catalog = build_catalog(found, CatalogOptions(), {})
    assert (len(catalog.models), catalog.complete) == (30, complete)


@pytest.mark.parametrize(("count", "is_asked"), [(300, True), (301, False)])
def test_the_heavy_rung_is_for_small_lists(count: int, *, is_asked: bool) -> None:
    """It keeps a proxy busy for a second for 1000 models: above 300 it is not asked, and that is told."""
    entries = ",".join(f'{{"id":"m{n}"}}' for n in range(count))
    models = Answer("/v1/models", 200, "application/json", f'{{"data":[{entries}]}}'.encode())
    get = FakeGet(answers(models=models, info=FORBIDDEN))
    (notice,) = told(get).notices
    assert ("/model_group/info" in [path for path, _ in get.asked]) is is_asked
    assert "/model_group/info" in notice.message


def test_facts_from_the_groups() -> None:
    """Limits, prices, capabilities and efforts come from there, too; a false is no statement."""
    models = {model.id: model for model in fetch(FakeGet(answers(info=FORBIDDEN, groups=GROUPS))).models}
    gpt, claude, router = (models[name] for name in ("gpt-5.5", "claude-sonnet-4-6", "frontier-router"))
    assert (gpt.owner, gpt.limit.context) == ("openai", 1_050_000)
    assert gpt.efforts == ("none", "low", "medium", "high", "xhigh")
    assert gpt.sources["cost"] == "proxy:/model_group/info"
    assert claude.cost
    assert (str(claude.cost.input), claude.cost.cache_read, claude.tool_call) == ("3", None, True)
    assert (router.tool_call, router.reasoning, router.cost) == (None, None, None)


@pytest.mark.parametrize("version", [OLDEST, OLD, MIDDLE, NEW])
@pytest.mark.parametrize("is_restricted", [False, True])
def test_all_versions_are_understood_as_far_as_they_go(version: str, *, is_restricted: bool) -> None:
    """Each list is read to the last model, and what the price map of its day lacks is not taken for a fact.

    1.53.1 says false to each capability of such a model, 1.53.1 and 1.72.6 say zero to its prices.
    """
    info = FORBIDDEN if is_restricted else recorded(f"{version}v1_model_info")
    lists = {
        "/v1/models": recorded(f"{version}v1_models"),
        "/v1/model/info": info,
        "/model_group/info": recorded(f"{version}model_group_info"),
    }
    listed: Any = recorded(f"{version}v1_models").json()
    catalog = fetch(FakeGet(dict(lists)))
    assert len(catalog.models) == len(listed["data"])
    assert not [model.id for model in catalog.models if model.tool_call is False]
    models = {model.id: model for model in catalog.models}
    assert models["opencode-kimi-k2-6"].reasoning is None
    if version in {OLDEST, OLD}:
        assert models["gpt-5.5"].cost is None
        assert models["claude-sonnet-4-6"].sources["input"] == "rule:vision-family"
    else:
        assert models["gpt-5.5"].cost


def test_a_router_alone_stays_unknown() -> None:
    """A key that sees the router and none of its tiers: nothing can be concluded."""
    router = "v1.106.2/virtualkey_router/"
    get = FakeGet(answers(models=recorded(f"{router}v1_models"), info=recorded(f"{router}v1_model_info")))
    (model,) = fetch(get).models
    assert (model.limit.context, model.cost, model.reasoning, model.input) == (None, None, None, ("text",))


def test_an_entry_that_cannot_be_read_costs_no_other() -> None:
    """It is counted, and the catalog is not complete: nothing may be taken out of a file for it."""
    body = b'{"data":[{"id":"a"},{"id":"b","max_input_tokens":1e999},{"id":"c"}]}'
    catalog = fetch(FakeGet(answers(models=Answer("/v1/models", 200, "application/json", body))))
    assert [model.id for model in catalog.models] == ["a", "c"]
    assert not catalog.complete
    assert "/v1/models: dropped 1 × entry that cannot be read" in [notice.message for notice in catalog.notices]


def test_an_unknown_version_is_no_failure() -> None:
    """A gateway that hides the version costs nothing but the rule that needs it."""
    catalog = fetch(FakeGet({**answers(), "/public/model_hub/info": UNREACHABLE}))
    assert catalog.proxy.version is None
    assert len(catalog.models) == 30


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (recorded("v1.106.2/seed004_key__right/GET_health_liveliness"), True),
        (recorded("v1.72.6/seed004_key__right/GET_health_liveliness"), True),
        (recorded("v1.106.2/seed004_key__noauth/GET_v1_models"), False),
        (recorded("synthetic/gateway_login_200_html"), False),
    ],
)
def test_litellm_s_mark(answer: Answer, *, expected: bool) -> None:
    """Both recorded versions show the same mark."""
    assert litellm.is_litellm(answer) is expected
