"""`harness run --batch` and what belongs to it, as a user meets it."""

from __future__ import annotations

import json
import shutil
import signal
from pathlib import Path

import pytest

from harness.core.number_text import count
from harness.run.clock import hours_ago
from tests.cli.asked import BATCH_PRICES, asking, received
from tests.cli.conftest import REPOSITORY, Project
from tests.extract.batches.batch_server import BatchServed, Faults, serving_batches
from tests.extract.batches.scenarios import RESUME, stage
from tests.patience import PATIENCE, wait_until


def answered(served: BatchServed) -> int:
    return served.app.answered.total()


def test_a_batch_is_submitted_and_told_with_exit_code_4(project: Project) -> None:
    with serving_batches() as served:
        asking(project, served, 3)
        said = project.harness("run", "--batch")
        assert said.code == 4
        assert "submitted   b-1 batch_1: 3 requests" in said.out
        assert said.next[0].endswith("-asked-m-1 --wait")
        assert "F1" not in said.out  # no figure of answers that have yet to come
        quiet = project.harness("run", "--resume", "last", "-q")
        assert quiet.out.splitlines() == [_report(project)]
        assert "b-1 batch_1: 3 requests" in project.harness("batch", "list").out
        collected = project.harness("batch", "collect", "last", "--wait")
        assert (collected.code, answered(served)) == (0, 3)
        assert "ended, 3 answered" in project.harness("batch", "list", "last").out


def test_what_is_submitted_is_told_with_its_price(project: Project) -> None:
    project.write({"prices.toml": BATCH_PRICES})
    with serving_batches() as served:
        asking(project, served, 2, more=", max_tokens: 1000")
        said = project.harness("run", "--batch", "--prices", "prices.toml")
    # two answers of 1,000 tokens at half of $100 a million, and a little for what is read
    assert "2 requests, at most $0.10 at half the price" in said.out


@pytest.mark.parametrize("cases", [3, 3_000])
def test_results_in_another_order_and_twice_are_taken_in_once_each(
    project: Project, cases: int
) -> None:
    with serving_batches(Faults(shuffle=True, duplicates=True, strangers=1)) as served:
        asking(project, served, cases)
        said = project.harness("run", "--batch", "--wait", "--poll", "0.02", "--no-cache")
        assert (said.code, answered(served), served.twice()) == (0, cases, [])
    assert project.results()["aggregate"]["micro"]["f1"] == 1.0
    assert sum(received(project).values()) == cases
    many = f"{count(cases)} of {count(cases)} answered"
    assert f"b-1: ended, {many}" in said.err
    assert f"ended, {count(cases)} answered" in project.harness("batch", "list").out
    assert not [file for file in project.run_folder().glob("batches/*") if file.name != "b-1.jsonl"]


@pytest.mark.parametrize("cases", [3, 3_000])
def test_a_batch_without_results_is_not_waited_for_after_its_time_until_it_is_given_up(
    project: Project, cases: int
) -> None:
    faults = Faults(no_files=10**6, ahead=60)
    with serving_batches(faults) as served:
        asking(project, served, cases)
        ran = project.harness("run", "--batch", "--wait", "--poll", "0.02", "--no-cache")
        assert (ran.code, served.app.steps["submit"]) == (4, 1)
        assert "b-1: batch_1 is called over without results after 20" in ran.err
        assert "harness batch cancel gives it up" in ran.err
        again = project.harness(*RESUME)
        assert (again.code, served.app.steps["submit"]) == (4, 1)  # it may yet have to be paid for
        cancelled = project.harness("batch", "cancel", "last")
        assert cancelled.code == 0, cancelled.err
        assert "gone, 0 answered" in project.harness("batch", "list").out
        served.app.faults = Faults()
        assert project.harness(*RESUME).code == 0
        assert (served.app.steps["submit"], project.results()["cases"][0]["failure"]) == (2, None)


