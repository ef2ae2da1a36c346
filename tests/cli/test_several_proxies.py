"""Several proxies in one run: whose key goes where, who waits for whom, and what is written of whom."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from servers import answering, described, proxy
from tool import Run, discover

from litellm_discover.core import jsonc

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA = Draft202012Validator(
    json.loads((Path(__file__).parents[2] / "docs" / "envelope.schema.json").read_text("utf-8"))
)

KEYS = {
    "LITELLM_API_KEY": "sk-canary-home",
    "LITELLM_PROXY_KEY": "sk-canary-proxy",
    "LITELLM_MASTER_KEY": "sk-canary-master",
    "WORK_KEY": "sk-canary-work",
    "OPENAI_API_KEY": "sk-canary-openai",
}


def configure(root: Path, text: str) -> None:
    """Our own configuration file, as only its owner can write it."""
    path = root / "config" / "litellm-discover" / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)


def table(proxy_id: str, port: int | None = None, more: str = "") -> str:
    """One ``[[proxy]]``."""
    url = f'url = "http://127.0.0.1:{port}"\n' if port else ""
    return f'[[proxy]]\nid = "{proxy_id}"\n{url}{more}\n'


def offering(*ids: str, delay: float = 0) -> AbstractContextManager[tuple[int, list[str]]]:
    """An open proxy that lists and describes these models."""
    mode = {"gpt-5.5": "responses"}
    return proxy([*ids], [described(each, mode=mode.get(each, "chat")) for each in ids], delay=delay)


@pytest.fixture
def two() -> Iterator[tuple[tuple[int, list[str]], tuple[int, list[str]]]]:
    """Two open proxies, each with its port and what it was asked; one model has the same id at both."""
    with (
        offering("shared", "home-1") as home,
        offering("shared", "work-1", "gpt-5.5") as work,
    ):
        yield home, work


def keys_in(asked: list[str]) -> set[str]:
    """The keys that a server was sent."""
    return {line.split(" ", 1)[1].removeprefix("Bearer ") for line in asked} - {"None"}


def document(run: Run) -> Any:
    """The JSON document of a run, which keeps its schema."""
    SCHEMA.validate(run.json)
    return run.json


def written(root: Path, target: str) -> Any:
    """The providers in a target's file."""
    name, member = {"opencode": ("config/opencode/opencode.jsonc", "provider"), "pi": ("pi/models.json", "providers")}[
        target
    ]
    return jsonc.parse((root / name).read_text("utf-8"))[member]  # type: ignore[call-overload, index]


def run_in(root: Path, *arguments: str, **env: str) -> Run:
    """One call, with Pi's folder below the root, too."""
    return discover(*arguments, root=root, env={"PI_CODING_AGENT_DIR": str(root / "pi"), **env})


@pytest.mark.parametrize(
    ("own", "seen"),
    [
        ("", set()),
        ('key = { env = "WORK_KEY" }', {"sk-canary-work"}),
        ('key = { env = "UNSET_KEY" }', set()),
        ('key = { command = ["printf", "sk-canary-said"] }', {"sk-canary-said"}),
        ('key = { file = "key" }', {"sk-canary-kept"}),
        ('key = { env = "LITELLM_API_KEY" }', {"sk-canary-home"}),
    ],
)
def test_no_key_goes_to_another_proxy_than_its_own(
    two: tuple[tuple[int, list[str]], tuple[int, list[str]]], tmp_path: Path, own: str, seen: set[str]
) -> None:
    """The variables are for the proxy ``litellm``; any other has what its own table names, or none."""
    (home, home_asked), (work, work_asked) = two
    configure(tmp_path, table("litellm", home) + table("work", work, own))
    key = tmp_path / "config" / "litellm-discover" / "key"
    key.write_text("sk-canary-kept\n", encoding="utf-8")
    key.chmod(0o600)
    run = run_in(tmp_path, "--json", "--write", "all", **KEYS)
    assert run.returncode == 0, run.stderr
    assert keys_in(home_asked) == {"sk-canary-home"}
    assert keys_in(work_asked) == seen
    told = (
        run.stdout
        + run.stderr
        + "".join(path.read_text("utf-8") for path in tmp_path.rglob("*") if path.is_file() and path != key)
    )
    assert "canary" not in told.replace('"sk-canary-said"', "")
    references = {
        name: {provider["env"][0], provider["options"].get("apiKey", "").strip("{}").removeprefix("env:")} - {""}
        for name, provider in written(tmp_path, "opencode").items()
    }
    assert references["litellm"] == {"LITELLM_API_KEY"}
    if own != 'key = { env = "LITELLM_API_KEY" }':
        assert "LITELLM_API_KEY" not in references["work"] | references["work-responses"]
        assert written(tmp_path, "pi")["work"]["apiKey"] != "$LITELLM_API_KEY"


