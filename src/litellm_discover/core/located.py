"""Reading what a person wrote into a file of ours, strictly: an error names the file, the line and the field."""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from litellm_discover.core.ids import is_safe_text, printable
from litellm_discover.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")

Path: TypeAlias = tuple[str | int, ...]
"""The keys and indexes that lead to a value."""

MAX_TEXT = 4096


@dataclass(frozen=True, slots=True)
class At:
    """A place in a file. ``line`` gives the line of any path in it, from 1; ``code`` is that of the errors."""

    file: str
    line: Callable[[Path], int]
    code: str = "config"
    path: Path = ()

    def __truediv__(self, step: str | int) -> At:
        """The place one step further in."""
        return replace(self, path=(*self.path, step))

    @property
    def where(self) -> str:
        """For a person: ``/…/config.toml, line 3: proxy[0].url``."""
        place = f"{self.file}, line {self.line(self.path)}"
        return f"{place}: {dotted(self.path)}" if self.path else place

    def error(self, problem: str, *, hint: str = "") -> ConfigError:
        """What is wrong here."""
        return ConfigError(f"{self.where} {problem}", hint=hint or "Correct the file there.", code=self.code)


Reader: TypeAlias = "Callable[[object, At], T]"
"""Understands the value at a place, or raises ConfigError."""


def dotted(path: Path) -> str:
    """``proxy[0].key`` for a person; keys can hold anything."""
    steps = [f"[{step}]" if isinstance(step, int) else f".{printable(step, 60)}" for step in path]
    return "".join(steps).removeprefix(".")


def table(fields: Mapping[str, Reader[Any]], *required: str) -> Reader[dict[str, Any]]:
    """A table with these fields and no others; what is null in it counts as not there."""

    def read(value: object, at: At) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise at.error(f"must be a table with the keys: {', '.join(fields)}")
        for key in value:
            if key not in fields:
                raise _unknown(str(key), fields, at)
        for key in required:
            if value.get(key) is None:
                raise at.error(f"needs the key {key}")
        return {key: fields[key](item, at / key) for key, item in value.items() if item is not None}

    return read


def _unknown(key: str, known: Mapping[str, object], at: At) -> ConfigError:
    folded = {name.lower().replace("_", "").replace("-", ""): name for name in known}
    near = difflib.get_close_matches(key.lower().replace("_", "").replace("-", ""), folded, n=1, cutoff=0.5)
    hint = f"Did you mean {folded[near[0]]}?" if near else f"Known here: {', '.join(known)}."
    return (at / key).error("is no key that is known here", hint=hint)


def mapping_of(reader: Reader[T]) -> Reader[dict[str, T]]:
    """A table whose keys are the person's own."""

    def read(value: object, at: At) -> dict[str, T]:
        if not isinstance(value, dict):
            raise at.error("must be a table")
        return {str(key): reader(item, at / str(key)) for key, item in value.items()}

    return read


def list_of(reader: Reader[T]) -> Reader[tuple[T, ...]]:
    """A list of such values."""

    def read(value: object, at: At) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise at.error("must be a list")
        return tuple(reader(item, at / index) for index, item in enumerate(value))

    return read


def text(value: object, at: At) -> str:
    """A text with something in it that no terminal or tool acts on."""
    if not isinstance(value, str):
        raise at.error("must be a text", hint="Write it in quotes.")
    if not value.strip():
        raise at.error("is empty", hint="Give it a value, or remove it.")
    if len(value) > MAX_TEXT or not is_safe_text(value):
        raise at.error("is too long, or has a control character or a reference such as {env:…} in it")
    return value


def flag(value: object, at: At) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise at.error("must be true or false")
    return value


def one_of(*options: str) -> Reader[str]:
    """One of these words."""

    def read(value: object, at: At) -> str:
        if value not in options:
            raise at.error(f"must be one of: {', '.join(options)}")
        return str(value)

    return read


def number(lowest: float, highest: float, what: str) -> Reader[int | float]:
    """A finite number within these bounds; ``what`` completes "must be" for a person."""

    def read(value: object, at: At) -> int | float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise at.error(f"must be {what}")
        if not lowest <= value <= highest:
            raise at.error(f"must be {what}")
        return value

    return read


def whole_number(highest: int, what: str) -> Reader[int]:
    """A whole number from 1."""

    def read(value: object, at: At) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= highest:
            raise at.error(f"must be {what}")
        return value

    return read
