"""The bench itself: its sums, its page, and the proxy that it measures against. No agent is started here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from bench import report
from bench.agents import Result, Situation, beside, results, share
from bench.installed import ROOT
from bench.measure import Case, Figures, measure
from bench.opencode import reads_at
from bench.proxy import KEY, proxy
from bench.report import Circumstances, Promise, Section, Table
from tool import discover

if TYPE_CHECKING:
    from pathlib import Path

    from bench.agents import Addresses
    from children import End

BARE = Figures((4.0, 4.0, 12.0), (1.0, 2.0, 10.0), (0.5, 0.5, 1.0), (100.0, 100.0, 100.0))
OURS = Figures((4.0, 4.4, 12.2), (1.1, 2.3, 10.2), (0.6, 0.75, 1.0), (101.0, 140.0, 100.0))
THEIRS = Figures((4.8, 5.0, 12.5), (1.8, 3.0, 10.5), (1.0, 1.0, 1.5), (150.0, 150.0, 150.0))

PAGE = """\
# Benchmarks

Measured on 2026-11-21 by `make bench`, which writes this page.

Machine: 2 cores, a processor.

Versions: litellm-discover 0.1.0, Pi 1.5.2.

Rounds: 3, unless a text says otherwise. METHOD

## Promised and measured

| Promise | At most | Measured     |                  |
| ------- | ------- | ------------ | ---------------- |
| quick   | 0.1 s   | 0.1 s        | met              |
| quicker | 20 %    | 20.5 %       | **missed**       |
| unclear | 20 %    | -65 % ± 90   | too noisy to say |
| certain | 20 %    | 31.3 % ± 2.5 | **missed**       |

## Starting

One line that is long enough to be wrapped, and wrapped it is, because nobody wants to read a page that is wider than a
screen.

The second paragraph.

| Case   | Start s | ratio |
| ------ | ------: | ----: |
| nobody |   12.00 |     – |
| all    |    0.50 |  1.25 |
"""


def test_what_is_added_is_the_median_of_the_rounds_and_not_the_difference_of_the_medians() -> None:
    """Each round is compared with the same round of the base: what disturbs both does not count.

    Neither does what is common to all cases, but to the whole start it belongs.
    """
    assert OURS.median() == pytest.approx(4.4)
    assert OURS.added(BARE) == pytest.approx(0.2)
    assert OURS.added_cpu(BARE) == pytest.approx(0.1)
    assert OURS.cpu_ratio(BARE) == pytest.approx(1.2)
    wall, cpu = share("quick", 20, Result(OURS, BARE), Result(THEIRS, BARE))
    assert wall.measured == pytest.approx(25)
    assert cpu.measured == pytest.approx(20)


def test_rounds_that_differ_much_leave_a_doubt() -> None:
    """One round that is far off leaves little; a share of something that may be nothing has no bound."""
    assert OURS.doubt(BARE) == pytest.approx(2 * 1.2533 * 1.4826 * 0.1 / 3**0.5)
    assert BARE.doubt(BARE) == 0
    wall, _ = share("quick", 20, Result(OURS, BARE), Result(THEIRS, BARE))
    doubt = 100 * (OURS.doubt(BARE) ** 2 + (0.25 * THEIRS.doubt(BARE)) ** 2) ** 0.5 / 0.8
    assert wall.doubt == pytest.approx(doubt)
    assert wall.verdict == "too noisy to say"
    swaying = Figures(BARE.seconds, (0.0, 2.1, 20.0), BARE.cpu, BARE.peak_mb)
    assert share("quick", 20, Result(OURS, BARE), Result(swaying, BARE))[0].doubt == float("inf")


def test_a_peer_that_adds_nothing_has_no_ratio() -> None:
    """A ratio to nothing would be a number that means nothing."""
    found = {name: Result(figures, BARE) for name, figures in (("o", OURS), ("t", THEIRS), ("b", BARE))}
    assert beside(found, "peer", [("o", "t"), ("o", "b")]).rows == (
        ("o", "t", "0.200", "0.800", "0.25", "0.100", "0.500", "0.20"),
        ("o", "b", "0.200", "0.000", "–", "0.100", "0.000", "–"),
    )


def test_every_case_runs_once_a_round_and_the_first_round_does_not_count(tmp_path: Path) -> None:
    """What comes before and after a run is done at each run, in an order that is not always the same."""
    calls: list[str] = []

    def case(name: str) -> Case:
        command = [sys.executable, "-I", "-S", "-c", "print('ran')"]
        return Case(
            name, command, tmp_path / name, {}, lambda: calls.append(name), lambda end: calls.append(end.stdout.strip())
        )

    found = measure([case("a"), case("b"), case("c")], rounds=3)
    assert [len(figures.seconds) for figures in found.values()] == [3, 3, 3]
    assert set(calls[1::2]) == {"ran"}
    rounds = [tuple(calls[start : start + 6 : 2]) for start in range(0, 24, 6)]
    assert all(sorted(names) == ["a", "b", "c"] for names in rounds)
    assert len(set(rounds)) > 1


LOG = """\
timestamp=2026-11-30T05:00:09.000Z level=INFO run=b message="creating instance" directory=/p
timestamp=2026-11-30T05:00:09.093Z level=INFO run=b message=loading path=/c/config.json
timestamp=2026-11-30T05:00:09.095Z level=INFO run=b message=loading path=/c/opencode.json
"""


def test_what_is_common_to_all_starts_ends_at_the_first_file_of_the_configuration() -> None:
    """As OpenCode's log says; without it nothing is measured."""
    assert reads_at(LOG) == pytest.approx(datetime(2026, 11, 30, 5, 0, 9, 93000, tzinfo=UTC).timestamp())
    with pytest.raises(AssertionError, match="does not say when"):
        reads_at(LOG.replace("message=loading", "message=reading"))


