"""Reading a YAML file of the person: its values, and the line of each.

PyYAML is an optional part of an installation and is imported only here, when there is such a file. Nothing in a file
makes an object of a class: only its safe loader is used. References (``*name``) keep pointing at one value, so that no
file unfolds into more than it is, and a value that contains itself is refused.
"""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING, Any

from litellm_discover.core.ids import printable
from litellm_discover.core.located import At
from litellm_discover.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path as FilePath

    from litellm_discover.core.located import Path

# The reader in Python takes 5 µs a byte and up to 30. The one in C is faster, and crashes on deep nesting.
MAX_BYTES = 256 * 1024
MAX_DEPTH = 16


def parse(data: bytes, path: FilePath, *, code: str) -> tuple[object, At]:
    """The value in the bytes of a file, None for nothing, and its beginning as a place for errors.

    Raises ConfigError, also when PyYAML is not there.
    """
    yaml = _library(path)
    if len(data) > MAX_BYTES:
        raise ConfigError(f"{path} is larger than {MAX_BYTES} bytes", code=code, hint="Keep the models that are used.")
    try:
        loader = yaml.SafeLoader(data.decode("utf-8-sig"))
        try:
            root = loader.get_single_node()
            value = _Converter(loader, path, code).value(root) if root is not None else None
        finally:
            loader.dispose()
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is no text in UTF-8", code=code, hint="Save it as UTF-8.") from None
    except RecursionError:
        raise ConfigError(f"{path} is nested too deeply", code=code, hint="Correct the file there.") from None
    except yaml.YAMLError as error:
        raise _syntax_error(error, path, code) from None
    return value, At(str(path), lambda steps: _line(root, steps), code)


def _library(path: FilePath) -> Any:
    try:
        import yaml
    except ImportError:
        raise ConfigError(
            f"{path} cannot be read: that needs PyYAML, which is not installed",
            code="yaml_missing",
            hint=f"Install it beside litellm-discover: {shlex.quote(sys.executable)} -m pip install pyyaml"
            " (with pipx: pipx inject litellm-discover pyyaml).",
        ) from None
    return yaml


def _syntax_error(error: Any, path: FilePath, code: str) -> ConfigError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    place = f"{path}, line {mark.line + 1}" if mark else str(path)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
    return ConfigError(f"{place}: this is no YAML: {problem}", code=code, hint="Correct the file there.")


class _Converter:
    """From nodes to values: each node becomes one value, however often it is referred to."""

    def __init__(self, loader: Any, path: FilePath, code: str) -> None:
        self._loader = loader
        self._path = path
        self._code = code
        self._done: dict[int, object] = {}
        self._open: set[int] = set()

    def value(self, node: Any, depth: int = 0) -> object:
        """The value of a node. Raises ConfigError, and YAMLError for a scalar that its tag does not allow."""
        if id(node) not in self._done:
            if id(node) in self._open or depth > MAX_DEPTH:
                raise self._error(node, "a value contains itself, or is nested too deeply")
            self._open.add(id(node))
            self._done[id(node)] = self._converted(node, depth)
        return self._done[id(node)]

    def _converted(self, node: Any, depth: int) -> object:
        if node.id == "sequence":
            return [self.value(item, depth + 1) for item in node.value]
        if node.id == "scalar":
            try:
                return self._loader.construct_object(node)
            except (ValueError, OverflowError):  # a number of 5000 digits, the 30th of February
                raise self._error(node, "a value cannot be read") from None
        found: dict[str, object] = {}
        for key, item in node.value:
            if key.id != "scalar":
                raise self._error(key, "a key must be a text")
            if key.value in found:
                raise self._error(key, f"the key {printable(key.value)} is there twice")
            found[key.value] = self.value(item, depth + 1)
        return found

    def _error(self, node: Any, problem: str) -> ConfigError:
        where = f"{self._path}, line {node.start_mark.line + 1}"
        return ConfigError(f"{where}: {problem}", code=self._code, hint="Correct the file there.")


def _line(root: Any, steps: Path) -> int:
    """The line in which the value at a path begins, or what leads there; for one with a key that of the key."""
    node, line = root, 1
    for step in steps:
        if node.id == "sequence" and isinstance(step, int):
            node = node.value[step]
            line = node.start_mark.line + 1
            continue
        for key, item in node.value if node.id == "mapping" else ():
            if key.value == step:
                node, line = item, key.start_mark.line + 1
                break
        else:
            break
    return line
