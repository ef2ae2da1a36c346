"""What crosses the border between understanding a proxy and writing a tool's configuration."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

Transport = Literal["chat", "responses"]
"""``chat`` is ``/v1/chat/completions``, ``responses`` is ``/v1/responses``."""

Modality = Literal["text", "image", "audio", "video", "pdf"]

PROXY_ID = "litellm"
"""The proxy that the variables, the options and the tools' own configuration are about, where there are several."""

DEFAULT_KEY_VARIABLE = "LITELLM_API_KEY"


def key_variable(proxy_id: str) -> str:
    """The environment variable that tools are told to take a proxy's key from, when its own key is in none.

    Each proxy has one of its own: what is written for one never refers to the key of another.
    """
    return DEFAULT_KEY_VARIABLE if proxy_id == PROXY_ID else f"LITELLM_KEY_{proxy_id.replace('-', '_').upper()}"


@dataclass(frozen=True, slots=True)
class Limit:
    """How many tokens fit: ``context`` into a request, ``output`` into an answer. None is unknown, never 0."""

    context: int | None = None
    output: int | None = None


@dataclass(frozen=True, slots=True)
class Tier:
    """Prices of a whole request with more than ``above`` input tokens, as in Cost."""

    above: int
    input: Decimal
    output: Decimal
    cache_read: Decimal | None = None
    cache_write: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Cost:
    """Prices in USD per 1,000,000 tokens, exact. None is unknown, never free. ``tiers`` from the smallest."""

    input: Decimal
    output: Decimal
    cache_read: Decimal | None = None
    cache_write: Decimal | None = None
    tiers: tuple[Tier, ...] = ()


@dataclass(frozen=True, slots=True)
class Model:
    """One model as the proxy offers it, and where each statement about it comes from.

    ``None`` stands for unknown. ``parameters`` maps a request parameter to whether the backend takes it on the route of
    ``transport``; what is missing is unknown. ``deprecated`` is the date on which the provider ends it, as published.
    ``sources`` maps the name of a field in the JSON envelope to its source: ``proxy:<path>`` or ``proxy:<field>`` for
    what the proxy states, ``catalog:<provider>`` for what is publicly known, ``rule:<name>`` for what was concluded
    from the id, ``user:<option>`` for the person's choice.
    """

    id: str
    name: str
    owner: str | None
    mode: str | None
    transport: Transport
    reasoning: bool | None
    efforts: tuple[str, ...] | None
    input: tuple[Modality, ...]
    output: tuple[Modality, ...]
    tool_call: bool | None
    limit: Limit
    cost: Cost | None
    deprecated: str | None
    parameters: Mapping[str, bool]
    sources: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Hidden:
    """An entry of the proxy that no agent is offered. ``id`` is safe to print, ``reason`` is ``kind:detail``."""

    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that a person should know and that is no failure. ``code`` is stable and for machines."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class KeyReference:
    """Where a key is, never what it is.

    ``variable`` is the environment variable that holds it, or would hold it; ``host`` names the tool that has the only
    copy (in its credential store or its own configuration), where only that tool's provider ``litellm`` can use it.
    """

    variable: str
    host: str | None = None

    def __str__(self) -> str:
        """The form that the JSON envelope shows."""
        return f"host:{self.host}" if self.host else f"env:{self.variable}"


@dataclass(frozen=True, slots=True)
class Proxy:
    """A LiteLLM proxy: its provider id in the hosts, its base URL (ends in ``/v1``) and what is known of it.

    ``version`` is unknown when the proxy does not tell; ``key`` is None when it was asked without one.
    """

    id: str
    base_url: str
    version: str | None = None
    key: KeyReference | None = None

    @property
    def key_variable(self) -> str:
        """The environment variable that holds the key, or would hold it."""
        return self.key.variable if self.key else key_variable(self.id)


@dataclass(frozen=True, slots=True)
class Catalog:
    """Everything that was learned from one proxy, in a stable order.

    ``complete`` is false when something that would have been asked for could not be had in time or was refused.
    """

    proxy: Proxy
    models: tuple[Model, ...]
    hidden: tuple[Hidden, ...] = ()
    notices: tuple[Notice, ...] = field(default=())
    complete: bool = True
