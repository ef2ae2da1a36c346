"""The man page: the command's own help, and two tables of docs/reference.md, in the form that man reads."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from litellm_discover import __version__
from litellm_discover.cli.main import app

if TYPE_CHECKING:
    from collections.abc import Iterator

REFERENCE = Path(__file__).parents[2] / "docs" / "reference.md"

NAME = "litellm-discover"


def page() -> str:
    """The whole page."""
    command: Any = typer.main.get_command(app)  # of the click inside typer, which has no public name
    context = command.context_class(command, info_name=NAME)
    title, *more = _paragraphs(command.help)
    lines = [
        f'.TH LITELLM-DISCOVER 1 "" "{NAME} {__version__}" "User Commands"',
        ".SH NAME",
        *_lines(f"{NAME} - {title[0].lower()}{title[1:].rstrip('.')}"),
        ".SH SYNOPSIS",
        *_usage(command, context),
        ".SH DESCRIPTION",
        *_joined([title, *more]),
        ".SH OPTIONS",
        *_options(command, context),
        ".SH COMMANDS",
        *_commands(command, context),
        ".SH ENVIRONMENT",
        *_table("Environment variables"),
        ".SH EXIT STATUS",
        *_table("Exit status"),
    ]
    return "\n".join(lines) + "\n"


def _commands(group: Any, context: Any) -> Iterator[str]:
    """Each command that is not hidden, and then those below it."""
    for name, command in group.commands.items():
        if command.hidden:
            continue
        below = command.context_class(command, info_name=name, parent=context)
        if not hasattr(command, "commands"):
            yield f'.SS "{_text(below.command_path.removeprefix(NAME).strip())}"'
            yield from _usage(command, below)
            yield ".PP"
            yield from _joined(_paragraphs(command.help))
            yield from _options(command, below)
        else:
            yield from _commands(command, below)


def _usage(command: Any, context: Any) -> Iterator[str]:
    yield f".B {_text(context.command_path)}"
    yield from _lines(" ".join(command.collect_usage_pieces(context)))


def _options(command: Any, context: Any) -> Iterator[str]:
    """Arguments and options, as the help shows them."""
    for parameter in command.get_params(context):
        if context.parent and "--help" in parameter.opts:
            continue  # it is the same everywhere
        if record := parameter.get_help_record(context):
            yield ".TP"
            yield f".B {_text(record[0].strip())}"
            yield from _lines(record[1])


def _table(heading: str) -> Iterator[str]:
    """The rows of a table of two columns in the reference."""
    section = REFERENCE.read_text("utf-8").split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"^\| (.+?) \| (.+?) \|$", section, re.MULTILINE)[1:]  # the first is the heading
    for name, meaning in rows:
        yield ".TP"
        yield f".B {_text(_plain(name))}"
        yield from _lines(_plain(meaning))


def _plain(markdown: str) -> str:
    return re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", markdown).replace("`", "")


def _paragraphs(text: str) -> list[str]:
    return [" ".join(paragraph.split()) for paragraph in text.strip().split("\n\n")]


def _joined(paragraphs: list[str]) -> Iterator[str]:
    for number, paragraph in enumerate(paragraphs):
        if number:
            yield ".PP"
        yield from _lines(paragraph)


def _text(text: str) -> str:
    """Text that no formatter takes for anything else, in one line: the escapes of roff, ASCII alone."""
    return text.replace("\\", r"\e").replace("-", r"\-").replace("…", "...").replace("×", "x")


def _lines(text: str) -> Iterator[str]:
    """Text in lines as short as mandoc wants them, none of which is taken for a request."""
    for line in textwrap.wrap(_text(text), 80, break_long_words=False, break_on_hyphens=False):
        yield rf"\&{line}" if line[:1] in {".", "'"} else line
