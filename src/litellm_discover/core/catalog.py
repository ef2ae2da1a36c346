"""From the rows of a proxy to one Catalog: each id decided once, each statement with its source."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from litellm_discover.core import groups
from litellm_discover.core.ids import folded, printable, unoffered_reason
from litellm_discover.core.modality import hidden_reason
from litellm_discover.core.model import Catalog, Hidden, Model, Notice
from litellm_discover.core.parameters import listed_anywhere
from litellm_discover.core.published import published
from litellm_discover.core.understanding import Asked, Evidence, understand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from litellm_discover.core.facts import Shelf
    from litellm_discover.core.options import CatalogOptions
    from litellm_discover.core.told import Told

COLLISION = "collision:same-but-for-case"
TOO_MANY = "limit:too-many-models"

# With these, the edit of a file stays below 80 MB. LiteLLM 1.106.2 knows 3014 chat models in all.
MAX_OFFERED = 5000
MAX_WEIGHT = 256 * 1024
_EFFORT_WEIGHT = 8


def build_catalog(told: Told, options: CatalogOptions, shelf: Shelf) -> Catalog:
    """Understand what a proxy said, with what is publicly known of such models.

    The catalog is not complete when descriptions could not be had, an entry was lost, or there were too many. Models
    and hidden entries are sorted by id, whatever order the proxy gave.
    """
    listed, described = told.listed, told.described
    descriptions = groups.group(described.rows) if described else {}
    asked = Asked(options.transport, told.proxy.version, listed_anywhere(described.rows if described else ()))
    models: list[Model] = []
    hidden: list[Hidden] = []
    offered = _Offered()
    for row in sorted(listed.rows, key=lambda row: (row.id.casefold(), row.id)):
        described_row = descriptions.get(row.id)
        stated = groups.merge(row, described_row)
        reason = (
            unoffered_reason(row.id)
            or hidden_reason(stated.mode, row.id)
            or _filtered(row.id, options)
            or offered.refusal(row.id)
        )
        if reason:
            hidden.append(Hidden(printable(row.id), reason))
            continue
        evidence = Evidence(row, described_row, f"proxy:{told.described_by}", stated, published(stated, shelf))
        models.append(understand(evidence, asked))
        offered.weigh(models[-1])
    return Catalog(
        proxy=told.proxy,
        models=tuple(models),
        hidden=tuple(hidden),
        notices=(*told.notices, *_drop_notices(told), *_hidden_notices(hidden)),
        complete=listed.complete and described is not None and described.complete and not offered.full,
    )


def evidence_on(model_id: str, told: Told, shelf: Shelf) -> Evidence | None:
    """What decides on one model; None when it is not listed."""
    row = next((row for row in told.listed.rows if row.id == model_id), None)
    if row is None:
        return None
    described = groups.group(told.described.rows).get(model_id) if told.described else None
    stated = groups.merge(row, described)
    return Evidence(row, described, f"proxy:{told.described_by}", stated, published(stated, shelf))


class _Offered:
    """What is offered already. Old proxies shuffle their list, so whatever has to give way is decided by id."""

    def __init__(self) -> None:
        self._folded: set[str] = set()
        self._weight = 0
        self.full = False

    def refusal(self, model_id: str) -> str | None:
        """Why the id cannot be offered beside the others, as a reason to hide it; without one it is offered now."""
        alike = folded(model_id)
        if alike in self._folded:
            return COLLISION
        if len(self._folded) == MAX_OFFERED or self._weight >= MAX_WEIGHT:
            self.full = True
            return TOO_MANY
        self._folded.add(alike)
        return None

    def weigh(self, model: Model) -> None:
        """Count what it takes to hold a model and to write it: the id is there again and again, each effort once."""
        self._weight += len(model.id.encode()) + _EFFORT_WEIGHT * len(model.efforts or ())


def _filtered(model_id: str, options: CatalogOptions) -> str | None:
    if any(fnmatchcase(model_id, glob) for glob in options.exclude):
        return "user:excluded"
    if options.include and not any(fnmatchcase(model_id, glob) for glob in options.include):
        return "user:not-included"
    return None


def _hidden_notices(hidden: Sequence[Hidden]) -> list[Notice]:
    """What a person with a strange proxy should hear even when nobody asks what is hidden."""
    return [
        Notice(code, f"left out {len(ids)} {what}: {', '.join(ids[:3])}{', …' if len(ids) > 3 else ''}")
        for code, kind, what in (
            ("unsafe_ids", "unsafe:", "with an id that could harm an agent or a terminal"),
            ("id_collisions", COLLISION, "with the id of another model but for case or Unicode form"),
            ("too_many_models", TOO_MANY, "past what a run can hold (choose with --include and --exclude)"),
        )
        if (ids := [entry.id for entry in hidden if entry.reason.startswith(kind)])
    ]


def _drop_notices(told: Told) -> list[Notice]:
    return [
        Notice("dropped_entries", f"{path}: dropped {count} × {what}")
        for path, rows in (("/v1/models", told.listed), (told.described_by, told.described))
        if rows is not None
        for what, count in sorted(rows.dropped.items())
    ]
