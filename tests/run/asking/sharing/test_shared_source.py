"""Several processes, one run: each question is asked once, whoever dies."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from harness.core.records import Answer, Case, Failure, FailureKind
from harness.errors import HarnessError
from harness.run.asking.answer_sources import Heard
from harness.run.asking.questions import CaseQuestion
from harness.run.asking.sharing.folder_board import FolderBoard
from harness.run.asking.sharing.shared_source import SharedSource
from harness.run.store import read_results
from tests.patience import wait_until

REPOSITORY = Path(__file__).parents[3]


@dataclass
class Counting:
    """A source that counts what it is asked; `failing` cases come back unanswered."""

    asked: list[str] = field(default_factory=list)
    failing: frozenset[str] = frozenset()

    async def ask(self, asked: CaseQuestion) -> Heard:
        self.asked.append(asked.case.id)
        await asyncio.sleep(0)
        if asked.case.id in self.failing:
            return Heard(Failure(FailureKind.TRANSPORT, "no connection"))
        return Heard(Answer({"of": asked.case.id}), 1)

    def stop(self) -> None:
        """Python functions are stopped by nobody."""

    async def close(self) -> None:
        pass

    @property
    def warnings(self) -> Sequence[str]:
        return ()


def question(name: str) -> CaseQuestion:
    return CaseQuestion(Case(name, (), None, None), 1, f"digest of {name}")


def all_heard(sources: list[SharedSource], names: list[str]) -> list[list[Heard]]:
    async def one(source: SharedSource, asked: list[str]) -> list[Heard]:
        found = [await source.ask(question(name)) for name in asked]
        await source.close()
        return found

    async def every() -> list[list[Heard]]:
        orders = [names if n % 2 else names[::-1] for n in range(len(sources))]
        return list(await asyncio.gather(*map(one, sources, orders)))

    return asyncio.run(every())


@pytest.mark.parametrize("count", [3, 300])
def test_each_question_is_asked_once_and_every_process_hears_all(
    tmp_path: Path, count: int
) -> None:
    inner = [Counting() for _ in range(3)]
    sources = [SharedSource(each, FolderBoard(tmp_path / "board"), "run") for each in inner]
    names = [f"case {n}" for n in range(count)]
    heard = all_heard(sources, names)
    assert sorted(name for each in inner for name in each.asked) == sorted(names)
    assert heard[0][::-1] == heard[1] == heard[2][::-1]
    assert [each.output for each in heard[1]] == [Answer({"of": name}) for name in names]


def test_a_lease_that_is_not_renewed_runs_out_and_one_that_is_does_not(tmp_path: Path) -> None:
    dead, other = FolderBoard(tmp_path, 60), FolderBoard(tmp_path, 60)
    assert dead.take("abc")
    assert not other.take("abc")
    lease = tmp_path / "ab" / "abc.lease"
    old = lease.stat().st_mtime - 61
    os.utime(lease, (old, old))
    dead.renew(["abc"])
    assert not other.take("abc")
    os.utime(lease, (old, old))
    assert other.take("abc")
    dead.renew(["abc"])
    dead.release("abc")  # it is not its own any more
    assert not dead.take("abc")
    other.put("abc", "{}")
    assert dead.answer("abc") == "{}"
    assert not dead.take("abc")


@pytest.mark.parametrize("count", [3, 3_000])
def test_of_many_that_take_a_question_whose_lease_ran_out_one_gets_it(
    tmp_path: Path, count: int
) -> None:
    dead = FolderBoard(tmp_path)
    boards = [FolderBoard(tmp_path) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        for number in range(count):
            key = f"k{number}"
            assert dead.take(key)
            os.utime(tmp_path / key[:2] / f"{key}.lease", (1, 1))
            assert sum(pool.map(lambda board, key=key: board.take(key), boards)) == 1


def test_a_process_that_saw_a_lease_run_out_long_ago_does_not_take_the_next_ones(
    tmp_path: Path,
) -> None:
    dead, late, other = (FolderBoard(tmp_path) for _ in range(3))
    assert dead.take("abc")
    os.utime(tmp_path / "ab" / "abc.lease", (1, 1))
    assert other.take("abc")
    assert not late._made(late._lease("abc", 1))  # noqa: SLF001  # as it had seen before
    other.release("abc")
    assert late.take("abc")
    assert not dead.take("abc")


def no_links(_link: Path, _target: Path) -> None:
    """Refuse as a file system without links does."""
    raise OSError(95, "Operation not supported")


@pytest.mark.parametrize("hardlink_to", [Path.hardlink_to, no_links])
def test_the_first_answer_stays_where_a_second_comes_late(
    tmp_path: Path, hardlink_to: Callable[[Path, Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "hardlink_to", hardlink_to)
    dead, other = FolderBoard(tmp_path), FolderBoard(tmp_path)
    assert dead.take("abc")
    assert other.put("abc", "{}") == dead.put("abc", "[]") == "{}"
    assert [path.name for path in (tmp_path / "ab").iterdir()] == ["abc.json"]


@dataclass
class Slow(Counting):
    """A source that stands still with its first question until it may go on."""

    begun: asyncio.Event = field(default_factory=asyncio.Event)
    going_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def ask(self, asked: CaseQuestion) -> Heard:
        heard = await Counting.ask(self, asked)
        self.begun.set()
        await self.going_on.wait()
        return replace(heard, calls=7)


def test_a_process_that_stood_still_takes_what_others_answered_and_says_so(tmp_path: Path) -> None:
    async def both() -> list[Heard]:
        slow = Slow()
        stopped = SharedSource(slow, FolderBoard(tmp_path), "run")
        asking = asyncio.create_task(stopped.ask(question("a")))
        await slow.begun.wait()
        a_minute_goes_by(tmp_path)
        other = SharedSource(Counting(), FolderBoard(tmp_path), "run")
        first = await other.ask(question("a"))
        slow.going_on.set()
        second = await asking
        assert "1 question answered here after another process had" in stopped.warnings[0]
        await stopped.close()
        await other.close()
        return [first, second]

    first, second = asyncio.run(both())
    assert (first.output, first.calls) == (second.output, second.calls)


def test_an_answer_on_the_board_that_is_none_ends_asking_and_is_named(tmp_path: Path) -> None:
    source = SharedSource(Counting(), FolderBoard(tmp_path), "run")
    key = source._key(question("a"))  # noqa: SLF001
    (tmp_path / key[:2]).mkdir()
    (tmp_path / key[:2] / f"{key}.json").write_bytes(b'{"case_id": "\xff')
    (heard,) = all_heard([source], ["a"])[0]
    assert isinstance(heard.output, Failure)
    assert f"the board's answer {key} is not a stored prediction" in heard.output.message


def test_what_one_process_could_not_ask_is_left_to_the_others(tmp_path: Path) -> None:
    cut_off, well = Counting(failing=frozenset({"a"})), Counting()
    sources = [SharedSource(each, FolderBoard(tmp_path), "run") for each in (cut_off, well)]
    first = all_heard(sources[:1], ["a", "b"])
    second = all_heard(sources[1:], ["a", "b"])
    assert isinstance(first[0][1].output, Failure)
    assert well.asked == ["a"]
    assert [each.output for each in second[0]][::-1] == [Answer({"of": "a"}), Answer({"of": "b"})]


class FullBoard(FolderBoard):
    """A folder on a disk that is full once three answers are on it."""

    def put(self, key: str, answer: str) -> str:
        if len([*self.folder.glob("*/*.json")]) >= 3:
            raise OSError(28, "No space left on device")
        return super().put(key, answer)


@pytest.mark.parametrize("count", [6, 3000])
def test_an_answer_that_the_board_cannot_take_is_kept_and_nothing_more_is_asked(
    tmp_path: Path, count: int
) -> None:
    inner = Counting()
    source = SharedSource(inner, FullBoard(tmp_path), "run")
    heard = all_heard([source], [f"case {n}" for n in range(count)])[0]
    assert len(heard) == count
    answers = [each for each in heard if isinstance(each.output, Answer)]
    assert len(answers) == 4  # the fourth was paid for when the disk was full
    assert len(inner.asked) == 4
    assert len(source.warnings) == 1
    assert "No space left on device" in source.warnings[0]


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(HarnessError, match="cannot be shared"):
        FolderBoard(tmp_path / "file" / "board")


FUNCTION = """
import os, time

