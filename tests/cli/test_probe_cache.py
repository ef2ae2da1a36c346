"""``probe-cache``: real processes against a proxy whose models answer as the backends do, or not at all."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from loopback import homes
from rogue import STRANGER, Listener, free_ports, listening
from talking import SECRET_TEXT, Asked, Talk, talking
from tool import PROGRAM, Run, discover

if TYPE_CHECKING:
    from collections.abc import Callable

SCHEMA = Draft202012Validator(
    json.loads((Path(__file__).parents[2] / "docs" / "probe-cache.schema.json").read_text("utf-8"))
)
CANARY = "sk-canary-of-the-probe"
KEY = {"LITELLM_API_KEY": CANARY}
LIMIT_S = 20.0

PRICES = {
    "input_cost_per_token": 3e-06,
    "output_cost_per_token": 15e-06,
    "cache_read_input_token_cost": 3e-07,
    "cache_creation_input_token_cost": 3.75e-06,
}
GPT = {"litellm_provider": "openai", "supports_prompt_caching": True, "supports_reasoning": False, **PRICES}
CLAUDE = {
    **GPT,
    "litellm_provider": "anthropic",
    "prompt_cache_min_tokens": 1024,
    "supported_openai_params": ["cache_control"],
}
INFO: dict[str, dict[str, Any]] = {
    "gpt-4o": GPT,
    "claude-sonnet-4-6": CLAUDE,
    "unpriced": {"litellm_provider": "hosted_vllm"},
}

COLD = {"prompt_tokens": 1500, "prompt_tokens_details": {"cached_tokens": 0}}
WARM = {"prompt_tokens": 1500, "prompt_tokens_details": {"cached_tokens": 1408}}
WROTE = {"prompt_tokens": 1500, "cache_creation_input_tokens": 1450, "cache_read_input_tokens": 0}
READ = {"prompt_tokens": 1500, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 1450}
BARE = {"prompt_tokens": 1500, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}
REPLAYED = {"x-litellm-cache-key": "0" * 64}


def served(*talks: Talk) -> Callable[[int, Asked], Talk]:
    """One answer after the other; the last one again and again."""
    return lambda number, _: talks[min(number, len(talks)) - 1]


def probe(root: Path, port: int, *arguments: str, yes: bool = True) -> Run:
    """One call with ``--json``; whatever happens, nothing of an answer and no key is shown."""
    words = ("probe-cache", *arguments, "--json", *(["--yes"] if yes else []), "--url", f"http://127.0.0.1:{port}")
    run = discover(*words, root=root, env=KEY)
    assert run.stdout, run.stderr
    SCHEMA.validate(run.json)
    said = run.stdout + run.stderr
    assert not [text for text in (SECRET_TEXT, CANARY, "\x1b") if text in said]
    return run


def cost(talk: Talk, usd: str) -> Talk:
    """The same with what the proxy counts for it."""
    return Talk(talk.usage, talk.status, {**talk.headers, "x-litellm-response-cost": usd}, talk.fault)


def deployed(usage: Any, deployment: str) -> Talk:
    """An answer of one deployment of several."""
    return Talk(usage, headers={"x-litellm-model-id": deployment})


# The model, its answers, the verdict with its code, the exit status, and how many questions were asked.
VERDICTS: dict[str, tuple[str, tuple[Talk, ...], tuple[str, str], int, int]] = {
    "works": ("gpt-4o", (Talk(COLD), Talk(WARM)), ("works", "cached"), 0, 4),
    "with marks": (
        "claude-sonnet-4-6",
        (Talk(WROTE), Talk(READ), Talk(READ), Talk(READ), Talk(BARE)),
        ("works_with_marks", "marks_needed"),
        0,
        5,
    ),
    "sometimes": ("gpt-4o", (Talk(COLD), Talk(COLD), Talk(WARM)), ("unsteady", "some_hits"), 0, 4),
    "of the proxy": ("gpt-4o", (*[Talk(COLD)] * 3, Talk(COLD, headers=REPLAYED)), ("response_cache", "no_hit"), 0, 4),
    "hidden": ("gpt-4o", (Talk(COLD), Talk(WARM, headers=REPLAYED)), ("response_cache", "hidden"), 1, 4),
    "none": ("claude-sonnet-4-6", (Talk(BARE),), ("none", "marks_ignored"), 0, 5),
    "several": ("gpt-4o", tuple(deployed(COLD, each) for each in "abcd"), ("none", "several_deployments"), 0, 4),
    "not said": ("gpt-4o", (Talk({"prompt_tokens": 1500}),), ("unclear", "not_reported"), 1, 4),
    "no object": ("gpt-4o", (Talk(["\x1b[2J"]),), ("unclear", "not_reported"), 1, 4),
    "refused key": ("gpt-4o", (Talk(status=401),), ("failed", "credential_refused"), 1, 1),
    "not allowed": ("gpt-4o", (Talk(status=403),), ("failed", "credential_scope"), 1, 1),
    "too many": ("gpt-4o", (Talk(COLD), Talk(status=429)), ("failed", "rate_limited"), 1, 2),
    "broken": ("gpt-4o", (Talk(status=500),), ("failed", "backend_failed"), 1, 1),
    "redirected": ("gpt-4o", (Talk(status=307, headers={"Location": "/"}),), ("failed", "redirected"), 1, 1),
    "garbage": ("gpt-4o", (Talk(fault="garbage"),), ("failed", "bad_answer"), 1, 1),
    "flood": ("gpt-4o", (Talk(fault="flood"),), ("failed", "answer_too_large"), 1, 1),
    "hangs up": ("gpt-4o", (Talk(fault="hang up"),), ("failed", "bad_answer"), 1, 1),
    "fails at the end": ("gpt-4o", (Talk(COLD), Talk(WARM), Talk(status=500)), ("works", "cached"), 0, 3),
}


@pytest.mark.parametrize("case", VERDICTS)
def test_every_verdict(tmp_path: Path, case: str) -> None:
    """What the answers say is what is told; a refusal is a result, and no further question follows it."""
    model, talks, expected, status, questions = VERDICTS[case]
    with talking(INFO, served(*talks)) as (port, asked):
        run = probe(tmp_path, port, model)
    (found,) = run.json["models"]
    assert (found["verdict"], found["code"]) == expected, found
    assert (run.returncode, run.json["status"]) == (status, "error" if status else "ok")
    assert len(asked) == questions
    assert {each.key for each in asked} == {f"Bearer {CANARY}"}


def test_one_that_fails_does_not_keep_the_others_from_it(tmp_path: Path) -> None:
    """In the order of the command line, each once."""
    answers = {"gpt-4o": Talk(status=500), "claude-sonnet-4-6": Talk(BARE)}
    with talking(INFO, lambda _, asked: answers[asked.body["model"]]) as (port, _):
        run = probe(tmp_path, port, "gpt-4o", "claude-sonnet-4-6", "gpt-4o")
    assert [(each["id"], each["verdict"]) for each in run.json["models"]] == [
        ("gpt-4o", "failed"),
        ("claude-sonnet-4-6", "none"),
    ]
    assert (run.returncode, run.json["status"]) == (1, "partial")


def test_figures_are_in_the_document(tmp_path: Path) -> None:
    """By hand: 1408 of 1500 tokens at a tenth of the price, 19 times of 20; four requests of what the proxy counts."""
    talks = [cost(Talk(each), "0.002") for each in (COLD, WARM, WARM, WARM)]
    with talking(INFO, served(*talks)) as (port, _):
        (found,) = probe(tmp_path, port, "gpt-4o").json["models"]
    share = 1408 / 1500
    assert found["cachedShare"] == round(share, 3)
    assert found["savingPercent"] == round(share * 0.9 * 19 / 20 * 100, 1)
    assert found["savingUsdPerMillion"] == round(share * 2.7 * 19 / 20, 4)
    assert found["spentUsd"] == 0.008
    assert found["spentUsd"] < found["boundUsd"] < 0.1
    assert found["responseCache"] is False


def test_no_question_is_asked_twice_in_two_runs(tmp_path: Path) -> None:
    """A cache that an earlier run filled answers nothing."""
    with talking(INFO, served(Talk(COLD))) as (port, asked):
        probe(tmp_path, port, "gpt-4o")
        probe(tmp_path, port, "gpt-4o")
    beginnings = [each.body["messages"][0]["content"][:60] for each in asked]
    assert len(set(beginnings)) == 2
    assert len({json.dumps(each.body) for each in asked}) == 6


def test_nothing_is_kept(tmp_path: Path) -> None:
    """Neither what the proxy offers nor anything else."""
    with talking(INFO, served(Talk(COLD))) as (port, _):
        probe(tmp_path, port, "gpt-4o")
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_without_a_yes_nothing_is_sent(tmp_path: Path) -> None:
    """The bound is shown, and what to do; an unknown price is no price of zero."""
    with talking(INFO, served(Talk(COLD))) as (port, asked):
        run = probe(tmp_path, port, "gpt-4o", "unpriced", yes=False)
        assert not asked
    assert (run.returncode, run.json["errors"][0]["code"]) == (2, "not_agreed")
    assert "--yes" in run.json["errors"][0]["hint"]
    assert "gpt-4o: 4 requests, each up to" in run.stderr
    assert "unpriced: 4 requests, each up to 10440 tokens in and 512 out; cost unknown" in run.stderr
    assert "in all: 8 requests, at most 0.0" in run.stderr
    assert "the cost of 1 model is unknown" in run.stderr


@pytest.mark.parametrize(
    ("model", "code", "hint"),
    [("gpt-4", "model_unknown", "gpt-4o"), ("text-embedding-3-small", "model_hidden", "--verbose")],
)
def test_a_model_that_is_not_offered_is_an_error(tmp_path: Path, model: str, code: str, hint: str) -> None:
    """With the nearest ids; the others are not asked either."""
    with talking({**INFO, "text-embedding-3-small": {}}, served(Talk(COLD))) as (port, asked):
        run = probe(tmp_path, port, "gpt-4o", model)
    (error,) = run.json["errors"]
    assert (run.returncode, error["code"]) == (2, code)
    assert hint in error["hint"]
    assert model in error["message"]
    assert not asked


def test_a_model_that_is_too_small_is_judged_without_a_question(tmp_path: Path) -> None:
    """Nobody has to agree to what costs nothing."""
    with talking({"small": {"max_input_tokens": 4096}}, served(Talk(COLD))) as (port, asked):
        run = probe(tmp_path, port, "small", yes=False)
    (found,) = run.json["models"]
    assert (run.returncode, found["code"], found["requests"]) == (0, "context_too_small", 0)
    assert not asked


@pytest.mark.parametrize("fault", ["silence", "drip"])
def test_a_proxy_that_hangs_ends_with_its_time(tmp_path: Path, fault: str) -> None:
    """A second for the request, not for each byte of it."""
    started = time.monotonic()
    with talking(INFO, served(Talk(fault=fault))) as (port, asked):
        run = probe(tmp_path, port, "gpt-4o", "--timeout", "1")
        assert time.monotonic() - started < LIMIT_S / 2
    (found,) = run.json["models"]
    assert (found["verdict"], found["code"], len(asked)) == ("failed", "deadline", 1)


def test_a_slow_model_may_take_longer_than_a_run(tmp_path: Path) -> None:
    """The five seconds of a run end before the last of these answers."""

    def slow(_number: int, _asked: Asked) -> Talk:
        time.sleep(1.6)
        return Talk(COLD)

    with talking(INFO, slow) as (port, asked):
        run = probe(tmp_path, port, "gpt-4o")
    assert (run.returncode, len(asked)) == (0, 4), run.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can start a listener of another user")
def test_a_stranger_on_the_port_gets_nothing(tmp_path: Path) -> None:
    """The same gate as everywhere, without an address of the person's own."""
    (port,) = free_ports(1)
    log = tmp_path / "heard"
    with listening(Listener("127.0.0.1", port), log=log, uid=STRANGER):
        words = ("probe-cache", "rogue-model", "--yes", "--json")
        run = discover(*words, root=tmp_path, env={**KEY, "LITELLM_DISCOVER_PORT": str(port)})
    SCHEMA.validate(run.json)
    assert (run.returncode, run.json["errors"][0]["code"]) == (1, "untrusted_origin")
    assert b"POST" not in log.read_bytes()
    assert CANARY.encode() not in log.read_bytes()


