"""Tables as records: what a cell without a type is read as, and what may not be bent."""

from __future__ import annotations

import importlib
import io
import struct
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.cases.tables.columnar_rows import shortest
from harness.cases.tables.delimited_rows import read_delimited
from harness.cases.tables.record_file import RecordFile, records_of
from harness.cases.tables.untyped_cells import UntypedCell, settle_cells
from harness.core.values import Json
from harness.errors import HarnessError

arrow: Any = importlib.import_module("pyarrow")
parquet_files: Any = importlib.import_module("pyarrow.parquet")


def cells(*texts: str) -> list[Json]:
    return [{"x": UntypedCell(text) if text else None} for text in texts]


def values(side: list[Json]) -> list[Json]:
    return [one["x"] for one in side if isinstance(one, dict)]


def settled(truths: list[Json], answers: list[Json], schema: Json = None) -> list[list[Json]]:
    return [values(side) for side in settle_cells(truths, answers, schema)]


def test_cells_of_numbers_are_numbers_and_large_integers_are_exact() -> None:
    ours, theirs = settled(cells("9007199254740993", "12.50"), cells("9007199254740992", "1e3"))
    assert ours == [9007199254740993, 12.5]
    assert theirs == [9007199254740992, 1000.0]


@pytest.mark.parametrize("code", ["007", "+01", "12345678901234567.89"])
def test_a_code_or_a_number_a_double_would_bend_keeps_the_whole_field_text(code: str) -> None:
    for truths, answers in ((cells(code, "5"), cells("5")), (cells("5"), cells(code, "5"))):
        ours, theirs = settled(truths, answers)
        assert all(isinstance(value, str) for value in (*ours, *theirs))


def test_a_cell_is_read_as_the_typed_values_of_the_other_side() -> None:
    assert settled([{"x": 5}], cells("5", "n/a")) == [[5], [5, "n/a"]]
    assert settled([{"x": "4711"}], cells("4711")) == [["4711"], ["4711"]]
    assert settled(cells("4711"), [{"x": "4711"}]) == [["4711"], ["4711"]]
    assert settled([{"x": True}], cells("FALSE")) == [[True], [False]]


def test_a_schema_comes_before_what_the_cells_look_like() -> None:
    text: Json = {"type": "object", "properties": {"x": {"type": ["string", "null"]}}}
    number: Json = {"$ref": "#/$defs/a", "$defs": {"a": {"properties": {"x": {"type": "number"}}}}}
    assert settled(cells("5"), cells("5"), text) == [["5"], ["5"]]
    assert settled(cells("5", "007"), cells("5"), number) == [[5, "007"], [5]]


