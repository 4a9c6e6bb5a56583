"""Review service: one suite, its runs, and the people who review it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

from harness.cases.decisions.decision import Act, Decision
from harness.cases.documents.document_files import Image, shown_boxes, shown_page
from harness.cases.files.places import shown_path
from harness.core import number_text
from harness.core.inert_text import UNSEEN
from harness.core.records import Document
from harness.core.values import Json
from harness.errors import Problem, UsageError
from harness.report.embedded.utf16_offsets import UnitOffsets
from harness.review.reviewed_suite import ReviewedSuite
from harness.review.web.decision_request import decision_of, is_settling, parse_request
from harness.review.web.entrance.leases import Leases
from harness.review.web.entrance.people import Person, Role
from harness.review.web.screens.agreement_screen import agreement_screen
from harness.review.web.screens.board_screen import board_screen
from harness.review.web.screens.case_screen import CaseScreen, RunPlaces, json_literal
from harness.review.web.screens.conflict_screen import conflicts_of
from harness.review.web.screens.people_screen import change_people, people_screen
from harness.review.web.screens.queue_screen import QueueReader, queue_screen
from harness.review.web.screens.sent_rows import SentRows

RequestFields: TypeAlias = Mapping[str, Any]
ScreenJson: TypeAlias = dict[str, Json]
ScreenMaker: TypeAlias = Callable[[Person, Any], ScreenJson]

_DOTS_PER_INCH: Final = 110
_REMEMBERED: Final = 5_000
"""Requests whose answer may have been lost, and that may come again."""
_MOST_PLACES: Final = 200
"""Answers whose values' places are kept."""
_MOST_BOXES: Final = 20_000
_LONGEST_REASON: Final = 500
_DID: Final[Mapping[Act, str]] = {
    Act.BASE: "began",
    Act.APPROVE: "approved",
    Act.SET: "set",
    Act.ADD: "added",
    Act.REMOVE: "removed",
    Act.DISPUTE: "disputed",
    Act.WITHDRAW: "took back",
    Act.DEFER: "put off",
    Act.NOTE: "noted",
    Act.CLAIM: "took over",
}