def test_without_the_vendors_clock_ours_may_be_wrong_by_a_day(project: Project) -> None:
    with serving_batches(Faults(slow=10**6, ahead=0)) as served:
        asking(project, served, 3)
        project.harness("run", "--batch")
        log = project.run_folder() / "batches.jsonl"
        lines = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
        for hours, is_late in ((24 + 2 + 25, False), (24 + 2 + 27, True)):
            for line in lines:
                line["at"] = line["expires"] = hours_ago(hours)
            kept = [line for line in lines if line["do"] != "expires"]
            log.write_text("".join(json.dumps(line) + "\n" for line in kept), "utf-8")
            served.app.faults.behind = hours * 3600
            told = project.harness("run", "--resume", "last")
            assert (told.code, "is not over after" in told.err) == (4, is_late)
            assert served.app.steps["submit"] == 1


def test_a_run_that_waits_can_be_interrupted_and_gone_on_with(project: Project) -> None:
    with serving_batches(Faults(slow=10**6)) as served:
        asking(project, served, 3)
        process = project.start("run", "--batch", "--wait", "--poll", "0.02")
        wait_until(lambda: served.app.steps["look"] >= 3 or process.poll() is not None)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
        assert (process.returncode, "batch_1: 3 requests" in out) == (4, True)
        assert "batches go on at the vendor, and --resume collects them" in err
        served.app.faults.slow = 0
        assert project.harness(*RESUME).code == 0
        assert (answered(served), served.twice()) == (3, [])


def test_cases_that_ask_the_same_share_a_line(project: Project) -> None:
    with serving_batches() as served:
        asking(project, served, 2)
        same = "The same\nANSWER {}\n"
        for name in ("c000", "c001"):
            project.write({f"evals/asked/documents/{name}.txt": same})
        assert project.harness("run", "--batch", "--wait", "--poll", "0.02").code == 0
        assert answered(served) == 1
        cases = project.results()["cases"]
        assert [each["failure"] for each in cases] == [None, None]


def test_parts_of_a_long_document_go_into_one_batch(project: Project) -> None:
    with serving_batches() as served:
        asking(project, served, 1)
        suite = project.root / "evals/asked/suite.yaml"
        suite.write_text(suite.read_text() + "reading: {chunk_pages: 1}\n")
        text = 'one\nANSWER {"number": 0}\n\fANSWER {"name": "n0"}\n'
        project.write({"evals/asked/documents/c000.txt": text})
        assert project.harness("run", "--batch", "--wait", "--poll", "0.02").code == 0
        assert (answered(served), served.app.steps["submit"]) == (2, 1)
        assert project.results()["aggregate"]["micro"]["f1"] == 1.0


def test_a_form_of_answer_that_is_refused_is_asked_for_in_the_next_form(project: Project) -> None:
    faults = Faults(line_errors={'"json_schema"': 400}, lasting=True)
    with serving_batches(faults) as served:
        asking(project, served, 3)
        suite = project.root / "evals/asked/suite.yaml"
        suite.write_text(suite.read_text() + "schema: schema.json\n")
        schema = {
            "type": "object",
            "properties": {"number": {"type": "integer"}, "name": {"type": "string"}},
        }
        project.write({"evals/asked/schema.json": json.dumps(schema)})
        assert project.harness("run", "--batch", "--wait", "--poll", "0.02").code == 0
        assert (answered(served), served.twice()) == (3, [])
        assert project.results()["aggregate"]["micro"]["f1"] == 1.0


def test_answers_cost_the_share_of_batches(project: Project) -> None:
    project.write({"prices.toml": BATCH_PRICES})
    with serving_batches() as served:
        asking(project, served, 2)
        dry = project.harness("run", "--batch", "--dry-run", "--prices", "prices.toml").out
        assert "$5 in, $50 out a million tokens in batches (0.5 of the price)" in dry
        assert served.app.steps.total() == 0
        options = ("--batch", "--wait", "--poll", "0.02", "--prices", "prices.toml")
        assert project.harness("run", *options).code == 0
    usage = project.results()["cases"][0]["usage"]
    tokens_in, tokens_out = usage["input_tokens"], usage["output_tokens"]
    assert usage["usd"] == pytest.approx((tokens_in * 5 + tokens_out * 50) / 1_000_000)


