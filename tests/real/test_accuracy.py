"""What `make accuracy` finds with the packages that are installed, held to what is promised."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tools.accuracy import facts, names, sources, transports

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.report import Table

pytestmark = pytest.mark.real

SMALLEST_HALF = 200


def rows(table: Table) -> Mapping[str, tuple[str, ...]]:
    """The cells of a table by their first."""
    return {row[0]: row[1:] for row in table.rows}


def test_the_halves_share_no_model() -> None:
    """What rules were made from is not what they are measured on."""
    pairs = sources.published()
    keys = [{pair.key for pair in pairs if pair.is_held_out is held_out} for held_out in (False, True)]
    assert not keys[0] & keys[1]
    assert min(map(len, keys)) > SMALLEST_HALF


def test_the_formatter_meets_names_that_it_has_not_seen() -> None:
    """70 % exactly and 85 % loosely, of the pairs that were held out."""
    *_, number, exact, loose = rows(names.run().tables[0])["all other pairs of Pi 0.87"]
    assert int(number) > SMALLEST_HALF
    assert float(exact) >= 70
    assert float(loose) >= 85


def test_catalogs_know_official_names_and_no_name_is_there_twice() -> None:
    """95 % exactly and 99 % loosely, of the pairs that were given; and no list has a name twice."""
    met, duplicates = names.run_with_catalogs().tables
    for form in ("with the route", "provider stated"):
        _number, exact, loose = rows(met)[f"seen, {form}"]
        assert float(exact) >= 95
        assert float(loose) >= 99
    assert {row[-1] for row in duplicates.rows} == {"0"}


def test_routes_are_those_that_litellm_knows() -> None:
    """From ids alone hardly anything is missed, and nothing once the proxy tells all that it knows."""
    columns = rows(transports.run().tables[0])
    *_, recall, false, _unknown = columns["with metadata, all"]
    assert (recall, false) == ("100.0", "0")
    *_, recall, false, _unknown = columns["ids alone, OpenAI's family"]
    assert float(recall) >= 95
    assert false == "0"


def test_nothing_wrong_is_said_of_a_real_list() -> None:
    """Of ids alone, each fact is right or unknown."""
    table = facts.run().tables[0]
    right, wrong = (sum(int(row[place]) for row in table.rows) for place in (3, 5))
    assert wrong == 0
    assert right > SMALLEST_HALF // 2
