"""A shared run over a real PostgreSQL server: each question is asked once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeAlias

import pytest

from harness.core.records import Answer, Failure
from harness.errors import HarnessError, UsageError
from harness.run.asking.sharing.database_board import DatabaseBoard
from harness.run.asking.sharing.folder_board import FolderBoard
from harness.run.asking.sharing.open_board import open_board
from harness.run.asking.sharing.shared_source import SharedSource
from harness.run.history.database import server
from tests.run.asking.sharing.test_shared_source import Counting, all_heard

pytest.importorskip("sqlalchemy")
Opened: TypeAlias = "Callable[..., DatabaseBoard]"


@pytest.fixture
def opened(database: str) -> Iterator[Opened]:
    """Open boards by name; they are closed afterwards."""
    boards: list[DatabaseBoard] = []

    def board(name: str, seconds: float = 60) -> DatabaseBoard:
        boards.append(DatabaseBoard(f"{database}#{name}", seconds))
        return boards[-1]

    yield board
    for each in boards:
        each.close()


@pytest.mark.parametrize("count", [3, 300])
def test_each_question_is_asked_once_and_every_process_hears_all(
    opened: Opened, count: int
) -> None:
    inner = [Counting() for _ in range(3)]
    boards = [opened(f"once {count}") for _ in inner]
    sources = [SharedSource(*pair, "run") for pair in zip(inner, boards, strict=True)]
    names = [f"case {n}" for n in range(count)]
    heard = all_heard(sources, names)
    assert sorted(name for each in inner for name in each.asked) == sorted(names)
    assert heard[0][::-1] == heard[1] == heard[2][::-1]
    assert [each.output for each in heard[1]] == [Answer({"of": name}) for name in names]


def test_of_many_that_take_a_question_at_once_one_gets_it(opened: Opened) -> None:
    boards = [opened("race") for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        for number in range(50):
            taken = list(pool.map(lambda board, key=f"k{number}": board.take(key), boards))
            assert sum(taken) == 1


def test_the_table_can_be_made_by_many_at_once(opened: Opened, database: str) -> None:
    with server(database) as session:
        session.write("DROP TABLE IF EXISTS harness_shared_run")
    with ThreadPoolExecutor(8) as pool:
        boards = list(pool.map(opened, ["made"] * 8))
    assert boards[0].take("a")
    assert not boards[7].take("a")


def pass_time(database: str, seconds: int) -> None:
    """Let leases end so much sooner, as they are when that time has gone by."""
    with server(database) as session:
        ends = f"lease_ends - make_interval(secs => {seconds})"
        session.write(f"UPDATE harness_shared_run SET lease_ends = {ends}")  # noqa: S608  # a number


def test_a_lease_that_is_not_renewed_runs_out_and_one_that_is_does_not(
    opened: Opened, database: str
) -> None:
    dead, other = opened("leases", 3_600), opened("leases")
    assert dead.take("abc")
    assert not other.take("abc")
    for _ in range(4):
        pass_time(database, 3_000)
        dead.renew(["abc"])
    assert not other.take("abc")
    pass_time(database, 3_601)
    assert other.take("abc")
    dead.renew(["abc"])
    dead.release("abc")  # it is not its own any more
    assert not dead.take("abc")
    other.put("abc", "{}")
    dead.put("abc", "[]")  # it came too late
    assert dead.answer("abc") == other.answer("abc") == "{}"
    assert not dead.take("abc")


def test_boards_of_different_names_know_nothing_of_each_other(opened: Opened) -> None:
    one, two = opened("one"), opened("two")
    one.put("abc", "{}")
    assert two.answer("abc") is None
    assert two.take("abc")


def test_what_one_process_could_not_ask_is_left_to_the_others(opened: Opened) -> None:
    cut_off, well = Counting(failing=frozenset({"a"})), Counting()
    sources = [SharedSource(each, opened("left"), "run") for each in (cut_off, well)]
    first = all_heard(sources[:1], ["a", "b"])
    second = all_heard(sources[1:], ["a", "b"])
    assert isinstance(first[0][1].output, Failure)
    assert well.asked == ["a"]
    assert [each.output for each in second[0]][::-1] == [Answer({"of": "a"}), Answer({"of": "b"})]


def test_a_server_that_is_not_there_is_an_error_without_the_password() -> None:
    with pytest.raises(HarnessError) as caught:
        open_board("postgresql://me:secret-word@127.0.0.1:1/none")
    assert "127.0.0.1" in str(caught.value)
    assert "secret-word" not in str(caught.value)


def test_a_board_is_a_folder_unless_its_place_is_an_address(tmp_path: Path) -> None:
    assert isinstance(open_board(str(tmp_path / "board")), FolderBoard)
    with pytest.raises(UsageError, match="no board at mysql://"):
        open_board("mysql://me:secret-word@host/db")
