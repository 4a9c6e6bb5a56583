"""`harness view`: what it shows, and to whom."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import ClientSession, CookieJar, web
from aiohttp.test_utils import TestServer
from yarl import URL

from harness.cases.load import load_suites
from harness.report.folder import write_report
from harness.report.rendering.html_page import as_served
from harness.run.asking.execute import execute, prepare
from harness.run.asking.orders import UNWATCHED, Orders
from harness.view.server import application
from tests.patience import PATIENCE

HOSTILE = "<img src=x onerror=alert(1)>\u202e"


@dataclass(frozen=True, slots=True)
class Got:
    """An answer of the server."""

    status: int
    text: str
    headers: Mapping[str, str]


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs of one suite: one right, one with a wrong total."""
    root = tmp_path_factory.mktemp("project")
    for name, total in (("good", 5), ("bad", 7)):
        (root / "evals/notes/answers" / name).mkdir(parents=True)
        said = json.dumps({"total": total})
        (root / f"evals/notes/answers/{name}/a.json").write_text(said, "utf-8")
    for place, text in {
        "evals/notes/documents/a.txt": "Total 5",
        "ground_truth/notes/a.json": '{"total": 5}',
        "evals/notes/suite.yaml": "extractors:\n"
        "  good: {kind: recorded, answers: answers/good}\n"
        "  bad: {kind: recorded, answers: answers/bad}\n",
        "pyproject.toml": "",
    }.items():
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        (root / place).write_text(text, "utf-8")
    for job in prepare(load_suites(root / "evals"), []):
        done = execute(job, root / "reports", Orders(), UNWATCHED)
        write_report(done.folder)
    return root / "reports"


def get(reports: Path, path: str, method: str = "GET", **headers: str) -> Got:
    """Ask a server of these reports; underscores in headers' names become dashes."""

    async def ask() -> Got:
        async with TestServer(application(reports), host="127.0.0.1") as server:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            if named.get("Host") == "ours":
                named["Host"] = f"localhost:{server.port}"
            if named.get("Origin") == "ours":
                named["Origin"] = f"http://127.0.0.1:{server.port}"
            url = URL(f"http://127.0.0.1:{server.port}{path}", encoded=True)
            async with (
                ClientSession() as session,
                session.request(method, url, headers=named, allow_redirects=False) as answer,
            ):
                text = (await answer.read()).decode("utf-8", "replace")
                return Got(answer.status, text, answer.headers)

    return asyncio.run(ask())


def names(reports: Path) -> list[str]:
    return sorted(path.parent.name for path in reports.glob("*/run.json"))


def test_the_list_leads_to_reports_that_lie_on_disk(reports: Path) -> None:
    page = get(reports, "/")
    links = re.findall(r'href="([^"]+report\.html)"', page.text)
    assert sorted(set(links)) == [f"{name}/report.html" for name in names(reports)]
    served = get(reports, f"/{links[0]}")
    assert served.status == 200
    on_disk = (reports / links[0]).read_bytes()
    assert served.text == as_served(on_disk).decode()
    assert get(reports, "/history.html").status == 200


def test_two_runs_or_more_are_compared_and_one_is_not(reports: Path) -> None:
    bad, good = names(reports)
    found = get(reports, f"/compare?run={good}&run={bad}")
    assert found.status == 200
    assert "total" in found.text
    for query in ("", f"?run={good}", f"?run={good}&run=..", f"?run={good}&run={good}"):
        refused = get(reports, f"/compare{query}")
        assert (refused.status, '<a href="/">all reports</a>' in refused.text) == (400, True)


def test_what_cannot_be_compared_is_said_on_a_page_that_leads_back(
    reports: Path, tmp_path: Path
) -> None:
    copy = shutil.copytree(reports, tmp_path / "<b>reports")
    bad, good = names(copy)
    (copy / good / "eval-results.json").write_text("{", "utf-8")
    refused = get(copy, f"/compare?run={good}&run={bad}")
    assert (refused.status, '<a href="/">all reports</a>' in refused.text) == (409, True)
    assert "&lt;b&gt;reports" in refused.text
    assert "<b>" not in refused.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "ours", "Origin": ""}, 403),
        ({"Host": "ours"}, 200),
        ({"Origin": "ours"}, 200),
        ({"Host": "evil.example"}, 403),
        ({"Host": "127.0.0.1"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "no-cors"}, 403),
        ({"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"}, 200),
        ({"Sec_Fetch_Site": "same-origin", "Sec_Fetch_Mode": "cors"}, 200),
    ],
)
def test_only_its_own_pages_and_people_may_ask(
    reports: Path, headers: dict[str, str], status: int
) -> None:
    found = get(reports, "/progress", **headers)
    assert found.status == status
    assert found.headers["X-Content-Type-Options"] == "nosniff"
    assert found.headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_nothing_can_be_changed(reports: Path, method: str) -> None:
    before = {path: path.stat().st_mtime_ns for path in reports.rglob("*.json*")}
    assert get(reports, "/", method).status == 405
    assert before == {path: path.stat().st_mtime_ns for path in reports.rglob("*.json*")}


