"""Local server: the list of runs, their reports, runs at work, comparisons."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path
from types import MappingProxyType
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from harness.core.inert_text import inert
from harness.errors import HarnessError, Problem
from harness.report.comparison.comparison_page import render_compared
from harness.report.folder import field_courses, index_entries, since_scored, stale_runs
from harness.report.history.history_table import runs_of
from harness.report.history.index_page import render_live, render_refusal
from harness.report.history.running_rows import RunningRecord, ScoreRecord, running_rows
from harness.report.history.trend_page import render_trends
from harness.report.rendering.html_page import as_served, with_stale
from harness.run import store
from harness.run.asking.progress import FolderWatch
from harness.run.asking.running_score import ScoreSoFar
from harness.run.clock import seconds_since
from harness.run.history.run_index import HistoryFilter, read_history
from harness.view.guard import reading_guard
from harness.view.open_runs import OpenRuns
from harness.view.source_files import PageOfDocument, PageSources

_SERVED: Final[Mapping[str, str]] = MappingProxyType(
    {".html": "text/html", ".txt": "text/plain", ".json": "text/plain", ".jsonl": "text/plain"}
)
"""What of a run folder is handed out, and as what."""
_KEPT_PAGE: Final = re.compile(r"report-pages/[0-9a-f]{16}-[0-9]{1,6}\.(png|jpeg|gif|webp)")
_NUMBER: Final = re.compile("[0-9]{1,6}")
_SPAN: Final = re.compile("([0-9]{1,9})-([0-9]{1,9})")
_CACHED: Final[Mapping[str, str]] = MappingProxyType({"Cache-Control": "private, max-age=3600"})
_PAIR: Final = 2
_UNLIKE: Final = "unlike"
"""What the address says where runs are compared though they asked different questions."""


def application(reports: Path, token: str | None = None) -> web.Application:
    """Return the server of one reports folder, for those who bring the token, if there is one."""
    pages = _Pages(reports, FolderWatch(reports), OpenRuns(), PageSources())
    app = web.Application(middlewares=[reading_guard(token)])
    app.router.add_get("/", _answer(pages.runs))
    app.router.add_get("/index.html", _answer(pages.runs))
    app.router.add_get("/history.html", _answer(pages.history))
    app.router.add_get("/compare", _answer(pages.comparison))
    app.router.add_get("/progress", _answer(pages.progress))
    app.router.add_get("/favicon.ico", _answer(_no_icon))
    app.router.add_get("/{run}/page.png", _answer(pages.picture))
    app.router.add_get("/{run}/boxes.json", _answer(pages.boxes))
    app.router.add_get("/{run}/{path:.+}", _answer(pages.file))
    return app


def _answer(
    make: Callable[[web.Request], web.Response],
) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Return a handler that reads files in a thread, and says what is wrong with them."""

    async def handler(request: web.Request) -> web.Response:
        try:
            return await asyncio.to_thread(make, request)
        except HarnessError as error:
            message = "\n".join(map(str, error.problems))
            return _refusal(HTTPStatus.CONFLICT, message.split("\n"))

    return handler


def _placed(problem: Problem) -> str:
    return problem.what if problem.where is None else f"{problem.where}: {problem.what}"


def _no_icon(_request: web.Request) -> web.Response:
    """Browsers ask for one unasked, and complain of none."""
    return web.Response(status=HTTPStatus.NO_CONTENT)


