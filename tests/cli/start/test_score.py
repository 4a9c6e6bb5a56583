"""`harness score`: files against files."""

from __future__ import annotations

import gzip
import json
import lzma
import re
import unicodedata
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.cli.conftest import Project
from tests.patience import PATIENCE


def test_two_files_are_one_case(project: Project) -> None:
    project.write({"truth.json": '{"a": 1, "b": 2}', "said.json": '{"a": 1, "b": 3}'})
    before = project.tree()
    said = project.harness("score", "truth.json", "said.json")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("truth \u00b7 1 case\n")
    # 1 correct, 1 wrong value: TP 1, FP 1, FN 1; F1 = 2/4.
    assert "micro F1    50.0 % (2/4)" in said.out
    assert "2 \u2192 3" in said.out
    assert project.tree() == before


def test_two_folders_are_paired_by_file_stem_whatever_the_suffix(project: Project) -> None:
    project.write(
        {
            "truth/a.json": '{"x": 1}',
            "truth/deep/b.json": '{"x": 2}',
            "said/a.txt": 'It is {"x": 1}.',
            "said/deep/b.json": '{"x": 2}',
        }
    )
    said = project.harness("score", "truth", "said")
    mended = "1 of 2 answers was mended before it was scored: 1 prose around [mended-answers]"
    assert (said.code, said.err) == (0, f"warning: said: {mended}\n")
    assert "micro F1    100 % (4/4)" in said.out


def test_two_lists_of_lines_are_paired_by_id_in_any_order(project: Project) -> None:
    project.write(
        {
            "truth.jsonl": '{"id": "a", "value": {"x": 1}}\n\n{"id": "b", "value": {"x": 2}}\n',
            "said.jsonl": '{"id": "b", "value": {"x": 2}}\n{"id": "a", "raw": "{\\"x\\": 3}"}\n',
        }
    )
    said = project.harness("score", "truth.jsonl", "said.jsonl")
    assert (said.code, said.err) == (0, "")
    assert "micro F1    50.0 % (2/4)" in said.out


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(project: Project) -> None:
    lines = '\ufeff{"id": "a", "value": {"x": "\u2028"}}\r\n{"id": "b", "value": {"x": 2}}\r\n'
    project.write({"lines.jsonl": lines, "one.json": '\ufeff{\r\n"x": 1\r\n}\r\n'})
    for name in ("lines.jsonl", "one.json"):
        said = project.harness("score", name, name)
        assert (said.code, said.err) == (0, "")
        assert "micro F1    100 %" in said.out


@pytest.mark.parametrize(
    ("expected", "predicted"),
    [("truth", "a.json"), ("a.json", "truth"), ("a.json", "a.jsonl"), ("a.jsonl", "truth")],
)
def test_unlike_kinds_are_refused(project: Project, expected: str, predicted: str) -> None:
    project.write(
        {"truth/a.json": "{}", "a.json": "{}", "a.jsonl": '{"id": "a", "value": {"x": 1}}'}
    )
    said = project.harness("score", expected, predicted)
    assert (said.code, said.out) == (2, "")
    assert said.err == (
        f"{expected!r} and {predicted!r} are not of one kind [unlike-paths]\n"
        "  hint: give two JSON files, two folders, or two JSONL files\n"
    )


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv", "a.json.gz", "a"])
@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize(
    ("command", "pack"),
    [("gunzip", gzip.compress), ("unxz", lzma.compress)],
)
def test_a_compressed_file_of_any_name_is_told_with_what_unpacks_it(
    project: Project, name: str, side: int, command: str, pack: Callable[[bytes], bytes]
) -> None:
    project.write({"good.json": '[{"id": "a", "x": 1}]'})
    (project.root / name).write_bytes(pack(b'[{"id": "a", "x": 1}]'))
    files = ["good.json", name]
    said = project.harness("score", files[side], files[1 - side])
    assert (said.code, said.out) == (3, "")
    assert said.err.startswith(f"{name}: is compressed by ")
    assert f"hint: unpack it: `{command}" in said.err


def test_a_path_that_is_not_there_is_a_usage_error(project: Project) -> None:
    project.write({"a.json": "{}"})
    said = project.harness("score", "a.json", "b.json")
    assert (said.code, said.out) == (2, "")
    assert said.err == "'b.json' does not exist [no-such-path]\n"


@pytest.mark.parametrize("stream", [False, True])
def test_a_truth_without_a_prediction_is_missing_as_in_a_run(
    project: Project, *, stream: bool
) -> None:
    project.write(
        {
            "truth.jsonl": '{"id": "a", "value": {"x": 1}}\n{"id": "b", "value": {"x": 1}}\n',
            "said.jsonl": '{"id": "a", "value": {"x": 1}}\n',
            "truth/a.json": '{"x": 1}',
            "truth/b.json": '{"x": 1, "y": 2}',
            "said/a.json": '{"x": 1}',
        }
    )
    streamed = ("truth.jsonl", "said.jsonl", "-j", "1")
    said = project.harness("score", *(streamed if stream else ("truth", "said")))
    assert said.code == 4
    assert said.out.split("\n")[1].startswith("INCOMPLETE  1 of 2 answered")
    assert "micro F1    100 % (2/2)" in said.out
    assert "there is no prediction for this truth" in said.out + said.err