def test_nothing_but_run_folders_is_handed_out(reports: Path, tmp_path: Path) -> None:
    copied = tmp_path / "reports"
    shutil.copytree(reports, copied)
    secret = tmp_path / "secret.txt"
    secret.write_text("secret", "utf-8")
    run = names(copied)[0]
    (copied / run / "link.txt").symlink_to(secret)
    (copied / run / "page.html").write_text("<script>alert(1)</script>", "utf-8")
    (copied / "no-run").mkdir()
    (copied / "no-run" / "report.html").write_text("x", "utf-8")
    for path in (
        f"/{run}/../../secret.txt",
        f"/{run}/..%2f..%2fsecret.txt",
        f"/{run}/link.txt",
        f"/{run}/page.html",
        f"/{run}/%00",
        "/no-run/report.html",
        "/..%2fsecret.txt/x",
        f"/{run}/",
        f"/{run}",
    ):
        found = get(copied, path)
        assert (found.status, "secret" in found.text) == (404, False), path
    stored = get(copied, f"/{run}/predictions.jsonl")
    assert stored.status == 200
    assert stored.headers["Content-Type"] == "text/plain; charset=utf-8"


def at_work(reports: Path, copied: Path, size: int) -> Path:
    """Make of the run that was right one at work: of its cases the first and the third are told."""
    shutil.copytree(reports, copied)
    [run] = copied.glob("*-good")
    (run / "report.html").unlink()
    (run / "eval-results.json").unlink()
    record = json.loads((run / "run.json").read_text("utf-8"))
    begun = {**record, "finished": None, "suite": HOSTILE, "complete": False}
    del begun["headline"]
    (run / "run.json").write_text(json.dumps(begun), "utf-8")
    case = json.loads((run / "cases.jsonl").read_text("utf-8"))
    lines = [json.dumps({**case, "id": f"case-{number}"}) for number in range(size)]
    (run / "cases.jsonl").write_text("".join(f"{line}\n" for line in lines), "utf-8")
    said = json.loads((run / "predictions.jsonl").read_bytes())
    failed = {"status": "failed", "kind": "not_json", "message": "?", "raw": None, "usage": None}
    told = [{**said, "case_id": "case-0"}, {**said, "case_id": "case-2", "said": failed}]
    text = "".join(f"{json.dumps(one)}\n" for one in (*told, told[0]))
    (run / "predictions.jsonl").write_text(f"{text}{{torn", "utf-8")
    return run


@pytest.mark.parametrize("size", [3, 3000])
def test_what_is_at_work_says_how_far_it_is_what_it_scores_and_what_goes_wrong(
    reports: Path, tmp_path: Path, size: int
) -> None:
    run = at_work(reports, tmp_path / "reports", size)
    answer = json.loads(get(run.parent, "/progress").text)
    [found] = answer["running"]
    assert answer["known"] == 2
    assert found["run_id"] == run.name
    assert found["words"].startswith(f"2 of {size:,} answers".replace(",", "\u202f"))
    assert found["score"].startswith("macro F1 50.0 % (")
    assert ", of 2 answers; only 2 documents: " in found["score"]
    assert found["failures"] == "1 without a usable answer: 1 not JSON"
    assert found["waited"] == "waiting for case-1"
    assert found["spoken"].endswith("1 failure")
    page = get(run.parent, "/").text
    words = f'At work: <span data-progress="{run.name}">2 of {size:,} answers'
    assert words.replace(",", "\u202f") in page
    assert "Not ended" not in page
    assert "<img" not in page
    assert "\u202e" not in page


def test_the_report_of_a_run_at_work_is_made_of_what_was_answered_and_written_nowhere(
    reports: Path, tmp_path: Path
) -> None:
    run = at_work(reports, tmp_path / "reports", 5)
    before = sorted(path.name for path in run.iterdir())
    page = get(run.parent, f"/{run.name}/report.html")
    assert page.status == 200
    assert "The run has not ended: 2 of 5 answered so far" in page.text
    assert sorted(path.name for path in run.iterdir()) == before


