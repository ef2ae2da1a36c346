"""What the published catalogs of hosts say: Pi's, and the snapshot of models.dev inside OpenCode's program."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from tools.catalogs.entries import Catalogs, Entry, chosen, cost, efforts, known, limit
from tools.catalogs.literals import read_literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_PI_LITERAL: Final = re.compile(r"^export const MODELS = (?=\{)", re.MULTILINE)
_SNAPSHOT: Final = re.compile(rb'=>\((?=\{"?[\w-]+"?:\{id:"[^"]+",env:\[)')
_SNAPSHOT_SIZE: Final = 16 * 1024 * 1024

# What a name says of the pointer or of the host, and not of the model.
_REMARK: Final = re.compile(r"\s*\((?:latest|New|Vertex)\)\Z")
# OpenRouter puts the maker before the name; where only a number is left, the maker is part of it.
_MAKER: Final = re.compile(r"\A([^:()]{2,24}): (?=\S)(?=([A-Z]\d[\w.]*\b)?)")


def read_pi(folder: Path) -> Catalogs:
    """Pi's catalogs: a file for each provider, in it the models by the interface that serves them."""
    return {
        path.stem: {
            model_id: _pi_entry(model)
            for models in json.loads(path.read_text("utf-8"), parse_float=Decimal).values()
            for model_id, model in models.items()
        }
        for path in sorted(folder.glob("[a-z]*.json"))
    }


def read_old_pi(path: Path) -> Catalogs:
    """The catalogs of a Pi that has them in one literal: names alone, because the facts are old."""
    text = path.read_text("utf-8")
    literal = _PI_LITERAL.search(text)
    if literal is None:
        raise ValueError(f"{path.name} has no models")
    return {
        provider: {model_id: known(name=_name(model["name"])) for model_id, model in models.items()}
        for provider, models in read_literal(text, literal.end()).items()
    }


def read_models_dev(program: Path) -> tuple[Catalogs, str]:
    """The snapshot of models.dev that OpenCode carries for the time without a network, and the date of its newest."""
    data = program.read_bytes()
    start = _SNAPSHOT.search(data)
    if start is None:
        raise ValueError(f"{program.name} has no snapshot of models.dev")
    text = data[start.end() : start.end() + _SNAPSHOT_SIZE].decode("utf-8", "replace")
    providers = {provider: content["models"] for provider, content in read_literal(text, 0).items()}
    newest = max(str(model["last_updated"]) for models in providers.values() for model in models.values())
    return {
        provider: {model_id: _models_dev_entry(model) for model_id, model in models.items()}
        for provider, models in providers.items()
    }, newest


def _name(name: str) -> str:
    plain = _REMARK.sub("", name).strip()
    return _MAKER.sub(lambda found: f"{found[1]} " if found[2] else "", plain)


def _pi_entry(model: Mapping[str, Any]) -> Entry:
    base = model.get("cost") or {}
    levels = model.get("thinkingLevelMap")
    return known(
        name=_name(model["name"]),
        limit=limit(model.get("contextWindow"), model.get("maxTokens")),
        cost=cost(base, [(int(tier["inputTokensAbove"]), tier) for tier in base.get("tiers") or []]),
        input=chosen(model.get("input") or []),
        reasoning=model.get("reasoning"),
        efforts=efforts(levels.values()) or None if model.get("reasoning") and levels else None,
    )


def _models_dev_entry(model: Mapping[str, Any]) -> Entry:
    base = _models_dev_prices(model.get("cost") or {})
    limits = model.get("limit") or {}
    modalities = model.get("modalities") or {}
    options = [option for option in model.get("reasoning_options") or [] if option.get("type") == "effort"]
    return known(
        name=_name(model["name"]),
        limit=limit(limits.get("context"), limits.get("output")),
        cost=cost(base, _models_dev_tiers(base)),
        input=chosen(modalities.get("input") or []),
        output=chosen(modalities.get("output") or []),
        toolCall=model.get("tool_call"),
        reasoning=model.get("reasoning"),
        efforts=efforts(options[0].get("values") or []) if model.get("reasoning") and options else None,
    )


def _models_dev_tiers(base: Mapping[str, Any]) -> list[tuple[int, dict[str, object]]]:
    """The prices of longer requests; the older form knows one threshold only."""
    if isinstance(over := base.get("context_over_200k"), dict) and not base.get("tiers"):
        return [(200_000, _models_dev_prices(over))]
    return [(int(tier["tier"]["size"]), _models_dev_prices(tier)) for tier in base.get("tiers") or []]


def _models_dev_prices(values: Mapping[str, Any]) -> dict[str, object]:
    return {**values, "cacheRead": values.get("cache_read"), "cacheWrite": values.get("cache_write")}
