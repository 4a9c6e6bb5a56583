"""Streamed tables score as the same tables do in memory, from disk and from object stores."""

from __future__ import annotations

import csv
import datetime as dt
import decimal
import importlib
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from harness.cli.main import main
from harness.scale import line_index, verdict_parts

arrow: Any = pytest.importorskip("pyarrow")
parquet: Any = importlib.import_module("pyarrow.parquet")

Record = dict[str, Any]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(line_index, "SHARD_CASES", 400)


def records(count: int, mistakes: int = 0) -> list[Record]:
    """Return records of every type that readers bend; every `mistakes`th has a wrong total."""
    day = dt.date(2025, 1, 1)
    return [
        {
            "id": f"inv-{number:05}",
            "total": decimal.Decimal(number) + (1 if mistakes and number % mistakes == 0 else 0),
            "big": 2**53 + 1 + number,
            "day": day + dt.timedelta(number % 300),
            "stamp": dt.datetime(2025, 1, 1) + dt.timedelta(number % 300),  # noqa: DTZ001  # as data frames hold dates
            "paid": number % 2 == 0,
            "note": None if number % 3 else f"Müller {number}",
            "lines": [{"sku": f"A-{number}", "n": n} for n in range(number % 3)],
        }
        for number in range(count)
    ]


def write_parquet(path: str, rows: list[Record], group: int = 700) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(arrow.Table.from_pylist(rows), path, row_group_size=group)


def cell(value: object) -> object:
    if isinstance(value, dt.datetime):
        return value.date()
    return json.dumps(value) if isinstance(value, list) else "" if value is None else value


def write_csv(path: str, rows: list[Record], separator: str = ",") -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator)
    writer.writerow(rows[0])
    for row in rows:
        writer.writerow(map(cell, row.values()))
    Path(path).write_text(out.getvalue(), "utf-8")


def score(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["score", *arguments, "--format", "json"])


def figures(result: Result) -> Record:
    assert result.exit_code in (0, 4), result.output
    found: Record = json.loads(result.stdout)
    return {name: found[name] for name in ("aggregate", "fields", "exact_match", "complete")}


