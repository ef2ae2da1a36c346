"""Spells the segment that names the model: cuts it into tokens, spells each, then looks at the whole name."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from litellm_discover.core.naming.brands import ASIDES, BRANDS, GLUED, HYPHENATED, MAKERS, PACKAGING, WORDS

if TYPE_CHECKING:
    from collections.abc import Callable

_FLAGS: Final = re.ASCII | re.IGNORECASE | re.VERBOSE
_QUANTISATION: Final = r"i?q\d(?:_[a-z0-9]+)+"  # Q4_K_M: its underscores separate nothing

# The kinds are tried in this order, so that a date is never read as a version.
_TOKEN: Final = re.compile(
    rf"""
    (?:
        (?P<date>      20\d\d-[01]\d-[0-3]\d )
      | (?P<stamp>     20\d{{6}} | [0-9a-f]{{32,}} | 4096|8192|16384|32768 )  # built, hash, length of context
      | (?P<verbatim>  (?:0[1-9]|1[0-2]) - (?:20\d\d|[0-3]\d)                 # 09-2025, 05-06
                     | \d{{1,2}} (?:-\d{{1,2}}){{2,}} )                       # 1-2-3: a list
      | (?P<version>   (?:[a-z]+|(?<=[-_:])) (?:0|[1-9]\d?) - (?:0|[1-9]\d?)  # k2-5, 4-5
                     | [a-z]*\d{{1,2}} p \d{{1,2}}[a-z]?                      # k2p6
                     | v\d:\d )                                               # v2:1
      | (?P<code>      {_QUANTISATION} | \d+b-\d+e )                          # 17B-16E
    )
    (?![a-z0-9]|\.\d)
    | (?P<word>        (?:[^-_:.]|\.(?![a-z]))+ )
    """,
    _FLAGS,
)
_VERSION_DOT: Final = re.compile(r"(?<=\d)[-p:](?=\d)", _FLAGS)
_QUANTISED: Final = re.compile(rf"(?<![a-z0-9]){_QUANTISATION}", _FLAGS)
_VERSIONED: Final = re.compile(r"([a-z]+)-?\d", _FLAGS)
_NUMBERED: Final = re.compile(r"([a-z]{2,}) (\.?\d{1,2}(?:\.\d+)*[a-z]??) ([a-z]{2,})?", _FLAGS)
# 8b, a3b, k2.5, r1, 5v and 8x22b are written in capitals; 4o, 3n, o3 and v0.1 are not.
_CODE: Final = re.compile(
    r"[a-np-uw-z]?\d+(?:\.\d+)?[a-mp-z]? | \d+x\d+[a-z]? | [a-z]\d+[a-z]\d+",
    _FLAGS,
)
_ASIDE: Final = re.compile("|".join(ASIDES))
_TIMES: Final = re.compile(r"(?<=\d)X(?=\d)")

# Ids that say less, or more, than the name that they stand for.
_REWRITES: Final = (
    (re.compile(r"\bgpt-?([3-5])([1-9])(?![a-z0-9.])", _FLAGS), r"gpt-\1.\2"),  # Azure allowed no dots
    (re.compile(r"\A(?:open|labs)-(?=[a-z]*stral|mixtral)", _FLAGS), ""),  # Mistral's marks of a licence, of a trial
    (re.compile(rf"\A(?:{'|'.join(MAKERS)})-(?=(?:{'|'.join(BRANDS)}|command|meta|o\d)(?![a-z]))", _FLAGS), ""),
    (re.compile(r"(?<=\Adeepseek)-chat(?=-v\d)", _FLAGS), ""),  # DeepSeek V3 is no other model for chats
    (re.compile(r"(?<=\Anova)(-.*)-v1\Z", _FLAGS), r"\1"),  # Bedrock's stamp, where others list it
    (re.compile(r"(?<=\Agemini)(-\d.*)-00\d\Z", _FLAGS), r"\1"),  # Google's number of a build
)

# What a token alone cannot know. Tried in this order, each on the whole name.
_HOUSE_STYLES: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...]] = (
    (
        re.compile(rf"\b({'|'.join(BRANDS[family] for family in HYPHENATED)}) (?=\d)"),  # GPT-5.4
        lambda found: f"{found[1]}-",
    ),
    (
        re.compile(r"(GPT-4\S* )(Mini|Nano|Latest)\b"),  # GPT-4o mini, but GPT-5.4 Mini
        lambda found: found[1] + found[2].lower(),
    ),
    (
        re.compile(r"\bo\d\b.*"),  # o3-pro
        lambda found: found[0].lower().replace(" ", "-"),
    ),
    (
        re.compile(r"\bDeepSeek R\d\b(?! Distill)(?: \d{4}\b)?"),  # DeepSeek-R1-0528
        lambda found: found[0].replace(" ", "-"),
    ),
    (
        re.compile(r"\b((?:DeepSeek|KAT|MiMo)\b.*) v(?=\d)"),  # DeepSeek V3.2, but Mixtral v0.1
        lambda found: f"{found[1]} V",
    ),
    (
        re.compile(r"\b(Claude [A-Z]\w+ \d)\.0\b"),  # the pointer claude-opus-4-0 is Claude Opus 4
        lambda found: found[1],
    ),
    (
        re.compile(r"\b(Gemini .*Flash) (?=\d+B\b)"),  # Gemini 1.5 Flash-8B
        lambda found: f"{found[1]}-",
    ),
    (
        re.compile(r"\bNon (?=[A-Z])"),  # Non-Reasoning
        lambda _: "Non-",
    ),
    (
        re.compile(r"\bDALL E\b|\bKAT(?: [A-Z][a-z]+)+|\bMAI .*|\bUI TARS\b"),  # KAT-Coder-Pro V2, MAI-Code-1-Flash
        lambda found: found[0].replace(" ", "-"),
    ),
)


def is_handwritten(segment: str) -> bool:
    """Whether a person wrote this as a name: all in capitals, or capitals together with underscores."""
    bare = _QUANTISED.sub("", segment)
    if bare.isupper():
        versioned = _VERSIONED.match(bare)  # GLM-4.5 is written in capitals by its maker
        return not (versioned and versioned[1].lower() in BRANDS)
    return "_" in bare and bare != bare.lower()


@lru_cache(maxsize=512)  # the same model comes by many routes
def spell(segment: str) -> tuple[str, tuple[str, ...]]:
    """The spelled name, and the notes that belong behind it in parentheses."""
    for pattern, replacement in _REWRITES:
        segment = pattern.sub(replacement, segment)
    words, notes = _spell_tokens(segment)
    if _ASIDE.fullmatch(" ".join(words).lower()):
        notes.insert(0, words.pop().lower())
    name = " ".join(words)
    for style, respell in _HOUSE_STYLES:
        name = style.sub(respell, name)
    return name, tuple(notes)


def _spell_tokens(segment: str) -> tuple[list[str], list[str]]:
    """The words of the name in their order, and the dates among them."""
    words: list[str] = []
    dates: list[str] = []
    for token in _TOKEN.finditer(segment):
        kind, text = token.lastgroup, token[0]
        if kind == "date":
            dates.append(text)
        elif kind in _SPELLERS and text.lower() not in PACKAGING:
            words.append(_SPELLERS[kind](text))
    return words, dates


def _spell_word(word: str) -> str:
    """Spell a known word by its table, a code in capitals, and any other word with a capital first letter."""
    key = word.lower()
    if key in WORDS:
        return WORDS[key]
    if _CODE.fullmatch(word):
        return _spell_code(word)
    if numbered := _NUMBERED.fullmatch(word):
        return _spell_numbered(*numbered.groups(default=""))
    is_plain = word.isalpha() and word == key
    return word[0].upper() + word[1:] if is_plain else word


def _spell_numbered(family: str, version: str, variant: str) -> str:
    """Spell a family that is glued to its version: ``llama3.1``, ``qwen2.5vl``, ``gpt4o``."""
    key = family.lower()
    if key in BRANDS:
        glue = "" if key in GLUED else " "
        return f"{BRANDS[key]}{glue}{_spell_word(version)} {variant and _spell_word(variant)}".rstrip()
    return f"{_spell_word(family)}{version}{variant}"


def _spell_version(version: str) -> str:
    return _spell_word(_VERSION_DOT.sub(".", version))


def _spell_code(code: str) -> str:
    return _TIMES.sub("x", code.upper())


_SPELLERS: Final[dict[str | None, Callable[[str], str]]] = {
    "verbatim": str,
    "version": _spell_version,
    "code": _spell_code,
    "word": _spell_word,
}
