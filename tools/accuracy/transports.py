"""Which route is chosen from an id alone, against what LiteLLM's map says of the routes of a model."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from bench.report import Section, Table
from tools.accuracy import sources

from litellm_discover.core.options import TransportOptions
from litellm_discover.core.payloads import Row
from litellm_discover.core.transport import choose_transport

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

_CHAT: Final = "/v1/chat/completions"
_RESPONSES: Final = "/v1/responses"

_FAMILY: Final = re.compile(
    r"(?:ft:|(?:[a-z-]+\.)?openai\.|databricks-)?(?:gpt-(?!oss)|chatgpt-|codex-|computer-use-|daybreak-|o\d)"
)
_NOT_REASONING: Final = re.compile(r"-(?:chat|search)(?=-|\Z)")

_TEXT: Final = """\
*Needed*: the map has mode `responses`, or endpoints with `/v1/responses` and without `/v1/chat/completions`. *Recall*
is the share of these that get `/v1/responses`. The family is every entry of `openai` and `azure`, and elsewhere every
id of OpenAI's names (gpt-, o1 and later, codex-, computer-use-, daybreak-; not gpt-oss).

The rule sends all of OpenAI's reasoning models to `/v1/responses`, also those that the map offers on both routes,
because OpenAI refuses tools with a reasoning effort on the other one; that is no error, since the model is there. A
*false positive* is a model that gets `/v1/responses` and is not there: the map knows its endpoints and
`/v1/responses` is not among them, or it is one of the family that does not reason (`-chat`, `-search`) and that
nothing says to need it. Where the map does not know the endpoints, nothing can be said; the number of those is given.

With metadata means the row that a key with full rights gets: the map's mode, endpoints and flags. Then the map has to
be followed wherever it says what is needed. LiteLLM itself turns a chat request into one of responses for mode
`responses`, so what is missed outside the family still answers, without what only that route has."""


def run() -> Section:
    """From ids alone and with metadata, and every disagreement by name."""
    entries = sources.litellm_map()
    needed = {model_id for model_id, entry in entries.items() if needs_responses(entry)}
    alone = {model_id for model_id in entries if _is_responses(Row(model_id))}
    told = {model_id for model_id, entry in entries.items() if _is_responses(_row(model_id, entry))}
    family = {model_id for model_id, entry in entries.items() if _is_family(model_id, entry)}
    rows = (
        _figures("ids alone, OpenAI's family", entries, family, needed, alone),
        _figures("ids alone, all", entries, entries.keys(), needed, alone),
        _figures("with metadata, all", entries, entries.keys(), needed, told),
    )
    missed = sorted(needed & family - alone)
    false = sorted(falsely_chosen(entries, alone))
    wrong = sorted((needed - told) | falsely_chosen(entries, told))
    columns = ("From", "models", "needed", "found", "recall %", "false positives", "chosen, endpoints unknown")
    disagreements = (
        _listed("Missed in the family, from ids alone", missed),
        _listed("False positives, from ids alone", false),
        _listed("Missed or false with metadata", wrong),
        _listed(
            "Missed outside the family, from ids alone, by provider", _by_provider(entries, needed - family - alone)
        ),
    )
    return Section("Transport", "\n\n".join((_TEXT, *disagreements)), (Table(columns, rows),))


def needs_responses(entry: Mapping[str, Any]) -> bool:
    """Whether the map says that only the responses route serves the model."""
    endpoints = entry.get("supported_endpoints") or ()
    return entry.get("mode") == "responses" or (_RESPONSES in endpoints and _CHAT not in endpoints)


def _is_family(model_id: str, entry: Mapping[str, Any]) -> bool:
    return entry.get("litellm_provider") in {"openai", "azure"} or bool(_FAMILY.match(_segment(model_id)))


def _segment(model_id: str) -> str:
    return model_id.rsplit("/", 1)[-1]


def _row(model_id: str, entry: Mapping[str, Any]) -> Row:
    endpoints = entry.get("supported_endpoints")
    return Row(
        model_id,
        mode=entry.get("mode"),
        provider=entry.get("litellm_provider"),
        key=model_id,
        endpoints=frozenset(endpoints) if endpoints is not None else None,
        flags={name: value for name, value in entry.items() if name.startswith("supports_")},
    )


def _is_responses(row: Row) -> bool:
    return choose_transport(row, TransportOptions(), None)[0] == "responses"


def falsely_chosen(entries: Mapping[str, Mapping[str, Any]], chosen: Collection[str]) -> set[str]:
    """Of the models that the responses route was chosen for, those that are not there, or do not reason."""
    return {
        model_id
        for model_id in chosen
        if not needs_responses(entry := entries[model_id])
        and (
            (entry.get("supported_endpoints") and _RESPONSES not in entry["supported_endpoints"])
            or (not entry.get("supports_reasoning") and _NOT_REASONING.search(_segment(model_id)))
        )
    }


def _figures(
    title: str,
    entries: Mapping[str, Mapping[str, Any]],
    part: Collection[str],
    needed: Collection[str],
    chosen: Collection[str],
) -> tuple[str, ...]:
    wanted = [model_id for model_id in part if model_id in needed]
    found = [model_id for model_id in wanted if model_id in chosen]
    ours = [model_id for model_id in part if model_id in chosen]
    unknown = [
        each for each in ours if not entries[each].get("supported_endpoints") and not needs_responses(entries[each])
    ]
    recall = f"{100 * len(found) / len(wanted):.1f}"
    counts = (len(part), len(wanted), len(found), recall, len(falsely_chosen(entries, ours)), len(unknown))
    return title, *map(str, counts)


def _by_provider(entries: Mapping[str, Mapping[str, Any]], ids: Iterable[str]) -> list[str]:
    providers = [str(entries[model_id].get("litellm_provider")) for model_id in ids]
    return [f"{provider} × {providers.count(provider)}" for provider in sorted(set(providers))]


def _listed(title: str, items: Iterable[str]) -> str:
    return f"{title}: {', '.join(f'`{item}`' for item in items) or 'none'}."
