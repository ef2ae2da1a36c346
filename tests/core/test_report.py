"""The page of a report: what is in it, and that nothing gets into it that is not text."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from decimal import Decimal
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
import reports
from hypothesis import given
from hypothesis import strategies as st

from litellm_discover.core.ids import printable
from litellm_discover.core.model import Cost, Hidden, Limit, Model, Notice
from litellm_discover.core.report import BEGINNING, Parts, render
from litellm_discover.core.report.alike import alike
from litellm_discover.reporting import page

FOLDER = Path(__file__).parents[2] / "src" / "litellm_discover" / "data" / "report"
GOLDEN = Path(__file__).parents[1] / "golden" / "report" / "small.html"

# LITELLM_DISCOVER_GOLDEN=write makes the expected file anew; read the diff before committing it.
REWRITE = os.environ.get("LITELLM_DISCOVER_GOLDEN") == "write"

VOID = {"meta", "input"}
TAGS = VOID | {
    *("html", "head", "title", "style", "script", "body", "a", "header", "main", "footer", "section", "div", "form"),
    *("h1", "h2", "p", "ul", "li", "strong", "code", "span", "small", "time", "dl", "dd", "dt", "label", "select"),
    *("option", "table", "caption", "thead", "tbody", "tr", "th", "td", "svg", "g", "line", "text", "circle"),
}
ATTRIBUTES = {
    *("lang", "charset", "http-equiv", "content", "name", "class", "href", "id", "role", "hidden", "tabindex", "type"),
    *("autocomplete", "spellcheck", "value", "scope", "datetime", "data-f", "data-m", "viewbox", "cx", "cy", "r", "x"),
    *("y", "x1", "x2", "y1", "y2", "text-anchor", "aria-labelledby", "aria-label", "aria-hidden"),
}


class Outline(HTMLParser):
    """What a parser makes of a page: its elements, and the texts of its cells."""

    def __init__(self, content: str) -> None:
        super().__init__(convert_charrefs=True)
        self.stack: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[list[str]] = []
        self.texts: list[str] = []
        self.feed(content)
        self.close()
        assert not self.stack

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs)
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.stack.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in {"th", "td"}:
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if {"th", "td"} & set(self.stack):
            self.rows[-1][-1] += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of each element of this name."""
        return [attributes for name, attributes in self.tags if name == tag]


def checked(content: str) -> Outline:
    """The outline of a page that has only elements and attributes of ours, and refers to nothing but itself."""
    outline = Outline(content)
    assert {tag for tag, _ in outline.tags} <= TAGS
    assert {name for _, attributes in outline.tags for name in attributes} <= ATTRIBUTES
    ids = [attributes["id"] for _, attributes in outline.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for link in outline.all("a"):
        assert (link["href"] or "")[0] == "#"
        assert (link["href"] or "")[1:] in ids
    assert [len(outline.all(name)) for name in ("script", "style", "form", "html")] == [1, 1, 1, 1]
    return outline


def test_a_small_report_is_as_it_was_read() -> None:
    """All of the page but its style and its script, to the byte."""
    frame = (FOLDER / "page.html").read_text("utf-8")
    content = render(reports.small_report(), Parts(frame, "/* style */", "/* script */"))
    if REWRITE:
        GOLDEN.write_text(content, "utf-8")
    assert content == GOLDEN.read_text("utf-8")


def test_each_model_has_a_row_and_leads_to_its_sources() -> None:
    """In the order of the catalog, with the unit in the heading; what is unknown is said to be."""
    outline = checked(reports.small())
    (first,) = [row for row in outline.rows if row[0] == "Claude Sonnet 4.5claude-sonnet-4-5"]
    assert first[1:] == ["chat", "text image pdf", "low medium high", "yes", "200,000", "64,000", "3", "15",
                         "ends 2026-11-30"]  # fmt: skip
    (router,) = [row for row in outline.rows if row[0] == "Routerrouter"]
    assert router[3:] == ["unknown"] * 6 + [""]
    (local,) = [row for row in outline.rows if row[0] == "Locallocal"]
    assert local[7] == "0"
    assert outline.rows[outline.rows.index(first) - 1][5:7] == ["Contexttokens", "Outputtokens"]
    assert ["text-embedding-3-small", "mode:embedding", "not a chat model, says the proxy"] in outline.rows
    assert ["route", "", "rule:chat-unless-stated", "nothing speaks for /v1/responses"] in outline.rows
    assert ["$ above 200,000 tokens", "2.5 in, 15 out; cache unknown / unknown", "", ""] in outline.rows
    assert ["OpenCode", "litellm-responses", "2"] in outline.rows
    assert ["in OpenCode", "provider litellm-responses", "", ""] in outline.rows
    assert len(outline.all("circle")) == 4  # the two that share their facts are one point
    assert "1 of 6 models are not in the plot: their price or their context is unknown." in outline.texts


def test_only_this_style_and_this_script_count() -> None:
    """The policy names both by their digest, and allows nothing else."""
    content = reports.small()
    policy = unescape(re.findall(r'Content-Security-Policy" content="([^"]*)"', content)[0])
    for part in ("style", "script"):
        inside = content.split(f"<{part}>")[1].split(f"</{part}>")[0]
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{part}-src 'sha256-{digest}'" in policy
        assert inside == (FOLDER / f"report.{'css' if part == 'style' else 'js'}").read_text("utf-8")
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy


@pytest.mark.parametrize("name", ["report.js", "report.css", "page.html"])
def test_what_comes_with_the_package_loads_nothing_and_makes_no_markup(name: str) -> None:
    """Text is only ever put in as text, and there is no address in any of the files."""
    text = (FOLDER / name).read_text("utf-8")
    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "fetch(",
                 "XMLHttpRequest", "import", "url(", "http:", "https:", "//cdn", "src="):  # fmt: skip
        assert word not in text.replace("!important", ""), word