def test_what_is_looked_for_is_no_other_proxy(
    two: tuple[tuple[int, list[str]], tuple[int, list[str]]], tmp_path: Path
) -> None:
    """A port that another proxy's url names is not tried with the key of this one."""
    (home, home_asked), (work, work_asked) = two
    configure(tmp_path, table("litellm") + table("work", work, 'key = { env = "WORK_KEY" }'))
    run = run_in(tmp_path, "--json", "--port", str(work), "--port", str(home), **KEYS)
    assert [each["baseUrl"] for each in document(run)["proxies"]] == [
        f"http://127.0.0.1:{port}/v1" for port in (home, work)
    ]
    assert (keys_in(home_asked), keys_in(work_asked)) == ({"sk-canary-home"}, {"sk-canary-work"})
    alone = document(run_in(tmp_path, "--json", "--port", str(work), **KEYS))
    assert [each["id"] for each in alone["proxies"]] == ["work"]
    assert alone["errors"][0]["message"].startswith("litellm: no LiteLLM proxy was found")
    assert keys_in(work_asked) == {"sk-canary-work"}


def test_all_of_them_are_shown_written_and_taken_back(
    two: tuple[tuple[int, list[str]], tuple[int, list[str]]], tmp_path: Path
) -> None:
    """Each under providers of its own, in one write that one undo takes back; filters are those of each."""
    (home, _), (work, _) = two
    own = 'key = { env = "WORK_KEY" }\nexclude = ["work-*"]\nnames = { shared = "Ours" }'
    configure(tmp_path, table("litellm", home) + table("work", work, own))
    found = document(run_in(tmp_path, "--json", **KEYS))
    assert (found["status"], [each["id"] for each in found["proxies"]]) == ("ok", ["litellm", "work"])
    assert [(each["proxy"], each["id"]) for each in found["models"]] == [
        ("litellm", "home-1"), ("litellm", "shared"), ("work", "gpt-5.5"), ("work", "shared"),
    ]  # fmt: skip
    assert [each["name"] for each in found["models"] if each["id"] == "shared"] == ["Shared", "Ours"]
    assert set(found["targets"]["opencode"]["provider"]) == {"litellm", "work", "work-responses"}
    run = run_in(tmp_path, "--write", "all", **KEYS)
    assert (run.returncode, "opencode: added 4 models" in run.stderr) == (0, True)
    opencode, pi = written(tmp_path, "opencode"), written(tmp_path, "pi")
    assert {name: [*each["models"]] for name, each in opencode.items()} == {
        "litellm": ["home-1", "shared"], "work": ["shared"], "work-responses": ["gpt-5.5"],
    }  # fmt: skip
    assert [opencode[name]["name"] for name in opencode] == ["LiteLLM", "LiteLLM (work)", "LiteLLM (work, responses)"]
    assert opencode["work-responses"]["options"]["apiKey"] == "{env:WORK_KEY}"
    assert {name: (each["apiKey"], len(each["models"])) for name, each in pi.items()} == {
        "litellm": ("$LITELLM_API_KEY", 2), "work": ("$WORK_KEY", 2),
    }  # fmt: skip
    again = run_in(tmp_path, "--write", "all", "--check", **KEYS)
    assert (again.returncode, again.stderr.count("up to date")) == (0, 2)
    shown = run_in(tmp_path, **KEYS)
    assert shown.stdout.count("$ in/out per 1M") == 2
    assert run_in(tmp_path, "undo", "opencode").returncode == 0
    assert not (tmp_path / "config/opencode/opencode.jsonc").exists()


