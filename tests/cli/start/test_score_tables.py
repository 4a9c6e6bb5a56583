"""`harness score` on other people's files: tables of any columns, one file, standard input."""

from __future__ import annotations

import ast
import csv
import importlib
import io
import json
import tomllib
import unicodedata
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner

from harness.cli.main import main
from tests.cli.conftest import REPOSITORY, Project

Record = dict[str, Any]

arrow: Any = importlib.import_module("pyarrow")
parquet_files: Any = importlib.import_module("pyarrow.parquet")


def records(count: int, mistakes: int = 0) -> list[Record]:
    """Return flat records; every `mistakes`th has a wrong total."""
    return [
        {
            "id": number,
            "total": number + 0.5 + (1 if mistakes and number % mistakes == 0 else 0),
            "big": 2**53 + number,
            "day": f"2025-01-{number % 28 + 1:02}",
            "paid": number % 2 == 0,
            "seller.name": f"Müller {number % 3}",
        }
        for number in range(count)
    ]


def nested(record: Record) -> Record:
    whole = {key: value for key, value in record.items() if "." not in key}
    return whole | {"seller": {"name": record["seller.name"]}}


def as_csv(rows: list[Record]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def as_parquet(rows: list[Record]) -> bytes:
    out = io.BytesIO()
    parquet_files.write_table(arrow.Table.from_pylist(rows), out)
    return out.getvalue()


def as_xlsx(rows: list[Record]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(rows[0]))
    for row in rows:
        sheet.append([str(v) if isinstance(v, int) and v > 2**53 else v for v in row.values()])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_array(rows: list[Record]) -> bytes:
    return json.dumps([nested(row) for row in rows]).encode()


def as_keyed(rows: list[Record]) -> bytes:
    return json.dumps(
        {str(r["id"]): {k: v for k, v in nested(r).items() if k != "id"} for r in rows}
    ).encode()


def as_lines(rows: list[Record]) -> bytes:
    return b"".join(json.dumps(nested(row)).encode() + b"\n" for row in rows)


FORMS: dict[str, Callable[[list[Record]], bytes]] = {
    "csv": as_csv,
    "parquet": as_parquet,
    "xlsx": as_xlsx,
    "json": as_array,
    "jsonl": as_lines,
}


def scores(project: Project, *arguments: str) -> Record:
    said = project.harness("score", *arguments, "--format", "json")
    assert said.code == 0, said.err
    found: Record = json.loads(said.out)
    return found


@pytest.mark.parametrize("count", [3, 3000])
def test_every_format_scores_as_the_same_records_do_in_json(project: Project, count: int) -> None:
    truths, said = records(count), records(count, mistakes=3)
    pairs = [("json", "json"), ("parquet", "csv"), ("jsonl", "csv"), ("csv", "xlsx")]
    pairs = pairs if count == 3 else pairs[:2]
    for form in {form for pair in pairs for form in pair}:
        project.write({f"t.{form}": FORMS[form](truths), f"p.{form}": FORMS[form](said)})
    wanted = scores(project, "t.json", "p.json", "--cases", "many")["aggregate"]
    assert wanted["counts"]["wrong_value"] == -(-count // 3)
    for expected, predicted in pairs:
        found = scores(project, f"t.{expected}", f"p.{predicted}")["aggregate"]
        assert found["counts"] == wanted["counts"], (expected, predicted)
        assert found["counts"]["format_error"] == 0


def test_one_file_with_both_columns_needs_no_ids(project: Project) -> None:
    rows = 'gold,prediction\n"{""n"": 1}","{""n"": 1}"\n"{""n"": 2}","{""n"": 3}"\n'
    project.write({"both.csv": rows})
    said = project.harness("score", "both.csv")
    assert said.code == 0
    assert "both · 2 cases" in said.out
    assert "expected and predicted are the columns 'gold' and 'prediction'" in said.err
    named = project.harness("score", "both.csv", "--expected", "gold", "--predicted", "prediction")
    assert (named.code, named.err) == (0, "")


def test_dotted_names_reach_into_records(project: Project) -> None:
    line = {"meta": {"doc": 7}, "gold": {"inv": {"n": 1}}, "run": {"out": '```json\n{"n": 1}\n```'}}
    project.write({"log.jsonl": json.dumps(line) + "\n"})
    names = ("--id", "meta.doc", "--expected", "gold.inv", "--predicted", "run.out")
    found = scores(project, "log.jsonl", *names)
    assert [(case["id"], case["f1"]) for case in found["cases"]] == [("7", 1.0)]


def test_json_in_text_is_read_in_lines_as_in_tables(project: Project) -> None:
    project.write(
        {
            "t.jsonl": '{"id": "a", "value": {"n": 1}}\n',
            "p.jsonl": json.dumps({"id": "a", "value": '{"n": 1}'}) + "\n",
        }
    )
    assert scores(project, "t.jsonl", "p.jsonl")["aggregate"]["macro"]["f1"] == 1.0


def test_ids_pair_whatever_their_type_and_unicode_form(project: Project) -> None:
    project.write(
        {
            "t.jsonl": '{"doc_id": 1, "n": 1}\n{"doc_id": "Zürich", "n": 2}\n',
            "p.csv": "doc_id,n\n1,1\n" + unicodedata.normalize("NFD", "Zürich") + ",2\n",
        }
    )
    said = project.harness("score", "t.jsonl", "p.csv")
    assert said.code == 0
    assert "100 % (4/4)" in said.out
    assert "records are paired by `doc_id`" in said.err


@pytest.mark.parametrize("count", [3, 3000])
def test_unpaired_ids_are_one_line_and_missing_truths_keep_the_score_incomplete(
    project: Project, count: int
) -> None:
    truths = "".join(f"t{n},1\n" for n in range(count)) + "both,1\n"
    said = "".join(f"p{n},1\n" for n in range(count)) + "both,1\n"
    project.write({"t.csv": f"id,n\n{truths}", "p.csv": f"id,n\n{said}"})
    found = project.harness("score", "t.csv", "p.csv")
    assert found.code == 4
    assert found.err.count("\n") <= 3
    assert "predictions without a truth, not scored: 'p0'" in found.err


def test_no_common_id_is_an_error_that_names_both_sides(project: Project) -> None:
    project.write({"t.csv": "id,n\na,1\n", "p.csv": "id,n\nb,1\n"})
    said = project.harness("score", "t.csv", "p.csv")
    assert said.code == 3
    assert (
        "no record goes with a truth in 't.csv' by `id` (truths: 'a'; predictions: 'b')" in said.err
    )


@pytest.mark.parametrize("count", [3, 3000])
def test_ids_that_are_missing_or_given_twice_are_counted_not_listed(
    project: Project, count: int
) -> None:
    project.write({"t.csv": "id,n\n" + "a,1\n" * count + ",2\n" * count, "p.csv": "id,n\na,1\n"})
    said = project.harness("score", "t.csv", "p.csv")
    assert said.code == 3
    assert f"t.csv:{count + 2}: " in said.err
    assert "1 id with a second truth: 'a'" in said.err
    assert said.err.count("\n") == 5


def test_records_without_any_known_id_ask_for_one(project: Project) -> None:
    project.write({"t.csv": "nr,n\na,1\n", "p.csv": "nr,n\na,1\n"})
    said = project.harness("score", "t.csv", "p.csv")
    assert said.code == 2
    assert "--id NAME; columns of both: nr, n" in said.err
    assert project.harness("score", "t.csv", "p.csv", "--id", "nr").code == 0


def test_only_chosen_fields_are_scored_and_unknown_ones_refused(project: Project) -> None:
    rows = '[{"id": "a", "x": 1, "l": [{"q": 1, "r": 2}]}]'
    project.write({"t.json": rows, "p.json": rows.replace('"x": 1', '"x": 9')})
    found = scores(project, "t.json", "p.json", "--fields", "l[].q")
    assert [field["field"] for field in found["fields"]] == ["l[].q"]
    assert found["aggregate"]["macro"]["f1"] == 1.0
    wrong = project.harness("score", "t.json", "p.json", "--fields", "l.qq")
    assert (wrong.code, "no truth has a field 'l.qq'" in wrong.err) == (2, True)


@pytest.mark.parametrize("option", ["--id", "--expected", "--predicted"])
def test_a_column_that_no_record_has_is_refused_never_scored_as_nothing(
    project: Project, option: str
) -> None:
    project.write(
        {"t.jsonl": '{"id": 1, "v": {"n": 1}}\n', "p.jsonl": '{"id": 1, "v": {"n": 1}}\n'}
    )
    for name in ("vv", "v.m"):
        said = project.harness("score", "t.jsonl", "p.jsonl", option, name)
        assert (said.code, said.out) == (2, "")
        assert f"no record has a `{name}` [no-column]" in said.err


@pytest.mark.parametrize("count", [3, 3000])
def test_records_without_a_truth_are_one_line_and_not_scored(project: Project, count: int) -> None:
    project.write({"both.csv": "gold,pred\nx,x\n" + ",y\n" * count})
    said = project.harness("score", "both.csv")
    assert said.code == 0
    assert "both · 1 case\n" in said.out
    assert f"{count:,} records without a truth, not scored" in said.err.replace("\u202f", ",")
    assert said.err.count("\n") == 3


def test_a_cell_that_is_broken_json_among_sound_ones_is_told(project: Project) -> None:
    project.write({"both.csv": 'gold,pred\n"{""n"": 1}",x\n"{""n: 2}",x\n'})
    said = project.harness("score", "both.csv")
    assert said.code == 3
    assert "both.csv:3: 1 truth not JSON as the others are: '2' [bad-json]" in said.err


def test_standard_input_is_read_and_is_called_so() -> None:
    text = 'gold,pred\n"{""n"": 1}","{""n"": 1}"\n'
    said = CliRunner().invoke(main, ["score", "-"], input=text)
    assert said.exit_code == 0
    assert said.stdout.startswith("stdin · 1 case\n")


def test_dates_are_guessed_as_init_does_where_that_is_asked(project: Project) -> None:
    project.write(
        {"t.csv": "id,on\na,2025-10-13\nb,2025-10-14\n", "p.csv": "id,on\na,13/10/2025\nb,\n"}
    )
    plain = scores(project, "t.csv", "p.csv")["aggregate"]
    inferred = scores(project, "t.csv", "p.csv", "--infer")["aggregate"]
    assert plain["counts"]["wrong_value"] == 1
    assert inferred["counts"]["format_error"] == 1
    assert inferred["counts"]["value_equal"] == 1


def test_a_report_goes_below_where_the_user_stands_and_its_path_is_told_whole(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write({"deep/g.csv": "id,n\n1,1\n2,2\n", "deep/p.csv": "id,n\n1,1\n2,3\n"})
    monkeypatch.chdir(project.root / "deep")
    said = project.harness("score", "g.csv", "p.csv", "--report")
    (page,) = (project.root / "deep/reports").glob("*/report.html")
    assert f"report      {page}\n" in said.out
    assert not (project.root / "reports").exists()
    assert said.next == (f"harness show {page.parent.name} --errors any", "harness view")
    assert project.harness(*said.next[0].split()[1:]).code == 0


def test_out_is_a_run_folder_that_other_commands_read(project: Project) -> None:
    project.write(
        {"t.csv": "id,n\na,1\nb,2\n", "p.csv": "id,n\na,1\nb,3\n", "q.csv": "id,n\na,1\nb,2\n"}
    )
    said = project.harness("score", "t.csv", "p.csv", "--out", "reports/p", "--csv", "rows.csv")
    assert said.code == 0
    assert "reports/p/report.html" in said.out
    assert (project.root / "rows.csv").read_text("utf-8").count("\n") == 3
    assert project.harness("score", "t.csv", "q.csv", "--report").code == 0
    assert "q has 50.0 points" in project.harness("compare", "reports/p", "t-q").out
    before = (project.root / "reports/p/eval-results.json").read_text("utf-8")
    assert project.harness("rescore", "p").code == 0
    assert (project.root / "reports/p/eval-results.json").read_text("utf-8") == before
    assert project.harness("gate", "p", "--fail-under", "macro=0.4").code == 0
    assert "n" in project.harness("show", "p").out
    again = project.harness("score", "t.csv", "p.csv", "--out", "reports/p")
    assert (again.code, "holds something already" in again.err) == (2, True)


def sheets(**tables: list[Record]) -> bytes:
    """Return a workbook with a sheet for each table."""
    book = openpyxl.Workbook()
    first = book.active
    assert first is not None
    book.remove(first)
    for name, rows in tables.items():
        sheet = book.create_sheet(name)
        sheet.append(list(rows[0]))
        for row in rows:
            sheet.append(list(row.values()))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("count", [3, 3000])
def test_sheets_of_a_workbook_are_named_or_told(project: Project, count: int) -> None:
    gold = [{"id": n, "n": n} for n in range(count)]
    said = [{"id": n, "n": n + (n == 0)} for n in range(count)]
    project.write({"b.xlsx": sheets(gold=gold, gpt=said, notes=[{"id": 7, "n": 1}])})
    project.write({"said.xlsx": sheets(gpt=said)})
    chosen = ("--sheet", "gold", "--sheet", "gpt")
    found = scores(project, "b.xlsx", *chosen)
    wrong = [each["id"] for each in found["cases"] if each["f1"] != 1]
    assert (len(found["cases"]), len(wrong)) == (count, 1)
    if count > 3:
        return
    assert scores(project, "b.xlsx", "b.xlsx", *chosen)["cases"] == found["cases"]
    silent = project.harness("score", "b.xlsx", "said.xlsx")
    told = "sheet 'gold' is read, the first with a row; not read: 'gpt', 'notes' [sheet]"
    assert f"warning: b.xlsx: {told}\n  hint: another: --sheet NAME\n" in silent.err
    assert "said.xlsx" not in silent.err
    unknown = project.harness("score", "b.xlsx", "said.xlsx", "--sheet", "gpd")
    assert (unknown.code, "did you mean 'gpt'?" in unknown.err) == (2, True)
    assert project.harness("score", "b.xlsx", *("--sheet", "a") * 3).code == 2
    project.write({"g.csv": "id,n\n1,1\n"})
    assert "neither file is one" in project.harness("score", "g.csv", "g.csv", "--sheet", "a").err


def test_init_takes_the_sheet_that_is_named_and_tells_the_one_it_took(project: Project) -> None:
    tables = {"about": [{"id": "x", "n": 7}], "gold": [{"id": "a", "n": 1}]}
    project.write({"b.xlsx": sheets(**tables), "docs/a.txt": "1", "docs/x.txt": "7"})
    told = project.harness("init", "docs", "--truths", "b.xlsx", "--name", "first")
    assert "sheet 'about' is read, the first with a row; not read: 'gold'" in told.err
    named = project.harness("init", "docs", "--truths", "b.xlsx", "--sheet", "gold")
    assert (named.code, "sheet" in named.err) == (0, False)
    truth = (project.root / "ground_truth/docs/a.json").read_text("utf-8")
    assert json.loads(truth) == {"n": 1}
    both = ("--truths", "b.xlsx", "--answers", "b.xlsx", "--sheet", "gold", "--sheet", "about")
    assert project.harness("init", *both, "--name", "both").code == 0
    answers = (project.root / "evals/both/answers/b.jsonl").read_text("utf-8")
    assert json.loads(answers) == {"id": "x", "value": {"n": 7}}


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
@pytest.mark.parametrize("count", [3, 3000])
@pytest.mark.parametrize("stream", [False, True])
def test_an_id_given_twice_is_told_whatever_the_file(
    project: Project, kind: str, count: int, *, stream: bool
) -> None:
    rows = records(count)
    project.write({f"g.{kind}": FORMS[kind](rows), f"twice.{kind}": FORMS[kind]([*rows, rows[0]])})
    for files in ((f"g.{kind}", f"twice.{kind}"), (f"twice.{kind}", f"g.{kind}")):
        said = project.harness("score", *files, *(("-j", "1") if stream else ()))
        assert said.code == 3
        assert "'0'" in said.err


def test_all_fields_are_printed_on_request(project: Project) -> None:
    names = [f"f{n}" for n in range(9)]
    truth = {"id": "a", **dict.fromkeys(names, 1)}
    project.write({"t.json": json.dumps([truth]), "p.json": json.dumps([{"id": "a"}])})
    said = project.harness("score", "t.json", "p.json", "--all-fields")
    assert all(f"\n{name} " in said.out for name in names)


def test_every_format_of_the_docs_names_a_test_that_is_there() -> None:
    listed = tomllib.loads((REPOSITORY / "tests/formats_read.toml").read_text("utf-8"))["format"]
    assert listed
    for each in listed:
        file, _, name = each["test"].partition("::")
        tree = ast.parse((REPOSITORY / file).read_text("utf-8"))
        assert name in {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}, name