def test_hostile_texts_stay_texts() -> None:
    """In every place where a text of others can be: no element, no attribute, nothing invisible, nothing endless."""
    content = reports.hostile()
    outline = checked(content)
    assert not [character for character in "\x00\x1b\x7f\u2028\u2029\u202e\u2066" if character in content]
    assert "x" * 1000 not in content
    assert content.count("<script") == 1
    for bad in reports.HOSTILE:
        assert printable(bad, 600) in "".join(outline.texts), bad


TEXTS = st.text(max_size=40) | st.sampled_from(reports.HOSTILE)
MODELS = st.builds(
    reports.model,
    TEXTS,
    name=TEXTS,
    owner=st.none() | TEXTS,
    mode=st.none() | TEXTS,
    reasoning=st.none() | st.booleans(),
    efforts=st.none() | st.lists(TEXTS, max_size=3).map(tuple),
    limit=st.builds(Limit, st.none() | st.integers(1, 10**12), st.none() | st.integers(1, 10**12)),
    cost=st.none() | st.builds(Cost, *[st.decimals(0, 10**6, places=9)] * 2),
    deprecated=st.none() | TEXTS,
    parameters=st.dictionaries(TEXTS, st.booleans(), max_size=3),
    sources=st.dictionaries(st.sampled_from(["name", "limit", "cost", "owner"]), TEXTS),
)


@given(st.lists(MODELS, max_size=5), st.lists(st.tuples(TEXTS, TEXTS), max_size=3))
def test_any_catalog_gives_a_sound_page(models: list[Model], hidden: list[tuple[str, str]]) -> None:
    """Whatever the texts and numbers are: each row has its cells, and its name is what was given, made visible."""
    found = reports.catalog(models, *(Hidden(*each) for each in hidden))
    content = page(reports.report(found, notices=[Notice("any", reason) for _, reason in hidden])).content
    assert content.startswith(BEGINNING)
    outline = checked(content)
    rows = [row for row in outline.rows if len(row) == 10][1:]
    names = [printable(model.name, 600) + printable(model.id, 600) for model in models]
    assert [row[0] for row in rows] == [name.replace("\r\n", "\n") for name in names]


def test_what_is_alike_is_marked() -> None:
    """A name before its parenthesis, whatever its case; facts only where there are some; numbers of one length."""
    models = [
        reports.model("a", name="GPT-5 (Azure)"),
        reports.priced("b", 1000, "1", name="gpt-5"),
        reports.priced("c", 1000, "1", name="Other"),
        reports.priced("d", 1000, "2", name="Dearer"),
        reports.model("e", name="Lone (one)"),
        reports.model("f", name="Lonely"),
    ]
    assert alike(models) == (("same name 1",), ("same name 1", "same facts 1"), ("same facts 1",), (), (), ())
    many = [reports.model(str(place), name=f"n{place // 2}") for place in range(24)]
    assert alike(many)[0] == ("same name 01",)
    assert alike(many)[23] == ("same name 12",)


@pytest.mark.parametrize(
    ("models", "points", "labels"),
    [
        ([reports.model("a")], 0, []),
        ([reports.priced("a", 1, "0")], 1, ["1", "0"]),
        ([reports.priced("a", 200_000, "3")], 1, ["200k", "3"]),
        ([reports.priced("a", 1000, "0.001"), reports.priced("b", 10**9, "1000")], 2, ["1G", "0.001", "1000"]),
        ([reports.priced(str(place), 1000, "1") for place in range(7)], 1, []),
    ],
)
def test_the_plot_holds_what_is_known(models: list[Model], points: int, labels: list[str]) -> None:
    """Any number of decades, also none; a price of 0 has its own line, and models at one place are one point."""
    content = page(reports.report(reports.catalog(models))).content
    outline = Outline(content)
    assert len(outline.all("circle")) == points
    for circle in outline.all("circle"):
        assert 0 < float(circle["cx"] or "") < 1180
        assert 0 < float(circle["cy"] or "") < 330
    if points:
        assert set(labels) - {"3"} <= set(outline.texts)
    if len(models) == 7:
        assert "0, 1, 2, 3 and 3 more: about 1,000 tokens, $1 per 1M" in content


def test_prices_are_exact() -> None:
    """As the catalog has them: no binary noise, no exponent."""
    found = reports.catalog([reports.model("a", cost=Cost(Decimal("1E-7"), Decimal("0.09")))])
    outline = checked(page(reports.report(found)).content)
    assert ["0.0000001", "0.09"] in [row[7:9] for row in outline.rows]
