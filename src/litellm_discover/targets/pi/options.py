"""What the person has set for the proxy in Pi's own files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from litellm_discover.core.host import HostOptions
from litellm_discover.core.ownership import members_at
from litellm_discover.core.providers import CHAT
from litellm_discover.targets.pi.entries import NAME, NO_KEY

if TYPE_CHECKING:
    from litellm_discover.core.host import Lookup
    from litellm_discover.core.jsonc import JsonValue

# Pi 0.77 and newer; ${ without } and $ before anything else stand for themselves.
_REFERENCE = re.compile(r"\$(?:(?P<escaped>[$!])|(?P<name>[A-Za-z_]\w*)|\{(?P<braced>[A-Za-z_]\w*)\})", re.ASCII)

# Up to 0.76 a value of this form names a variable, if it is set; no key looks like that.
_PLAIN_NAME = re.compile(r"[A-Z_][A-Z0-9_]*")


def read_options(config: JsonValue, stored: JsonValue, lookup: Lookup) -> HostOptions:
    """What the person set for the provider ``litellm`` in Pi's models.json and in its credential store.

    ``lookup`` follows the references to variables in them. A value that is a command (``!…``) is not set: Pi runs it
    for each request, which is nothing to do for a look. Values of a wrong type are not set either.
    """
    provider = members_at(config, "providers", CHAT)
    base_url, api_key = provider.get("baseUrl"), provider.get("apiKey")
    headers = members_at(provider, "headers")
    stored_key = _resolved(members_at(stored, CHAT).get("key"), lookup)
    if stored_key or api_key == NO_KEY:
        api_key = None  # the store wins
    return HostOptions(
        name=NAME,
        base_url=base_url if isinstance(base_url, str) else None,
        api_key=_resolved(api_key, lookup),
        api_key_variable=_variable_in(api_key),
        stored_key=stored_key,
        headers={name: text for name, value in headers.items() if (text := _resolved(value, lookup))},
    )


def _resolved(value: JsonValue, lookup: Lookup) -> str | None:
    """The text that Pi would send; None when it would send none, as with a variable that is not set."""
    if not isinstance(value, str) or value.startswith("!"):
        return None
    if _PLAIN_NAME.fullmatch(value):
        return lookup.variable(value)
    unset = False

    def follow(reference: re.Match[str]) -> str:
        nonlocal unset
        if reference["escaped"]:
            return reference["escaped"]
        text = lookup.variable(reference["name"] or reference["braced"])
        unset |= not text
        return text or ""

    text = _REFERENCE.sub(follow, value)
    return None if unset else text or None


def _variable_in(value: JsonValue) -> str | None:
    """The variable that a value refers to and consists of."""
    if not isinstance(value, str):
        return None
    if _PLAIN_NAME.fullmatch(value):
        return value
    reference = _REFERENCE.fullmatch(value)
    return (reference["name"] or reference["braced"]) if reference else None