@given(st.lists(st.integers() | st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_what_json_writes_of_a_number_is_that_number_again(numbers: list[float]) -> None:
    texts = [repr(number) for number in numbers]
    ours, theirs = settled(cells(*texts), cells(*texts))
    assert ours == theirs
    assert all(isinstance(v, str) or v in numbers for v in ours)


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_the_shortest_form_of_32_bits_means_the_same_32_bits(value: float) -> None:
    short = shortest(value)
    assert short is not None
    assert struct.pack("f", short) == struct.pack("f", value)


def parquet(columns: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    parquet_files.write_table(arrow.table(columns), out)
    return out.getvalue()


def settled_rows(found: RecordFile) -> list[Json]:
    rows = [row.value for row in found.rows]
    return next(settle_cells(rows, rows, None))


def test_parquet_keeps_decimals_moments_small_floats_and_nested_columns() -> None:
    data = parquet(
        {
            "cents": arrow.array([Decimal("12.50")], arrow.decimal128(20, 2)),
            "exact": arrow.array([Decimal("12345678901234567.89")], arrow.decimal128(20, 2)),
            "on": [datetime(2025, 1, 31)],  # noqa: DTZ001  # as pandas stores a date
            "at": [datetime(2025, 1, 31, 9, 5)],  # noqa: DTZ001  # as above
            "small": arrow.array([0.1], arrow.float32()),
            "missing": [float("nan")],
            "seller": [{"name": "A", "weights": arrow.scalar([0.1]).as_py()}],
            "big": [2**53 + 1],
        }
    )
    assert settled_rows(records_of(data, Path("x.parquet"))) == [
        {
            "cents": 12.5,
            "exact": "12345678901234567.89",
            "on": "2025-01-31",
            "at": "2025-01-31T09:05:00",
            "small": 0.1,
            "missing": None,
            "seller": {"name": "A", "weights": [0.1]},
            "big": 2**53 + 1,
        }
    ]


def workbook(*rows: list[Any], hidden: bool = False) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    if hidden:
        sheet.sheet_state = "hidden"
        sheet.append(["secret"])
        sheet = book.create_sheet("Shown")
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_excel_gives_dates_numbers_and_codes_of_the_first_visible_sheet() -> None:
    data = workbook(["id", "on", "n", "who.name"], [1.0, date(2025, 1, 31), 2.5, "A"], hidden=True)
    found = records_of(data, Path("x.xlsx"))
    assert (found.sheet, found.other_sheets) == ("Shown", ())
    assert settled_rows(found) == [
        {"id": 1, "on": "2025-01-31", "n": 2.5, "who": {"name": "A"}},
    ]


@pytest.mark.parametrize(
    ("text", "names", "first"),
    [
        ("a,b\n1,2\n", ["a", "b"], ["1", "2"]),
        ("a;b\n1,50;x,y\n", ["a", "b"], ["1.50", "x,y"]),
        ("a\tb\n1\t\n", ["a", "b"], ["1", None]),
        ('a,b\r\n"x\r\ny","q""q"\r\n', ["a", "b"], ["x\r\ny", 'q"q']),
    ],
)
def test_csv_is_read_with_whatever_parts_its_cells(
    text: str, names: list[str], first: list[str | None]
) -> None:
    head, rows = read_delimited(text, Path("x.csv"))
    assert (head, rows[0][1]) == (names, first)


def test_rows_of_another_length_are_told_with_their_lines_and_counted() -> None:
    text = "a,b\n" + "1,2\n" * 2 + "1\n" * 3_000
    with pytest.raises(HarnessError) as caught:
        read_delimited(text, Path("x.csv"))
    assert len(caught.value.problems) == 21
    assert str(caught.value.problems[0]) == "x.csv:4: has 1 cells for 2 columns [bad-table]"
    assert caught.value.problems[-1].what == "and 2980 more rows like these"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"[1]", "json"),
        (b'{"a": {"b": 1}}', "json"),
        (b'{"a": 1}\n{"a": 2}\n', "jsonl"),
        (b"a,b\n1,2\n", "csv"),
        ("a,b\n1,ü\n".encode("utf-16"), "csv"),
    ],
)
def test_without_a_name_the_bytes_say_what_a_file_is(data: bytes, kind: str) -> None:
    found = records_of(data, Path("-"))
    assert found.kind == kind
    assert found.rows


@pytest.mark.parametrize("rows", [3, 3_000])
@pytest.mark.parametrize(("named", "separator"), [(";", ";"), (",", ","), ("|", "|"), ("\t", "\t")])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_first_line_that_names_the_separator_is_no_row(
    rows: int, named: str, separator: str, end: str
) -> None:
    lines = [f"sep={named}", separator.join(("id", "n"))]
    lines += [separator.join((f"c{n}", str(n))) for n in range(rows)]
    names, read = read_delimited("".join(f"{line}{end}" for line in lines), Path("a.csv"))
    assert names == ["id", "n"]
    assert [line for line, _ in read] == list(range(3, rows + 3))
    assert [str(cells[1]) for _, cells in read] == [str(n) for n in range(rows)]


def test_a_column_whose_name_begins_like_a_named_separator_is_a_column() -> None:
    assert read_delimited("sep=,n\na,1\n", Path("a.csv"))[0] == ["sep=", "n"]
