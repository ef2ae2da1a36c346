"""What a refresh for the daemon did, as one process tells it to another, and how a person is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from litellm_discover.core.jsonc import JsonValue
    from litellm_discover.errors import DiscoverError


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that went wrong: a stable code, and one line for a person."""

    code: str
    message: str

    @classmethod
    def of(cls, error: DiscoverError) -> Trouble:
        """That of an error."""
        return cls(error.code, error.message)

    def to_document(self) -> dict[str, JsonValue]:
        """As JSON."""
        return {"code": self.code, "message": self.message}


@dataclass(frozen=True, slots=True)
class Kept:
    """What was done for one proxy.

    ``root`` is its address and ``models`` the ids that it offers, None and empty when that could not be learned;
    ``wrote`` has the names of the files that changed; without ``troubles`` everything is as it should be.
    """

    proxy: str
    root: str | None = None
    models: tuple[str, ...] = ()
    wrote: tuple[str, ...] = ()
    troubles: tuple[Trouble, ...] = ()

    def to_document(self) -> dict[str, JsonValue]:
        """As JSON."""
        return {
            "proxy": self.proxy,
            "root": self.root,
            "models": list(self.models),
            "wrote": list(self.wrote),
            "troubles": [trouble.to_document() for trouble in self.troubles],
        }


def from_document(document: Any) -> Kept:
    """What ``to_document`` gave. Raises KeyError or TypeError for anything else."""
    return Kept(
        document["proxy"],
        document["root"],
        tuple(document["models"]),
        tuple(document["wrote"]),
        tuple(Trouble(each["code"], each["message"]) for each in document["troubles"]),
    )


def told(kept: Kept, before: Collection[str] | None, trouble: Trouble | None) -> Iterator[str]:
    """What is new, one line each: ``before`` are the models of the last time, and ``trouble`` is what was told then."""
    models = set(kept.models)
    said = []
    if kept.root and before is None:
        said.append(f"{len(models)} model{'' if len(models) == 1 else 's'} at {kept.root}")
    elif kept.root and before is not None:
        said += _counts(len(models - set(before)), len(set(before) - models))
    if kept.wrote:
        said.append(f"wrote {' and '.join(kept.wrote)}")
    if said:
        yield f"{kept.proxy}: {', '.join(said)}"
    now = kept.troubles[0] if kept.troubles else None
    if now and now != trouble:
        yield f"{kept.proxy}: {now.message}"
    elif trouble and not now:
        yield f"{kept.proxy}: all is well again"


def _counts(more: int, fewer: int) -> Iterator[str]:
    if more:
        yield f"+{more} model{'' if more == 1 else 's'}"
    if fewer:
        yield f"−{fewer}" if more else f"−{fewer} model{'' if fewer == 1 else 's'}"