def test_one_that_hangs_hides_nothing_of_the_other(tmp_path: Path) -> None:
    """What answered is shown and written; the error names the one that did not."""
    with offering("home-1") as (home, _), offering("work-1", delay=30) as (work, _):
        configure(tmp_path, table("work", work) + table("litellm", home))
        run = run_in(tmp_path, "--json", "--write", "opencode", "--timeout", "2")
    found = document(run)
    assert (run.returncode, found["status"], [each["id"] for each in found["models"]]) == (1, "partial", ["home-1"])
    (error,) = found["errors"]
    assert (error["code"], error["message"].split(":")[0]) == ("deadline", "work")
    assert [*written(tmp_path, "opencode")] == ["litellm"]


def test_one_that_is_gone_keeps_what_is_written_of_it(
    two: tuple[tuple[int, list[str]], tuple[int, list[str]]], tmp_path: Path
) -> None:
    """As it was last good, and without that untouched; the other one is renewed meanwhile."""
    (home, _), (work, _) = two
    configure(tmp_path, table("litellm", home) + table("work", work))
    assert run_in(tmp_path, "--write", "all").returncode == 0
    before = {target: written(tmp_path, target)["work"] for target in ("opencode", "pi")}
    with answering({}) as (nothing, _), offering("home-2") as (moved, _):
        configure(tmp_path, table("litellm", moved) + table("work", nothing))
        for _ in range(2):
            run = run_in(tmp_path, "--json", "--write", "all")
            assert (run.returncode, document(run)["status"]) == (1, "partial")
            for target, provider in before.items():
                assert written(tmp_path, target)["work"] == provider
                assert "home-2" in json.dumps(written(tmp_path, target)["litellm"])
                assert "home-1" not in json.dumps(written(tmp_path, target))
    configure(tmp_path, table("litellm", home) + table("work", work))


def test_what_a_silent_one_offered_last_is_used(tmp_path: Path) -> None:
    """With its age, and a note that says which one is silent."""
    with offering("home-1") as (home, _):
        with offering("work-1") as (work, _):
            configure(tmp_path, table("litellm", home) + table("work", work))
            assert run_in(tmp_path, "--write", "pi").returncode == 0
        run = run_in(tmp_path, "--json", "--write", "pi", "--check")
    found = document(run)
    assert (run.returncode, found["status"], found["errors"]) == (0, "partial", [])
    assert ["ageSeconds" in each for each in found["proxies"]] == [False, True]
    assert [each["message"].split(":")[0] for each in found["warnings"] if each["code"] == "stale"] == ["work"]
    offline = document(run_in(tmp_path, "--json", "--offline"))
    assert (offline["status"], [each["id"] for each in offline["models"]]) == ("ok", ["home-1", "work-1"])


def test_when_all_fail_each_says_why(tmp_path: Path) -> None:
    """In both forms; a bad setting of one counts as its failure."""
    with answering({}) as (nothing, _):
        header = 'headers = { "X-Gate" = { env = "UNSET_GATE" } }'
        configure(tmp_path, table("litellm", nothing) + table("work", nothing, header))
        run = run_in(tmp_path, "--json")
        people = run_in(tmp_path)
    found = document(run)
    assert found["status"] == "error"
    assert [each["message"].split(":")[0] for each in found["errors"]] == ["litellm", "work"]
    assert found["errors"][1]["code"] == "bad_header"
    assert (run.returncode, people.returncode, people.stderr.count("error: ")) == (2, 2, 2)


