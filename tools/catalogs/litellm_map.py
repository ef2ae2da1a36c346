"""What LiteLLM's price map says, by which proxies bill."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from tools.catalogs.entries import Catalogs, Entry, chosen, cost, efforts, known, limit
from tools.catalogs.tables import PARTS, PROVIDERS, TAKES_EFFORT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_MODES: Final = frozenset({"chat", "responses", "completion"})
_PRICES: Final = {
    "input": "input_cost_per_token",
    "output": "output_cost_per_token",
    "cacheRead": "cache_read_input_token_cost",
    "cacheWrite": "cache_creation_input_token_cost",
}
_TIER: Final = re.compile(r"input_cost_per_token_above_(\d+)k_tokens")
_INPUTS: Final = {
    "image": "supports_vision",
    "pdf": "supports_pdf_input",
    "audio": "supports_audio_input",
    "video": "supports_video_input",
}
_EFFORT: Final = re.compile(r"supports_(\w+)_reasoning_effort")
_GRANTED: Final = ("low", "medium", "high")  # as in core/reasoning.py: they hold unless denied
_DATE: Final = re.compile(r"20\d\d-\d\d-\d\d")

_NOT_TAKEN: Final = re.compile(r"ft:|\*|container\Z")  # a person's own, a pattern, and no model
_REGION: Final = re.compile(
    r"[a-z]{2}(-gov)?-[a-z]+-\d/|(eu|us|us-gov|global|global-standard)/|(us|us-gov|eu|global)\.(?=[a-z0-9]+\.)"
)


def read(path: Path) -> Catalogs:
    """The chat models of the providers that are wanted, by the id behind the route.

    What has an entry for its regions alone is known by what these say, but for prices.
    """
    found: Catalogs = {}
    regional: Catalogs = {}
    rows = json.loads(path.read_text("utf-8"), parse_float=Decimal)
    for key in sorted(rows, key=lambda key: ("/" in key, key)):  # of two entries, that with a route is the newer
        row = rows[key]
        stated = str(row.get("litellm_provider") or "")
        provider = PARTS.get(stated, "vertex_ai" if stated.startswith("vertex_ai-") else stated)
        if provider not in PROVIDERS or row.get("mode") not in _MODES:
            continue
        model_id = _without_route(key, provider)
        entry = _entry(row, provider)
        if region := _REGION.match(model_id):
            timeless = {field: value for field, value in entry.items() if field not in {"cost", "deprecated"}}
            regional.setdefault(provider, {})[model_id[region.end() :]] = timeless
        if "." in (region[0] if region else ".") and not _NOT_TAKEN.match(model_id):
            found.setdefault(provider, {})[model_id] = entry
    return {provider: regional.get(provider, {}) | entries for provider, entries in found.items()}


def _without_route(key: str, provider: str) -> str:
    route, slash, rest = key.partition("/")
    return rest if slash and PARTS.get(route, route) == provider else key


def _entry(row: Mapping[str, Any], provider: str) -> Entry:
    reasons = row.get("supports_reasoning")
    date = row.get("deprecation_date")
    return known(
        mode=None if row["mode"] == "chat" else row["mode"],
        limit=limit(row.get("max_input_tokens"), row.get("max_output_tokens") or row.get("max_tokens")),
        cost=_cost(row),
        **_modalities(row),
        toolCall=_flag(row.get("supports_function_calling")),
        reasoning=_flag(reasons),
        efforts=_efforts(row) if reasons else None,
        efforts_by_default=list(_GRANTED) if reasons and provider in TAKES_EFFORT else None,
        deprecated=date if isinstance(date, str) and _DATE.fullmatch(date) else None,
    )


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _cost(row: Mapping[str, Any]) -> dict[str, Any] | None:
    def priced(behind: str) -> dict[str, object]:
        found = {name: row.get(field + behind) for name, field in _PRICES.items()}
        return {name: value * 1_000_000 for name, value in found.items() if isinstance(value, int | float | Decimal)}

    thresholds = [int(found[1]) for name in row if (found := _TIER.fullmatch(name))]
    return cost(priced(""), [(above * 1000, priced(f"_above_{above}k_tokens")) for above in thresholds])


def _modalities(row: Mapping[str, Any]) -> dict[str, list[str]]:
    """What goes in and out; once any flag is stated, the flags decide, and unstated ones mean no."""
    if not any(name.startswith("supports_") for name in row):
        return {}
    listed = row.get("supported_modalities") or []
    inputs = chosen(["text", *(modality for modality, flag in _INPUTS.items() if row.get(flag) or modality in listed)])
    spoken = row.get("supports_audio_output") or "audio" in (row.get("supported_output_modalities") or [])
    return {"input": inputs, "output": ["text", "audio"] if spoken else ["text"]}


def _efforts(row: Mapping[str, Any]) -> list[str] | None:
    """The efforts by the rules of core/reasoning.py, None when the map states nothing about any."""
    if isinstance(levels := row.get("reasoning_effort_levels"), list):
        return efforts(levels)
    stated = {
        found[1]: value for name, value in row.items() if (found := _EFFORT.fullmatch(name)) and value is not None
    }
    if not stated:
        return None
    return efforts(
        {word for word in _GRANTED if stated.get(word, True)} | {word for word, given in stated.items() if given}
    )