@dataclass(frozen=True, slots=True)
class _Pages:
    reports: Path
    watch: FolderWatch
    at_work: OpenRuns
    files: PageSources

    def runs(self, _request: web.Request) -> web.Response:
        """Every run, those at work first, with a choice of any to compare."""
        entries, problems = index_entries(self.reports)
        notes = [inert(str(problem)) for problem in problems]
        return _html(render_live(entries, self._told(), notes, stale_runs(self.reports)))

    def history(self, _request: web.Request) -> web.Response:
        """F1 over time, as `harness history` writes it."""
        runs = runs_of(read_history(self.reports, HistoryFilter()))
        return _html(render_trends(runs, field_courses(index_entries(self.reports)[0])))

    def comparison(self, request: web.Request) -> web.Response:
        """Runs side by side, the oldest one as the base."""
        names = sorted(set(request.query.getall("run", [])))
        known = {folder.name: folder for folder in store.run_folders(self.reports)}
        if len(names) < _PAIR or not known.keys() >= set(names):
            message = "Choose two runs or more to compare: tick them in the list of all reports."
            return _refusal(HTTPStatus.BAD_REQUEST, [message])
        folders = [known[name] for name in names]
        allow = _UNLIKE in request.query
        try:
            return _html(render_compared(folders, self.reports / "compare", allow_unlike=allow))
        except HarnessError as error:
            if any(problem.code != "unlike-runs" for problem in error.problems):
                raise
            link = f"/compare?{urlencode([('run', name) for name in names])}&{_UNLIKE}=yes"
            problems = [problem.what for problem in error.problems]
            onward = link, "Compare the cases they share all the same"
            return _refusal(HTTPStatus.CONFLICT, problems, onward)

    def progress(self, _request: web.Request) -> web.Response:
        """Number of runs, and progress of each that has not ended, as JSON."""
        running = [asdict(row) for row in running_rows(self._told())]
        known = sum(1 for _ in store.run_folders(self.reports))
        return web.json_response({"known": known, "running": running})

    def file(self, request: web.Request) -> web.Response:
        """A file of a run folder: its report, or a text that the report leads to."""
        run, path = request.match_info["run"], request.match_info["path"]
        known = {folder.name: folder for folder in store.run_folders(self.reports)}
        folder = known.get(run)
        file = (folder / path).resolve() if folder is not None and "\0" not in path else None
        if file is None or folder is None or not file.is_relative_to(folder.resolve()):
            raise web.HTTPNotFound
        if self.at_work.is_open(folder):
            made = self.at_work.page(folder).get(path)
            if made is not None:
                body = as_served(made.encode()) if path == store.REPORT else made.encode()
                return web.Response(body=body, content_type=_SERVED[file.suffix], charset="utf-8")
        if _KEPT_PAGE.fullmatch(path) and file.is_file():
            kind = f"image/{file.suffix[1:]}"
            return web.Response(body=file.read_bytes(), content_type=kind, headers=_CACHED)
        if not file.is_file() or file.suffix not in _SERVED:
            raise web.HTTPNotFound
        if file.suffix == ".html" and path != store.REPORT:
            raise web.HTTPNotFound
        kind, body = _SERVED[file.suffix], file.read_bytes()
        if path == store.REPORT:
            body = as_served(with_stale(body, since_scored(folder)))
        return web.Response(body=body, content_type=kind, charset="utf-8")

    def picture(self, request: web.Request) -> web.Response:
        """A page of a document as it looks, drawn where documents are read; or why it is not."""
        folder, where = self._page_asked(request)
        is_fine = request.query.get("fine") == "1"
        try:
            image = self.files.image(folder, where, is_fine=is_fine)
        except HarnessError as error:
            message = " ".join(f"{_placed(problem)}." for problem in error.problems)
            hints = "".join(f" Hint: {p.hint}." for p in error.problems if p.hint)
            text = inert(f"The page is not shown: {message}{hints}")
            return web.Response(status=HTTPStatus.CONFLICT, text=text, content_type="text/plain")
        return web.Response(body=image.data, content_type=image.media_type, headers=_CACHED)

    def boxes(self, request: web.Request) -> web.Response:
        """Boxes of pieces of a page's text, one list a piece, as JSON."""
        folder, where = self._page_asked(request)
        matches = [_SPAN.fullmatch(each) for each in request.query.get("spans", "").split(",")]
        spans = [(int(each[1]), int(each[2])) for each in matches if each is not None]
        boxes = self.files.boxes(folder, where, spans) if len(spans) == len(matches) else []
        return web.json_response({"boxes": boxes})

    def _page_asked(self, request: web.Request) -> tuple[Path, PageOfDocument]:
        known = {folder.name: folder for folder in store.run_folders(self.reports)}
        folder = known.get(request.match_info["run"])
        case, query = request.query.get("case"), request.query
        numbers = [query.get(name, "") for name in ("document", "page")]
        if folder is None or case is None or not all(map(_NUMBER.fullmatch, numbers)):
            raise web.HTTPNotFound
        return folder, PageOfDocument(case, *map(int, numbers))

    def _told(self) -> list[RunningRecord]:
        return [
            {
                "run_id": one.run_id,
                "suite": one.suite,
                "extractor": one.extractor,
                "predictions": one.predictions,
                "questions": one.questions,
                "failures": one.failures,
                "cached": one.cached,
                "tokens": one.tokens,
                "usd": one.usd,
                "rate": one.rate,
                "waited": one.waited,
                "score": _score(one.score),
                "idle": round(seconds_since(one.last)),
            }
            for one in self.watch.look()
        ]


def _score(score: ScoreSoFar | None) -> ScoreRecord | None:
    if score is None:
        return None
    return {
        "answers": score.answers,
        "macro": score.macro,
        "micro": score.micro,
        "interval": score.macro_interval,
        "documents": score.documents,
    }


def _refusal(
    status: HTTPStatus, lines: Sequence[str], onward: tuple[str, str] | None = None
) -> web.Response:
    text = render_refusal([inert(line) for line in lines], onward)
    return web.Response(status=status, text=text, content_type="text/html")


def _html(text: str) -> web.Response:
    return web.Response(text=text, content_type="text/html")