def test_each_of_several_proxies_gets_its_own_key(tmp_path: Path) -> None:
    """The same model at two of them is two results; one that is down is told, and does not keep the others from it."""
    (down,) = free_ports(1)
    with (
        talking(INFO, served(Talk(COLD), Talk(WARM))) as (one, first),
        talking(INFO, served(Talk(COLD))) as (two, second),
    ):
        tables = (
            f'[[proxy]]\nid = "{name}"\nurl = "http://127.0.0.1:{port}"\nkey = {{ env = "KEY_{name.upper()}" }}\n'
            for name, port in (("one", one), ("two", two), ("down", down))
        )
        config = tmp_path / "config" / "litellm-discover" / "config.toml"
        config.parent.mkdir(parents=True)
        config.write_text("".join(tables), "utf-8")
        config.chmod(0o600)
        env = {f"KEY_{name}": f"sk-made-up-of-{name}" for name in ("ONE", "TWO", "DOWN")}
        run = discover("probe-cache", "gpt-4o", "--yes", "--json", root=tmp_path, env=env)
    SCHEMA.validate(run.json)
    assert [(each["proxy"], each["verdict"]) for each in run.json["models"]] == [("one", "works"), ("two", "none")]
    assert (run.returncode, run.json["status"]) == (1, "partial")
    assert run.json["errors"][0]["message"].startswith("down: ")
    assert {each.key for each in first} == {"Bearer sk-made-up-of-ONE"}
    assert {each.key for each in second} == {"Bearer sk-made-up-of-TWO"}


