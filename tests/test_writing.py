"""What we wrote stays ours, what the person wrote stays theirs, and the last write can be taken back."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from catalogs import catalog, model
from servers import answering, described, proxy
from tool import discover

from litellm_discover.core import jsonc
from litellm_discover.errors import ConfigError
from litellm_discover.io import files, state
from litellm_discover.io.deadline import Deadline
from litellm_discover.io.places import Places
from litellm_discover.planning import plan_write
from litellm_discover.writing import carry_out, undo

if TYPE_CHECKING:
    from tool import Run

    from litellm_discover.core.model import Catalog

CORPUS = Path(__file__).parent / "corpus" / "jsonc"

FACTS = {"mode": "chat", "input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6}


def config(root: Path, text: str | None = None) -> Path:
    """OpenCode's configuration below ``root``, with ``text`` in it."""
    path = root / "config" / "opencode" / "opencode.jsonc"
    if text is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return path


def write(root: Path, models: list[str], *arguments: str, described_too: bool = True) -> Run:
    """One `--write opencode` against a proxy with these models."""
    info = [described(name, **FACTS) for name in models] if described_too else []
    with proxy(list(models), info) as (port, _):
        return discover("--port", str(port), "--write", "opencode", *arguments, root=root)


def listed(root: Path) -> list[str]:
    """The models that are in the configuration."""
    written: Any = jsonc.parse(config(root).read_text("utf-8"))
    return list(written["provider"]["litellm"]["models"])


def test_the_picker_follows_the_proxy(tmp_path: Path) -> None:
    """New models come, models that are gone go, and our address follows the proxy to another port."""
    write(tmp_path, ["a", "b"])
    run = write(tmp_path, ["b", "c"])
    assert "added 1 model, removed 1 (" in run.stderr
    assert listed(tmp_path) == ["b", "c"]
    assert "up to date" not in run.stderr


def test_a_proxy_that_moved_is_found_and_our_address_follows(tmp_path: Path) -> None:
    """Without --port: the address that we wrote is looked at first, then the likely ports; here the variable's."""
    write(tmp_path, ["a"])
    with proxy(["a"], [described("a", **FACTS)]) as (port, _):
        env = {"OPENAI_BASE_URL": "", "LITELLM_DISCOVER_PORT": str(port)}
        run = discover("--write", "opencode", root=tmp_path, env=env)
    assert run.returncode == 0, run.stderr
    assert f"127.0.0.1:{port}/v1" in config(tmp_path).read_text("utf-8")


def test_an_address_that_we_wrote_is_not_believed_later(tmp_path: Path) -> None:
    """When somebody who is no LiteLLM listens there now, they are asked for the mark alone, without the key."""
    write(tmp_path, ["a"])
    written: Any = jsonc.parse(config(tmp_path).read_text("utf-8"))
    port = int(written["provider"]["litellm"]["options"]["baseURL"].rsplit(":", 1)[1].removesuffix("/v1"))
    with answering({}, port=port) as (_, asked):
        run = discover("--write", "opencode", root=tmp_path, env={"LITELLM_API_KEY": "sk-mine"})
    assert run.returncode == 1
    assert asked == ["/health/liveliness None"]


def test_what_the_person_changed_is_theirs(tmp_path: Path) -> None:
    """An edited entry survives its model's end at the proxy; the others do not."""
    write(tmp_path, ["a", "b", "c"])
    path = config(tmp_path)
    path.write_text(path.read_text("utf-8").replace('"name": "A"', '"name": "Mine"'), encoding="utf-8")
    run = write(tmp_path, ["c"])
    assert listed(tmp_path) == ["a", "c"]
    assert "removed 1" in run.stderr


@pytest.mark.parametrize(
    ("models", "described_too", "arguments"), [(["b"], False, ()), ([], True, ()), (["b"], True, ("--no-prune",))]
)
def test_nothing_is_taken_out_on_a_weak_word_or_against_the_person_s(
    tmp_path: Path, models: list[str], arguments: tuple[str, ...], *, described_too: bool
) -> None:
    """Without descriptions, with an empty list, or with --no-prune, all entries stay."""
    write(tmp_path, ["a", "b"])
    before = config(tmp_path).read_bytes()
    run = write(tmp_path, models, *arguments, described_too=described_too)
    assert run.returncode == 0
    assert listed(tmp_path) == ["a", "b"]
    assert models or config(tmp_path).read_bytes() == before


