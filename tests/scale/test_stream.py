"""Streamed results are those of the whole files in memory."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from harness.core.rules.field_rule import parse_rules
from harness.core.values import Json
from harness.errors import HarnessError, UsageError
from harness.run.gates import CriticalGate, gates
from harness.scale import line_index
from harness.scale.stream import How
from tests.scale.files import SCHEMA, Files, figures, invoices, line

ODD_TRUTHS = [
    line("z\u00e9", {"name": "x", "total": 1}),
    line("\U0001f600 smile", {"name": "y", "rows": [{"sku": "a", "n": 1}]}),
    '{"value": {"name": "late id"}, "note": 1, "id": "late"}',
    line("empty", {}),
    line("nothing said", {"name": "x"}),
    line("refused", {"name": "x", "total": 5}),
    line("fenced", {"name": "x", "total": 5}),
    line("not a number", {"total": 5.0}),
    line("huge", {"total": 5}),
    line("twice", {"name": "b"}),
    line("never asked", {"name": "b"}),
    line("timeout", {"name": "b"}),
    line("from a run", {"name": "b", "total": 3}),
    line("half", {"name": "x"}),
    line("deep", {"name": "x"}),
    line("mixed", {"date": ["2024-01-01"], "total": {"net": 1}}),
    '{"id": 7, "value": {"total": 7}}',
    r'{"id": "esc\u0061ped", "value": {"name": "x"}}',
]
ODD_SAID = [
    r'{"id": "z\u00e9", "value": {"name": "x", "total": "1"}}',
    line("\U0001f600 smile", {"name": "Y", "rows": [{"sku": "a"}]}),
    '{"value": {"name": "late id"}, "id": "late"}',
    line("empty", {}),
    json.dumps({"id": "refused", "raw": "I cannot help with that."}),
    json.dumps({"id": "fenced", "raw": '```json\n{"name": "x", "total": 5}\n```'}),
    '{"id": "not a number", "value": {"total": NaN}}',
    '{"id": "huge", "value": {"total": 1e999, "more": ' + "9" * 400 + "}}",
    '{"id": "twice", "value": {"name": "a", "name": "b"}}',
    '{"case_id": "never asked", "said": {"status": "failed", "kind": "transport", "message": "-"}}',
    '{"case_id": "timeout", "said": {"status": "failed", "kind": "timeout", "message": "late"}}',
    '{"case_id": "from a run", "said": {"status": "answered", "value": {"name": "b"}}, "x": 1}',
    r'{"id": "half", "value": {"name": "\ud800"}}',
    '{"id": "deep", "value": ' + "[" * 120 + "]" * 120 + "}",
    line("mixed", {"date": ["2024-01-01"], "total": {"net": 1, "tax": 2}}),
    line("7", {"total": 7}),
    line("escaped", {"name": "x"}),
]


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


@pytest.fixture
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def _small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_index, "SHARD_CASES", 29)


@pytest.mark.parametrize("cases", [3, 3_000])
def test_a_run_and_a_stream_build_one_document_of_equal_input(files: Files, cases: int) -> None:
    files.write(*("\n".join(lines) for lines in invoices(cases)))
    results, _ = files.in_memory()
    streamed = files.streamed().results
    assert streamed.keys() == results.keys()
    assert streamed["aggregate"] == results["aggregate"]
    assert streamed["fields"] == results["fields"]
    assert figures(streamed) == figures(results)


def test_files_in_step_give_the_figures_of_memory(files: Files) -> None:
    truths, said = invoices(200)
    files.write("\n".join(truths), "\n".join(said))
    results, _ = files.in_memory()
    assert line_index.index(*files.both).order is None
    assert figures(files.streamed().results) == figures(results)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n \n"])
def test_shuffled_and_odd_lines_give_the_figures_of_memory(files: Files, end: str) -> None:
    truths, said = invoices(200)
    truths, said = truths + ODD_TRUTHS, said[:-10] + ODD_SAID + [line("unused", 1)]
    random.Random(1).shuffle(truths)
    random.Random(2).shuffle(said)
    files.write("\ufeff" + end.join(truths), "\ufeff" + end.join(said) + end)
    results, warnings = files.in_memory()
    streamed = files.streamed()
    assert figures(streamed.results) == figures(results)
    assert streamed.results["complete"] is False
    assert results["aggregate"]["failed_cases"] == 3
    assert results["aggregate"]["missing_cases"] == 12
    assert results["aggregate"]["vacuous_cases"] == 1
    odd = list(map(str, streamed.warnings))
    assert odd[: len(warnings)] == warnings
    assert odd[len(warnings) :] == [
        f"{case['id']!r}: {failure['message']} [{failure['kind']}]"
        for case in results["cases"]
        if (failure := case["failure"])
    ]


@pytest.mark.parametrize("cases", [3, 3_000])
def test_answers_beside_their_places_and_confidences_are_read_as_in_memory(
    files: Files, cases: int
) -> None:
    ways: list[dict[str, Json]] = [
        {"places": {}},
        {"confidences": {}},
        {"places": {"total": {"page": 1}}},
        {"confidences": {"total": 0.5}, "places": {}},
    ]
    truths = [line(f"c{n:04}", {"total": n}) for n in range(cases * len(ways))]
    said = [
        line(f"c{n:04}", {"value": {"total": n}, **way})
        for n, way in enumerate(way for _ in range(cases) for way in ways)
    ]
    files.write("\n".join(truths), "\n".join(said))
    results, _ = files.in_memory(schema=None)
    assert results["aggregate"]["counts"]["correct"] == cases * len(ways)
    assert files.streamed(schema=None).results["aggregate"] == results["aggregate"]


@pytest.mark.parametrize("rows", [3, 3_000])
def test_long_tables_and_deep_answers_give_the_figures_of_memory(files: Files, rows: int) -> None:
    items: list[Json] = [{"sku": f"A-{row}", "n": row} for row in range(rows)]
    truths = [line("long", {"rows": items})]
    said = [line("long", {"rows": [*items[1:], {"sku": "B", "n": "1"}]})]
    for levels in range(94, 108):
        deep = "[" * levels + "1" + "]" * levels
        truths.append(line(f"deep {levels}", {"name": "x"}))
        said.append(f'{{"id": "deep {levels}", "value": {deep}}}')
    files.write("\n".join(truths), "\n".join(said))
    results, _ = files.in_memory()
    assert figures(files.streamed().results) == figures(results)
    assert 0 < results["aggregate"]["failed_cases"] < 14


def test_the_number_of_workers_changes_no_byte(files: Files) -> None:
    truths, said = invoices(150)
    random.Random(3).shuffle(said)
    files.write("\n".join(truths), "\n".join(said))
    one, two = files.streamed(), files.streamed(How(workers=2))
    assert json.dumps(one.results) == json.dumps(two.results)
    assert one.lost == two.lost == ()


@pytest.mark.parametrize("workers", [1, 2])
def test_records_of_cases_are_those_of_memory_in_the_order_of_the_truths(
    files: Files, workers: int
) -> None:
    truths, said = invoices(70)
    truths, said = truths + ODD_TRUTHS, said + ODD_SAID
    random.Random(4).shuffle(truths)
    files.write("\n".join(truths), "\n".join(said))
    results, _ = files.in_memory()
    out = files.folder / "out.jsonl"
    files.streamed(How(workers=workers, verdicts=out))
    records = [json.loads(each) for each in out.read_text("utf-8").splitlines()]
    assert [record["id"] for record in records] == [str(json.loads(t)["id"]) for t in truths]
    for diff in (diff for case in results["cases"] for diff in case["diffs"]):
        diff.pop("cause", None)  # causes are ranked once every case is known
    assert sorted(records, key=lambda r: str(r["id"])) == json.loads(json.dumps(results["cases"]))
    assert sorted(f.name for f in files.folder.iterdir()) == [
        "out.jsonl",
        "said.jsonl",
        "truths.jsonl",
    ]


def test_without_a_schema_the_truths_types_decide_as_in_memory(files: Files) -> None:
    truths, said = invoices(40)
    files.write("\n".join(truths), "\n".join(said))
    results, _ = files.in_memory(schema=None)
    assert figures(files.streamed(schema=None).results) == figures(results)


def test_rules_that_mean_no_field_are_named(files: Files) -> None:
    truths, said = invoices(40)
    files.write("\n".join(truths), "\n".join(said))
    rules = parse_rules({"totl": {"absolute": 1}, "rows": {"align": "position"}, "x": {}})
    for schema in (None, SCHEMA):
        results, warnings = files.in_memory(schema, rules)
        streamed = files.streamed(schema=schema, rules=rules)
        assert list(map(str, streamed.warnings)) == warnings
        assert figures(streamed.results) == figures(results)


@pytest.mark.parametrize("cases", [3, 3_000])
def test_loose_rules_and_keys_that_stand_twice_are_warned_of_as_in_memory(
    files: Files, cases: int
) -> None:
    truths = [line(f"c{n:04}", {"name": f"Name {n}", "total": n}) for n in range(cases)]
    answers = [
        f'{{"id": "c{n:04}", "value": {{"name": "x", "total": -1, "total": {n}}}}}'
        for n in range(cases)
    ]
    files.write("\n".join(truths), "\n".join(answers))
    rules = parse_rules({"name": {"threshold": 0}, "total": {"absolute": 1e9}})
    _, warnings = files.in_memory(None, rules)
    streamed = [str(each) for each in files.streamed(schema=None, rules=rules).warnings]
    twice = [each for each in streamed if "twice" in each]
    assert twice == [each for each in warnings if "twice" in each]
    assert len(twice) == min(cases, 21)
    for name in ("name", "total"):
        (loose,) = (each for each in streamed if each.startswith(f"rules.{name}: "))
        assert "[loose-rule]" in loose
    assert len(streamed) == len(warnings)


def test_the_digest_knows_truths_whatever_their_order_and_formatting(files: Files) -> None:
    first = files.write('{"id":"a","value":{"x":2.0,"y":1}}\n{"id":"b","value":1}', "").streamed()
    same = files.write('{"id":"b","value":1}\n{"id":"a","value":{"y":1,"x":2}}', "").streamed()
    other = files.write('{"id":"b","value":1}\n{"id":"a","value":{"y":1,"x":3}}', "").streamed()
    assert first.results["signature"] == same.results["signature"]
    assert first.results["signature"] != other.results["signature"]


@pytest.mark.usefixtures("_here")
def test_bad_truths_are_reported_as_in_memory(files: Files) -> None:
    truths, said = invoices(60)
    truths[5:5] = ["nonsense", '{"id": "no value"}', '{"id": "n", "value": NaN}', "[]", ""]
    truths += [truths[0], '{"id": "d", "value": {"a": 1, "a": 2}}']
    files.write("\n".join(truths), "\n".join(said))
    in_memory, streamed = files.problems()
    assert streamed == in_memory
    assert len(streamed) == 6


@pytest.mark.usefixtures("_here")
def test_bad_predictions_are_reported_as_in_memory(files: Files) -> None:
    truths, said = invoices(60)
    said[5:5] = ["nonsense", '{"id": 5, "value": 1}', '{"id": "n", "valu": 1}', "[]", ""]
    said += [said[0], '{"id": "unused", "value": 1,}', '{"id": "another", "raw": 1}']
    said[40] = '{"id": "inv-00035", "value": 1,}'
    files.write("\n".join(truths), "\n".join(said))
    in_memory, streamed = files.problems()
    assert streamed == in_memory
    assert len(streamed) == 8


def test_many_bad_lines_are_counted_beyond_the_first_fifty(files: Files) -> None:
    truths, said = invoices(40)
    files.write("\n".join([*truths, *["{"] * 70]), "\n".join(said))
    _, streamed = files.problems()
    assert len(streamed) == 51
    assert "truths.jsonl:41: is not JSON" in streamed[0]
    assert "and 20 more lines like these" in streamed[50]


def test_text_in_another_encoding_is_reported_with_its_line(files: Files) -> None:
    files.write(b'{"id":"a","value":1}\n{"id":"b","value":"\xe9"}\n', '{"id":"a","value":1}')
    with pytest.raises(HarnessError, match=r"truths.jsonl:2: is not UTF-8 text: byte 0xe9 at"):
        files.streamed()


def test_files_that_are_not_there_or_hold_nothing_are_refused(files: Files) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        files.streamed()
    files.write("\n\n", "")
    with pytest.raises(HarnessError, match="there is no ground truth in it"):
        files.streamed()


def test_marks_on_fields_are_said_of_streamed_cases_too(files: Files) -> None:
    truths, said = invoices(200)
    rules = parse_rules(
        {"total": {"critical": True, "weight": 3}, "name": {"focus": True}, "rows": {"weight": 0}}
    )
    files.write("\n".join(truths), "\n".join(said))
    results, _ = files.in_memory(rules=rules)
    streamed = files.streamed(rules=rules).results
    assert results["focus"]
    assert results["weighted_f1"]
    assert results["critical"]
    assert streamed["critical"]
    assert len(results["critical"]["broken"]) > 2
    named = streamed["critical"]["broken"]
    assert len(named) == min(50, len(results["critical"]["broken"]))
    assert named == results["critical"]["broken"][: len(named)]
    results["critical"]["broken"] = named
    assert figures(streamed) == figures(results)
    gate = next(gate for gate in gates(streamed, ()) if isinstance(gate, CriticalGate))
    assert not gate.is_met
    intact = results["critical"]["intact"]
    assert (gate.wrong, gate.cases) == (intact["of"] - intact["hits"], intact["of"])
