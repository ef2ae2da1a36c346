"""One entry from what the sources say of a model: the first that states a field decides it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tools.catalogs.tables import PROVIDERS, Provider

from litellm_discover.core.facts import spelled

if TYPE_CHECKING:
    from tools.catalogs.entries import Catalogs, Entry

# LiteLLM first, because proxies bill by it; names from the hosts, which LiteLLM has not.
_FACTS: Final = ("litellm", "models_dev", "pi")
_NAMES: Final = ("pi", "old_pi", "named_by", "models_dev")
# OpenRouter's half price for answers within a day is nothing for an agent, but its names are asked for.
_NAME_ALONE: Final = re.compile(r".*:batch")
# What LiteLLM alone has is left out where it is retired, or only passing.
_PASSING: Final = re.compile(r".*-(?:beta|experimental|preview)(?![a-z])")
# Left out for the sake of size, because what is not known is taken to be so.
_USUAL: Final = {"output": ["text"], "toolCall": True}
_FIELDS: Final = ("cost", "input", "output", "toolCall", "reasoning", "efforts", "mode", "deprecated")


@dataclass(frozen=True, slots=True)
class Sources:
    """What each source says, by its own names for providers; ``litellm`` by ours.

    ``until`` is the date of the newest, as ``2026-09-28``: what was retired before it is left out.
    """

    litellm: Catalogs
    pi: Catalogs
    old_pi: Catalogs
    models_dev: Catalogs
    until: str


def join(sources: Sources) -> Catalogs:
    """The catalog of each provider that is wanted, entries and providers sorted."""
    return {name: _provider(name, provider, sources) for name, provider in sorted(PROVIDERS.items())}


def _provider(name: str, provider: Provider, sources: Sources) -> dict[str, Entry]:
    named_by: dict[str, Entry] = {}
    for mirror in provider.named_by:
        for model_id, entry in (sources.old_pi.get(mirror, {}) | sources.pi.get(mirror, {})).items():
            named_by.setdefault(model_id, entry)
    said = {
        "litellm": sources.litellm.get(name, {}),
        "pi": sources.pi.get(provider.pi or "", {}),
        "old_pi": sources.old_pi.get(provider.pi or "", {}),
        "models_dev": sources.models_dev.get(provider.models_dev or "", {}),
        "named_by": named_by,
    }
    named = {*said["pi"], *said["old_pi"], *named_by}
    further = {model_id for model_id, entry in said["litellm"].items() if _lasts(model_id, entry, sources.until)}
    entries = {
        model_id: _entry({source: said[source].get(model_id, {}) for source in said})
        for model_id in (named | further if provider.whole else named)
    }
    _name_alike(entries)
    return {
        model_id: {"name": entry["name"]} if provider.gateway or _NAME_ALONE.fullmatch(model_id) else entry
        for model_id, entry in sorted(entries.items())
    }


def _name_alike(entries: dict[str, Entry]) -> None:
    """Give an entry without a name that of the one which is spelled alike: LiteLLM writes both 3-5 and 3.5."""
    names = {spelled(model_id): entry["name"] for model_id, entry in entries.items() if "name" in entry}
    for model_id, entry in entries.items():
        if "name" not in entry and spelled(model_id) in names:
            entries[model_id] = {"name": names[spelled(model_id)], **entry}


def _lasts(model_id: str, entry: Entry, until: str) -> bool:
    return entry.get("deprecated", until) >= until and not _PASSING.match(model_id)


def _entry(said: dict[str, Entry]) -> Entry:
    facts = [said[source] for source in _FACTS]
    limits: dict[str, Any] = {}
    for entry in reversed(facts):
        limits |= entry.get("limit", {})
    joined = {
        "name": _first([said[source] for source in _NAMES], "name"),
        "limit": {name: limits[name] for name in ("context", "output") if name in limits},
        **{field: _first(facts, field) for field in _FIELDS},
    }
    if joined["reasoning"] is not True:
        joined["efforts"] = None
    elif joined["efforts"] is None:
        joined["efforts"] = said["litellm"].get("efforts_by_default")
    return {field: value for field, value in joined.items() if value not in (None, {}) and value != _USUAL.get(field)}


def _first(entries: list[Entry], field: str) -> Any:
    return next((entry[field] for entry in entries if field in entry), None)
