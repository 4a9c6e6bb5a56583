"""Tables in a window: nothing is wider, nothing is cut in a word that could end."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from harness.report.tables.fit_columns import cut_at, wrapped
from harness.report.tables.result_tables import (
    VerdictFilter,
    cases_table,
    fields_table,
    verdicts_table,
)
from harness.report.tables.table import table_text
from tests.report.records import case, diff, results

VALVE = "Pressure relief valve, brass, 15 mm, with gasket and drain pipe"
MADE = results(
    [
        case(
            f"a-rather-long-name-of-a-case-{n}",
            [
                diff("parts[0].description_of_the_part", "wrong_value", expected=VALVE,
                     predicted=VALVE.replace("drain", "drawn"), tags=["superset"]),
                diff("total", "omission", expected=n),
                diff("\u6570\u91cf", "correct", expected="\u4e00" * 50, predicted="\u4e00" * 50),
            ],
        )
        for n in range(3)
    ]
)  # fmt: skip


@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
def test_no_line_is_wider_than_the_window(width: int) -> None:
    for table in (fields_table(MADE), cases_table(MADE), verdicts_table(MADE, VerdictFilter())):
        lines = list(table_text(table, width))
        assert max(map(cell_len, lines)) <= width
        assert len(lines) >= len(table.rows)


def test_what_had_no_room_is_named() -> None:
    assert "no room for: correct" in "\n".join(table_text(fields_table(MADE), 60))
    assert "no room" not in "\n".join(table_text(fields_table(MADE), 200))


def test_two_values_that_differ_late_are_cut_round_the_difference() -> None:
    shown = "\n".join(
        table_text(verdicts_table(MADE, VerdictFilter(outcomes=["wrong_value"])), 100)
    )
    assert "drain" in shown
    assert "drawn" in shown


def test_without_a_window_nothing_is_cut() -> None:
    assert VALVE in "\n".join(table_text(verdicts_table(MADE, VerdictFilter()), None))


def test_texts_are_cut_between_words_where_one_is_near() -> None:
    assert cut_at("one two three four", 12) == "one two\u2026"
    assert cut_at("a weight of 1.5 kg", 13) == "a weight of\u2026"
    assert cut_at("x" * 30, 12) == "x" * 11 + "\u2026"


@pytest.mark.parametrize("width", range(14, 40))
def test_paths_and_ids_are_cut_between_their_parts(width: int) -> None:
    path, run = "inputs.m1[0].amount.mass.units", "20261130-161441-receipts-dwarf"
    end = cut_at(path, width, len(path))
    assert end == path or path.endswith(end[1:])
    assert end == path or end[1] == "[" or path[-len(end)] in ".]"
    begin = cut_at(run, width)
    assert begin == run or run[len(begin) - 1] == "-"


def test_cases_that_differ_in_their_last_letters_can_be_told_apart() -> None:
    for count in (3, 3_000):
        named = results([case(f"express_documents_{n:04}", []) for n in range(count)])
        lines = list(table_text(cases_table(named), 40))[-count:]
        assert len({line.split()[0] for line in lines if "no room" not in line}) >= count - 2


def test_sentences_wrap_between_words_under_their_margin() -> None:
    lines = list(wrapped("evidence     better by more than noise, on all of the cases", 30, 13))
    assert max(map(len, lines)) <= 30
    assert all(line.startswith(" " * 13) for line in lines[1:])
