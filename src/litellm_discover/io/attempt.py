"""Trying something whose failure must not end the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from litellm_discover.errors import DiscoverError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def attempt(call: Callable[[], T]) -> T | DiscoverError:
    """What a call returns, or why it did not. Of a bug only its kind is told: its text can hold anything."""
    try:
        return call()
    except DiscoverError as error:
        return error
    except Exception as error:  # noqa: BLE001 - whatever it is, the rest is looked at
        return DiscoverError(
            f"this is a bug in litellm-discover: {type(error).__name__}",
            code="bug",
            hint="Please report it with the file that litellm-discover doctor --bundle FILE makes.",
        )
