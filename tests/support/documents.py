"""What a page in Markdown is made of: fenced blocks, links, the anchors of headings, and calls of our program."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]

PAGES = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "examples/**/*.md")
    for path in ROOT.glob(pattern)
    if "node_modules" not in path.parts
)

_FENCE = re.compile(r"(?P<indent> *)(?P<fence>`{3,})(?P<language>[\w-]*)")
_MARK = re.compile(r" *<!-- (.+) -->")
_HEADING = re.compile(r"#{1,6} +(.+?) *#*")
_INLINE_CODE = re.compile(r"(`+)(?:(?!\1).)+\1")
_LINK = re.compile(r"\[(?:[^\[\]]|\[[^\]]*\])*\]\(<?([^)\s>]+)>?(?: \"[^\"]*\")?\)")
_REFERENCE = re.compile(r" {0,3}\[[^\]]+\]: +<?(\S+?)>?(?: .*)?")

# Where a command starts: a line, after an operator or a word of the shell, after variables set for it.
_CALL = re.compile(
    r"(?:^|[|&;(`]|\b(?:then|do|else|exec|time|uvx|if|!)\s)\s*"
    r"(?:[A-Za-z_]\w*=(?:\"[^\"]*\"|\S*)\s+)*"
    r"litellm-discover(?=[\s;)\"'`]|$)(?P<arguments>(?:\"[^\"]*\"|'[^']*'|[^|&;)`\"'])*)",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block.

    ``mark`` is the comment in the line before it, and ``after`` says that only blank lines are between it and the block
    before.
    """

    page: Path
    line: int
    language: str
    text: str
    mark: str
    after: bool

    @property
    def place(self) -> str:
        """For people: page and line."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page."""
    found: list[Block] = []
    lines = page.read_text("utf-8").splitlines()
    number = 0
    mark, after = "", False
    while number < len(lines):
        opening = _FENCE.fullmatch(lines[number])
        if opening is None:
            comment = _MARK.fullmatch(lines[number])
            if comment or lines[number].strip():
                mark, after = (comment[1], after) if comment else ("", False)
            number += 1
            continue
        start = number + 1
        number = next(n for n in range(start, len(lines)) if lines[n].strip() == opening["fence"])
        text = "\n".join(line.removeprefix(opening["indent"]) for line in lines[start:number]) + "\n"
        found.append(Block(page, start, opening["language"], text, mark, after))
        mark, after = "", True
        number += 1
    return found


def _prose(page: Path) -> list[str]:
    """The lines of a page outside of fenced blocks."""
    lines, fence = [], ""
    for line in page.read_text("utf-8").splitlines():
        match = _FENCE.match(line)
        if fence:
            fence = "" if line.strip() == fence else fence
        elif match:
            fence = match["fence"]
        else:
            lines.append(line)
    return lines


def links(page: Path) -> list[str]:
    """Where the links of a page lead, those to elsewhere too."""
    found = []
    for paragraph in re.split(r"\n\s*\n", "\n".join(_prose(page))):
        found += _LINK.findall(_INLINE_CODE.sub("code", paragraph.replace("\n", " ")))
        found += [match[1] for match in map(_REFERENCE.fullmatch, paragraph.splitlines()) if match]
    return found


def anchors(page: Path) -> set[str]:
    """What can stand after ``#`` in a link to this page: its headings, as GitHub spells them."""
    found: set[str] = set()
    for line in _prose(page):
        if heading := _HEADING.fullmatch(line):
            words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading[1])
            slug = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
            number = 0
            while (name := f"{slug}-{number}" if number else slug) in found:
                number += 1
            found.add(name)
        found.update(re.findall(r"<a (?:id|name)=\"([^\"]+)\"", line))
    return found


def named(page: Path) -> list[str]:
    """What stands behind our program's name in code within sentences."""
    paragraphs = re.split(r"\n\s*\n", "\n".join(_prose(page)))
    spans = (match[0] for text in paragraphs for match in _INLINE_CODE.finditer(text.replace("\n", " ")))
    return [match[1] for span in spans if (match := re.fullmatch(r"`litellm-discover (.+)`", span))]


def script(block: Block) -> str:
    """What a person would type: all of an ``sh`` block, and what stands after the prompts of a ``console`` block."""
    if block.language != "console":
        return block.text
    return "".join(f"{line[2:]}\n" for line in block.text.splitlines() if line.startswith("$ "))


def calls(text: str) -> list[list[str]]:
    """The arguments of each call of ``litellm-discover`` in a script."""
    whole = text.replace("\\\n", " ")
    return [shlex.split(match["arguments"].replace("\n", " ")) for match in _CALL.finditer(_by_line(whole))]


def _by_line(text: str) -> str:
    """Without comments, which may speak of commands, and without redirections."""
    plain = re.sub(r"(?:^|(?<=\s))#.*", "", text, flags=re.MULTILINE)
    return re.sub(r"\s\d?(?:>>?|<)\s*\S+", " ", plain).replace("\n", ";\n")