BEFORE = {
    "nothing": None,
    "empty": "",
    "blank": "\n\n",
    "commented": '{\n  // mine\n  "provider": { "x": { "options": { "apiKey": "sk-secret-of-x" } } }, // ours\n}\n',
    "minified": '{"provider":{"x":{"options":{"apiKey":"sk-secret-of-x"}}}}',
    "crlf": '\ufeff{\r\n\t"provider": {\r\n\t\t"litellm": { }\r\n\t}\r\n}',
}


@pytest.mark.parametrize("text", BEFORE.values(), ids=BEFORE.keys())
def test_undo_puts_back_the_bytes(tmp_path: Path, text: str | None) -> None:
    """After a write, undo gives exactly what was there, even no file; a second one has nothing to do."""
    path = config(tmp_path, text)
    write(tmp_path, ["a", "b"])
    assert "litellm" in path.read_text("utf-8")
    run = discover("undo", "opencode", root=tmp_path)
    assert run.returncode == 0, run.stderr
    assert (path.read_bytes() if path.exists() else None) == (None if text is None else text.encode())
    second = discover("undo", "opencode", root=tmp_path)
    assert second.returncode == 1
    assert "nothing to undo" in second.stderr


def test_undo_takes_back_one_write_and_what_was_ours_before_is_ours_again(tmp_path: Path) -> None:
    """Updates and removals are undone too, and the next write does them again."""
    write(tmp_path, ["a", "b"], "--port", "1")
    before = config(tmp_path).read_bytes()
    write(tmp_path, ["b", "c"], "--port", "1")
    after = config(tmp_path).read_bytes()
    assert discover("undo", "opencode", root=tmp_path).returncode == 0
    assert config(tmp_path).read_bytes() == before
    assert after != before
    write(tmp_path, ["b", "c"])
    assert listed(tmp_path) == ["b", "c"]


def test_undo_stops_at_a_change_of_somebody_else(tmp_path: Path) -> None:
    """One more byte by the person, and nothing is undone; they are told why."""
    write(tmp_path, ["a"])
    path = config(tmp_path)
    path.write_bytes(path.read_bytes() + b"\n")
    changed = path.read_bytes()
    run = discover("undo", "opencode", root=tmp_path)
    assert run.returncode == 1
    assert "was changed after our last write" in run.stderr
    assert path.read_bytes() == changed


def test_a_file_that_somebody_holds_is_told_in_time(tmp_path: Path) -> None:
    """A lock that is never given back ends in an error that says so, within the time of the run."""
    path = config(tmp_path, "{}\n")
    with (
        files.locked(path, locks=places(tmp_path).locks(), deadline=Deadline.after(5)),
        proxy(["a"], [described("a", **FACTS)]) as (port, _),
    ):
        started = time.monotonic()
        run = discover("--port", str(port), "--write", "opencode", root=tmp_path)
        elapsed = time.monotonic() - started
    assert run.returncode == 1
    assert "is in use" in run.stderr or "lock" in run.stderr
    assert "stopped after" not in run.stderr
    assert elapsed <= 5
    assert path.read_text("utf-8") == "{}\n"


def test_undo_asks_for_a_target_that_there_is(tmp_path: Path) -> None:
    """A target that is not known is wrong usage; without any write there is nothing to undo."""
    assert discover("undo", "emacs", root=tmp_path).returncode == 2
    assert discover("undo", root=tmp_path).returncode == 2
    assert "nothing to undo" in discover("undo", "opencode", root=tmp_path).stderr


