"""The documentation is true: links lead somewhere, commands exist, what is shown as run was run, and files are read.

Pages that are new are covered without being named here. How a page says that a block is run: tests/support/pages.py.
"""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import tomllib
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest
import typer
import yaml
from documents import PAGES, ROOT, anchors, blocks, calls, links, named, script
from pages import Page, carry_out, same, stand_ins

from litellm_discover.cli.arguments import with_target
from litellm_discover.cli.main import app
from litellm_discover.core.jsonc import parse
from litellm_discover.core.own_config import understand
from litellm_discover.targets import TARGETS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from documents import Block

BLOCKS = [block for page in PAGES for block in blocks(page)]
OURS = {"write", "notify", "timeout", "name_template", "proxy", "catalog"}
"""What is at the top of config.toml: a block with one of these is one."""


def name_of(item: Path | Block) -> str:
    """An id for a test."""
    return str(getattr(item, "place", None) or item.relative_to(ROOT))  # type: ignore[union-attr]


def written_in(*languages: str) -> pytest.MarkDecorator:
    """Every block in one of these languages."""
    return pytest.mark.parametrize("block", [each for each in BLOCKS if each.language in languages], ids=name_of)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    """To a file or folder of this repository, and to a heading in it."""
    for link in links(page):
        if re.match(r"[a-z][a-z+.-]*:", link):
            continue
        name, _, anchor = unquote(link).partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), f"{name_of(page)}: {link} leads nowhere"
        assert target.is_relative_to(ROOT), f"{name_of(page)}: {link} leads out of the repository"
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), f"{name_of(page)}: {link} has no such heading"


def test_every_page_can_be_found() -> None:
    """By links, from README.md on."""
    found, left = set[str](), [ROOT / "README.md"]
    while left:
        page = left.pop()
        if page.suffix == ".md" and page.is_file() and str(page) not in found:
            found.add(str(page))
            left += [(page.parent / unquote(link).partition("#")[0]).resolve() for link in links(page)]
    lost = {name_of(page) for page in PAGES if str(page) not in found}
    lost = {name for name in lost if name.startswith(("docs/", "examples/"))}
    assert not lost, f"no link leads there; docs/README.md is the place for one: {lost}"


@written_in("sh", "bash", "console")
def test_scripts_are_scripts(block: Block) -> None:
    """A shell can read each of them."""
    done = subprocess.run(["bash", "-n"], input=script(block), capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 0, f"{block.place}: {done.stderr}"


@contextlib.contextmanager
def parsed(arguments: list[str]) -> Iterator[Any]:
    """The command that these arguments call, understood by the program itself and not started."""
    command: Any = typer.main.get_command(app)
    rest, context = with_target(arguments), None
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.suppress(typer.Exit))  # --version and --help end here
        while True:
            context = stack.enter_context(command.make_context(command.name or "", list(rest), parent=context))
            rest = [*context._protected_args, *context.args]
            if not hasattr(command, "resolve_command") or not rest:
                break
            _, command, rest = command.resolve_command(context, rest)
        yield command


@written_in("sh", "bash", "fish", "console")
def test_commands_exist(block: Block) -> None:
    """Each call of our program has a command, options and values that there are."""
    for arguments in calls(script(block)):
        try:
            with parsed(arguments):
                pass
        except Exception as error:
            if not hasattr(error, "format_message"):
                raise
            pytest.fail(f"{block.place}: litellm-discover {' '.join(arguments)}: {error.format_message()}")


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_what_is_named_in_a_sentence_exists(page: Path) -> None:
    """Commands and options between backticks; what they are given may be a placeholder."""
    for text in named(page):
        command: Any = typer.main.get_command(app)
        for number, word in enumerate(text.split()):
            if word == "--":
                break
            if word.startswith("-"):
                options = {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
                assert word.partition("=")[0] in {*options, "--help", "-h"}, f"{name_of(page)}: {text}"
            elif found := getattr(command, "commands", {}).get(word):
                command = found
            else:
                assert number, f"{name_of(page)}: no such command: {text}"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--wirte", "all"], "No such option"),
        (["daemon", "instal"], "No such command"),
        (["doctor", "--offline"], "No such option"),
        (["--transport", "both"], "is not one of"),
        (["explain"], "Missing parameter"),
    ],
)
def test_a_wrong_command_would_be_noticed(arguments: list[str], told: str) -> None:
    """In each of the ways in which a page can be out of date."""
    with pytest.raises(Exception, match=told), parsed(arguments):
        pass