def test_http_to_another_machine_is_refused(tmp_path: Path) -> None:
    """Everybody on the way could read the key."""
    run = discover("probe-cache", "x", "--yes", "--json", "--url", "http://192.0.2.1:4000", root=tmp_path, env=KEY)
    SCHEMA.validate(run.json)
    assert (run.returncode, run.json["errors"][0]["code"]) == (2, "insecure_http")


def test_a_person_reads_verdict_saving_and_next_step(tmp_path: Path) -> None:
    """Without --json; what costs is said before, on the other stream."""
    talks = [cost(Talk(each), "0.002") for each in (WROTE, READ, READ, READ, BARE)]
    with talking(INFO, served(*talks)) as (port, _):
        words = ("probe-cache", "claude-sonnet-4-6", "--yes", "--url", f"http://127.0.0.1:{port}")
        run = discover(*words, root=tmp_path, env=KEY)
    assert run.returncode == 0, run.stderr
    first, *lines = run.stdout.splitlines()
    assert first == "claude-sonnet-4-6: works with marks"
    assert (
        lines[0]
        == "  97% of what goes in comes from the provider's cache, but only where the agent marks it (cache_control)"
    )
    assert lines[1].startswith("  saves 81 % of the input cost of 20 requests that begin alike, 2.44 USD")
    assert lines[2] == "  this probe cost 0.0100 USD, as the proxy counts"
    assert "cache_control_injection_points" in lines[3]
    assert run.stderr.startswith("claude-sonnet-4-6: 5 requests, each up to")