@pytest.mark.parametrize("count", [3, 3_000])
@pytest.mark.parametrize("forms", [("parquet", "parquet"), ("csv", "parquet"), ("csv", "csv")])
def test_streamed_tables_give_the_figures_of_memory(count: int, forms: tuple[str, str]) -> None:
    truths, said = records(count), list(reversed(records(count, mistakes=3)))
    names = (f"t.{forms[0]}", f"p.{forms[1]}")
    for name, rows in zip(names, (truths, said), strict=True):
        (write_parquet if name.endswith("parquet") else write_csv)(name, rows)
    whole = figures(score(*names))
    assert whole["aggregate"]["counts"]["wrong_value"] == -(-count // 3)
    assert whole["aggregate"]["counts"]["format_error"] == 0
    assert figures(score(*names, "-j", "1")) == whole


def test_dates_and_integers_of_parquet_score_as_those_of_json_do() -> None:
    write_parquet("t.parquet", records(40))
    lines = [
        {
            **row,
            "total": int(row["total"]),
            "day": str(row["day"]),
            "stamp": str(row["stamp"].date()),
        }
        for row in records(40)
    ]
    Path("p.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in lines), "utf-8")
    found = figures(score("t.parquet", "p.jsonl", "-j", "1"))
    assert found["aggregate"]["micro"]["f1"] == 1.0


def test_semicolons_with_decimal_commas_are_streamed_as_they_are_read() -> None:
    text = "id;net\na;1,50\nb;2,5\n"
    Path("t.csv").write_text(text)
    write_parquet("p.parquet", [{"id": "a", "net": 1.5}, {"id": "b", "net": 3.0}])
    whole = figures(score("t.csv", "p.parquet"))
    assert figures(score("t.csv", "p.parquet", "-j", "1")) == whole
    assert whole["aggregate"]["counts"]["correct"] == 1


def test_values_as_json_text_and_replies_are_read_as_in_memory() -> None:
    rows: list[Record] = [{"id": f"r{n}", "gold": json.dumps({"n": n})} for n in range(30)]
    said = [
        {"id": "r0", "reply": '```json\n{"n": 0}\n```'},
        {"id": "r1", "reply": "I cannot help"},
        *({"id": f"r{n}", "reply": json.dumps({"n": n})} for n in range(2, 30)),
    ]
    write_parquet("t.parquet", rows)
    write_parquet("p.parquet", said)
    names = ("t.parquet", "p.parquet", "--expected", "gold", "--predicted", "reply")
    whole = figures(score(*names))
    assert whole["aggregate"]["counts"]["correct"] == 29
    assert figures(score(*names, "-j", "1")) == whole


@pytest.mark.parametrize("count", [3, 3_000])
def test_texts_with_brackets_quotes_and_breaks_are_streamed_as_they_are(count: int) -> None:
    texts = ["[draft] Müller", 'a "b" \\ {c}', '{"n": [1, 2]}', "\u2028\x00\n{", "  [1]", "[1", ""]
    rows = [
        {"id": f"r{n}", "note": texts[n % len(texts)], "net": n / 7 * 10 ** (n % 40 - 20)}
        for n in range(count)
    ]
    write_parquet("t.parquet", rows)
    Path("p.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    whole = figures(score("t.parquet", "p.jsonl"))
    assert figures(score("t.parquet", "p.jsonl", "-j", "1")) == whole
    assert whole["aggregate"]["counts"]["correct"] >= 1.5 * count


@pytest.mark.parametrize("count", [3, 300])
@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_integers_beyond_a_double_are_the_digits_of_an_answer_in_memory_and_streamed(
    count: int, form: str
) -> None:
    huge = [10**size - 1 for size in (18, 308, 309, 400)]
    texts = [json.dumps({"x": sign * n, "y": [n, 1]}) for n in huge for sign in (1, -1)]
    rows = [{"id": f"r{n}", "net": texts[n % len(texts)], "no": n} for n in range(count)]
    names = (f"t.{form}", f"p.{form}")
    for name in names:
        (write_parquet if form == "parquet" else write_csv)(name, rows)
    whole = figures(score(*names))
    assert figures(score(*names, "-j", "1")) == whole
    beyond = sum(n % len(texts) >= 3 for n in range(count))
    assert whole["aggregate"]["counts"]["format_error"] == beyond


def test_one_table_with_both_columns_and_chosen_fields_is_streamed() -> None:
    rows = [
        {"doc": f"d{n}", "gold": {"n": n, "x": 1} if n % 5 else None, "out": {"n": n % 7, "x": 2}}
        for n in range(50)
    ]
    write_parquet("both.parquet", rows)
    names = ("both.parquet", "--expected", "gold", "--predicted", "out", "--fields", "n")
    whole, streamed = score(*names), score(*names, "-j", "1")
    assert figures(streamed) == figures(whole)
    assert "10 records without a truth, not scored" in streamed.stderr
    unknown = score(*names[:-1], "nn", "-j", "1")
    assert unknown.exit_code == 2
    assert "no truth has a field 'nn'" in unknown.stderr


@pytest.mark.parametrize("count", [3, 3_000])
def test_ids_of_one_side_only_are_told_and_not_lost(count: int) -> None:
    write_parquet("t.parquet", records(count))
    write_parquet("p.parquet", [*records(count)[1:], {**records(1)[0], "id": "stranger"}])
    said = score("t.parquet", "p.parquet", "-j", "1")
    assert said.exit_code == 4
    assert "'stranger' is predicted but not expected" in said.stderr
    assert "'inv-00000': there is no prediction for this truth" in said.stderr
    assert json.loads(said.stdout)["aggregate"]["missing_cases"] == 1


@pytest.mark.parametrize("count", [3, 3_000])
def test_bad_rows_are_told_by_table_and_row(count: int) -> None:
    rows = records(count)
    write_parquet("t.parquet", [*rows, rows[0]])
    write_parquet("p.parquet", rows)
    said = score("t.parquet", "p.parquet", "-j", "1")
    assert said.exit_code == 3
    assert f"t.parquet:{count + 1}: a second truth for 'inv-00000'" in said.stderr
    write_parquet("t.parquet", [*rows, {**rows[0], "id": None}])
    said = score("t.parquet", "p.parquet", "-j", "1")
    assert f"t.parquet:{count + 1}: 1 record without `id`, the first here" in said.stderr


def test_tables_without_any_id_in_common_are_refused() -> None:
    write_parquet("t.parquet", records(5))
    write_parquet("p.parquet", [{**row, "id": f"x{row['id']}"} for row in records(5)])
    said = score("t.parquet", "p.parquet", "-j", "1")
    assert said.exit_code == 3
    assert "no record goes with a truth in 't.parquet'" in said.stderr


@pytest.mark.parametrize("content", [b"PAR1 not really", b"PAR1", b""])
def test_a_damaged_table_is_an_error_and_no_traceback(content: bytes) -> None:
    Path("t.parquet").write_bytes(content)
    write_parquet("p.parquet", records(3))
    said = score("t.parquet", "p.parquet", "-j", "1")
    assert said.exit_code == 3
    assert "t.parquet: is not Parquet" in said.stderr


def test_a_row_group_cut_short_is_an_error_and_no_traceback() -> None:
    write_parquet("t.parquet", records(3_000))
    write_parquet("p.parquet", records(3_000))
    data = bytearray(Path("t.parquet").read_bytes())
    half = len(data) // 2
    data[half : half + 2_000] = bytes(2_000)
    Path("t.parquet").write_bytes(data)
    said = score("t.parquet", "p.parquet", "-j", "1")
    assert said.exit_code == 3
    assert "t.parquet:" in said.stderr


def test_a_folder_of_parquet_files_is_one_table_with_places_of_its_own() -> None:
    rows = records(90)
    for part in range(3):
        write_parquet(f"truths/part-{part}.parquet", rows[30 * part : 30 * part + 30])
    write_parquet("p.parquet", records(90, mistakes=3))
    write_parquet("t.parquet", rows)
    whole = figures(score("t.parquet", "p.parquet"))
    assert figures(score("truths", "p.parquet", "-j", "1")) == whole
    write_parquet("truths/part-3.parquet", [records(100)[95], rows[4]])
    said = score("truths", "p.parquet", "-j", "1")
    assert "truths/part-3.parquet:2: a second truth for 'inv-00004'" in said.stderr


@pytest.mark.parametrize("name", ["t.parquet", "t.csv", "t-*.parquet"])
def test_tables_of_an_object_store_score_as_those_on_disk(tmp_path: Path, name: str) -> None:
    pytest.importorskip("obstore")
    rows = records(60)
    write_csv("t.csv", rows)
    write_parquet("t.parquet", rows)
    for part in range(2):
        write_parquet(f"t-{part}.parquet", rows[30 * part : 30 * part + 30])
    write_parquet("p.parquet", records(60, mistakes=4))
    url = tmp_path.as_uri()
    whole = figures(score("t.parquet", "p.parquet"))
    assert figures(score(f"{url}/{name}", f"{url}/p.parquet")) == whole


def test_objects_that_are_not_there_are_told_by_their_url(tmp_path: Path) -> None:
    pytest.importorskip("obstore")
    write_parquet("p.parquet", records(3))
    for name, what in (("no.parquet", "does not exist"), ("no*.parquet", "matches nothing")):
        said = score(f"{tmp_path.as_uri()}/{name}", "p.parquet")
        assert said.exit_code == 2
        assert what in said.stderr
        assert f"{tmp_path.as_uri()}/{name}" in said.stderr


@pytest.mark.parametrize("count", [3, 3_000])
@pytest.mark.parametrize("is_url", [False, True])
def test_verdicts_and_case_scores_are_written_as_parquet_that_adds_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int, *, is_url: bool
) -> None:
    monkeypatch.setattr(verdict_parts, "PART_CASES", 900)
    write_parquet("t.parquet", records(count))
    write_parquet("p.parquet", records(count, mistakes=3)[:-1])
    target = f"{tmp_path.as_uri()}/out" if is_url else "out"
    (tmp_path / "out").mkdir()
    found = figures(score("t.parquet", "p.parquet", "--verdicts", target, "-j", "1"))["aggregate"]
    cases = parquet.read_table("out/cases").to_pylist()
    verdicts = parquet.read_table("out/verdicts").to_pylist()
    assert len(list(Path("out/cases").iterdir())) == (1 if count == 3 else 3)
    assert [row["case"] for row in cases] == [f"inv-{n:05}" for n in range(count)]
    assert sum(row["true_positives"] or 0 for row in cases) == found["total_true_positives"]
    assert (cases[-1]["failure"], cases[-1]["f1"]) == ("no_recording", None)
    wrong = [row for row in verdicts if row["outcome"] == "wrong_value"]
    assert len(wrong) == found["counts"]["wrong_value"]
    assert (wrong[0]["path"], wrong[0]["expected"], wrong[0]["predicted"]) == ("total", "0", "1")
    again = score("t.parquet", "p.parquet", "--verdicts", target)
    assert again.exit_code == 2
    assert "is there already, with something in it" in again.stderr


def test_a_first_line_that_names_the_separator_is_streamed_as_it_is_read() -> None:
    Path("t.csv").write_text("sep=;\nid;net\na;1,50\nb;2,5\n")
    write_parquet("p.parquet", [{"id": "a", "net": 1.5}, {"id": "b", "net": 3.0}])
    whole = figures(score("t.csv", "p.parquet"))
    assert figures(score("t.csv", "p.parquet", "-j", "1")) == whole
    assert whole["aggregate"]["counts"]["correct"] == 1
