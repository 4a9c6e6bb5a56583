"""Programs as extractors: real ones, written for the test."""

from __future__ import annotations

import asyncio
import os
import select
import sys
from pathlib import Path

import pytest

from harness.cases.suite import Command, Limits
from harness.core.records import Answer, Case, Failure, FailureKind
from harness.errors import HarnessError
from harness.extract.build import Extractor, build
from tests.extract.shapes import answered, case, document, failed, said, suite
from tests.patience import LIMITS, PATIENCE
from tests.posix import needs_posix

pytestmark = needs_posix

ECHO = "import sys, json; print(json.dumps([sys.stdin.read(), sys.argv[1:]]))"


def running(
    folder: Path, *arguments: str, seconds: float = PATIENCE, limits: Limits | None = None
) -> Extractor:
    """Run `sh -c` where speed matters, Python where text does."""
    return build(Command(arguments, seconds), suite(folder, limits=limits))


def shell(
    folder: Path, script: str, seconds: float = PATIENCE, limits: Limits | None = None
) -> Extractor:
    return running(folder, "sh", "-c", script, seconds=seconds, limits=limits)


def test_a_program_reads_the_document_and_prints_json(tmp_path: Path) -> None:
    one = case("a", document("a.txt", "r\u00e9nt\r\n900"))
    extractor = running(tmp_path, sys.executable, "-X", "utf8", "-c", "import sys; " + ECHO)
    assert answered(said(extractor, one)) == (["r\u00e9nt\r\n900", []], ())


def test_a_key_in_the_environment_that_it_prints_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_API_KEY", "sk-0123456789")
    told = said(shell(tmp_path, "env; env >&2; exit 3"), case("a"))
    assert failed(told)[0] is FailureKind.EXIT_CODE
    assert "[key]" in failed(told)[1]
    assert "0123456789" not in repr(told)


def test_what_it_prints_is_read_as_a_reply(tmp_path: Path) -> None:
    extractor = shell(tmp_path, "cat >/dev/null; echo 'So: {\"a\": 1}'")
    assert answered(said(extractor, case("a"))) == ({"a": 1}, ("prose_around",))


def test_several_documents_come_with_a_form_feed_between_them(tmp_path: Path) -> None:
    one = case("a", document("a.txt", "one"), document("b.txt", "two"))
    extractor = running(tmp_path, sys.executable, "-c", ECHO)
    assert answered(said(extractor, one)) == (["one\x0ctwo", []], ())


def test_a_program_may_ask_for_paths_and_then_gets_no_text(tmp_path: Path) -> None:
    one = case("a", document("a b.txt", "one", tmp_path), document("$c.txt", "two", tmp_path))
    extractor = running(tmp_path, sys.executable, "-c", ECHO, "{documents}", "-v")
    paths = [str(tmp_path / "a b.txt"), str(tmp_path / "$c.txt")]
    assert answered(said(extractor, one)) == (["", [*paths, "-v"]], ())


def test_a_path_may_be_part_of_an_argument(tmp_path: Path) -> None:
    one = case("a", document("a.txt", "one", tmp_path))
    spec = Command((sys.executable, "-c", ECHO, "--in={document}", "{print}"))
    extractor = build(spec, suite(tmp_path, one))
    assert answered(said(extractor, one)) == (["", [f"--in={tmp_path / 'a.txt'}", "{print}"]], ())


