"""Tests of the decision log."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from harness.cases.decisions.decision import Act, Decision, read_decision, value_digest
from harness.cases.decisions.decision_log import append, log_file, next_id, read_logs
from harness.core.values import Json
from harness.errors import HarnessError, Where
from tests.posix import needs_posix

AT = "2026-11-30T02:31:07.000+00:00"


def note(number: int, by: str = "ann") -> Decision:
    return Decision(
        f"20261130T000000{number:06d}-aaaaaaaa", AT, by, "a", Act.NOTE, why=f"n{number}"
    )


def test_what_was_appended_is_read_again_in_one_order_whoever_wrote_it(tmp_path: Path) -> None:
    value: Json = {"n": 1.5, "t": "é", "l": [None, True]}
    given = [
        Decision("1", AT, "ann", "a", Act.BASE, "d", to=value, draft="run-1"),
        Decision("2", AT, "bo", "a", Act.SET, "d", ("l", "0"), to=None, sees="1", seconds=2.5),
        Decision("3", AT, "ann", "a", Act.SET, "d", ("t",), gone=True),
        Decision("4", AT, "bo", "a", Act.APPROVE, "d", fields=((("n",), value_digest(1.5)),)),
    ]
    for each in reversed(given):
        append(tmp_path, [each])
    assert read_logs(tmp_path) == given


def test_a_line_that_was_cut_off_is_left_out_and_the_next_one_is_whole(tmp_path: Path) -> None:
    append(tmp_path, [note(1)])
    with log_file(tmp_path, "ann").open("a") as log:
        log.write('{"v":1,"id":"half')
    assert read_logs(tmp_path) == [note(1)]
    append(tmp_path, [note(2)])
    assert read_logs(tmp_path) == [note(1), note(2)]


@pytest.mark.parametrize("count", [3, 3_000])
def test_a_line_says_what_was_written_whatever_the_value(tmp_path: Path, count: int) -> None:
    values: list[Json] = [2**70, 0.1, 1e308, "\u2028\x00", {"a": {"a": [[]]}}, [None] * 9]
    given = [
        Decision(f"{n:06d}", AT, "ann", "a", Act.SET, "d", ("t",), to=values[n % len(values)])
        for n in range(count)
    ]
    lines = "".join(each.line() for each in given)
    assert [read_decision(line, Where(tmp_path)) for line in lines.split("\n")[:-1]] == given


def test_a_name_never_leads_out_of_the_folder_of_logs(tmp_path: Path) -> None:
    for name in ("../../x", "a/b", "..", ".", "c:\\d", "\x00"):
        append(tmp_path, [note(1, name)])
        assert log_file(tmp_path, name).parent == tmp_path / "review"
    assert {path.parent for path in tmp_path.rglob("*.jsonl")} == {tmp_path / "review"}


WHOLE = '{"v":1,"id":"2","at":"x","by":"ann","case":"a","do":"set","path":["t"],"to":1}'


@pytest.mark.parametrize(
    "line",
    [
        *("{", "[]", "{}", '{"v":1,"do":"fly"}', '{"v":2}', "<<<<<<< x", f"{WHOLE} {WHOLE}"),
        *(
            WHOLE.replace('"to":1', f'"to":{text}')
            for text in ("NaN", "-Infinity", "1,", "[" * 5_000, '"\\ud800"')
        ),
        *(WHOLE.replace('["t"]', text) for text in ('"t"', "[1]", "{}", "null")),
        *(WHOLE.replace('"ann"', text) for text in ("null", "7", '["ann"]')),
        *(WHOLE.replace('"to":1', text) for text in ('"gone":1', '"seconds":"2"', '"none":1')),
        *(
            WHOLE.replace('"to":1', f'"fields":{text}')
            for text in ("[1]", "[[[1],2]]", '[[["t"],2]]')
        ),
    ],
)
def test_a_line_that_is_no_decision_is_told_with_its_number(tmp_path: Path, line: str) -> None:
    append(tmp_path, [note(1)])
    log = log_file(tmp_path, "ann")
    log.write_text(f"{log.read_text()}{line}\n")
    with pytest.raises(HarnessError) as caught:
        read_logs(tmp_path)
    assert ":2: " in str(caught.value.problems[0])


def test_a_new_id_sorts_behind_all_that_were_seen_even_if_this_clock_is_slow() -> None:
    ahead = next_id([], "2027-01-01T00:00:00.000+00:00")
    here = next_id([ahead], AT)
    assert ahead < here < next_id([here], AT)
    assert next_id([], AT) < ahead


WRITER = """
import sys
from pathlib import Path
from harness.cases.decisions.decision import Act, Decision
from harness.cases.decisions.decision_log import append
for number in range(100_000):
    one = Decision(f"{number:06d}", "x", "ann", "a", Act.NOTE, why="y" * 200)
    append(Path(sys.argv[1]), [one])
    print(number, flush=True)
"""


@needs_posix
def test_a_kill_loses_no_decision_that_was_acknowledged(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        acknowledged = [writer.stdout.readline() for _ in range(30)]
        os.kill(writer.pid, signal.SIGKILL)
        acknowledged += writer.stdout.readlines()
    kept = {int(each.id) for each in read_logs(tmp_path)}
    assert kept >= {int(line) for line in acknowledged if line.endswith("\n")}