def test_the_page_of_made_up_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Promises of all sections first, then the sections; text is wrapped and numbers stand on the right."""
    monkeypatch.setattr(report, "_METHOD", "METHOD")
    text = """One line that is long enough to be wrapped,
    and wrapped it is, because nobody wants to read a page that is wider than a screen.\n\nThe second paragraph."""
    table = Table(("Case", "Start s", "ratio"), (("nobody", "12.00", "–"), ("all", "0.50", "1.25")))
    promises = (
        Promise("quick", 0.1, 0.1),
        Promise("quicker", 20, 20.5, "%"),
        Promise("unclear", 20, -65, "%", 90),
        Promise("certain", 20, 31.3, "%", 2.5),
    )
    circumstances = Circumstances("2026-11-21", "2 cores, a processor", {"litellm-discover": "0.1.0", "Pi": "1.5.2"}, 3)
    assert report.page(circumstances, [Section("Starting", text, (table,), promises)]) == PAGE


@pytest.mark.parametrize("count", [30, 75])
def test_the_stand_in_proxy_is_understood_with_all_its_models(count: int, tmp_path: Path) -> None:
    """As many as it lists, described, for both agents; otherwise the bench would measure something smaller."""
    with proxy(count) as url:
        run = discover("--url", url, "--json", root=tmp_path, env={"LITELLM_API_KEY": KEY})
    assert run.returncode == 0, run.stderr
    assert (run.json["status"], run.json["hidden"], len(run.json["models"])) == ("ok", [], count)
    assert all(model["cost"] for model in run.json["models"] if model["id"].endswith("claude-opus-4-8"))
    providers = run.json["targets"]["opencode"]["provider"].values()
    assert sum(len(provider["models"]) for provider in providers) == count


class Puppet:
    """An agent that prints as many models as a file in its folder says."""

    target = "opencode"
    idle = ""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "project").mkdir(parents=True)

    def command(self) -> list[str | Path]:
        program = "import pathlib; print(pathlib.Path('../models').read_text())"
        return [sys.executable, "-I", "-S", "-c", program]

    def environment(self) -> dict[str, str]:
        return {}

    def add(self, script: str) -> None:
        (self.root / "models").write_text(script)

    def listed(self, stdout: str) -> int:
        return int(stdout)

    def common(self, end: End) -> float:
        return end.seconds


@pytest.mark.parametrize(("listed", "as_expected"), [("30", True), ("29", False)])
def test_a_case_that_lists_other_models_than_it_must_is_not_measured(listed: str, *, as_expected: bool) -> None:
    """Something that did not work is no result."""

    def plan(at: Addresses, _: Path) -> list[Situation]:
        assert sorted(at.proxies) == [30, 1000, 5000]
        return [
            Situation("nothing", at.closed, give=lambda agent: agent.add("0")),
            Situation("some", at.closed, 30, give=lambda agent: agent.add(listed)),
        ]

    if as_expected:
        found = results(Puppet, plan, rounds=1)
        assert list(found) == ["nothing", "some"]
        assert found["some"].figures.median() > 0
        assert found["some"].figures.counted == (0.0,)
    else:
        with pytest.raises(AssertionError, match=r"some: status and models \(0, 29\), not \(0, 30\)"):
            results(Puppet, plan, rounds=1)


def test_the_merge_without_bounds_tells_its_steps() -> None:
    """Each target merges twice; a second merge that changes anything ends it."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.merging", "40"],
        env={"PYTHONPATH": os.pathsep.join(str(ROOT / path) for path in (".", "tests/support"))},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    steps = json.loads(done.stdout)
    assert list(steps) == ["rows", "catalog", "opencode, first", "opencode, again", "pi, first", "pi, again"]
    assert all(seconds > 0 for seconds in steps.values())