@dataclass(slots=True)
class DeskService:
    """Answers for one suite, asked by one thread at a time."""

    suite: ReviewedSuite
    leases: Leases
    is_blind: bool
    first_queue: str
    people_file: Path | None = None
    """Who may come in by a token, or has a role; None where no file says it."""
    expected: Mapping[str, float] = field(default_factory=dict)
    """By case, the wrong values expected in a run's answer (`harness route`)."""
    reader: QueueReader = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _run_places: RunPlaces = field(default_factory=dict)
    _done: OrderedDict[str, None] = field(default_factory=OrderedDict)
    _sent: SentRows = field(default_factory=SentRows)

    def __post_init__(self) -> None:
        self.reader = QueueReader(self.suite, self.is_blind, self.expected)

    @property
    def name(self) -> str:
        """The suite's name."""
        return self.suite.suite.name

    def alone(self, make: ScreenMaker, person: Person, request: object) -> ScreenJson:
        """Return what is asked for, once nobody else is answered, on files as they are now."""
        with self._lock:
            self.suite.refresh()
            return make(person, request)

    def reads(self) -> Mapping[str, ScreenMaker]:
        """Return what is asked for by GET, by name."""
        return {
            "suite": self.facts,
            "queue": self.queue,
            "case": self.case,
            "documents": self.documents,
            "places": self.places,
            "history": self.history,
            "conflicts": self.conflicts,
            "board": self.board,
            "agreement": self.agreement,
            "people": self.people,
        }

    def writes(self) -> Mapping[str, ScreenMaker]:
        """Return what is told, by POST, by name."""
        return {
            "decide": self.decide,
            "hold": self.hold,
            "claim": self.claim,
            "person": self.change_people,
        }

    # --- reading ---------------------------------------------------------------------------------

    def facts(self, person: Person, request: RequestFields) -> ScreenJson:
        """Return what every screen needs."""
        del request
        return {
            "name": self.name,
            "description": self.suite.suite.description,
            "place": str(shown_path(self.suite.suite.folder)),
            "person": person.name,
            "role": person.role.value,
            "unseen": UNSEEN,
            "blind": self.is_blind,
        }

    def queue(self, person: Person, request: RequestFields) -> ScreenJson:
        """Return a queue of cases."""
        rows = self.reader.rows(person)
        name = str(request.get("queue") or self.first_queue)
        mine = [each for each in self.suite.decisions if each.by == person.name]
        return queue_screen(rows, name, mine, lambda case: self._holder(case, person))

    def case(self, person: Person, request: RequestFields) -> ScreenJson:
        """Return a case."""
        screen = self._screen(person, request)
        whole = screen.whole(self._holder(screen.case.id, person))
        return self._sent.whole(person.name, whole)

    def documents(self, person: Person, request: RequestFields) -> ScreenJson:
        """Return a case's documents alone."""
        return {"documents": self._screen(person, request).documents()}

    def places(self, person: Person, request: RequestFields) -> ScreenJson:
        """Return where the values of a case stand."""
        if len(self._run_places) > _MOST_PLACES:
            self._run_places.clear()
        return {"places": self._screen(person, request).places(self._run_places)}

    def history(self, person: Person, request: RequestFields) -> ScreenJson:
        """Return what was decided about a field, newest first."""
        screen = self._screen(person, request)
        slots = tuple(_strings(request.get("path")))
        of = screen.case.history
        lines: list[Json] = []
        for each in reversed(of.by_id.values()):
            is_near = each.path[: len(slots)] == slots or slots[: len(each.path)] == each.path
            if each.do in (Act.APPROVE, Act.WITHDRAW):
                is_near = any(at == slots for at, _ in each.fields)
            is_hidden = screen.viewer.is_blind and each.by != person.name
            if is_near and not is_hidden:
                lines.append(_line(each, slots, is_withdrawn=each.id in of.withdrawn))
        return {"lines": lines}

    def conflicts(self, person: Person, request: RequestFields) -> ScreenJson:
        """Return every place where people said different things."""
        del request
        conflicts_shown: list[Json] = []
        for row in self.reader.rows(person):
            if row.doubts and not self.is_blind:
                conflicts_shown += conflicts_of(self.reader.screen(row.id, person.name))
        return {"conflicts": conflicts_shown, "may": person.role.may(Role.AUDITOR)}

    def board(self, person: Person, request: RequestFields) -> ScreenJson:
        """Return scores and progress."""
        del request
        only = None if person.role.may(Role.ADMIN) else person.name
        return board_screen(self.suite, self.reader.rows(person), only, hides_runs=self.is_blind)

    def agreement(self, person: Person, request: RequestFields) -> ScreenJson:
        """Return how far people agree."""
        del request
        if self.is_blind:
            return {"lead": "Agreement is not shown while people work blind.", "sections": []}
        rows = self.reader.rows(person)
        return agreement_screen(self.suite, rows, person)

    # --- writing ---------------------------------------------------------------------------------

    def decide(self, person: Person, request: object) -> ScreenJson:
        """Write a decision down, and return what it changed of the case once it is on the disk."""
        wanted = parse_request(request)
        screen = self._screen(person, {"case": wanted.case})
        key = f"{person.name}\0{wanted.request}"
        if key not in self._done:
            if is_settling(wanted, screen.case):
                _need(person, Role.AUDITOR, "an auditor settles what people disagree about")
            self.suite.decide(person.name, wanted.case, [decision_of(wanted, screen)])
            self.leases.renew(wanted.case, person.name)
            self._done[key] = None
            while len(self._done) > _REMEMBERED:
                self._done.popitem(last=False)
        self.suite.settle([wanted.case])
        if not wanted.shows_rows:
            return {"case": {"id": wanted.case}}
        state = self._screen(person, {"case": wanted.case}).state()
        return {"case": self._sent.changed(person.name, state, wanted.knows)}

    def hold(self, person: Person, request: object) -> ScreenJson:
        """Renew a person's lease where the page says that they did something; tell whose it is."""
        fields: RequestFields = request if isinstance(request, dict) else {}
        screen = self._screen(person, fields)
        case = screen.case.id
        lost = self.leases.lost(case, person.name)
        if fields.get("active") is True:
            self.leases.renew(case, person.name)
        decisions = screen.case.history.decisions
        return {
            "holder": self._holder(case, person),
            "lost": None if lost is None else {"by": lost.by, "why": lost.why},
            "rev": decisions[-1].id if decisions else "",
        }

    def claim(self, person: Person, request: object) -> ScreenJson:
        """Take a case over from who works on it, and write down why."""
        fields: RequestFields = request if isinstance(request, dict) else {}
        screen = self._screen(person, fields)
        case, why = screen.case.id, str(fields.get("why") or "").strip()[:_LONGEST_REASON]
        if self.leases.holder(case, person.name) is not None:
            if not why:
                raise UsageError(Problem("say in a sentence why you take it over", "no-reason"))
            self.suite.decide(person.name, case, [Decision("", "", "", case, Act.CLAIM, why=why)])
            self.leases.take_over(case, person.name, why)
        return self.hold(person, {"case": case, "active": True})

    def _holder(self, case: str, person: Person) -> Json:
        lease = self.leases.holder(case, person.name)
        if lease is None:
            return None
        return {"name": lease.person, "minutes": self.leases.minutes_left(lease)}

    def people(self, person: Person, request: RequestFields) -> ScreenJson:
        """Return everybody who may come in, for an admin."""
        del request
        _need(person, Role.ADMIN, "an admin says who may come in")
        return people_screen(self.people_file)

    def change_people(self, person: Person, request: object) -> ScreenJson:
        """Let somebody in, give another role, or let nobody in by a name any more."""
        _need(person, Role.ADMIN, "an admin says who may come in")
        return change_people(self.people_file, request if isinstance(request, dict) else {})

    # --- pages -----------------------------------------------------------------------------------

    def boxes(self, person: Person, request: object) -> ScreenJson:
        """Return where pieces of a page's text stand on the page.

        Nobody else waits for a page that is slow to read.
        """
        fields: RequestFields = request if isinstance(request, dict) else {}
        with self._lock:
            document, page = self.document(person, fields)
        spans = fields.get("spans")
        if not isinstance(spans, list) or len(spans) > _MOST_BOXES or not all(map(_is_span, spans)):
            raise _bad_request("spans")
        offsets = UnitOffsets(document.pages[page - 1])
        wanted = [(offsets.characters(a), offsets.characters(b)) for a, b in spans]
        boxes_shown = shown_boxes(document, page, wanted)
        return {"boxes": [[[*box] for box in boxes] for boxes in boxes_shown]}

    def document(self, person: Person, request: RequestFields) -> tuple[Document, int]:
        """Return a document and the number of a page of it."""
        screen = self._screen(person, request)
        documents = screen.case.case.documents
        try:
            number, page = int(request.get("document", "")), int(request.get("page", ""))
        except (TypeError, ValueError):
            raise _bad_request("document and page") from None
        if not 0 <= number < len(documents) or not 1 <= page <= len(documents[number].pages):
            raise _bad_request("document and page")
        return documents[number], page

    def picture(self, document: Document, page: int) -> Image:
        """Return a page as it looks."""
        return shown_page(document, page, _DOTS_PER_INCH)

    def _screen(self, person: Person, request: RequestFields) -> CaseScreen:
        case_id = request.get("case")
        if not isinstance(case_id, str):
            raise _bad_request("case")
        screen = self.reader.screen(case_id, person.name)
        if screen.is_held_out:
            _need(person, Role.AUDITOR, "held-out cases are for auditors")
        return screen


def _need(person: Person, role: Role, why: str) -> None:
    if not person.role.may(role):
        raise PermissionError(why)


def _bad_request(what: str) -> UsageError:
    return UsageError(Problem(f"the request lacks {what}", "bad-request"))


def _is_span(span: object) -> bool:
    return isinstance(span, list) and len(span) == 2 and all(type(end) is int for end in span)  # noqa: PLR2004  # from, to


def _strings(text: object) -> Sequence[str]:
    import json  # noqa: PLC0415

    try:
        parsed = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        parsed = None
    if not isinstance(parsed, list) or not all(isinstance(each, str) for each in parsed):
        raise _bad_request("path")
    return parsed


def _line(each: Decision, slots: Sequence[str], *, is_withdrawn: bool) -> ScreenJson:
    line: ScreenJson = {
        "when": number_text.moment(each.at),
        "by": each.by,
        "did": _DID[each.do],
        "why": each.why,
        "withdrawn": is_withdrawn,
    }
    if each.gone or each.do is Act.REMOVE:
        line["value"] = None
    elif each.do in (Act.SET, Act.ADD) and each.path == tuple(slots):
        line["value"] = json_literal(each.to)
    return line