def test_a_prediction_without_a_truth_is_a_warning(project: Project) -> None:
    project.write({"t/a.json": '{"x": 1}', "p/a.json": '{"x": 1}', "p/zz.json": '{"x": 1}'})
    said = project.harness("score", "t", "p")
    assert said.code == 0
    assert said.err == (
        "warning: p: 'zz' is predicted but not expected; it is not scored [unused-prediction]\n"
    )
    assert "micro F1    100 % (2/2)" in said.out


@pytest.mark.parametrize("cases", [3, 3_000])
def test_a_key_that_stands_twice_in_a_prediction_is_a_warning(project: Project, cases: int) -> None:
    truths = [f'{{"id": "c{n}", "value": {{"a": 1}}}}' for n in range(cases)]
    answers = [f'{{"id": "c{n}", "value": {{"a": 9, "a": 1}}}}' for n in range(cases)]
    project.write({"t.jsonl": "\n".join(truths), "p.jsonl": "\n".join(answers)})
    said = project.harness("score", "t.jsonl", "p.jsonl")
    assert said.code == 0
    told = "the prediction for 'c0' has the key 'a' twice: the last one is scored [duplicate-key]"
    assert f"warning: p.jsonl: {told}" in said.err
    assert said.err.count("[duplicate-key]") == min(cases, 21)
    same = '{"id": "c0", "value": {"a": 1, "a": 1}}'
    project.write({"t.jsonl": truths[0], "p.jsonl": same})
    assert project.harness("score", "t.jsonl", "p.jsonl").err == ""


def test_a_schema_decides_what_a_format_error_is(project: Project) -> None:
    project.write(
        {
            "t.json": '{"day": "2024-03-31"}',
            "p.json": '{"day": "31 March 2024"}',
            "s.json": '{"properties": {"day": {"type": "string", "format": "date"}}}',
        }
    )
    said = project.harness("score", "t.json", "p.json", "--schema", "s.json")
    assert said.code == 0
    assert "1 format error (1 with the right value)" in said.out


def test_rules_change_how_a_field_is_compared(project: Project) -> None:
    project.write({"t.json": '{"n": 100}', "p.json": '{"n": 104}'})
    assert "micro F1    0 % (0/2)" in project.harness("score", "t.json", "p.json").out
    for name, rules in (("r.yaml", "n: {relative: 0.05}"), ("r.json", '{"n": {"relative": 0.05}}')):
        project.write({name: rules})
        said = project.harness("score", "t.json", "p.json", "--rules", name)
        assert (said.code, said.err) == (0, "")
        assert "micro F1    100 % (2/2)" in said.out


def test_a_rule_that_means_no_field_is_a_warning(project: Project) -> None:
    project.write({"t.json": '{"total": 1}', "r.yaml": "totl: {relative: 0.1}\n"})
    said = project.harness("score", "t.json", "t.json", "--rules", "r.yaml")
    assert said.code == 0
    assert said.err == (
        "warning: r.yaml: rules.totl: no field of the schema or the ground truth goes by that name "
        "[unused-rule]\n  hint: did you mean 'total'?\n"
    )


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        (
            "a: {}\nx:\n  compar: number\n",
            (
                "r.yaml:2: rules.x: unknown setting 'compar' [unknown-key]\n"
                "  hint: did you mean 'compare'?\n"
            ),
        ),
        ("x: 5\n", "r.yaml:1: rules.x: settings must be a mapping [bad-rule]\n"),
        ("- x\n", "r.yaml:1: rules must map fields to settings [bad-rule]\n"),
        ("[]\n", "r.yaml:1: rules must map fields to settings [bad-rule]\n"),
        ("x: {\n", "r.yaml:2: is not YAML: did not find expected node content [bad-yaml]\n"),
    ],
)
def test_wrong_rules_are_told_with_their_line(project: Project, rules: str, message: str) -> None:
    project.write({"t.json": '{"x": 1}', "r.yaml": rules})
    said = project.harness("score", "t.json", "t.json", "--rules", "r.yaml")
    assert (said.code, said.out, said.err) == (3, "", message)


def test_rules_may_be_empty(project: Project) -> None:
    project.write({"t.json": '{"x": 1}', "r.yaml": "# none yet\n"})
    assert project.harness("score", "t.json", "t.json", "--rules", "r.yaml").code == 0


