"""The JSON document of a probe of prompt caching; its schema is docs/probe-cache.schema.json."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litellm_discover.core.limits import json_number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from litellm_discover.core.cache_probe.plan import Subject
    from litellm_discover.core.cache_probe.verdict import Verdict
    from litellm_discover.core.jsonc import JsonValue
    from litellm_discover.errors import DiscoverError

SCHEMA_VERSION = 1


def document(
    probed: Sequence[tuple[Subject, Verdict]], errors: Sequence[DiscoverError], *, generated_at: str
) -> dict[str, JsonValue]:
    """What was found of each model; ``partial`` when some could not be judged, ``error`` when none could."""
    judged = [verdict.judged for _, verdict in probed]
    whole = all(judged) and not errors
    return {
        "schemaVersion": SCHEMA_VERSION,
        "status": "error" if not any(judged) else "ok" if whole else "partial",
        "generatedAt": generated_at,
        "models": [_model(subject, verdict) for subject, verdict in probed],
        "errors": [{"code": error.code, "message": error.message, "hint": error.hint} for error in errors],
    }


def _model(subject: Subject, verdict: Verdict) -> JsonValue:
    saving = verdict.saving
    fields: Mapping[str, JsonValue] = {
        "id": subject.id,
        "proxy": subject.proxy,
        "transport": subject.transport,
        "verdict": verdict.kind,
        "code": verdict.code,
        "message": verdict.message,
        "hint": verdict.hint,
        "cachedShare": _rounded(verdict.share),
        "unmarkedShare": _rounded(verdict.unmarked_share),
        "savingPercent": round(float(saving.percent), 1) if saving else None,
        "savingUsdPerMillion": round(float(saving.usd_per_million), 4) if saving else None,
        "responseCache": verdict.replays,
        "requests": len(subject.steps),
        "tokensPerRequest": subject.tokens,
        "boundUsd": _usd(subject.bound),
        "spentUsd": _usd(verdict.usd),
    }
    return {name: value for name, value in fields.items() if value is not None}


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 3)


def _usd(value: Decimal | None) -> int | float | None:
    return None if value is None else json_number(value)
