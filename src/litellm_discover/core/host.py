"""What a person has already set for the proxy in a tool's own configuration."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class HostOptions:
    """The options of the provider ``litellm`` in a host's user-level files; None and empty are "not set".

    ``base_url_is_ours`` when we wrote that address and nobody changed it since. ``api_key`` and ``headers`` may hold
    secrets and stay out of ``repr``; ``api_key_variable`` is the environment variable that the former refers to, if it
    does. ``stored_key`` is from the host's own credential store.
    """

    base_url: str | None = None
    base_url_is_ours: bool = False
    api_key: str | None = field(default=None, repr=False)
    api_key_variable: str | None = None
    stored_key: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    transport: str | None = None
    responses_models: tuple[str, ...] = ()
    chat_models: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
