"""Scoring on a Dask cluster: the bytes of one process, whatever becomes of its workers."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from harness.cli.main import main
from harness.core.values import Json
from harness.scale import dask_cluster, line_index
from tests.patience import PATIENCE
from tests.scale.dask_workers import running_dask
from tests.scale.files import Files, invoices, line

pytest.importorskip("distributed")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("dask")
    with running_dask(folder, workers=2) as address:
        yield address, folder


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may take longer than users wait until a killed worker is there again."""
    monkeypatch.setattr(dask_cluster, "_SECONDS", PATIENCE)


@pytest.fixture
def files(
    cluster: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Files]:
    monkeypatch.setattr(line_index, "SHARD_CASES", 20)
    monkeypatch.chdir(tmp_path)
    truths, said = invoices(120)
    yield Files(tmp_path).write("\n".join(truths), "\n".join(said))
    for mark in (*cluster[1].glob("death-*"), *cluster[1].glob("deadly")):
        mark.unlink()


def score(*options: str) -> Result:
    files = ("truths.jsonl", "said.jsonl")
    return CliRunner().invoke(main, ["score", *files, "--format", "json", *options])


def test_dask_gives_the_bytes_of_one_process_with_its_records(
    cluster: tuple[str, Path], files: Files
) -> None:
    alone = score("-j", "1", "--out", "alone.jsonl")
    there = score("--executor", f"dask:{cluster[0]}", "--out", "there.jsonl")
    assert alone.exit_code == there.exit_code == 0, there.output
    assert there.stdout == alone.stdout
    assert Path("there.jsonl").read_bytes() == Path("alone.jsonl").read_bytes()
    files.write("\ufeff" + "\n".join(reversed(invoices(120)[0])), "\n".join(invoices(120)[1]))
    assert score("--executor", f"dask:{cluster[0]}").stdout == score("-j", "1").stdout


@pytest.mark.usefixtures("files")
def test_two_kills_change_nothing(cluster: tuple[str, Path]) -> None:
    (cluster[1] / "deadly").write_text("40 2")
    there = score("--executor", f"dask:{cluster[0]}")
    assert len(list(cluster[1].glob("death-*"))) == 2
    assert there.stdout == score("-j", "1").stdout
    assert there.exit_code == 0


@pytest.mark.usefixtures("files")
def test_a_shard_that_kills_every_worker_is_told_by_its_lines_and_the_rest_is_scored(
    cluster: tuple[str, Path],
) -> None:
    (cluster[1] / "deadly").write_text("40 99")
    there = score("--executor", f"dask:{cluster[0]}")
    assert there.exit_code == 4
    assert "lines 41 to 60, 20 cases from 'inv-00040' on, are not scored" in there.stderr
    aggregate = json.loads(there.stdout)["aggregate"]
    assert (aggregate["eval_count"], aggregate["missing_cases"]) == (100, 20)


def test_one_list_of_ten_thousand_rows_among_small_cases_scores_as_it_does_alone(
    cluster: tuple[str, Path], files: Files
) -> None:
    truths, said = invoices(100)
    rows: list[Json] = [{"sku": f"A-{n}", "n": n} for n in range(10_000)]
    long: Json = {"name": "long", "rows": rows}
    other: Json = {"name": "long", "rows": [*rows[1:], {"sku": "new", "n": 1}]}
    truths.insert(3, line("long", long))
    said.insert(50, line("long", other))
    files.write("\n".join(truths), "\n".join(said))
    there, alone = score("--executor", f"dask:{cluster[0]}"), score("-j", "1")
    assert there.stderr == alone.stderr
    assert there.stdout == alone.stdout


def test_bad_lines_are_told_as_one_process_tells_them(
    cluster: tuple[str, Path], files: Files
) -> None:
    truths, said = invoices(120)
    truths[70], said[30] = "nonsense", '{"id": "inv-00030", "value": 1,}'
    files.write("\n".join(truths), "\n".join(said))
    there, alone = score("--executor", f"dask:{cluster[0]}"), score("-j", "1")
    assert there.exit_code == 3
    assert there.stderr == alone.stderr


@pytest.mark.usefixtures("files")
def test_an_executor_that_is_not_there_or_has_another_name_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dask_cluster, "_SECONDS", 0.2)  # nobody will be there later
    for name, what in (
        ("dask:tcp://127.0.0.1:9", "no Dask scheduler answers at 'tcp://127.0.0.1:9'"),
        ("dask", "no executor 'dask'"),
        ("ray:auto", "no executor 'ray:auto'"),
    ):
        said = score("--executor", name)
        assert said.exit_code == 2
        assert what in said.stderr
    assert "leave out one of them" in score("--executor", "dask:x", "-j", "2").stderr