def terminal(root: Path, port: int, react: Callable[[str, subprocess.Popen[bytes], int], None]) -> tuple[int, str]:
    """A run on a terminal: its exit status and what was shown; ``react`` sees that after each piece."""
    master, slave = pty.openpty()
    shown, end = "", time.monotonic() + LIMIT_S
    with subprocess.Popen(
        [PROGRAM, "probe-cache", "gpt-4o"],
        cwd=root,
        env={**homes(root), **KEY, "TERM": "dumb", "LITELLM_DISCOVER_PORT": str(port)},
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    ) as process:
        os.close(slave)
        try:
            while time.monotonic() < end and process.poll() is None:
                if select.select([master], [], [], 0.05)[0]:
                    with suppress(OSError):  # the other end is closed
                        shown += os.read(master, 4096).decode()
                react(shown, process, master)
            return process.wait(max(0.1, end - time.monotonic())), shown
        finally:
            process.kill()
            os.close(master)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize(("answer", "status", "questions"), [("y", 0, 4), ("n", 1, 0), ("", 1, 0)])
def test_a_person_is_asked_on_a_terminal(tmp_path: Path, answer: str, status: int, questions: int) -> None:
    """Only a yes sends anything; the bound stands before the question."""
    answered: list[str] = []

    def react(shown: str, _process: subprocess.Popen[bytes], master: int) -> None:
        if "[y/N]" in shown and not answered:
            answered.append(shown)
            os.write(master, f"{answer}\n".encode())

    with talking(INFO, served(Talk(COLD), Talk(WARM))) as (port, asked):
        end, _ = terminal(tmp_path, port, react)
        assert len(asked) == questions
    assert end == status
    assert "at most 0.0" in answered[0].partition("[y/N]")[0]


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize("moment", ["[y/N]", "asked"])
def test_ctrl_c_ends_it(tmp_path: Path, moment: str) -> None:
    """At the question, and while a model thinks: at once, with its own status and without a trace of Python."""
    sent: list[str] = []
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored below a job in the background
    with ExitStack() as stack:
        stack.callback(signal.signal, signal.SIGINT, before)
        port, asked = stack.enter_context(talking(INFO, served(Talk(fault="silence"))))

        def react(shown: str, process: subprocess.Popen[bytes], master: int) -> None:
            if moment == "asked" and "[y/N]" in shown and not sent:
                sent.append("yes")
                os.write(master, b"y\n")
            if ((moment == "asked" and asked) or (moment in shown and moment != "asked")) and "stop" not in sent:
                sent.append("stop")
                process.send_signal(signal.SIGINT)

        end, shown = terminal(tmp_path, port, react)
    assert end == 130
    assert "Traceback" not in shown


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can start a listener of another user")
def test_a_stranger_who_comes_later_gets_nothing(tmp_path: Path) -> None:
    """While the person thinks, the proxy ends and somebody else takes its port: the gate is asked again."""
    log = tmp_path / "heard"
    answered: list[str] = []
    with ExitStack() as mine, ExitStack() as theirs:
        port, asked = mine.enter_context(talking(INFO, served(Talk(COLD))))

        def react(shown: str, _process: subprocess.Popen[bytes], master: int) -> None:
            if "[y/N]" in shown and not answered:
                answered.append(shown)
                mine.close()
                theirs.enter_context(listening(Listener("127.0.0.1", port), log=log, uid=STRANGER))
                os.write(master, b"y\n")

        end, shown = terminal(tmp_path, port, react)
    assert (end, "gpt-4o: failed" in shown, "litellm-discover trust" in shown) == (1, True, True)
    assert not asked
    assert b"/health/liveliness" in log.read_bytes()
    assert CANARY.encode() not in log.read_bytes()
