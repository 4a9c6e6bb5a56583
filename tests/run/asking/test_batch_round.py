"""Batches of a run: how they are split, and what they hold at size."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from harness.cases.documents.paper.png import Pixels, png
from harness.cases.load import load_suites
from harness.extract.batches.batch_api import BatchLimits
from harness.extract.batches.batch_log import FILES, read_batches
from harness.extract.batches.batch_service import BatchService
from harness.extract.batches.openai_batches import OpenAiBatches
from harness.extract.endpoint.client import Client
from harness.run.asking.execute import RunOutcome, execute, prepare
from harness.run.asking.orders import UNWATCHED, BatchOrders, Orders
from tests.cli.asked import asking
from tests.cli.conftest import Project, project
from tests.extract.batches.batch_server import BatchServed, serving_batches

__all__ = ["project"]
ORDERS = Orders(batch=BatchOrders(wait=True, poll=0.02), cache="none")


def run_within(limits: BatchLimits, project: Project) -> RunOutcome:
    """Run the suite by batches that hold no more."""
    (job,) = prepare(load_suites(project.root / "evals"), [])
    assert isinstance(job.extractor, Client)
    assert job.extractor.batches is not None
    api, http = job.extractor.batches.api, job.extractor.batches.http
    assert isinstance(api, OpenAiBatches)
    job.extractor.batches = BatchService(replace(api, limits=limits), http)
    return execute(job, project.root / "reports", ORDERS, UNWATCHED)


def sizes(folder: Path) -> list[int]:
    return [len(batch.lines) for batch in read_batches(folder)]


@pytest.mark.parametrize(
    ("cases", "most", "batches"), [(3, 2, [2, 1]), (3_000, 1_000, [1_000, 1_000, 1_000])]
)
def test_batches_hold_so_many_requests_at_most(
    cases: int, most: int, batches: list[int], project: Project
) -> None:
    with serving_batches() as served:
        asking(project, served, cases)
        done = run_within(BatchLimits(most, 10**9), project)
        assert sizes(done.folder) == batches
        assert len(done.predictions) == answered(served) == cases
        assert served.twice() == []


def answered(served: BatchServed) -> int:
    return served.app.answered.total()


def test_batches_hold_so_many_bytes_at_most_and_images_count(project: Project) -> None:
    with serving_batches() as served:
        asking(project, served, 4)
        page = png(Pixels(30, 30, 3, 90), Random(0).randbytes(2_700))
        project.write({"evals/asked/documents/c001.txt": "x" * 5_000 + '\nANSWER {"number": 1}\n'})
        project.write({"evals/asked/documents/c004.png": page})
        project.write({"ground_truth/asked/c004.json": "{}"})
        done = run_within(BatchLimits(100, 6_000), project)
        files = sorted((done.folder / FILES).glob("*.jsonl"))
        assert max(file.stat().st_size for file in files) <= 6_000
        lines = [line for file in files for line in file.read_text().splitlines()]
        assert len(lines) == answered(served) == 5
        assert any("data:image/png;base64," in line for line in lines)
        assert len(files) > 1


def test_a_request_that_no_batch_takes_is_missing_and_says_so(project: Project) -> None:
    with serving_batches() as served:
        asking(project, served, 3)
        project.write({"evals/asked/documents/c001.txt": "x" * 9_000})
        done = run_within(BatchLimits(100, 6_000), project)
        said = {each.case_id: each.output for each in done.predictions}
        assert said["c001"].status == "failed"
        assert "a batch takes 6000: ask without --batch" in said["c001"].message
        assert answered(served) == 2


def test_ids_are_unique_and_taken_by_every_vendor(project: Project) -> None:
    with serving_batches() as served:
        asking(project, served, 1)
        for name in ("a b", "a-b", "a_b", "\u00e4" * 30):
            project.write(
                {f"evals/asked/documents/{name}.txt": f'{name}\nANSWER {{"number": 1}}\n'}
            )
            project.write({f"ground_truth/asked/{name}.json": '{"number": 1}'})
        done = run_within(BatchLimits(100, 10**6), project)
        (batch,) = read_batches(done.folder)
        ids = list(batch.lines)
        assert len(set(ids)) == 5
        assert all(len(each) <= 64 and each.replace("-", "").isalnum() for each in ids)
        assert all(each.isascii() for each in ids)


def test_a_log_line_that_was_cut_off_never_counted(tmp_path: Path) -> None:
    intent = {
        "do": "intend",
        "batch": "b-1",
        "dialect": "openai",
        "token": "t",
        "at": "2026-11-30T00:00:00+00:00",
        "predictions": 0,
        "exchanges": 0,
        "lines": [["a-r1-0", "a", 1, "k", 1, 1]],
    }
    (tmp_path / "batches.jsonl").write_text(json.dumps(intent) + '\n{"do":"submi')
    (batch,) = read_batches(tmp_path)
    assert (batch.batch_id, batch.is_open) == (None, True)
