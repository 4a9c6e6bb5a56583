"""`harness.run` and `harness.arun`: a user's function asked about cases in memory or of a suite."""

from __future__ import annotations

import asyncio
import inspect
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pydantic import BaseModel

import harness
from harness.cli.main import main
from tests.run.stored_examples import stored_results


class Bill(BaseModel):
    """What a client's answer is validated by."""

    total: int


def bills(size: int) -> list[tuple[str, dict[str, int]]]:
    return [(f"total {n}", {"total": n}) for n in range(size)]


def read_bill(text: str) -> Bill:
    return Bill(total=int(text.rsplit(maxsplit=1)[-1]))


async def read_bill_later(text: str) -> Bill:
    await asyncio.sleep(0)
    return read_bill(text)


class Client:
    """A client of a user's: an object that is called, and answers later."""

    async def __call__(self, text: str) -> dict[str, int]:
        await asyncio.sleep(0)
        return {"total": int(text.rsplit(maxsplit=1)[-1])}


@pytest.mark.parametrize("size", [3, 300])
@pytest.mark.parametrize(
    "function",
    [
        read_bill,
        read_bill_later,
        Client(),
        lambda text: f"```json\n{read_bill(text).model_dump_json()}\n```",
        lambda text: harness.Answer(read_bill(text).model_dump()),
    ],
    ids=["sync", "async", "object", "reply", "answer"],
)
def test_functions_of_every_kind_are_asked_with_and_without_a_loop(
    function: Any,  # noqa: ANN401  # whatever a user has
    size: int,
) -> None:
    async def in_a_notebook() -> list[harness.Report]:
        both = harness.run(bills(size), function), await harness.arun(bills(size), function)
        return list(both)

    reports = [harness.run(bills(size), function), *asyncio.run(in_a_notebook())]
    for report in reports:
        assert float(report) == 1
        assert len(report.cases) == size
        assert report.is_complete


@pytest.mark.parametrize("size", [3, 300])
def test_a_call_that_fails_is_missing_and_no_score(size: int) -> None:
    def flaky(text: str) -> dict[str, int]:
        if text.endswith("1"):
            raise ConnectionError("no route")
        return {"total": 0}

    report = harness.run(bills(size), flaky)
    failed = [case.id for case in report.cases if case.id.endswith("1")]
    assert list(report.missing) == failed
    assert report.counts.total == size - len(failed)
    case = report.cases[1]
    assert case.is_missing
    assert case.failure is not None
    assert case.failure.message.startswith("ConnectionError: no route (test_ask_function.py:")
    assert (case.f1, case.counts.total) == (None, 0)
    assert "INCOMPLETE" in repr(report).splitlines()[0]
    assert "INCOMPLETE" in report._repr_html_()


def test_a_call_that_takes_too_long_is_missing() -> None:
    async def slow(text: str) -> dict[str, int]:
        if text == "total 0":
            await asyncio.Event().wait()
        return {"total": 1}

    report = harness.run(bills(2), slow, seconds=0.05)
    assert report.missing == ("0",)
    assert "no answer after 0.05 s" in repr(report.cases[0])


def test_a_reply_that_cannot_be_read_is_scored_as_nothing() -> None:
    def parsed(text: str) -> object:
        return Bill.model_validate_json("{}") if text == "total 0" else json.loads("{broken")

    report = harness.run(bills(2), parsed)
    assert report.is_complete
    assert report.unanswered == ("0", "1")
    assert float(report) == 0
    messages = [case.failure.message for case in report.cases if case.failure]
    assert messages[0].startswith("ValidationError: 1 validation error")
    assert messages[1].startswith("JSONDecodeError: ")


@pytest.mark.parametrize(("concurrency", "most"), [(1, 1), (3, 3), (50, 20)])
def test_no_more_calls_are_in_flight_than_allowed(concurrency: int, most: int) -> None:
    now = peak = 0

    async def watched(text: str) -> dict[str, int]:
        nonlocal now, peak
        now += 1
        peak = max(peak, now)
        for _ in range(5):
            await asyncio.sleep(0)
        now -= 1
        return {"total": int(text.rsplit(maxsplit=1)[-1])}

    harness.run(bills(20), watched, concurrency=concurrency)
    assert peak == most


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Let SIGINT interrupt: Python leaves it ignored in what a shell has started with `&`."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c")
def test_interrupted_it_reports_on_what_was_answered() -> None:
    async def three_then_none(text: str) -> Bill:
        if int(text.rsplit(maxsplit=1)[-1]) >= 3:
            await asyncio.Event().wait()
        return read_bill(text)

    def stop(done: int, _total: int) -> None:
        if done == 3:
            signal.raise_signal(signal.SIGINT)

    report = harness.run(bills(50), three_then_none, concurrency=1, progress=stop)
    assert len(report.cases) - len(report.missing) == 3
    assert report.macro.f1 == 1
    with pytest.raises(ValueError, match="of 50 cases were answered: no one number stands for"):
        _ = report >= 0.5
    assert not report.is_complete