@written_in("sh", "console")
def test_targets_of_make_exist(block: Block) -> None:
    """What is said of ``make``."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    called = set(re.findall(r"^\s*make ([a-z][\w-]*)", script(block), re.MULTILINE))
    assert called <= targets, f"{block.place}: no such target: {called - targets}"


@written_in("toml")
def test_toml_is_toml_and_ours_is_accepted(block: Block) -> None:
    """A block of config.toml is understood by what reads the real one."""
    if tomllib.loads(block.text).keys() & OURS or "config.toml" in block.mark:
        understand(block.text, block.place, TARGETS)


READERS: dict[str, Callable[[str], object]] = {
    "json": json.loads,
    "jsonc": parse,
    "yaml": yaml.safe_load,
}


@written_in(*READERS)
def test_data_is_data(block: Block) -> None:
    """What is shown can be copied."""
    assert READERS[block.language](block.text) is not None


RUN = [page for page in PAGES if any(block.mark.startswith("run") for block in blocks(page))]


@pytest.fixture(scope="module")
def addresses() -> Iterator[dict[str, str]]:
    """Servers for the addresses that pages use."""
    with stand_ins() as there:
        yield there


@pytest.mark.parametrize("page", RUN, ids=name_of)
def test_what_is_shown_is_what_happens(page: Path, tmp_path: Path, addresses: dict[str, str]) -> None:
    """Every page is carried out from its top, in a new home."""
    carry_out(blocks(page), tmp_path, addresses)


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "howto").glob("*.md")), ids=name_of)
def test_each_how_to_shows_something_that_was_run(page: Path) -> None:
    """And what it printed."""
    assert any(
        first.mark.startswith("run") and second.language == "text" and second.after
        for first, second in zip(blocks(page), blocks(page)[1:], strict=False)
    )


WRITTEN_BY_HAND = """\
{
  "model": "litellm/claude-opus-4-8", // until the budget is gone
  "provider": {
    "litellm": {
      "models": {
        // shorter in the picker
        "claude-opus-4-8": {
          "name": "Opus"
        }
      }
    }
  }
}
"""


def test_the_diff_of_the_readme_is_what_is_printed(tmp_path: Path, addresses: dict[str, str]) -> None:
    """Piece by piece in this order; what stands before the first change is the file, more of it than a diff shows."""
    page = Page(tmp_path, addresses)
    page.put("file: ~/.config/opencode/opencode.jsonc", WRITTEN_BY_HAND)
    command = "litellm-discover --url http://127.0.0.1:4000 --write opencode --dry-run"
    status, printed = page.run(f"export LITELLM_API_KEY=sk-example-proxy\n{command}\n")
    assert status == 0
    (diff,) = [block for block in blocks(ROOT / "README.md") if block.language == "diff"]
    above, _, changes = diff.text.partition("+")
    context = above.splitlines(keepends=True)
    assert "".join(line[1:] for line in context) in WRITTEN_BY_HAND
    for piece in f"{''.join(context[-3:])}+{changes}".split("⋮\n"):
        assert piece in printed, f"{diff.place}: not printed in this order:\n{piece}"
        printed = printed[printed.index(piece) + len(piece) :]


@pytest.mark.parametrize(
    ("shown", "printed", "equal"),
    [
        ("one\ntwo\n", "one\ntwo\n", True),
        ("one   \n", "one\n", True),
        ("30 models in 61 ms\n", "30 models in 244 ms\n", True),
        ("30 models in 61 ms\n", "31 models in 61 ms\n", False),
        ("one\n⋮\nfour\n", "one\ntwo\nthree\nfour\n", True),
        ("one\n⋮\nfour\n", "one\nfour\nfive\n", False),
        ("one\n", "one\ntwo\n", False),
    ],
)
def test_a_difference_would_be_noticed(shown: str, printed: str, *, equal: bool) -> None:
    """The comparison itself."""
    assert same(shown, printed) is equal