def test_our_state_is_private_and_holds_nothing_of_the_person(tmp_path: Path) -> None:
    """Folders 0700, files 0600; no key of the configuration, none of the environment."""
    config(tmp_path, BEFORE["commented"])
    with proxy(["a"], [described("a", **FACTS)]) as (port, _):
        env = {"LITELLM_API_KEY": "sk-secret-of-the-proxy"}
        discover("--port", str(port), "--write", "opencode", root=tmp_path, env=env)
    ours = list((tmp_path / "state" / "litellm-discover").rglob("*"))
    assert [path for path in ours if path.suffix == ".json"]
    for path in ours:
        assert path.stat().st_mode & 0o077 == 0, path
        assert path.is_dir() or b"sk-secret" not in path.read_bytes()


def test_a_second_run_leaves_our_state_alone_as_well(tmp_path: Path) -> None:
    """Same proxy, same file: not one file of ours is written."""
    info = [described("a", **FACTS)]
    with proxy(["a"], info) as (port, _):
        arguments = ("--port", str(port), "--write", "opencode")
        discover(*arguments, root=tmp_path)
        states = {path: path.stat() for path in (tmp_path / "state").rglob("*.json")}
        assert "up to date" in discover(*arguments, root=tmp_path).stderr
    assert states
    for path, before in states.items():
        assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def places(root: Path) -> Places:
    """The directories of a person below ``root``."""
    return Places(root / "home", {"XDG_CONFIG_HOME": str(root / "config"), "XDG_STATE_HOME": str(root / "state")})


def written(root: Path, found: Catalog) -> None:
    """Plan and carry out one write in this process."""
    plan = plan_write("opencode", [found], "sibling", places(root), prune=True)
    carry_out(plan, places(root), Deadline.after(5))


class CutOffError(Exception):
    """The process ends here."""


@pytest.mark.parametrize("saves", [0, 1])
def test_a_run_that_is_cut_off_loses_nothing_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, saves: int
) -> None:
    """Before the intent is recorded, and after the file is written: the next run knows its entries either way."""
    written(tmp_path, catalog(model("a"), model("b")))
    real = state.Store.save
    done: list[int] = []

    def save(store: state.Store, known: state.Written) -> None:
        if len(done) == saves:
            raise CutOffError
        done.append(1)
        real(store, known)

    monkeypatch.setattr(state.Store, "save", save)
    with pytest.raises(CutOffError):
        written(tmp_path, catalog(model("a", name="New"), model("c")))
    monkeypatch.setattr(state.Store, "save", real)
    written(tmp_path, catalog(model("c", name="C")))
    assert listed(tmp_path) == ["c"]


