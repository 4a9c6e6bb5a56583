"""Any executor will do, and a worker's death costs no more than its shard."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from harness.core.values import Json
from harness.run.scored_files.standalone_rules import Ruler
from harness.scale import line_index
from harness.scale.pools import run_parts
from harness.scale.stream import How, score_lines
from tests.scale.executors import Killing, Unborn, Waiting
from tests.scale.files import SCHEMA, Files, figures, invoices, line

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Files:
    monkeypatch.setattr(line_index, "SHARD_CASES", 20)
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2]))  # for workers
    truths, said = invoices(120)
    (tmp_path / "deaths").mkdir()
    return Files(tmp_path).write("\n".join(truths), "\n".join(said))


def killing(files: Files, times: int) -> Callable[[], Executor]:
    return partial(Killing, files.folder / "deaths", 40, times)


def test_a_worker_that_is_killed_once_changes_nothing(files: Files) -> None:
    killed = files.streamed(How(make_executor=killing(files, times=1)))
    assert len(list((files.folder / "deaths").iterdir())) == 1
    assert json.dumps(killed.results) == json.dumps(files.streamed().results)
    assert killed.lost == ()


def test_a_shard_that_always_kills_is_lost_by_name_and_the_rest_is_scored(files: Files) -> None:
    streamed = files.streamed(How(make_executor=killing(files, times=99), retries=2))
    (lost,) = streamed.lost
    assert "20 cases from 'inv-00040' on, are not scored" in str(lost)
    assert streamed.results["complete"] is False
    truths, said = invoices(120)
    rest = Files(files.folder).write(
        "\n".join(truths[:40] + truths[60:]), "\n".join(said[:40] + said[60:])
    )
    whole = rest.streamed().results
    assert streamed.results["fields"] == whole["fields"]
    aggregate = {**whole["aggregate"], "missing_cases": 20}
    assert streamed.results["aggregate"] == aggregate


@pytest.mark.parametrize("error", [EOFError, ConnectionResetError, BrokenPipeError])
def test_a_process_that_is_killed_while_it_is_begun_changes_nothing(
    files: Files, error: type[Exception]
) -> None:
    pools = partial(Unborn, files.folder / "deaths", error, 3)
    streamed = files.streamed(How(make_executor=pools))
    assert streamed.lost == ()
    assert json.dumps(streamed.results) == json.dumps(files.streamed().results)


def test_where_no_process_can_be_begun_all_is_lost_by_name_and_nothing_hangs(files: Files) -> None:
    pools = partial(Unborn, files.folder / "deaths", EOFError, 99)
    streamed = files.streamed(How(make_executor=pools))
    assert sum(lost.shard.cut.cases for lost in streamed.lost) == 120
    assert "are not scored: every process that tried died" in str(streamed.lost[0])
    assert streamed.results["complete"] is False


def test_an_executor_that_breaks_and_has_no_successor_loses_what_is_left(files: Files) -> None:
    with killing(files, times=99)() as executor:
        streamed = files.streamed(How(executor=executor))
    assert "'inv-00040'" in str(streamed.lost[0]) or len(streamed.lost) > 1
    assert streamed.results["complete"] is False


def test_any_executor_will_do_and_is_left_open(files: Files) -> None:
    with ThreadPoolExecutor(3) as executor:
        streamed = files.streamed(How(executor=executor))
        assert executor.submit(int, "1").result() == 1
    assert figures(streamed.results) == figures(files.streamed().results)


@pytest.mark.parametrize("cases", [60, 3_000])
def test_one_shard_that_takes_long_stalls_neither_the_rest_nor_its_progress(
    files: Files, cases: int
) -> None:
    truths, said = invoices(cases)
    rows: list[Json] = [{"sku": f"A-{n}", "n": n} for n in range(2_000)]
    files.write("\n".join((line("a", rows), *truths)), "\n".join((line("a", rows), *said)))
    rest = threading.Event()
    counts: list[int] = []

    def notify(done: int, of: int) -> None:
        counts.append(done)
        if of - done == 20:
            rest.set()

    with Waiting(2, rest) as executor:
        how = How(executor=executor, in_flight=2)
        streamed = score_lines(files.both, Ruler(SCHEMA), how, notify)
    assert counts == [*range(20, cases - 19, 20), cases - 19, cases + 1]
    assert streamed.results["aggregate"]["eval_count"] == cases + 1
    assert streamed.lost == ()


def test_shards_are_taken_only_as_there_is_room(files: Files) -> None:
    with ThreadPoolExecutor(1) as executor:
        assert list(run_parts(iter(()), executor)) == []
    files.write(line("a", 1), line("a", 1))
    assert files.streamed(How(workers=2)).results["complete"] is True
