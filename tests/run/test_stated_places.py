"""Places that answers state for their values: taken out of the answer, kept, and judged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from harness import evaluate
from harness.cli.main import main
from harness.core.explain.places.stated_places import read_place
from harness.core.number_text import count
from harness.core.records import Answer, Case, StatedPlace
from harness.core.values import Json
from harness.extract.reply.stated_confidence import without_stated
from harness.run.store import read_results
from tests.cases.documents.office import pdf
from tests.run.test_results_schema import VALIDATOR

BOX = [0.1, 0.2, 0.5, 0.25]


def bare(value: Json, truth: Json) -> Answer:
    answer = without_stated(Answer(value), Case("a", (), truth))
    assert isinstance(answer, Answer)
    return answer


@pytest.mark.parametrize(
    "said",
    [
        {"total": {"value": 5, "page": 2, "box": BOX}},
        {"total": {"value": 5, "confidence": 0.9, "page": 2, "box": BOX}},
        {"total": {"value": 5, "page": 2, "box_2d": [200, 100, 250, 500]}},
        {"value": {"total": 5}, "places": {"total": {"page": "2", "bbox": BOX}}},
    ],
)
def test_every_way_to_state_a_place_leaves_the_same_value_and_the_same_place(said: Json) -> None:
    answer = bare(said, {"total": 5})
    assert answer.value == {"total": 5}
    assert answer.places == (("total", StatedPlace(2, (0.1, 0.2, 0.5, 0.25))),)


@pytest.mark.parametrize(
    ("said", "truth"),
    [
        ({"cite": {"value": 5, "page": 2}}, {"cite": {"value": 5, "page": 2}}),
        ({"total": {"value": 5, "unit": "kg", "page": 1}}, {"total": 5}),
        ({"total": {"value": 5, "page": "ii"}}, {"total": 5}),
        ({"total": {"value": 5, "page": 0}}, {"total": 5}),
    ],
)
def test_what_is_a_field_or_no_place_stays_in_the_answer(said: Json, truth: Json) -> None:
    assert bare(said, truth) == Answer(said)


def test_services_say_their_boxes_in_units_that_are_read_where_they_are_known() -> None:
    azure: dict[str, Json] = {"pageNumber": 1, "polygon": [1, 2, 4, 2, 4, 3, 1, 3]}
    textract: Json = {"page": 1, "box": {"Left": 0.1, "Top": 0.2, "Width": 0.4, "Height": 0.05}}
    corners: Json = [{"x": 0.1, "y": 0.2}, {"x": 0.5, "y": 0.25}]
    google: Json = {"pageRefs": [{"boundingPoly": {"normalizedVertices": corners}}]}
    assert read_place([{**azure, "pageSize": [10, 10]}]) == StatedPlace(1, (0.1, 0.2, 0.4, 0.3))
    assert read_place([azure]) == StatedPlace(1)
    assert read_place(google) == StatedPlace(1, (0.1, 0.2, 0.5, 0.25))
    place = read_place(textract)
    assert place is not None
    assert place.box == pytest.approx((0.1, 0.2, 0.5, 0.25))


def scored(root: Path, truth: Json, said: Json, places: str) -> dict[str, Any]:
    (root / "t.json").write_text(json.dumps(truth))
    (root / "t.places.yaml").write_text(places)
    (root / "p.json").write_text(json.dumps(said))
    command = ["score", str(root / "t.json"), str(root / "p.json"), "--format", "json"]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 0, done.output
    results: dict[str, Any] = json.loads(done.stdout)
    return results


@pytest.mark.parametrize("rows", [3, 3_000])
def test_pages_and_boxes_are_judged_by_those_of_the_truth(tmp_path: Path, rows: int) -> None:
    """Every third value points to a wrong page, every other third to half of the box."""
    truth: Json = {"rows": [{"n": f"n{at}x"} for at in range(rows)]}
    boxes: tuple[list[Json], list[Json]] = ([0.1, 0.2, 0.5, 0.3], [0.1, 0.2, 0.3, 0.3])
    said: Json = {
        "rows": [
            {"n": {"value": f"n{at}x", "page": 1 + (at % 3 == 0), "box": boxes[at % 3 == 1]}}
            for at in reversed(range(rows))
        ]
    }
    places = "\n".join(f"rows[{at}].n: {{page: 1, box: {boxes[0]}}}" for at in range(rows))
    results = scored(tmp_path, truth, said, places)
    third = rows // 3
    pages = {"hits": 2 * third, "of": rows}
    record = results["stated_places"]
    assert results["aggregate"]["micro"]["f1"] == 1.0
    assert record["stated"] == rows
    assert record["right_elsewhere"] == third
    assert record["all"]["pages"] == pages
    assert record["all"]["half"] == {"hits": 2 * third, "of": rows}  # half the box is one half
    assert record["all"]["overlap"] == pytest.approx((0 + 0.5 + 1) / 3)
    assert [one["field"] for one in record["fields"]] == ["rows[].n"]


def test_a_wrong_place_of_the_truth_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text('{"total": 5}')
    (tmp_path / "p.json").write_text('{"total": 5}')
    (tmp_path / "t.places.yaml").write_text("total: 7\ntotl: {page: 1}\n")
    done = CliRunner().invoke(main, ["score", str(tmp_path / "t.json"), str(tmp_path / "p.json")])
    assert done.exit_code == 3
    assert "t.places.yaml:1: total: not a place [bad-place]" in done.stderr
    assert "t.places.yaml:2: the truth has no value 'totl' [unused-place]" in done.stderr


def project(root: Path, answer: Json) -> Path:
    """Return the folder of a run whose answer is read off a PDF of two pages."""
    files = {
        "documents/a.pdf": pdf("Invoice 4711\nTotal 80.00 EUR", "Ship to Oslo"),
        "ground_truth/a.json": b'{"number": "4711", "city": "Oslo", "total": 80.0}',
        "answers/a.json": json.dumps(answer).encode(),
        "suite.yaml": b"extractor: {kind: recorded, answers: answers}",
    }
    (root / "pyproject.toml").touch()
    for name, data in files.items():
        file = root / "evals" / "s" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    place = ["--reports", str(root / "reports")]
    done = CliRunner().invoke(main, ["run", str(root / "evals"), *place])
    assert done.exit_code == 0, done.output
    return next((root / "reports").glob("*-s-*"))


ANSWER: Json = {
    "number": {"value": "4711", "confidence": 0.9, "page": 1, "box": [0.0, 0.0, 1.0, 1.0]},
    "city": {"value": "Oslo", "confidence": 0.9, "page": 1, "box": None},
    "total": {"value": 81.0, "confidence": 0.4, "page": 1},
}


def test_a_run_judges_pages_and_boxes_by_where_evidence_found_the_values(tmp_path: Path) -> None:
    run = project(tmp_path, ANSWER)
    results = read_results(run)
    VALIDATOR.validate(results)
    record = results["stated_places"]
    assert record is not None
    assert record["all"]["pages"] == {"hits": 2, "of": 3}
    assert record["right_elsewhere"] == 1
    assert record["all"]["half"] == {"hits": 0, "of": 1}  # the whole page is no box of a number
    assert 0 < (record["all"]["overlap"] or 0) < 0.05
    again = CliRunner().invoke(main, ["rescore", str(run)])
    assert again.exit_code == 0, again.output
    assert read_results(run)["stated_places"] == record
    assert "places      right page for 66.7 % (2/3)" in again.stdout
    assert "1 value is right, and its page is wrong" in (run / "report.html").read_text("utf-8")


def test_boxes_of_a_document_that_is_gone_are_not_compared(tmp_path: Path) -> None:
    run = project(tmp_path, ANSWER)
    (tmp_path / "evals/s/documents/a.pdf").unlink()
    assert CliRunner().invoke(main, ["rescore", str(run)]).exit_code == 0
    record = read_results(run)["stated_places"]
    assert record is not None
    assert record["all"]["pages"] == {"hits": 2, "of": 3}
    assert record["all"]["half"]["of"] == 0
    assert record["all"]["overlap"] is None


@pytest.mark.parametrize("rows", [3, 3_000])
def test_streamed_lines_and_evaluate_give_the_place_figures_of_memory(
    tmp_path: Path, rows: int
) -> None:
    """Lines of truths say places; every third answer points to another page, others to half."""
    ids = [f"c{at:04}" for at in range(rows)]
    box, half = (0.1, 0.2, 0.5, 0.3), (0.1, 0.2, 0.3, 0.3)
    truths = [
        {"id": key, "value": {"n": key}, "places": {"n": {"page": 1, "box": box}}} for key in ids
    ]
    stated = [
        {"page": 1 + (at % 3 == 0), "box": half if at % 3 == 1 else box} for at in range(rows)
    ]
    said = [
        {"id": key, "value": {"n": {"value": key, **place}}}
        for key, place in zip(ids, stated, strict=True)
    ]
    files = tmp_path / "t.jsonl", tmp_path / "p.jsonl"
    for file, lines in zip(files, (truths, said), strict=True):
        file.write_text("\n".join(map(json.dumps, lines)))
    memory, streamed, out = (
        json.loads(CliRunner().invoke(main, ["score", *map(str, files), *more]).stdout)
        for more in (
            ("--format", "json"),
            ("--format", "json", "--workers", "1"),
            ("--format", "json", "--out", str(tmp_path / "out.jsonl")),
        )
    )
    third = rows // 3
    record = memory["stated_places"]
    assert record["all"]["pages"] == {"hits": 2 * third, "of": rows}
    assert record["all"]["half"] == {"hits": 2 * third, "of": rows}
    assert record["all"]["overlap"] == pytest.approx((0 + 0.5 + 1) / 3)
    assert record["right_elsewhere"] == third
    assert streamed["stated_places"] == out["stated_places"] == record
    kept = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [one["diffs"][0]["stated_place"]["page_right"] for one in kept] == [
        bool(at % 3) for at in range(rows)
    ]
    cases = [Case("", (), {"n": key}, places=(("n", StatedPlace(1, box)),)) for key in ids]
    report = evaluate(dict(zip(ids, cases, strict=True)), {one["id"]: one["value"] for one in said})
    assert report.places == record
    assert f"right page for 66.7 % ({count(2 * third)}/{count(rows)})" in repr(report)
    assert read_results(report.save(tmp_path / "run"))["stated_places"] == record


@pytest.mark.parametrize(
    ("places", "message"),
    [
        ({"total": 7}, "t.jsonl:1: 'places' is not an object of field paths and places [bad-line]"),
        ({"totl": {"page": 1}}, "t.jsonl:1: the truth has no value 'totl' [unused-place]"),
    ],
)
@pytest.mark.parametrize("more", [(), ("--workers", "1")])
def test_wrong_places_of_a_line_of_truth_are_named(
    tmp_path: Path, places: Json, message: str, more: tuple[str, ...]
) -> None:
    truth, said = tmp_path / "t.jsonl", tmp_path / "p.jsonl"
    truth.write_text(json.dumps({"id": "a", "value": {"total": 5}, "places": places}))
    said.write_text('{"id": "a", "value": {"total": 5}}')
    done = CliRunner().invoke(main, ["score", str(truth), str(said), *more])
    assert done.exit_code == 3
    assert message in done.stderr


@pytest.mark.parametrize("more", [(), ("--workers", "1")])
def test_a_terminal_says_why_no_place_could_be_compared(
    tmp_path: Path, more: tuple[str, ...]
) -> None:
    truth, said = tmp_path / "t.jsonl", tmp_path / "p.jsonl"
    truth.write_text('{"id": "a", "value": {"total": 5}}')
    said.write_text('{"id": "a", "value": {"total": {"value": 5, "page": 1}}}')
    done = CliRunner().invoke(main, ["score", str(truth), str(said), *more])
    assert "where the true values stand is not known" in " ".join(done.stdout.split())