def test_it_runs_where_it_is_told_with_the_environment_and_the_case_id(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RENT_MODEL", "tiny")
    (tmp_path / "sub").mkdir()
    script = 'printf \'["%s", "%s", "%s"]\' "$HARNESS_CASE_ID" "$RENT_MODEL" "$(basename "$PWD")"'
    spec = Command(("sh", "-c", script), cwd=tmp_path / "sub")
    assert said(build(spec, suite(tmp_path)), case("a/1")) == Answer(
        ["a/1", "tiny", "sub"], '["a/1", "tiny", "sub"]'
    )


def test_an_exit_code_is_a_failure_with_the_end_of_standard_error(tmp_path: Path) -> None:
    extractor = shell(tmp_path, "printf '%5000d' 7 >&2; echo no key >&2; echo '{}'; exit 3")
    failure = said(extractor, case("a"))
    assert isinstance(failure, Failure)
    assert failure.kind is FailureKind.EXIT_CODE
    assert failure.message.startswith("the program ended with exit code 3; the end of")
    assert failure.message.endswith("7no key")
    assert len(failure.message) < 2_100
    assert failure.raw == "{}\n"


def test_a_signal_is_called_by_its_name(tmp_path: Path) -> None:
    kind, message = failed(said(shell(tmp_path, "kill -TERM $$"), case("a")))
    assert kind is FailureKind.EXIT_CODE
    assert message == "the program was ended by SIGTERM"


def test_a_program_may_ignore_its_input(tmp_path: Path) -> None:
    one = case("a", document("a.txt", "x" * 1_000_000))
    assert said(shell(tmp_path, "exec <&-; echo 1"), one) == Answer(1, "1\n")


def has_ended(pid: int) -> bool:
    """Wait for the end of a process that was killed a moment ago."""
    if sys.platform != "linux":
        pytest.skip("waiting for a process that is not ours needs pidfd_open")
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    ended, _, _ = select.select([process], [], [], PATIENCE)
    os.close(process)
    return bool(ended)


def test_a_program_that_takes_too_long_is_killed_with_all_it_started(tmp_path: Path) -> None:
    failure: Answer | Failure = Answer(None)
    for seconds in LIMITS:
        extractor = shell(tmp_path, "sleep 600 & echo $! > pid; echo '{'; wait", seconds=seconds)
        failure = said(extractor, case("a"))
        assert isinstance(failure, Failure)
        assert failure.kind is FailureKind.TIMEOUT
        assert failure.message == f"no answer after {seconds:g} s; the program was killed"
        if failure.raw:
            break  # it had begun
    assert isinstance(failure, Failure)
    assert failure.raw == "{\n"
    assert has_ended(int((tmp_path / "pid").read_text()))


def test_what_a_program_leaves_running_does_not_keep_us_waiting(tmp_path: Path) -> None:
    extractor = shell(tmp_path, "sleep 600 & echo $! > pid; echo 1")
    assert said(extractor, case("a")) == Answer(1, "1\n")
    assert has_ended(int((tmp_path / "pid").read_text()))


def test_a_flood_is_stopped_and_its_beginning_kept(tmp_path: Path) -> None:
    extractor = shell(tmp_path, "echo begun; yes", limits=Limits(reply_bytes=10_000))
    failure = said(extractor, case("a"))
    assert isinstance(failure, Failure)
    assert failure.kind is FailureKind.TOO_LARGE
    assert (failure.raw or "").startswith("begun\ny\n")
    assert len(failure.raw or "") < 5_000


def test_a_flood_of_complaints_does_no_harm(tmp_path: Path) -> None:
    extractor = shell(tmp_path, "yes | head -c 3000000 >&2; echo 1")
    assert said(extractor, case("a")) == Answer(1, "1\n")


def test_nothing_is_seen_by_a_shell(tmp_path: Path) -> None:
    extractor = running(tmp_path, sys.executable, "-c", ECHO, "$(touch x); `touch x` > x")
    assert answered(said(extractor, case("a", document("a.txt", ""))))[0] == [
        "",
        ["$(touch x); `touch x` > x"],
    ]
    assert list(tmp_path.iterdir()) == []


def test_programs_run_side_by_side_and_a_cancelled_one_is_killed(tmp_path: Path) -> None:
    extractor = shell(tmp_path, 'echo $$ > "$HARNESS_CASE_ID"; exec sleep 30')
    pipes = [tmp_path / "a", tmp_path / "b"]
    for pipe in pipes:
        os.mkfifo(pipe)

    async def run() -> list[int]:
        tasks = [asyncio.create_task(extractor.extract(case(pipe.name))) for pipe in pipes]
        started = [int(await asyncio.to_thread(pipe.read_text)) for pipe in pipes]
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(result, asyncio.CancelledError) for result in results)
        return started

    assert all(has_ended(pid) for pid in asyncio.run(run()))


def test_a_program_that_went_away_is_a_failure_of_the_case(tmp_path: Path) -> None:
    program = tmp_path / "run"
    program.write_text("#!/bin/sh\necho 1\n")
    program.chmod(0o755)
    extractor = running(tmp_path, "./run")
    assert said(extractor, case("a")) == Answer(1, "1\n")
    program.unlink()
    kind, message = failed(said(extractor, case("a")))
    assert kind is FailureKind.EXCEPTION
    assert "could not be started" in message


TWO = case("b", document("a.txt", ""), document("b.txt", ""))
PROBLEMS: dict[str, tuple[tuple[str, ...], tuple[Case, ...], str]] = {
    "no such name": (("no-such-program",), (), "suite.yaml: no program 'no-such-program'"),
    "no such path": (("./gone",), (), "hint: paths are seen from ."),
    "a path not executable": (("./notes",), (), "hint: make it executable: chmod +x ./notes"),
    "a name that is a file here": (
        ("notes",),
        (),
        "hint: to run the file of that name write './notes'",
    ),
    "nothing": ((), (), "the command is empty"),
    "paths in part of an argument": (("sh", "--in={documents}"), (), "an argument of its own"),
    "a near placeholder": (("sh", "{docment}"), (), "hint: did you mean 'document'?"),
    "one path for two documents": (
        ("sh", "{document}"),
        (TWO,),
        "but cases b have none or several",
    ),
}


@pytest.mark.parametrize("shape", PROBLEMS)
def test_a_command_that_cannot_work_is_refused_before_the_run(shape: str, tmp_path: Path) -> None:
    command, cases, message = PROBLEMS[shape]
    (tmp_path / "notes").write_text("x")
    with pytest.raises(HarnessError) as error:
        build(Command(command), suite(tmp_path, *cases))
    assert message in str(error.value)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="no folder gone to run the command in"):
        build(Command(("sh",), cwd=tmp_path / "gone"), suite(tmp_path))


def test_many_cases_are_not_all_named(tmp_path: Path) -> None:
    cases = tuple(case(f"c{n}", *TWO.documents) for n in range(5))
    with pytest.raises(HarnessError, match="but c0, c1, c2 and 2 more cases have none"):
        build(Command(("sh", "{document}")), suite(tmp_path, *cases))