def test_what_is_ours_of_one_that_is_no_longer_configured_goes(
    two: tuple[tuple[int, list[str]], tuple[int, list[str]]], tmp_path: Path
) -> None:
    """With its provider, unless something in that is the person's; and what was remembered of it."""
    (home, _), (work, _) = two
    configure(tmp_path, table("litellm", home) + table("work", work))
    assert run_in(tmp_path, "--write", "all").returncode == 0
    path = tmp_path / "config/opencode/opencode.jsonc"
    path.write_text(path.read_text("utf-8").replace('"name": "Shared"', '"name": "My own"'), encoding="utf-8")
    assert (tmp_path / "cache" / "litellm-discover" / "work" / "pi.json").exists()
    configure(tmp_path, table("litellm", home))
    kept = run_in(tmp_path, "--write", "pi", "--no-prune")
    assert "work" in written(tmp_path, "pi"), kept.stderr
    assert run_in(tmp_path, "--write", "all").returncode == 0
    assert [*written(tmp_path, "pi")] == ["litellm"]
    left = written(tmp_path, "opencode")
    assert (set(left), [*left["work"]["models"]]) == ({"litellm", "work"}, ["shared"])
    assert not (tmp_path / "cache/litellm-discover/work").exists()
    assert (tmp_path / "cache/litellm-discover/litellm/pi.json").exists()


def test_a_model_is_explained_at_each_proxy_that_has_it(
    two: tuple[tuple[int, list[str]], tuple[int, list[str]]], tmp_path: Path
) -> None:
    """Both in one document, and each statement with its proxy."""
    (home, _), (work, _) = two
    configure(tmp_path, table("litellm", home) + table("work", work))
    found = document(run_in(tmp_path, "explain", "shared", "--json"))
    assert [(each["proxy"], each["id"]) for each in found["models"]] == [("litellm", "shared"), ("work", "shared")]
    assert {each["proxy"] for each in found["explanation"]["statements"]} == {"litellm", "work"}
    one = document(run_in(tmp_path, "explain", "work-1", "--json"))
    assert ([each["proxy"] for each in one["models"]], set(one["targets"]["pi"]["providers"])) == (["work"], {"work"})
    shown = run_in(tmp_path, "explain", "shared").stdout
    assert "litellm/shared" in shown
    assert "work/shared" in shown
    assert run_in(tmp_path, "explain", "shard").returncode == 2


def test_a_start_has_all_that_is_remembered(
    two: tuple[tuple[int, list[str]], tuple[int, list[str]]], tmp_path: Path
) -> None:
    """One of which nothing is remembered does not hold the start up; the stamp is about all of them."""
    (home, _), (work, asked) = two
    configure(tmp_path, table("litellm", home) + table("work", work))
    assert run_in(tmp_path).returncode == 0
    asked.clear()
    assert run_in(tmp_path, "ready", "pi", "--verbose").stderr == ""
    assert set(written(tmp_path, "pi")) == {"litellm", "work"}
    assert asked == []
    seen = json.loads((tmp_path / "cache/litellm-discover/ready-pi.json").read_text("utf-8"))["files"]
    kept = [tmp_path / "cache/litellm-discover" / each / "catalog.json" for each in ("litellm", "work")]
    assert all(str(path) in seen for path in kept)


@pytest.mark.parametrize("option", [("--url", "http://127.0.0.1:9"), ("--port", "9")])
def test_an_option_for_one_proxy_needs_one_that_it_can_mean(tmp_path: Path, option: tuple[str, str]) -> None:
    """With several it is ``litellm``; with one it is that, whatever its id."""
    with ExitStack() as servers:
        home, _ = servers.enter_context(offering("a"))
        configure(tmp_path, table("home", home) + table("work", home))
        run = run_in(tmp_path, *option)
        assert (run.returncode, "config.toml has several" in run.stderr) == (2, True)
        configure(tmp_path, table("work", 9))
        only = document(run_in(tmp_path, "--json", option[0], option[1].replace("9", str(home)), **KEYS))
        assert [(each["id"], each["key"]) for each in only["proxies"]] == [("work", "env:LITELLM_API_KEY")]


def test_two_that_are_slow_are_waited_for_together(tmp_path: Path) -> None:
    """Each takes more than half of the time that there is."""
    with offering("home-1", delay=2.6) as (home, _), offering("work-1", delay=2.6) as (work, _):
        configure(tmp_path, table("litellm", home) + table("work", work))
        found = document(run_in(tmp_path, "--json", "--timeout", "6"))
    assert (found["status"], len(found["models"])) == ("ok", 2)
