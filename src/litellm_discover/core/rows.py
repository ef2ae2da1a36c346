"""Rows of a list whose entries come one by one: what cannot be used is dropped and counted, and nothing raises."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from litellm_discover.core.entries import UNREADABLE
from litellm_discover.core.ids import MAX_ID_LENGTH
from litellm_discover.core.payloads import Rows

if TYPE_CHECKING:
    from litellm_discover.core.payloads import Kind, Row
    from litellm_discover.core.price_tiers import PriceTier

# Different tiers of prices, and routes of routers, in one list. All 4241 entries of LiteLLM's price map (1.106.2)
# have 345 tiers, in 69 different sets.
MAX_EXTRAS = 1000

_UNREAD = "entry that cannot be read"


class RowReader:
    """Makes rows of entries that come one by one."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._dropped: Counter[str] = Counter()
        self._rows: list[Row] = []
        self._ids: set[str] = set()
        self._extras = 0
        self._tiers: dict[tuple[PriceTier, ...], tuple[PriceTier, ...]] = {}
        self._past = f"entry past the first {kind.most}"

    def add(self, entry: object) -> None:
        """Take an entry, or drop and count it."""
        if not isinstance(entry, dict):
            self._dropped[_UNREAD if entry is UNREADABLE else "entry that is no object"] += 1
            return
        model_id = entry.get(self._kind.id_field)
        if not isinstance(model_id, str) or not model_id:
            self._dropped["entry without an id"] += 1
        elif reason := self._refusal(model_id):
            self._dropped[reason] += 1
        else:
            self._rows.append(self._affordable(self._kind.read(model_id, entry, self._dropped)))

    def _affordable(self, row: Row) -> Row:
        """The row, sharing its tiers with those that cost the same; without them when there are too many others."""
        if not row.price_tiers and not row.routes:
            return row
        tiers = self._tiers.get(row.price_tiers)
        extras = (len(row.price_tiers) if tiers is None else 0) + len(row.routes or ())
        if self._extras + extras > MAX_EXTRAS:
            self._dropped[f"price tier or route past the first {MAX_EXTRAS}"] += extras
            return replace(row, price_tiers=(), routes=None)
        self._extras += extras
        return replace(row, price_tiers=self._tiers.setdefault(row.price_tiers, row.price_tiers))

    def _refusal(self, model_id: str) -> str | None:
        if len(model_id) > MAX_ID_LENGTH:
            return f"entry with an id of more than {MAX_ID_LENGTH} characters"
        if model_id in self._ids:
            return "duplicate"
        if len(self._rows) == self._kind.most:
            return self._past
        if self._kind.unique:
            self._ids.add(model_id)
        return None

    def rows(self) -> Rows:
        """What came so far."""
        lost = self._dropped[_UNREAD] or self._dropped[self._past]
        return Rows(tuple(self._rows), {reason: n for reason, n in self._dropped.items() if n}, complete=not lost)