def test_a_cap_is_kept_at_the_price_of_batches(project: Project) -> None:
    project.write({"prices.toml": BATCH_PRICES})
    with serving_batches() as served:
        asking(project, served, 6, more=", max_tokens: 1000")
        # at most about $0.0505 a question: room for two, where the whole price has room for none
        options = ("--batch", "--max-usd", "0.11", "--prices", "prices.toml")
        assert project.harness("run", *options).code == 4
        assert served.app.asked.total() == 2
        resumed = project.harness(*RESUME, "--max-usd", "0.11", "--prices", "prices.toml")
        # answers took far less than they could have: there is room for the others now
        assert (resumed.code, answered(served)) == (0, 6)


def test_no_secret_is_in_any_file_of_the_run(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", "sk-very-secret-0123456789")
    with serving_batches() as served:
        asking(project, served, 2, more=", key_env: MY_KEY")
        assert project.harness("run", "--batch", "--wait", "--poll", "0.02").code == 0
        sent = {headers.get("authorization") for headers in served.app.headers}
    assert sent == {"Bearer sk-very-secret-0123456789"}
    for path in project.run_folder().rglob("*"):
        assert path.is_dir() or b"very-secret" not in path.read_bytes(), path


def test_batches_share_answers_with_runs_that_ask_one_by_one(project: Project) -> None:
    with serving_batches() as served:
        asking(project, served, 3)
        assert project.harness("run", "--batch", "--wait", "--poll", "0.02").code == 0
        assert project.harness("run").code == 0
        assert (answered(served), served.app.single.total()) == (3, 0)


def test_what_is_in_a_batch_is_not_asked_alone_meanwhile(project: Project) -> None:
    with serving_batches(Faults(expire=1, slow=2)) as served:
        asking(project, served, 3)
        assert project.harness("run", "--batch").code == 4
        assert project.harness("run", "--resume", "last", "--no-batch").code == 4
        assert served.app.single.total() == 0
        # the expired one is asked alone once the batch has ended
        assert project.harness(*RESUME, "--no-batch").code == 0
        assert (served.app.single.total(), len(served.twice())) == (1, 0)


def test_a_line_asked_again_after_a_failure_is_asked_once_though_the_process_ends(
    tmp_path: Path,
) -> None:
    faults = Faults(line_errors={"Case 2": 400})
    with stage(tmp_path, "openai", faults) as on:
        assert on.run("run", "--batch", "--wait", "--poll", "0.02") == 4
        before = (on.folder / "predictions.jsonl").read_bytes()
        assert on.run(*RESUME) == 0
        # all is as if the process had ended before it could write what it had collected
        (on.folder / "predictions.jsonl").write_bytes(before)
        assert on.run(*RESUME) == 0
        assert (on.served.twice(), on.missing(), on.wrong()) == ([], [], 0)


def test_a_cancelled_batch_is_collected_and_the_rest_asked_again(project: Project) -> None:
    with serving_batches(Faults(slow=50)) as served:
        asking(project, served, 4)
        assert project.harness("run", "--batch").code == 4
        cancelled = project.harness("batch", "cancel", "last")
        assert "b-1: batch_1 is being cancelled" in cancelled.out
        assert project.harness("run", "--resume", "last").code == 4
        said = [json.loads(line)["said"] for line in _predictions(project)[-4:]]
        assert {each["kind"] for each in said} == {"interrupted"}
        assert project.harness(*RESUME).code == 0


def test_a_batch_that_the_vendor_does_not_know_is_given_up_only_by_cancel(
    project: Project,
) -> None:
    with serving_batches() as served:
        asking(project, served, 2)
        assert project.harness("run", "--batch").code == 4
        served.app.batches.clear()
        again = project.harness("run", "--resume", "last")
        assert (again.code, served.app.steps["submit"]) == (4, 1)
        assert "batch_1 tells nothing: HTTP 404" in again.err
        project.harness("batch", "cancel", "last")
        assert project.harness(*RESUME).code == 0


def _report(project: Project) -> str:
    return (project.run_folder() / "report.html").relative_to(project.root).as_posix()


def _predictions(project: Project) -> list[str]:
    return (project.run_folder() / "predictions.jsonl").read_text("utf-8").splitlines()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--wait",), "--wait has no batches to wait for"),
        (("--batch", "--answers", "pyproject.toml"), "--batch and --answers do not go together"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    project: Project, options: tuple[str, ...], told: str
) -> None:
    with serving_batches() as served:
        asking(project, served, 1)
        said = project.harness("run", *options)
    assert (said.code, told in said.err) == (2, True)


def test_an_extractor_without_batches_is_refused(project: Project) -> None:
    project.suite("a")
    said = project.harness("run", "--batch")
    assert said.code == 2
    assert "asks no endpoint that takes batches" in said.err


def _run_offline(requests: Path, answers: Path, served: BatchServed) -> None:
    """Answer a batch file as vLLM's offline runner does: the same lines, in another order."""
    del served
    lines = [json.loads(line) for line in requests.read_text("utf-8").splitlines()]
    said = []
    for line in reversed(lines):
        text = json.dumps(line["body"]["messages"])
        answer = json.loads(
            json.loads('"' + text.partition("ANSWER ")[2].partition("\\n")[0] + '"')
        )
        message = {"role": "assistant", "content": json.dumps(answer)}
        choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
        body = {"choices": choices, "usage": {"prompt_tokens": 20, "completion_tokens": 10}}
        response = {"status_code": 200, "request_id": "vllm-1", "body": body}
        said.append({"id": "vllm-1", "custom_id": line["custom_id"], "response": response})
    answers.write_text("".join(json.dumps(each | {"error": None}) + "\n" for each in said))


def test_a_batch_file_is_answered_offline_and_read_back(project: Project) -> None:
    with serving_batches() as served:
        asking(project, served, 4)
        requests, answers = project.root / "out.jsonl", project.root / "out.answers.jsonl"
        written = project.harness("run", "--batch-file", "out.jsonl", "--repeat", "2")
        assert written.next == ("harness run --repeat 2 --answers out.answers.jsonl",)
        assert written.out.startswith("8 requests in out.jsonl")
        assert not (project.root / "reports").exists()
        _run_offline(requests, answers, served)
        read = project.harness(*written.next[0].split()[1:])
        assert read.code == 0, read.err
        assert served.app.single.total() == served.app.steps.total() == 0
        figures = project.results()["aggregate"]
        assert figures["micro"]["f1"] == 1.0


def test_a_line_that_has_no_answer_is_missing_and_never_wrong(project: Project) -> None:
    with serving_batches() as served:
        asking(project, served, 3)
        requests, answers = project.root / "out.jsonl", project.root / "in.jsonl"
        project.harness("run", "--batch-file", "out.jsonl")
        _run_offline(requests, answers, served)
        lines = answers.read_text().splitlines()
        failed = json.loads(lines[0]) | {"response": None, "error": {"message": "no memory"}}
        answers.write_text(json.dumps(failed) + "\n" + lines[1] + "\n")
        assert project.harness("run", "--answers", "in.jsonl").code == 4
        kinds = [(each["failure"] or {}).get("kind") for each in project.results()["cases"]]
        assert sorted(kinds, key=str) == [None, "no_recording", "transport"]
        # the rest can come later
        _run_offline(requests, answers, served)
        assert project.harness("run", "--resume", "last", "--answers", "in.jsonl").code == 0


def test_two_unlike_answers_to_one_line_are_refused(project: Project) -> None:
    with serving_batches() as served:
        asking(project, served, 1)
        line = json.dumps({"custom_id": "a", "response": {"status_code": 200, "body": {}}})
        other = line.replace("200", "500")
        project.write({"in.jsonl": f"{line}\n{line}\n{other}\n[]\n"})
        said = project.harness("run", "--answers", "in.jsonl")
        assert said.code == 3
        assert "in.jsonl:3: a second answer to 'a', unlike the first [duplicate-answer]" in said.err
        assert "in.jsonl:4: not a result line [bad-line]" in said.err


@pytest.mark.parametrize("suite", ["receipts", "basics"])
def test_a_real_models_answers_score_the_same_through_a_batch_file(
    project: Project, suite: str
) -> None:
    for name in ("evals", "ground_truth", "prompts"):
        shutil.copytree(REPOSITORY / name, project.root / name)
    recorded = project.root / "evals" / suite / "answers" / "small-model"
    evals = f"evals/{suite}"
    assert project.harness("run", evals, "-e", recorded.name, "-q").code == 0
    (run,) = (project.root / "reports").glob("*/eval-results.json")
    before = json.loads(run.read_text("utf-8"))
    shutil.rmtree(run.parent)
    model = ("--model", "my-model", "--base-url", "http://127.0.0.1:9/v1")
    assert project.harness("run", evals, *model, "--batch-file", "out.jsonl").code == 0
    lines = [json.loads(line) for line in (project.root / "out.jsonl").read_text().splitlines()]
    said = []
    for line in lines:
        case = line["custom_id"].partition("-r1-")[0]
        (reply,) = recorded.glob(f"{case}.*")
        message = {"role": "assistant", "content": reply.read_text("utf-8")}
        body = {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
        response = {"status_code": 200, "request_id": "vllm-1", "body": body}
        said.append(json.dumps({"custom_id": line["custom_id"], "response": response}))
    (project.root / "in.jsonl").write_text("\n".join(said))
    assert project.harness("run", evals, *model, "--answers", "in.jsonl", "-q").code == 0
    after = project.results()
    assert after["aggregate"]["counts"] == before["aggregate"]["counts"]
    assert after["aggregate"]["macro"] == before["aggregate"]["macro"]


def test_the_batches_of_all_suites_are_submitted_before_any_is_waited_for(
    project: Project,
) -> None:
    with serving_batches(Faults(slow=10**6)) as served:
        asking(project, served, 2)
        shutil.copytree(project.root / "evals/asked", project.root / "evals/other")
        shutil.copytree(project.root / "ground_truth/asked", project.root / "ground_truth/other")
        process = project.start("run", "--batch", "--wait", "--poll", "0.02")
        wait_until(lambda: served.app.steps["submit"] >= 2 or process.poll() is not None)
        assert process.poll() is None
        served.app.faults.slow = 0
        out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, out + err
        assert len(list((project.root / "reports").glob("*/run.json"))) == 2


def test_a_batch_that_cannot_be_cancelled_is_said_and_stays_open(project: Project) -> None:
    with serving_batches(Faults(slow=50)) as served:
        asking(project, served, 2)
        assert project.harness("run", "--batch").code == 4
        served.app.faults.refuse = 409
        said = project.harness("batch", "cancel", "last")
        assert said.code == 3
        assert "b-1: batch_1 is not cancelled: HTTP 409: no [not-cancelled]" in said.err
        assert "to be collected" in project.harness("batch", "list").out


def test_what_a_model_refused_is_asked_again_in_a_batch_with_retry(project: Project) -> None:
    with serving_batches() as served:
        asking(project, served, 2)
        project.write({"evals/asked/documents/c001.txt": "no JSON\nANSWER I cannot read this\n"})
        options = ("--wait", "--poll", "0.02")
        assert project.harness("run", "--batch", *options).code == 0
        assert project.results()["cases"][1]["failure"]["kind"] == "not_json"
        assert project.harness("run", "--resume", "last", *options).code == 0
        assert answered(served) == 2
        assert project.harness("run", "--resume", "last", "--retry", *options).code == 0
        assert answered(served) == 3
