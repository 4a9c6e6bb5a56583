"""Hostile documents cost themselves: the process that reads them is ended at its limits."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from harness.cases.documents.document_files import shown_boxes
from harness.cases.documents.pages import PageLimits
from harness.cases.documents.reading_process import READING, ReadingProcess
from harness.cli.main import main
from harness.errors import HarnessError
from tests.cases.conftest import Project
from tests.cases.documents.office import pdf, written_pdf
from tests.posix import needs_posix
from tests.run.stored_examples import stored_results

_BOUNDS = PageLimits(1_000_000, 100)


@pytest.fixture
def reading() -> Iterator[ReadingProcess]:
    process = ReadingProcess(memory_bytes=400 << 20)
    yield process
    process.end()


@pytest.fixture(autouse=True)
def _little_memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give the process of the whole program little memory, which a hostile page fills sooner."""
    monkeypatch.setattr(READING.process, "memory_bytes", 400 << 20)
    READING.end()
    yield
    READING.end()


def drawn_twice() -> bytes:
    """Return a PDF whose form draws itself twice: 2 to the power of any depth."""
    stream = b"/X Do /X Do"
    form = (
        b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 4 0 R>>>>"
        b"/Length 11>>stream\n" + stream + b"\nendstream"
    )
    page = (
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 5 0 R"
        b"/Resources<</XObject<</X 4 0 R>>>>>>"
    )
    content = b"<</Length 5>>stream\n/X Do\nendstream"
    pages = b"<</Type/Pages/Count 1/Kids[3 0 R]>>"
    return written_pdf([b"<</Type/Catalog/Pages 2 0 R>>", pages, page, form, content])


def refused(reading: ReadingProcess, data: bytes, seconds: float = 60) -> str:
    with pytest.raises(HarnessError) as caught:
        reading.read(data, Path("a.pdf"), _BOUNDS, seconds)
    return str(caught.value)


def test_a_page_that_draws_itself_without_end_is_refused_and_the_next_is_read(
    reading: ReadingProcess,
) -> None:
    assert "takes more than 400 MB of memory, or breaks the reader [too-large]" in refused(
        reading, drawn_twice()
    )
    assert reading.read(pdf("Total 5"), Path("b.pdf"), _BOUNDS, 60).text == "Total 5"


def test_where_its_text_stands_is_looked_for_in_the_process_and_costs_the_page_alone(
    reading: ReadingProcess,
) -> None:
    spans = [(0, 5), (6, 7)]
    with pytest.raises(HarnessError, match="looking for text on its pages takes more than 400 MB"):
        reading.locate(drawn_twice(), Path("a.pdf"), (1, "Total 5"), spans, 60)
    total, five = reading.locate(pdf("Total 5"), Path("b.pdf"), (1, "Total 5"), spans, 60)
    assert total[0].right < five[0].left
    with pytest.raises(HarnessError, match="takes more than 1e-06 s"):
        reading.locate(drawn_twice(), Path("a.pdf"), (1, "x"), spans, 0.000_001)


def test_boxes_of_a_page_come_from_the_process_that_reads(project: Project) -> None:
    project.suite()
    project.write(
        {
            "evals/notes/documents/p.pdf": pdf("Total 5"),
            "ground_truth/notes/p.json": '{"total": 5}',
        }
    )
    document = project.load().cases[1].documents[0]
    before = READING.process.begun().pid
    (found,) = shown_boxes(document, 1, [(0, 5)])
    assert len(found) == 1
    assert READING.process.begun().pid == before
    assert "harness.cases.documents.paper.page_boxes" not in _modules_of_a_review()


def _modules_of_a_review() -> set[str]:
    """Return what a program has loaded that has asked where text stands."""
    code = "import harness.review.web.desk_service, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    return set(done.stdout.decode().split())


def test_a_document_that_takes_too_long_is_refused_with_the_setting_to_raise(
    reading: ReadingProcess,
) -> None:
    said = refused(reading, pdf(*("x" for _ in range(100))), seconds=0.000_001)
    assert "reading it takes more than 1e-06 s" in said
    assert "limits: {document_seconds: ...}" in said
    assert reading.read(pdf("Total 5"), Path("b.pdf"), _BOUNDS, 60).text == "Total 5"


@needs_posix
def test_a_process_that_was_killed_is_begun_again(reading: ReadingProcess) -> None:
    for number in range(3):
        assert reading.read(pdf(f"no {number}"), Path("a.pdf"), _BOUNDS, 60).text == f"no {number}"
        process = reading.process.begun()
        os.kill(process.pid, signal.SIGTERM)
        process.wait()


def test_the_process_has_none_of_our_environment(
    reading: ReadingProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-0123456789")
    reading.read(pdf("x"), Path("a.pdf"), _BOUNDS, 60)
    environment = Path(f"/proc/{reading.process.begun().pid}/environ")
    if not environment.is_file():
        pytest.skip("there is no /proc")
    assert b"sk-secret" not in environment.read_bytes()


def _suite_with_hostile_documents(project: Project, count: int) -> None:
    project.suite('extractor: {kind: command, command: [echo, "{}"]}')
    for number in range(count):
        data = drawn_twice() if number == 1 else b"%PDF cut off" if number % 7 == 0 else pdf("x")
        project.write(
            {
                f"evals/notes/documents/p{number:02}.pdf": data,
                f"ground_truth/notes/p{number:02}.json": '{"total": 5}',
            }
        )


def test_a_run_leaves_out_the_cases_whose_documents_cannot_be_read(project: Project) -> None:
    _suite_with_hostile_documents(project, 30)
    run = CliRunner().invoke(main, ["run", "evals"])
    assert run.exit_code == 4
    assert "INCOMPLETE  25 of 31 answered" in run.stdout
    assert "warning: evals/notes/documents/p07.pdf: cannot be read as a PDF" in run.stderr
    (results,) = project.root.glob("reports/*/eval-results.json")
    cases = stored_results(results.parent)["cases"]
    failures = {case["id"]: case["failure"]["kind"] for case in cases if case["failure"]}
    assert failures == dict.fromkeys(["p00", "p01", "p07", "p14", "p21", "p28"], "unreadable")
    again = CliRunner().invoke(main, ["run", "--resume", "last"])
    assert "INCOMPLETE  25 of 31 answered" in again.stdout


def test_a_suite_in_which_nothing_can_be_read_is_not_run(project: Project) -> None:
    project.suite('extractor: {kind: command, command: [echo, "{}"]}')
    project.write({"evals/notes/documents/a.txt": b"\xff\xfe\x00"})
    run = CliRunner().invoke(main, ["run", "evals"])
    assert run.exit_code == 3
    assert "[not-text]" in run.stderr


def test_a_hostile_document_is_one_problem_among_those_of_the_suite(project: Project) -> None:
    project.suite()
    for number in range(3):
        project.write(
            {
                f"evals/notes/documents/p{number}.pdf": drawn_twice() if number == 1 else pdf("x"),
                f"ground_truth/notes/p{number}.json": "{}",
            }
        )
    said = project.refusal()
    assert said.count("[too-large]") == 1
    assert "p1.pdf: reading it takes more than" in said
