"""Runs that ask a server: killed and gone on with, changed, capped, sharing a cache."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from harness.cases.suite_file.model_options import ModelOptions
from harness.run.selection import unsaid_places
from tests.cli.asked import asking, received, timeless
from tests.cli.conftest import Project
from tests.extract.server.behaviour import Asked, Behaviour, Fault, answer_in
from tests.extract.server.serving import serving
from tests.patience import PATIENCE
from tests.posix import files_up_to

CASES = 40


@dataclass
class Killer:
    """Answers, and kills a process once it has answered so often."""

    moments: list[int]
    answered: int = 0
    process: subprocess.Popen[str] | None = None
    _count: Counter[str] = field(default_factory=Counter)

    def __call__(self, asked: Asked) -> str:
        self.answered += 1
        if self.process and self.moments and self.answered >= self.moments[0]:
            self.moments.pop(0)
            self.process.kill()
        return answer_in(asked)


@pytest.fixture
def other(tmp_path: Path, project: Project) -> Project:
    """A second project, in which nothing ever goes wrong."""
    del project
    root = tmp_path.resolve() / "other"
    root.mkdir()
    (root / "pyproject.toml").touch()
    return Project(root)


def test_a_run_killed_again_and_again_ends_like_one_that_was_not(
    project: Project, other: Project
) -> None:
    killer = Killer([1, 9, 17, 30])
    with serving(Behaviour(latency=0.02, answer=killer)) as server:
        asking(project, server, CASES)
        more: tuple[str, ...] = ()
        while killer.moments:
            killer.process = project.start("run", "-q", "-j", "4", *more)
            assert killer.process.communicate(timeout=PATIENCE)
            assert killer.process.returncode == -9
            more = ("--resume", "last")
        said = project.harness("run", "-q", "-j", "4", *more)
        assert (said.code, said.err) == (0, "")
        assert set(received(project).values()) == {1}, "no answer that came was asked for twice"
        assert server.counts.answered.total() <= CASES + 4 * 4, "but what was in flight when killed"
    with serving() as server:
        asking(other, server, CASES)
        process = other.start("run", "-q", "-j", "4")
        process.communicate(timeout=PATIENCE)
    assert timeless(project.results()) == timeless(other.results())
    predictions = (project.run_folder() / "predictions.jsonl").read_text().splitlines()
    assert len(predictions) == CASES


@pytest.mark.parametrize(
    ("cases", "cap", "kills"), [(6, 3, [1]), (40, 30, [1, 8, 16]), (3_000, 60, [40])]
)
def test_a_cap_counts_what_was_in_flight_when_a_run_was_killed(
    project: Project, cases: int, cap: int, kills: list[int]
) -> None:
    killer = Killer([*kills])
    with serving(Behaviour(latency=0.02, answer=killer)) as server:
        asking(project, server, cases)
        more: tuple[str, ...] = ("--max-calls", str(cap), "--no-cache")
        while killer.moments:
            before = killer.answered
            killer.process = project.start("run", "-q", "-j", "4", *more)
            assert killer.process.communicate(timeout=PATIENCE)
            more = ("--max-calls", str(cap), "--resume", "last")
            if killer.answered == before:
                break  # the cap was reached before the next moment came
        said = project.harness("run", "-q", "-j", "4", *more)
        assert said.code == 4
        assert server.counts.calls.total() <= cap
    folder = project.run_folder()
    sent = len((folder / "sent.jsonl").read_bytes().splitlines())
    assert server.counts.calls.total() <= sent <= cap
    assert sum(received(project).values()) < sent, "something was in flight in a kill"
    usage = project.results()["aggregate"]["usage"]
    assert usage["calls"] <= sent


def test_only_what_has_changed_since_is_asked_again(project: Project) -> None:
    with serving() as server:
        asking(project, server, 5)
        assert project.harness("run", "-q").code == 0
        project.write({"evals/asked/documents/c001.txt": 'Anew\nANSWER {"number": 1}\n'})
        project.write({"ground_truth/asked/c002.json": '{"number": 99}'})
        said = project.harness("run", "--resume", "last")
        assert said.code == 0
        head = "going on: 4 answered before, 1 to ask (1 changed since)\n"
        assert said.err == head, "a truth is no part of the question"
        assert server.counts.calls.total() == 6
    by_id = {case["id"]: case for case in project.results()["cases"]}
    assert by_id["c000"]["correct_fields"] == 2
    assert by_id["c002"]["correct_fields"] == 0
    assert project.stored("run.json")["resumed"]


def test_refusals_are_asked_again_only_when_told_to(project: Project) -> None:
    with serving(Behaviour(script=(Fault.REFUSAL,))) as server:
        asking(project, server, 3, ", mode: json_object")
        assert project.harness("run", "-q").code == 4
        assert project.results()["aggregate"]["failed_cases"] == 3
        assert project.harness("run", "-q", "--resume", "last").code == 4
        assert server.counts.calls.total() == 3
        said = project.harness("run", "--resume", "last", "--retry")
        assert said.err.endswith("0 answered before, 3 to ask (3 to try again)\n")
        assert server.counts.calls.total() == 6
    assert project.results()["aggregate"]["failed_cases"] == 0
    assert project.results()["aggregate"]["micro"]["f1"] == 1


def test_a_second_run_pays_for_nothing_and_one_without_the_cache_for_all(
    project: Project,
) -> None:
    with serving() as server:
        asking(project, server, 4)
        assert "paid        4 calls" in project.harness("run").out
        assert "0 calls, 0 tokens, 4 paid for earlier" in project.harness("run").out
        assert server.counts.calls.total() == 4
        said = project.harness("run", "--dry-run")
        assert "4 questions, 0 calls, 4 answered by the cache" in said.out
        assert project.harness("run", "-q", "--no-cache").code == 0
        assert server.counts.calls.total() == 8
        assert project.harness("run", "-q", "--repeat", "2").code == 0
        assert server.counts.calls.total() == 12, "the first replicate is in the cache"
    shown = project.harness("cache", "show").out
    assert server.url in shown
    assert project.harness("cache", "prune", "--older-than", "1h").out == "dropped 0 answers\n"
    assert project.harness("cache", "prune").out == "dropped 8 answers\n"


def test_two_runs_at_once_share_the_cache(project: Project) -> None:
    with serving(Behaviour(latency=0.2)) as server:
        asking(project, server, CASES)
        both = [project.start("run", "-q", "-j", "8") for _ in range(2)]
        for each in both:
            _, err = each.communicate(timeout=PATIENCE)
            assert (each.returncode, err) == (0, "")
        assert server.counts.answered.total() == CASES, "one asks, the other waits"
        assert project.harness("run", "-q").code == 0
        before = server.counts.calls.total()
        assert project.harness("run", "-q").code == 0
        assert server.counts.calls.total() == before


@pytest.mark.parametrize("cap", ["--max-calls=7", "--max-tokens=4500"])
def test_a_cap_ends_a_run_and_more_allowed_it_is_gone_on_with(project: Project, cap: str) -> None:
    with serving() as server:
        asking(project, server, 20)
        said = project.harness("run", "-q", cap)
        assert said.code == 4
        asked = server.counts.calls.total()
        assert 0 < asked < 20
        kinds = Counter(
            case["failure"]["kind"] for case in project.results()["cases"] if case["failure"]
        )
        assert kinds == {"budget": 20 - asked}
        assert project.harness("run", "-q", "--resume", "last").code == 0
        assert server.counts.calls.total() == 20


def test_an_error_inside_a_200_is_asked_again_by_this_session_and_by_the_next(
    project: Project,
) -> None:
    with serving(Behaviour(script=(Fault.TRUNCATED_JSON,))) as server:
        asking(project, server, 3, ", mode: json_object")
        assert project.harness("run", "-q", "--max-calls", "3").code == 4
        assert project.harness("run", "-q", "--resume", "last").code == 0
        assert server.counts.calls.total() == 6
    assert project.results()["aggregate"]["micro"]["f1"] == 1


def test_what_was_paid_for_an_answer_that_no_longer_counts_still_counts_for_the_cap(
    project: Project,
) -> None:
    with serving() as server:
        asking(project, server, 2, ", max_tokens: 50")
        assert project.harness("run", "-q").code == 0
        took = sum(
            sum(case["usage"][name] for name in ("input_tokens", "output_tokens"))
            for case in project.results()["cases"]
        )
        project.write({"evals/asked/prompt.md": "Read all of this anew.\n\n{{ document }}\n"})
        said = project.harness("run", "-q", "--resume", "last", f"--max-tokens={took}")
        assert said.code == 4
        assert server.counts.calls.total() == 2


@pytest.mark.parametrize("cap", ["--max-calls=31", "--max-tokens={}", "--max-usd={}"])
def test_what_was_received_before_a_kill_is_charged_before_anything_more_is_asked(
    project: Project, cap: str
) -> None:
    prices = 'date = "2026-01-01"\n[models."m-1"]\ninput = 1000.0\noutput = 2000.0\n'
    project.write({"prices.toml": prices})
    with serving() as server:
        asking(project, server, 30, ", max_tokens: 50, mode: json_object")
        assert project.harness("run", "-q", "--prices", "prices.toml").code == 0
        usages = [case["usage"] for case in project.results()["cases"]]
        tokens = sum(each["input_tokens"] + each["output_tokens"] for each in usages)
        usd = sum(each["usd"] for each in usages)
        # killed when all had come in, and nothing had been made of all but two of them
        predictions = project.run_folder() / "predictions.jsonl"
        first, second = predictions.read_text("utf-8").splitlines()[-2:]
        predictions.write_text(f"{first}\n{second}\n", "utf-8")
        # the prompt is another one now: what came in answers nothing that is asked today
        project.write({"evals/asked/prompt.md": "Read all of this anew.\n\n{{ document }}\n"})
        given = cap.format(tokens if "tokens" in cap else usd)
        said = project.harness("run", "-q", "--resume", "last", "--prices", "prices.toml", given)
        assert said.code == 4, said.err
        assert server.counts.calls.total() == (31 if "calls" in cap else 30)


def test_an_answer_with_another_status_of_success_is_one_and_is_charged(project: Project) -> None:
    with serving(Behaviour(status=201)) as server:
        asking(project, server, 3)
        assert project.harness("run", "-q", "--max-calls=3").code == 0
        usage = project.results()["aggregate"]["usage"]
        assert usage["counted"] == 3
        taken = usage["input_tokens"] + usage["output_tokens"]
        assert project.harness("run", "-q").code == 0, "kept as any answer"
        assert server.counts.calls.total() == 3
        assert taken > 0


def test_dollars_are_a_cap_that_holds_for_all_sessions_and_says_its_price(
    project: Project,
) -> None:
    prices = 'date = "2026-01-01"\n[models."m-1"]\ninput = 1000.0\noutput = 1000.0\n'
    project.write({"prices.toml": prices})
    capped = ("--max-usd", "0.3", "--prices", "prices.toml")
    with serving(Behaviour(faults={Fault.SERVER_ERROR: 0.2, Fault.CUT: 0.1})) as server:
        asking(project, server, 20, ", max_tokens: 100")
        told = "$1000 in, $1000 out a million tokens: m-1 in your table of 2026-01-01"
        assert told in project.harness("run", "--dry-run", *capped).out
        said = project.harness("run", *capped)
        assert said.code == 4
        assert f"dollars are counted by {told}" in said.err
        assert project.stored("run.json")["price"]["table"] == "your table"
        assert 0 < project.results()["aggregate"]["usage"]["usd"] <= 0.3
        answered = server.counts.answered.total()
        assert project.harness("run", "-q", "--resume", "last", *capped).code == 4
        assert project.results()["aggregate"]["usage"]["usd"] <= 0.3
        assert server.counts.answered.total() <= answered + 2


def test_a_run_is_not_gone_on_with_by_another_model(project: Project) -> None:
    with serving() as server:
        asking(project, server, 2)
        own = ("--model", "m-1", "--base-url", server.url, "--param", "temperature=0")
        assert project.harness("run", "-q", *own).code == 0
        for other in (("--model", "m-2"), ("--base-url", "http://127.0.0.1:9/v1")):
            said = project.harness("run", "--resume", "last", *other)
            assert said.code == 2
            assert f"{other[0]} cannot be changed" in said.err
        for _ in range(2):
            again = ("--param", "temperature=0", "--param", "seconds=9")
            assert project.harness("run", "-q", "--resume", "last", *own, *again).code == 0
        asked = project.stored("run.json")["asked"]["model"]
        assert asked["params"] == ["temperature=0", "temperature=0", "seconds=9"]
        assert server.counts.calls.total() == 2


def test_a_suites_own_model_is_not_replaced_on_the_way_either(project: Project) -> None:
    with serving() as server:
        asking(project, server, 2)
        assert project.harness("run", "-q").code == 0
        for other in (("--model", "m-2"), ("--param", "temperature=1")):
            said = project.harness("run", "--resume", "last", *other)
            assert (said.code, f"{other[0]} cannot be changed" in said.err) == (2, True)


@pytest.mark.parametrize(
    ("chosen", "ids"),
    [
        (("--filter", "c00?", "--filter", "c011"), 11),
        (("--tag", "odd"), 6),
        (("--tag", "odd", "--filter", "c00*"), 5),
        (("--tag", "odd", "--limit", "2"), 2),
    ],
)
def test_only_the_cases_chosen_are_asked(
    project: Project, chosen: tuple[str, ...], ids: int
) -> None:
    with serving() as server:
        asking(project, server, 12)
        odd = "".join(f"  c{number:03}: [odd]\n" for number in range(1, 12, 2))
        with (project.root / "evals/asked/suite.yaml").open("a") as file:
            file.write(f"tags:\n{odd}")
        said = project.harness("run", "-q", *chosen)
        assert said.code == 0, said.err
        assert server.counts.calls.total() == ids == len(project.results()["cases"])


def test_once_the_time_is_up_nothing_more_is_asked(project: Project) -> None:
    with serving(Behaviour(latency=0.2)) as server:
        asking(project, server, 50)
        said = project.harness("run", "-j", "2", "--max-seconds", "0.5")
        assert said.code == 4
        assert server.counts.calls.total() < 50
        kinds = {case["failure"]["kind"] for case in project.results()["cases"] if case["failure"]}
        assert kinds == {"interrupted"}
        assert project.harness("run", "-q", "--resume", "last").code == 0
        assert server.counts.calls.total() == 50


def test_a_cap_in_dollars_needs_a_price(project: Project) -> None:
    with serving() as server:
        asking(project, server, 3)
        said = project.harness("run", "--max-usd", "1")
        assert said.code == 2
        assert "no price is known of the model 'm-1' at this base_url [unknown-price]" in said.err
        prices = 'date = "2026-01-01"\n[models."m-1"]\ninput = 1.0\noutput = 1.0\n'
        project.write({"prices.toml": prices})
        said = project.harness("run", "--max-usd", "1", "--prices", "prices.toml")
        assert said.code == 0
        assert server.counts.calls.total() == 3
    assert project.results()["cases"][0]["usage"]["usd"] > 0


def test_where_only_the_report_finds_no_room_it_is_said_that_answers_are_safe(
    project: Project,
) -> None:
    with serving() as server:
        asking(project, server, 5)
        with files_up_to(40_000):
            process = project.start("run", "-q")
            _, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 4, err
        assert "every answer is kept, but results cannot be written: file too large" in err
        assert "--resume" in err
        assert project.harness("run", "-q", "--resume", "last").code == 0
        assert server.counts.calls.total() == 5


def test_a_full_disk_ends_the_run_and_room_lets_it_go_on(project: Project) -> None:
    with serving() as server:
        asking(project, server, 60)
        with files_up_to(40_000):
            process = project.start("run", "-j", "4")
            _, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 4, err
        assert "the run was stopped, since answers cannot be kept: file too large" in err
        assert "--resume" in err
        assert 4 < server.counts.calls.total() < 60
        for line in (project.run_folder() / "exchanges.jsonl").read_text().splitlines():
            json.loads(line)
        assert project.harness("run", "-q", "--resume", "last").code == 0
        assert server.counts.calls.total() <= 60 + 4
    assert project.results()["aggregate"]["micro"]["f1"] == 1


HOPELESS = (
    Fault.UNAUTHORISED,
    Fault.QUOTA,
    Fault.BILLING,
    Fault.DAILY,
    Fault.NO_CREDIT,
    Fault.BAD_KEY,
    Fault.NO_MODEL,
    Fault.NOT_FOUND,
    Fault.FORBIDDEN_PAGE,
)
"""What ends a run at once: no waiting mends it."""


def test_one_in_a_hundred_of_every_fault_leaves_every_case_answered_or_told(
    project: Project,
) -> None:
    left_out = (Fault.HANG, Fault.HUGE, *HOPELESS)
    faults: dict[Fault, float] = {fault: 0.01 for fault in Fault if fault not in left_out}
    with serving(Behaviour(faults=faults, retry_after="0.01", drip_seconds=0.001)) as server:
        asking(project, server, 200, ", mode: json_object")
        said = project.harness("run", "-q", "-j", "64")
        assert said.code in (0, 4)
        assert set(received(project).values()) == {1}
        assert server.counts.faults.total() > 10
    cases = project.results()["cases"]
    assert len(cases) == 200
    assert all(case["failure"] or case["correct_fields"] == 2 for case in cases)


def test_the_key_is_in_nothing_a_run_writes_or_says(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "sk-very-secret-0123456789"  # noqa: S105  # what must not be found
    monkeypatch.setenv("ASKED_KEY", secret)
    faults = {Fault.SERVER_ERROR: 0.2, Fault.UNAUTHORISED: 0.2}
    with serving(Behaviour(key=secret, faults=faults)) as server:
        asking(project, server, 12, ", key_env: ASKED_KEY, mode: json_object")
        said = project.harness("run")
        assert said.code in (0, 4)
    assert secret not in said.out + said.err
    for path in project.root.rglob("*"):
        assert not path.is_file() or secret.encode() not in path.read_bytes(), path


def test_a_run_folder_names_no_key_and_no_address_that_nobody_else_names() -> None:
    before = ModelOptions("m", base_url="https://evil.example/v1", params=("key_env=VICTIM_KEY",))
    assert unsaid_places(before, ModelOptions()) == [
        "--base-url https://evil.example/v1",
        "--param key_env=VICTIM_KEY",
    ]
    assert unsaid_places(before, before) == []
    assert (
        unsaid_places(ModelOptions("m", base_url="http://127.0.0.1:8000/v1"), ModelOptions()) == []
    )
    assert unsaid_places(
        ModelOptions("m", base_url="http://127.0.0.1.evil.example/v1"), ModelOptions()
    ) == ["--base-url http://127.0.0.1.evil.example/v1"]


def test_the_last_run_of_another_folder_of_runs_can_be_gone_on_with(project: Project) -> None:
    with serving() as server:
        asking(project, server, 3)
        first = project.harness("run", "--reports", "elsewhere", "--limit", "1", "--max-calls", "0")
        assert first.code in (2, 4)
        project.harness("run", "--reports", "elsewhere", "--max-calls", "1")
        done = project.harness("run", "--reports", "elsewhere", "--resume", "last")
        assert done.code == 0, done.err
        other = project.harness("run", "--reports", "other", "--resume", str(_only_run(project)))
    assert (other.code, "--reports cannot be changed" in other.err) == (2, True)


def _only_run(project: Project) -> Path:
    return max(project.root.glob("elsewhere/*/run.json")).parent


def test_a_run_whose_folder_is_deleted_pays_for_nothing_more(project: Project) -> None:
    def answer(asked: Asked) -> str:
        for folder in project.root.glob("reports/2*"):
            shutil.rmtree(folder, ignore_errors=True)
        return answer_in(asked)

    with serving(Behaviour(answer=answer, latency=0.01)) as server:
        asking(project, server, CASES)
        said = project.harness("run", "--no-cache", "-j", "2")
        assert said.code == 4
        assert server.counts.calls.total() < CASES / 2
    assert "answers cannot be kept: the file was deleted meanwhile" in said.err
    assert "begin it again" in said.err
    assert "every answer is kept" not in said.err
