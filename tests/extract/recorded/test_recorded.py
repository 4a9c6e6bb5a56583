"""Replaying answers from a folder or a JSONL file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.cases.suite import Limits, RecordedAnswers
from harness.core.records import Answer, Failure, FailureKind
from harness.core.values import Json
from harness.errors import HarnessError
from harness.extract.build import build_recordings
from harness.extract.recorded.recorded import Recordings
from tests.extract.shapes import answered, case, failed, said, suite


def folder_of(folder: Path, **files: str) -> Path:
    folder.mkdir()
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text, encoding="utf-8")
    return folder


def lines_of(folder: Path, *lines: str | dict[str, Json]) -> Path:
    file = folder / "answers.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    file.write_text("\n".join(texts), encoding="utf-8")
    return file


def opened(answers: Path, limits: Limits | None = None, **rename: str) -> Recordings:
    return build_recordings(RecordedAnswers(answers, rename), suite(answers.parent, limits=limits))


def test_a_file_is_read_as_the_reply_of_a_model(tmp_path: Path) -> None:
    answers = folder_of(tmp_path / "old", a_txt='So: {"rent": 900}', b_json="[1]", c="null")
    recordings = opened(answers)
    assert answered(said(recordings, case("a"))) == ({"rent": 900}, ("prose_around",))
    assert answered(said(recordings, case("b"))) == ([1], ())
    assert answered(said(recordings, case("c"))) == (None, ())


def test_ids_may_hold_dots_and_slashes(tmp_path: Path) -> None:
    answers = folder_of(tmp_path / "old", a_1_json="1")
    (answers / "deep").mkdir()
    (answers / "deep" / "a.md").write_text("2")
    (answers / ".hidden").write_text("3")
    recordings = opened(answers)
    assert answered(said(recordings, case("a.1")))[0] == 1
    assert answered(said(recordings, case("deep/a")))[0] == 2
    assert recordings.unused(["a.1"]) == ("deep/a",)


def test_a_case_without_a_recording_is_missing_not_empty(tmp_path: Path) -> None:
    kind, message = failed(said(opened(folder_of(tmp_path / "old")), case("a")))
    assert kind is FailureKind.NO_RECORDING
    assert kind.is_missing
    assert "'a'" in message


def test_two_files_for_one_case_are_refused_with_both_names(tmp_path: Path) -> None:
    answers = folder_of(tmp_path / "old", a_json="1", a_txt="2")
    with pytest.raises(HarnessError, match=r"old/a.txt: a second answer for case 'a'.*a.json"):
        opened(answers)


def test_answers_that_are_not_there_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(HarnessError) as error:
        opened(tmp_path / "old")
    expected = "suite.yaml: no folder or file of recorded answers: old [no-recordings]"
    assert str(error.value) == expected


def test_a_file_over_the_limit_is_not_read_whole(tmp_path: Path) -> None:
    answers = folder_of(tmp_path / "old", a_json="[" + "1," * 5_000 + "2]", b_json='"123456789"')
    recordings = opened(answers, Limits(reply_bytes=10))
    failure = said(recordings, case("a"))
    assert isinstance(failure, Failure)
    assert failure.kind is FailureKind.TOO_LARGE
    assert (failure.raw or "").startswith("[1,1,")
    assert (failure.raw or "").endswith("1,2]")
    assert "10003 bytes" in failure.message
    assert failed(said(recordings, case("b")))[0] is FailureKind.TOO_LARGE


def test_a_recording_that_went_away_is_missing(tmp_path: Path) -> None:
    answers = folder_of(tmp_path / "old", a_json="1")
    recordings = opened(answers)
    (answers / "a.json").unlink()
    kind, message = failed(said(recordings, case("a")))
    assert kind is FailureKind.NO_RECORDING
    assert "a.json" in message


def test_lines_hold_values_replies_or_what_a_run_stored(tmp_path: Path) -> None:
    run_answer: Json = {
        "status": "answered",
        "value": 3,
        "raw": "3,",
        "repairs": ["trailing_comma"],
    }
    run_failure: Json = {"status": "failed", "kind": "refusal", "message": "no", "raw": None}
    answers = lines_of(
        tmp_path,
        {"id": "a", "value": {"rent": None}},
        "",
        {"id": "b", "raw": "```\n{}\n```"},
        {"case_id": "c", "said": run_answer, "seconds": 1.5},
        {"case_id": "d", "said": run_failure, "seconds": 0},
        '{"id": "e", "value": NaN}',
    )
    recordings = opened(answers)
    assert said(recordings, case("a")) == Answer({"rent": None})
    assert answered(said(recordings, case("b"))) == ({}, ("code_fence",))
    assert said(recordings, case("c")) == Answer(3, "3,", ("trailing_comma",))
    assert said(recordings, case("d")) == Failure(FailureKind.REFUSAL, "no")
    assert answered(said(recordings, case("e"))) == ("NaN", ("nan_as_text",))
    assert failed(said(recordings, case("f")))[0] is FailureKind.NO_RECORDING
    assert recordings.unused(["a", "b", "z"]) == ("c", "d", "e")


def test_all_lines_that_are_no_answers_are_named_at_once(tmp_path: Path) -> None:
    answers = lines_of(
        tmp_path,
        {"id": "a", "value": 1},
        "nonsense",
        {"id": "a", "value": 2},
        {"id": 3, "value": 2},
        {"id": "b"},
        {"id": "c", "value": 1, "raw": "1"},
        {"id": "d", "valeu": 1},
        {"id": "e", "raw": 1},
        [1],  # type: ignore[arg-type] # a line that is not an object
        {"case_id": "f", "said": {"status": "failed", "kind": "tired", "message": ""}},
        {"case_id": 7, "said": {}},
        '{"id": "g", "value": 1,}',
        "[" * 300,
    )
    with pytest.raises(HarnessError) as error:
        opened(answers)
    lines = str(error.value).splitlines()
    assert [line for line in lines if not line.startswith("  hint")] == [
        "answers.jsonl:2: not JSON: expecting value (column 1) [bad-line]",
        "answers.jsonl:3: a second answer for case 'a' [duplicate-answer]",
        "answers.jsonl:4: 'id' is not a string [bad-line]",
        "answers.jsonl:5: neither or both of 'value' and 'raw' [bad-line]",
        "answers.jsonl:6: neither or both of 'value' and 'raw' [bad-line]",
        "answers.jsonl:7: unknown key 'valeu' [unknown-key]",
        "answers.jsonl:8: 'raw' is not a string [bad-line]",
        "answers.jsonl:9: not a JSON object [bad-line]",
        "answers.jsonl:10: 'said' is neither an answer nor a failure [bad-line]",
        "answers.jsonl:11: 'case_id' is not a string or 'said' is not an object [bad-line]",
        "answers.jsonl:12: not JSON: trailing_comma [bad-line]",
        "answers.jsonl:13: nested deeper than 200 levels [too-deep]",
    ]
    assert "  hint: the first is on line 1" in lines
    assert "  hint: did you mean 'value'?" in lines


def test_a_file_of_nothing_but_mistakes_is_not_listed_to_the_end(tmp_path: Path) -> None:
    with pytest.raises(HarnessError) as error:
        opened(lines_of(tmp_path, *["x"] * 60))
    assert len(error.value.problems) == 51
    assert error.value.problems[-1].what == "and 10 more lines like these"


def test_a_line_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    (tmp_path / "answers.jsonl").write_bytes(b'\xef\xbb\xbf{"id": "a", "value": 1}\n\xff\n')
    with pytest.raises(HarnessError, match="jsonl:2: not UTF-8: byte 0 of the line") as error:
        opened(tmp_path / "answers.jsonl")
    assert len(error.value.problems) == 1


def test_recorded_values_keep_to_the_limits_of_replies(tmp_path: Path) -> None:
    answers = lines_of(
        tmp_path,
        {"id": "a", "value": [[[1]]]},
        {"id": "b", "value": "x" * 99},
        {"id": "c", "value": 1},
    )
    recordings = opened(answers, Limits(reply_bytes=90, reply_depth=1))
    assert failed(said(recordings, case("a")))[0] is FailureKind.TOO_DEEP
    assert failed(said(recordings, case("b")))[0] is FailureKind.TOO_LARGE
    assert answered(said(recordings, case("c"))) == (1, ())


def test_a_file_that_changed_under_us_is_not_misread(tmp_path: Path) -> None:
    recordings = opened(lines_of(tmp_path, {"id": "a", "value": 1}))
    lines_of(tmp_path, "something else")
    kind, message = failed(said(recordings, case("a")))
    assert kind is FailureKind.NO_RECORDING
    assert "answers.jsonl has changed" in message
    (tmp_path / "answers.jsonl").unlink()
    assert failed(said(recordings, case("a")))[0] is FailureKind.NO_RECORDING


def test_keys_are_renamed_everywhere_and_it_is_said(tmp_path: Path) -> None:
    answers = folder_of(
        tmp_path / "old", a_json='{"amount": [{"amount": 1}], "x": 2}', b_json='{"x": "amount"}'
    )
    recordings = opened(answers, amount="rent")
    assert answered(said(recordings, case("a"))) == (
        {"rent": [{"rent": 1}], "x": 2},
        ("renamed_keys",),
    )
    assert answered(said(recordings, case("b"))) == ({"x": "amount"}, ())


def test_two_keys_that_become_one_with_different_values_are_ambiguous(tmp_path: Path) -> None:
    answers = folder_of(
        tmp_path / "old", a_json='[{"amount": 1, "rent": 2}]', b_json='{"amount": 1, "rent": 1.0}'
    )
    recordings = opened(answers, amount="rent")
    kind, message = failed(said(recordings, case("a")))
    assert kind is FailureKind.AMBIGUOUS
    assert "[0].rent" in message
    assert answered(said(recordings, case("b"))) == ({"rent": 1}, ("renamed_keys",))


@pytest.mark.parametrize("count", [3, 3_000])
def test_lines_keep_the_confidences_they_give_and_those_of_a_run_their_source(
    tmp_path: Path, count: int
) -> None:
    sure: Json = {"rent": 0.25}
    pairs: Json = [["rent", 0.5]]
    run: Json = {
        "status": "answered",
        "value": {"rent": 1},
        "confidences": pairs,
        "confidence_source": "logprobs",
    }
    lines: list[dict[str, Json]] = []
    for number in range(count // 3):
        lines.append({"id": f"v{number}", "value": {"rent": 1}, "confidences": sure})
        lines.append({"id": f"r{number}", "raw": '{"rent": 1}', "confidences": sure})
        lines.append({"case_id": f"p{number}", "said": run})
    recordings = opened(lines_of(tmp_path, *lines), rent="price")
    for number in range(count // 3):
        for name, share, source in (
            ("v", 0.25, "extractor"),
            ("r", 0.25, "extractor"),
            ("p", 0.5, "logprobs"),
        ):
            answer = said(recordings, case(f"{name}{number}"))
            assert isinstance(answer, Answer)
            assert answer.confidences == (("price", share),)
            assert answer.confidence_source == source


def test_confidences_that_are_no_shares_are_refused(tmp_path: Path) -> None:
    file = lines_of(tmp_path, {"id": "a", "value": 1, "confidences": {"rent": 90}})
    with pytest.raises(HarnessError, match="numbers from 0 to 1"):
        opened(file)