@pytest.mark.usefixtures("ctrl_c")
def test_interrupted_in_a_notebook_it_reports_on_what_was_answered() -> None:
    started = threading.Event()

    async def hangs(text: str) -> dict[str, int]:
        if text != "total 0":
            started.set()
            await asyncio.Event().wait()
        return {"total": 0}

    async def cell() -> harness.Report:
        def interrupt() -> None:
            started.wait()
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

        threading.Thread(target=interrupt).start()
        return harness.run(bills(3), hangs, concurrency=1)

    report = asyncio.run(cell())
    assert report.missing == ("1", "2")
    assert report.macro.f1 == 1


def test_cancelled_it_reports_on_what_was_answered() -> None:
    tasks: list[asyncio.Task[harness.Report]] = []

    async def hangs(text: str) -> dict[str, int]:
        if text != "total 0":
            tasks[0].cancel()
            await asyncio.Event().wait()
        return {"total": 0}

    async def cell() -> harness.Report:
        tasks.append(asyncio.create_task(harness.arun(bills(3), hangs, concurrency=2)))
        return await tasks[0]

    assert asyncio.run(cell()).missing == ("1", "2")


def test_progress_is_told_of_or_kept_silent(capsys: pytest.CaptureFixture[str]) -> None:
    seen: list[tuple[int, int]] = []
    harness.run(bills(3), read_bill, progress=lambda *of: seen.append(of))
    assert seen == [(1, 3), (2, 3), (3, 3)]
    harness.run(bills(3), read_bill)
    assert capsys.readouterr() == ("", "")


def test_progress_is_a_line_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    harness.run(bills(2), lambda text: 1 / int(text[-1]), concurrency=1)
    assert capsys.readouterr().err == "\r1 of 2 answered, 1 failed\r2 of 2 answered, 1 failed\n"


def test_a_run_is_saved_with_what_its_calls_took(tmp_path: Path) -> None:
    def flaky(text: str) -> Bill:
        if text == "total 3":
            raise OSError(text)
        sum(range(100_000))  # takes time
        return read_bill(text)

    report = harness.run(bills(8), flaky, rules={"total": {"absolute": 1}})
    folder = report.save(tmp_path / "mine")
    record = json.loads((folder / "run.json").read_text("utf-8"))
    results = stored_results(folder)
    assert (record["extractor"], record["extractor_kind"]) == ("flaky", "python")
    assert record["complete"] is False
    assert results["aggregate"]["missing_cases"] == 1
    assert results["aggregate"]["macro"]["f1"] == report.macro.f1
    assert results["aggregate"]["latency"]["p50"] > 0
    done = CliRunner().invoke(main, ["gate", str(folder)])
    assert done.exit_code == 4, done.output
    assert harness.compare(report, folder).macro.delta == 0


def test_a_suite_is_asked_as_harness_run_asks_it(tmp_path: Path) -> None:
    suite = tmp_path / "evals" / "bills"
    (suite / "documents").mkdir(parents=True)
    (suite / "ground_truth").mkdir()
    for n in range(4):
        (suite / "documents" / f"b{n}.txt").write_text(f"total {n}\n", "utf-8")
        (suite / "ground_truth" / f"b{n}.json").write_text(json.dumps({"total": n + 1}), "utf-8")
    (suite / "suite.yaml").write_text(
        "documents: documents\nground_truth: ground_truth\nrules: {total: {absolute: 1}}\n"
        "extractor: {kind: python, function: 'own:extract'}\n",
        "utf-8",
    )
    (suite / "own.py").write_text(
        "def extract(case):\n    return {'total': int(case.documents[0].text.split()[-1])}\n",
        "utf-8",
    )

    def extract(case: harness.Case) -> dict[str, int]:
        return {"total": int(case.documents[0].text.split()[-1])}

    report = harness.run(suite, extract)
    assert [case.id for case in report.cases] == ["b0", "b1", "b2", "b3"]
    assert float(report) == 1
    reports = tmp_path / "reports"
    done = CliRunner().invoke(main, ["run", str(suite), "--reports", str(reports), "-q"])
    assert done.exit_code == 0, done.output
    (folder,) = [each for each in reports.iterdir() if each.is_dir()]
    found = harness.compare(report, folder)
    assert (found.macro.delta, found.missing, found.unlike) == (0, (), ())
    with pytest.raises(ValueError, match="its own schema and rules"):
        harness.run(suite, extract, rules={"total": {"absolute": 2}})
    assert [c.id for c in harness.run([c.scored.case for c in report.cases], extract).cases] == [
        "b0", "b1", "b2", "b3",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cases", "message"),
    [
        ([], "nothing to ask"),
        ([1, 2], "cases are .input, expected. pairs"),
        ([("a", '{"total": 1}')], "JSON in text"),
    ],
)
def test_what_cannot_be_asked_is_refused(cases: Any, message: str) -> None:  # noqa: ANN401  # mistakes
    with pytest.raises(ValueError, match=message):
        harness.run(cases, read_bill)
    with pytest.raises(ValueError, match="concurrency"):
        harness.run(bills(1), read_bill, concurrency=0)


def test_run_is_a_function_and_a_package_however_it_is_come_by() -> None:
    code = (
        "import harness; first = harness.run; import harness.run.store, harness.run as package\n"
        "from harness import run\n"
        "assert first is harness.run is package is run\n"
        "print(float(run([(1, {'a': 1})], lambda n: {'a': n})), harness.run.store.RUN)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "1.0 run.json\n"
    names = list(inspect.signature(harness.run).parameters)
    assert names == list(inspect.signature(harness.arun).parameters)