def test_a_run_at_work_that_own_comparators_judge_is_not_judged_by_who_looks(
    reports: Path, tmp_path: Path
) -> None:
    run = at_work(reports, tmp_path / "reports", 5)
    (tmp_path / "comparators.py").write_text("raise SystemExit('ran')", "utf-8")
    record = json.loads((run / "run.json").read_text("utf-8"))
    own = {"folder": "../..", "sha256": {"comparators.py": "0"}}
    (run / "run.json").write_text(json.dumps({**record, "comparators": own}), "utf-8")
    [found] = json.loads(get(run.parent, "/progress").text)["running"]
    assert found["score"] == ""
    refused = get(run.parent, f"/{run.name}/report.html")
    assert (refused.status, "once it has ended" in refused.text) == (409, True)


def test_it_starts_before_the_first_run(tmp_path: Path) -> None:
    page = get(tmp_path / "reports", "/")
    assert page.status == 200
    assert "No run yet." in page.text
    answer = json.loads(get(tmp_path / "reports", "/progress").text)
    assert answer == {"known": 0, "running": []}
    assert get(tmp_path / "reports", "/history.html").status == 200


def test_runs_that_asked_different_questions_are_compared_once_that_is_wanted(
    reports: Path, tmp_path: Path
) -> None:
    copied = tmp_path / "reports"
    shutil.copytree(reports, copied)
    bad, good = names(copied)
    path = copied / good / "eval-results.json"
    results = json.loads(path.read_text("utf-8"))
    results["signature"]["rules"] = "other"
    path.write_text(json.dumps(results), "utf-8")
    query = f"/compare?run={bad}&run={good}"
    refused = get(copied, query)
    assert refused.status == 409
    [link] = re.findall(r'href="(/compare[^"]+)"', refused.text)
    assert get(copied, link.replace("&amp;", "&")).status == 200


def test_a_run_that_cannot_be_read_is_named_and_the_rest_shown(
    reports: Path, tmp_path: Path
) -> None:
    copied = tmp_path / "reports"
    shutil.copytree(reports, copied)
    (copied / "broken").mkdir()
    (copied / "broken" / "run.json").write_text("{", "utf-8")
    page = get(copied, "/")
    assert page.status == 200
    assert "Not listed." in page.text
    assert page.text.count('name="run"') == 2


def test_it_listens_on_this_machine_only_and_ends_on_ctrl_c(reports: Path) -> None:
    command = [sys.executable, "-m", "harness", "view", "--reports", str(reports), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        address = server.stdout.readline().split()[0]
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?token=[\w-]{32}", address)
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=PATIENCE) == 0


def test_a_port_that_is_taken_is_a_clear_error(reports: Path) -> None:
    async def taken() -> str:
        runner = web.AppRunner(web.Application())
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port = str(runner.addresses[0][1])
        command = ["-m", "harness", "view", "--reports", str(reports), "--port", port]
        process = await asyncio.create_subprocess_exec(
            sys.executable, *command, stderr=asyncio.subprocess.PIPE
        )
        _, said = await process.communicate()
        await runner.cleanup()
        return said.decode()

    said = asyncio.run(taken())
    assert "cannot listen on port" in said
    assert "choose another with --port" in said


@pytest.mark.parametrize("path", ["/", "/history.html", "/compare", "/progress", "RUN"])
def test_with_a_token_only_a_browser_that_brought_it_is_answered(reports: Path, path: str) -> None:
    run = next(reports.glob("*/report.html"))
    place = f"/{run.parent.name}/report.html" if path == "RUN" else path

    async def ask() -> list[tuple[int, str]]:
        found: list[tuple[int, str]] = []
        async with (
            TestServer(application(reports, "s3cret"), host="127.0.0.1") as server,
            ClientSession(cookie_jar=CookieJar(unsafe=True)) as session,
        ):
            url = server.make_url(place)
            for token in (None, "wrong", "s3cret", None):
                asked = url if token is None else url.with_query(token=token)
                async with session.get(asked) as got:
                    found.append((got.status, got.url.path_qs))
        return found

    none, wrong, right, after = asyncio.run(ask())
    assert (none[0], wrong[0]) == (401, 401)
    assert right[0] == after[0] != 401
    assert "token" not in right[1], "it does not stay in the address"