def test_an_undo_that_is_cut_off_loses_nothing_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the file is restored and before that is recorded: what was ours before is ours again."""
    written(tmp_path, catalog(model("a"), model("b")))
    written(tmp_path, catalog(model("a", name="New"), model("b")))
    real = state.Store.save
    done: list[int] = []

    def save(store: state.Store, known: state.Written) -> None:
        if done:
            raise CutOffError
        done.append(1)
        real(store, known)

    monkeypatch.setattr(state.Store, "save", save)
    with pytest.raises(CutOffError):
        undo("opencode", places(tmp_path), Deadline.after(5))
    monkeypatch.setattr(state.Store, "save", real)
    assert '"New"' not in config(tmp_path).read_text("utf-8")
    written(tmp_path, catalog(model("b")))
    assert listed(tmp_path) == ["b"]


def test_a_plan_is_made_anew_on_what_is_there(tmp_path: Path) -> None:
    """Between planning and writing the person saved the file: both changes are there."""
    path = config(tmp_path, "{}\n")
    plan = plan_write("opencode", [catalog(model("a"))], "sibling", places(tmp_path), prune=True)
    path.write_text('{\n  "model": "mine" // just now\n}\n', encoding="utf-8")
    done = carry_out(plan, places(tmp_path), Deadline.after(5))
    assert done.merge.added == ("a",)
    text = path.read_text("utf-8")
    assert '"model": "mine", // just now' in text
    assert listed(tmp_path) == ["a"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"schemaVersion": 2}', '{"schemaVersion": 1, "entries": 5}'])
def test_a_state_that_cannot_be_read_makes_everything_the_person_s(tmp_path: Path, content: str) -> None:
    """Nothing is lost and nothing crashes: what we do not know to be ours is theirs."""
    written(tmp_path, catalog(model("a")))
    (store,) = (tmp_path / "state").rglob("*.json")
    store.write_text(content, encoding="utf-8")
    written(tmp_path, catalog(model("b")))
    assert listed(tmp_path) == ["a", "b"]


def test_an_undo_whose_way_back_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    """A damaged record of ours cannot damage the file."""
    written(tmp_path, catalog(model("a")))
    written(tmp_path, catalog(model("a", name="B")))
    (store,) = (tmp_path / "state").rglob("*.json")
    known = json.loads(store.read_text("utf-8"))
    known["undo"]["back"][0][0][2] = '"something else"'
    store.write_text(json.dumps(known), encoding="utf-8")
    before = config(tmp_path).read_bytes()
    with pytest.raises(ConfigError, match="does not lead"):
        undo("opencode", places(tmp_path), Deadline.after(5))
    assert config(tmp_path).read_bytes() == before


def test_a_linked_file_has_one_state(tmp_path: Path) -> None:
    """What was written through a symbolic link is known by the real file."""
    target = tmp_path / "dotfiles" / "opencode.jsonc"
    target.parent.mkdir()
    target.write_text("{}\n", encoding="utf-8")
    link = config(tmp_path)
    link.parent.mkdir(parents=True)
    link.symlink_to(target)
    written(tmp_path, catalog(model("a")))
    written(tmp_path, catalog(model("b")))
    assert listed(tmp_path) == ["b"]
    assert link.is_symlink()
    assert len(list((tmp_path / "state").rglob("*.json"))) == 1


def test_a_folded_dotfile_tree_stays_folded(tmp_path: Path) -> None:
    """The whole folder can be a link, as stow makes it: the link stays, and the file in the tree changes."""
    tree = tmp_path / "dotfiles" / "opencode"
    tree.mkdir(parents=True)
    (tree / "opencode.jsonc").write_text("{}\n", encoding="utf-8")
    folder = config(tmp_path).parent
    folder.parent.mkdir(parents=True)
    folder.symlink_to(tree)
    written(tmp_path, catalog(model("a")))
    assert folder.is_symlink()
    assert '"a"' in (tree / "opencode.jsonc").read_text("utf-8")
    assert [path.name for path in tree.iterdir()] == ["opencode.jsonc"]


def mutants(count: int) -> list[bytes]:
    """Configurations of the corpus with one to three characters changed, the same ones every time."""
    chance = random.Random(20261120)  # noqa: S311 - a table, not a secret
    names = (
        "07_provider_2sp.jsonc",
        "17_escaped_keys.json",
        "21_leading_commas.jsonc",
        "41_last_member_block_comment.jsonc",
    )
    texts = [(CORPUS / name).read_bytes() for name in names]
    found = []
    for number in range(count):
        text = bytearray(texts[number % len(texts)])
        for _ in range(chance.randint(1, 3)):
            text[chance.randrange(len(text))] = chance.choice(b'{}[],:"/\\*\n0a\xff\x00')
        found.append(bytes(text))
    return found


def refusal(root: Path) -> ConfigError | None:
    """Why a write is refused, or None when it is done."""
    try:
        written(root, catalog(model("a model of ours")))
    except ConfigError as error:
        return error
    return None


def test_a_damaged_file_is_left_alone_or_edited_well(tmp_path: Path) -> None:
    """Of 300 damaged configurations each is refused with its line and no byte changed, or has our model afterwards."""
    refused = 0
    for number, text in enumerate(mutants(300)):
        root = tmp_path / str(number)
        path = config(root, "")
        path.write_bytes(text)
        if error := refusal(root):
            refused += 1
            assert "line " in error.message or error.code == "other_proxy"
            assert path.read_bytes() == text
            assert [each.name for each in path.parent.iterdir()] == [path.name]
        else:
            assert "a model of ours" in listed(root)
    assert 100 < refused < 300
