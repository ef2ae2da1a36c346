"""Which values hold a comment, and which comments Pi cannot read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litellm_discover.core.jsonc.position import error_at
from litellm_discover.core.jsonc.scan import comments, container_at, root_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from litellm_discover.core.jsonc.reader import Document
    from litellm_discover.errors import JsoncError


def commented(document: Document, paths: Collection[tuple[str, ...]]) -> set[tuple[str, ...]]:
    """Those of ``paths`` whose value holds a comment; a path that leads nowhere holds none."""
    source = document.source
    on_the_way = {path[:length] for path in paths for length in range(1, len(path))}
    found = set()
    pending: list[tuple[tuple[str, ...], int]] = [((), root_of(source))]
    while pending:
        parent, start = pending.pop()
        members = container_at(source, start).known() if start in source.closing else {}
        for key, member in members.items():
            path = (*parent, key)
            if path in on_the_way:
                pending.append((path, member.value_start))
            if path in paths and any(comments(source, member.value_start, member.value_end)):
                found.add(path)
    return found


def foreign_comment(document: Document) -> JsoncError | None:
    """An error about the first comment that Pi cannot read, if there is one: Pi knows only ``//``, up to LF."""
    text = document.text
    for start, end in comments(document.source, 0, len(text)):
        if text.startswith("/*", start):
            return error_at(text, start, "a /* */ comment", "Use // comments: Pi rejects a file with /* */.")
        if text.startswith("\r", end) and not text.startswith("\r\n", end):
            hint = "End the line with LF or CRLF: for Pi the comment goes on to the next LF."
            return error_at(text, start, "a // comment that ends with a lone CR", hint)
    return None