def test_every_wrong_line_of_the_truths_is_told_at_once(project: Project) -> None:
    project.write(
        {
            "t.jsonl": '{"id": "a", "value": 1}\n{"id": "b"}\n{bad\n[1]\n{"id": "a", "value": 2}\n'
            '{"id": "n", "value": NaN}\n'
        }
    )
    said = project.harness("score", "t.jsonl", "t.jsonl")
    assert (said.code, said.out) == (3, "")
    heads = [line for line in said.err.splitlines() if not line.startswith("  hint")]
    assert heads.pop(1).startswith("t.jsonl:3: is not JSON: expecting property name")
    assert heads == [
        "t.jsonl:2: the line holds no `id` and `value` [bad-line]",
        "t.jsonl:4: the line holds no `id` and `value` [bad-line]",
        "t.jsonl:5: a second truth for 'a' [duplicate-case]",
        "t.jsonl:6: value: NaN is not JSON [not-a-number]",
        "5 problems",
    ]


@pytest.mark.parametrize(
    ("files", "arguments", "message"),
    [
        ({"t.json": "", "p.json": "{}"}, ("t.json", "p.json"), "t.json: is empty, not JSON"),
        ({"t.json": '{"a": NaN}', "p.json": "{}"}, ("t.json", "p.json"), "t.json:1: a: NaN is not"),
        ({"t/x": "", "p/x": ""}, ("t", "p"), "t: there is no ground truth in it [no-truth]"),
        (
            {"t/a.json": "{", "t/b.json": "nope", "p/a.json": "{}"},
            ("t", "p"),
            "t/b.json:1: is not JSON",
        ),
        (
            {"t/a.json": "1", "p/a.json": "1", "p/a.txt": "1"},
            ("t", "p"),
            "p/a.txt: a second answer for case 'a'; the first is a.json [duplicate-answer]",
        ),
        (
            {"t.json": "1", "s.json": '{"type": "strng"}'},
            ("t.json", "t.json", "--schema", "s.json"),
            "s.json:1: type: \"strng\" is not a type [bad-schema]\n  hint: did you mean 'string'?",
        ),
        ({"t.json": "1"}, ("t.json", "t.json", "--schema", "s.json"), "s.json: does not exist"),
        ({"t.json": "1"}, ("t.json", "t.json", "--rules", "r.yaml"), "r.yaml: does not exist"),
    ],
)
def test_files_that_cannot_be_read_are_the_users_mistake(
    project: Project, files: dict[str, str], arguments: tuple[str, ...], message: str
) -> None:
    project.write(files)
    before = project.tree()
    said = project.harness("score", *arguments)
    assert (said.code, said.out) == (3, "")
    assert message in said.err
    assert project.tree() == before


def test_a_prediction_that_is_not_json_is_a_failure_and_no_error(project: Project) -> None:
    project.write({"t.json": '{"x": 1}', "p.json": "no idea"})
    said = project.harness("score", "t.json", "p.json")
    assert (said.code, said.err) == (4, "")
    assert said.out.startswith(
        "Every case failed in the same way, so there is no score: 1 not JSON"
    )
    assert "no answer   t: not JSON" in said.out