def answer(case):
    number = int(case.documents[0].text)
    with open("asked.log", "a") as log:
        log.write(f"{number} {os.getpid()}\\n")
    time.sleep(0.02)
    is_held = "HELD" in os.environ and len(open("asked.log").readlines()) > 4
    while is_held and not os.path.exists("go"):
        time.sleep(0.02)
    return {"n": number % 7}
"""


def write_suite(folder: Path, cases: int) -> None:
    suite = folder / "evals" / "numbers"
    (suite / "documents").mkdir(parents=True)
    (suite / "ground_truth").mkdir()
    for number in range(cases):
        (suite / "documents" / f"d{number:03}.txt").write_text(f"{number}\n")
        (suite / "ground_truth" / f"d{number:03}.json").write_text(json.dumps({"n": number % 5}))
    (suite / "mine.py").write_text(FUNCTION)
    (folder / "pyproject.toml").touch()
    (suite / "suite.yaml").write_text('extractor: {kind: python, function: "mine:answer"}\n')


def started(folder: Path, reports: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "harness", "run", "evals", "--share", "board", "-q",
         "--reports", reports, "-j", "2"],
        cwd=folder,
        env={**os.environ, **environment, "PYTHONPATH": f"{REPOSITORY}{os.pathsep}{folder}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )  # fmt: skip


def a_minute_goes_by(board: Path) -> None:
    """Make all leases as they are a minute later."""
    for lease in board.glob("*/*.lease*"):
        os.utime(lease, (1, 1))


def held(folder: Path, reports: str) -> subprocess.Popen[str]:
    """Start a run that is held once four questions are answered; return it when it is."""
    process, log = started(folder, reports, HELD="yes"), folder / "asked.log"
    wait_until(lambda: process.poll() is not None or (log.exists() and lines_of(log) > 4))
    assert process.poll() is None, process.communicate()[0]
    return process


def lines_of(log: Path) -> int:
    return log.read_text().count("\n")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_two_runs_of_the_command_line_share_cases_and_score_alike_though_one_was_killed(
    tmp_path: Path,
) -> None:
    write_suite(tmp_path, 30)
    killed, log = held(tmp_path, "killed"), tmp_path / "asked.log"
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    a_minute_goes_by(tmp_path / "board")
    before = {p.stem for p in (tmp_path / "board").glob("*/*.json")}
    assert before
    both = [started(tmp_path, name) for name in ("one", "two")]
    for each in both:
        said = each.communicate()[0]
        assert each.returncode == 0, said
    asked = [line.split()[0] for line in log.read_text().splitlines()]
    assert len(set(asked)) == 30
    assert len(asked) <= 30 + 2  # those in flight at the kill
    found = [read_results(next((tmp_path / name).glob("2*"))) for name in ("one", "two")]
    assert found[0]["aggregate"] == found[1]["aggregate"]
    assert found[0]["aggregate"]["eval_count"] == 30


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGSTOP")
def test_a_process_that_was_stopped_past_its_leases_ends_as_the_others_do(tmp_path: Path) -> None:
    write_suite(tmp_path, 30)
    stopped, log = held(tmp_path, "stopped"), tmp_path / "asked.log"
    stopped.send_signal(signal.SIGSTOP)
    a_minute_goes_by(tmp_path / "board")
    other = started(tmp_path, "other")
    said = other.communicate()[0]
    assert other.returncode == 0, said
    (tmp_path / "go").touch()
    stopped.send_signal(signal.SIGCONT)
    said = stopped.communicate()[0]
    assert stopped.returncode == 0, said
    asked = [line.split()[0] for line in log.read_text().splitlines()]
    assert len(set(asked)) == 30
    assert len(asked) <= 30 + 2  # those in flight when it was stopped
    found = [read_results(next((tmp_path / name).glob("2*"))) for name in ("stopped", "other")]
    assert found[0]["aggregate"] == found[1]["aggregate"]
