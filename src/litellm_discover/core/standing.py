"""How a proxy stands, as the daemon tells it in its file. It changes only when there is something new to tell."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from litellm_discover.core.jsonc import JsonValue
    from litellm_discover.core.kept import Kept, Trouble

LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class Standing:
    """One proxy. Times are seconds since 1970.

    ``root`` is where it answers now, None while it is silent, and ``since`` when that began; ``last_good`` when it last
    answered before it fell silent. ``models`` counts them, None until they are known. ``writes`` counts changed files.
    """

    proxy: str
    root: str | None = None
    since: float | None = None
    last_good: float | None = None
    models: int | None = None
    trouble: Trouble | None = None
    trouble_at: float | None = None
    writes: int = 0

    @property
    def good(self) -> bool:
        """Whether what it offers is known, and is where it should be."""
        return self.root is not None and self.models is not None and self.trouble is None

    def looked(self, root: str | None, now: float, last: float | None) -> Standing:
        """After a look; ``last`` is when the look before this one was answered."""
        if root == self.root and self.since is not None:
            return self
        return replace(self, root=root, since=now, last_good=self.last_good if root else last or self.last_good)

    def refreshed(self, kept: Kept, now: float) -> Standing:
        """After a refresh."""
        trouble = kept.troubles[0] if kept.troubles else None
        return replace(
            self,
            models=len(kept.models) if kept.root else self.models,
            trouble=trouble,
            trouble_at=self.trouble_at if trouble == self.trouble else now if trouble else None,
            writes=self.writes + len(kept.wrote),
        )

    def to_document(self) -> dict[str, JsonValue]:
        """As JSON."""
        return {
            "id": self.proxy,
            "good": self.good,
            "address": self.root,
            "since": self.since,
            "lastGood": self.last_good,
            "models": self.models,
            "trouble": {**self.trouble.to_document(), "since": self.trouble_at} if self.trouble else None,
            "writes": self.writes,
        }
