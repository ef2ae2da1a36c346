"""What a person may want of the catalog, and of the configuration that is made of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

TransportOption = Literal["auto", "chat", "responses"]

ResponsesStyle = Literal["sibling", "per-model"]
"""Where a target puts models of the responses transport: in a provider of their own, or each with its own SDK."""


@dataclass(frozen=True, slots=True)
class TransportOptions:
    """What the person decided: for single ids, which outrank ``transport``, and for all models."""

    transport: TransportOption = "auto"
    responses_models: frozenset[str] = frozenset()
    chat_models: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class CatalogOptions:
    """What the person wants of the catalog; globs match whole ids, and excluding outranks including."""

    transport: TransportOptions = field(default_factory=TransportOptions)
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