def test_json_on_standard_output_can_be_read_whatever_the_terminal_encodes(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write({"t.json": '{"name": "caf\u00e9 \u2028"}', "p.json": '{"name": "\\ud800"}'})
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    process = project.start("score", "t.json", "p.json", "--format", "json")
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (0, "")
    assert json.loads(out)["cases"][0]["diffs"][0]["expected"] == "caf\u00e9 \u2028"


def test_json_says_the_same_as_text(project: Project) -> None:
    project.write({"t.json": '{"a": 1, "b": 2}', "p.json": '{"a": 1, "b": 3}'})
    said = project.harness("score", "t.json", "p.json", "--format", "json")
    assert (said.code, said.err) == (0, "")
    results = json.loads(said.out)
    assert results["suite"] == "t"
    assert results["extractor"] is None
    assert results["aggregate"]["micro"]["f1"] == 2 / 4
    (case,) = results["cases"]
    assert [diff["outcome"] for diff in case["diffs"]] == ["correct", "wrong_value"]


def test_json_keeps_the_schema_that_is_shipped(project: Project) -> None:
    lines = '{"id": "a", "value": {"r": [{"k": 1}, {"k": 2}]}}\n{"id": "b", "value": {"x": "1"}}\n'
    said = '{"id": "a", "value": {"r": [{"k": 1}, {"k": 3, "m": null}], "y": [5]}}\n'
    project.write({"t.jsonl": lines, "p.jsonl": said})
    told = project.harness("score", "t.jsonl", "p.jsonl", "--format", "json")
    schema = resources.files("harness.run").joinpath("eval-results.schema.json").read_text("utf-8")
    Draft202012Validator(json.loads(schema)).validate(json.loads(told.out))


def test_where_the_files_lie_does_not_matter(project: Project) -> None:
    project.write({"deep/er/t.json": '{"a": 1}', "deep/p.json": '{"a": 1}'})
    truth, said = Path("deep/er/t.json"), project.root / "deep" / "p.json"
    first = project.harness("score", truth, said, "--format", "json").out
    assert first == project.harness("score", truth.resolve(), said, "--format", "json").out


@pytest.mark.parametrize("rows", [3, 3_000])
def test_a_name_inside_a_rule_that_no_item_bears_is_refused_or_told_of_streams(
    project: Project, rows: int
) -> None:
    line = '{"id": "%d", "value": {"events": [{"kind": "a"}]}}\n'
    project.write(
        {
            "t.json": '{"events": [{"kind": "a"}]}',
            "t.jsonl": "".join(line % n for n in range(rows)),
            "r.yaml": "events: {align: entity, match: [kynd]}\n",
        }
    )
    refused = project.harness("score", "t.json", "t.json", "--rules", "r.yaml")
    assert (refused.code, refused.out) == (3, "")
    assert "rules.events.match: no item has a field 'kynd' [unknown-field]" in refused.err
    told = project.harness(
        "score", "t.jsonl", "t.jsonl", "--rules", "r.yaml", "--workers", "1", "--out", "o.jsonl"
    )
    assert told.code == 0
    assert "hint: did you mean 'kind'?" in told.err


@pytest.mark.parametrize("count", [3, 3_000])
@pytest.mark.parametrize("way", ["folders", "lines", "streamed", "recorded", "recorded lines"])
def test_names_in_either_unicode_form_are_one_name(project: Project, way: str, count: int) -> None:
    if count > 3 and way not in {"lines", "streamed"}:
        count = 30  # each is a file
    names = [f"M\u00fcller {number:04}" for number in range(count)]
    twins = [unicodedata.normalize("NFD", name) for name in names]
    value = json.dumps({"total": 5})
    if way == "folders":
        project.write({f"t/{name}.json": value for name in names})
        project.write({f"p/{name}.json": value for name in twins})
        said = project.harness("score", "t", "p")
    elif way in ("lines", "streamed"):
        for file, ids in (("t.jsonl", names), ("p.jsonl", twins)):
            lines = [json.dumps({"id": i, "value": {"total": 5}}, ensure_ascii=False) for i in ids]
            project.write({file: "\n".join(lines) + "\n"})
        more = ("--workers", "2") if way == "streamed" else ()
        said = project.harness("score", "t.jsonl", "p.jsonl", *more)
    else:
        project.write({f"evals/notes/documents/{name}.txt": f"Total 5 {name}" for name in names})
        project.write({f"ground_truth/notes/{name}.json": value for name in names})
        answers = "answers" if way == "recorded" else "answers.jsonl"
        project.write(
            {"evals/notes/suite.yaml": f"extractor: {{kind: recorded, answers: {answers}}}\n"}
        )
        if way == "recorded":
            project.write({f"evals/notes/answers/{name}.json": value for name in twins})
        else:
            lines = [json.dumps({"id": i, "value": {"total": 5}}) for i in twins]
            project.write({"evals/notes/answers.jsonl": "\n".join(lines) + "\n"})
        said = project.harness("run")
    assert said.code == 0, said.err
    assert said.err == ""
    assert re.search(rf"micro F1\s+100 % \({count:,}/{count:,}\)|F1\s+100 %", said.out)


@pytest.mark.parametrize("cases", [3, 300])
def test_predictions_that_are_all_wrapped_in_a_key_are_told_before_their_score(
    cases: int, project: Project
) -> None:
    for n in range(cases):
        truth = json.dumps({"total": n})
        project.write(
            {
                f"t/c{n}.json": truth,
                f"data/c{n}.json": f'{{"data": {truth}}}',
                f"value/c{n}.json": f'{{"id": "c{n}", "value": {truth}}}',
                f"mixed/c{n}.json": f'{{"data": {truth}}}' if n else truth,
            }
        )
    for key in ("data", "value"):
        said = project.harness("score", "t", key)
        assert f"every prediction holds its values below {key!r}" in said.err
        assert f"to score what stands below {key!r}, write that alone" in said.err
        assert "micro F1    0 %" in said.out, "nothing is unwrapped unasked"
    part = project.harness("score", "t", "mixed").err
    assert f"{cases - 1} of {cases} predictions hold their values below 'data'" in part


def test_a_zip_file_is_to_be_unpacked(project: Project) -> None:
    project.write({"t.zip": b"PK\x03\x04 and so on", "p.json": "{}"})
    said = project.harness("score", "t.zip", "p.json")
    assert "t.zip: is a ZIP file, not text [not-text]" in said.err
    assert "hint: unpack it, and name the folder or file that was in it" in said.err
