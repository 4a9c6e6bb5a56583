"""Reviewed suite: cases with their decisions, and the recording of new ones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Final

from harness.cases.decisions.case_fold import branch_heads, fold_case
from harness.cases.decisions.case_history import CaseHistory
from harness.cases.decisions.decision import (
    EDITS,
    FILE_EDITOR,
    NO_DRAFTER,
    Act,
    Decision,
    Slots,
    documents_digest,
    read_decision,
    value_digest,
)
from harness.cases.decisions.decision_log import FOLDER, append, next_id, read_logs
from harness.cases.decisions.dispute_file import DISPUTES
from harness.cases.decisions.field_reviews import FieldReview, field_reviews
from harness.cases.decisions.file_edits import new_edits
from harness.cases.decisions.reviewed_cases import truth_review
from harness.cases.decisions.truth_fields import truth_fields
from harness.cases.decisions.truth_text import truth_text, write_truth
from harness.cases.decisions.unsettled_marks import is_unsettled, mark_settled, mark_unsettled
from harness.cases.files.reading import read_text
from harness.cases.files.strict_json import parse_json
from harness.cases.load import load_suites
from harness.cases.suite import Suite
from harness.core.differ.case_result import CaseResult
from harness.core.differ.review_mask import reviewed_only
from harness.core.records import Answer, Case, Prediction, TruthReview
from harness.core.values import Json
from harness.errors import HarnessError, Problem, UsageError, Where, did_you_mean
from harness.review.reviewed_case import (
    ExtraItem,
    ReviewedCase,
    RunAnswer,
    RunValue,
    reviewed_field,
)
from harness.review.run_values import extra_items, run_values
from harness.run.clock import now
from harness.run.results.score_cases import Scorer
from harness.run.store import read_predictions, read_run


@dataclass(frozen=True, slots=True)
class ReviewRun:
    """A stored run whose answers are shown beside the truth."""

    name: str
    extractor: str
    folder: Path
    predictions: Mapping[str, Prediction]
    """By case id: the first replicate."""
    prompt: str | None = None
    """sha256 of what the model was told; None where nothing was."""
    model: str | None = None
    """None where no model is known."""


@dataclass(frozen=True, slots=True)
class Settled:
    """Effect of settling on one truth file."""

    case: str
    file: Path
    is_written: bool
    """False where the file says the same already, or not every field of a draft is decided."""
    hand_edits: int
    """Edits of the file that no log had; the file is left alone where nobody took them in."""


class ReviewedSuite:
    """One suite, the decisions about its truths, and the runs that are reviewed with it.

    Nothing is written but by `decide` and `settle`. Files that others change are read again by
    `refresh`. It is for one thread.
    """

    def __init__(self, suite: Suite, runs: Sequence[ReviewRun] = ()) -> None:
        self.suite = suite
        self.runs = tuple(runs)
        self._cases: dict[str, Case] = {case.id: case for case in suite.cases}
        self._scorer = Scorer(suite.rules, suite.comparators.functions)
        self._logs = _Logs(self.home)
        self._last: _Beside | None = None

    @classmethod
    def open(cls, path: Path, runs: Sequence[Path] = ()) -> ReviewedSuite:
        """Return the one suite a path means, with stored runs of it.

        Raises HarnessError with what is wrong with its files, UsageError where the path means
        several suites or a run is of another one.
        """
        suites = load_suites(path, unlabelled=True)
        if len(suites) != 1:
            names = ", ".join(str(suite.folder) for suite in suites[:5])
            what = f"{str(path)!r} holds {len(suites)} suites"
            raise UsageError(Problem(what, "many-suites", hint=f"name one of them: {names}"))
        return cls(suites[0], [review_run(folder, suites[0]) for folder in runs])

    @property
    def home(self) -> Path:
        """The folder of the truths, whose `review` folder has the logs."""
        if self.suite.truth_folder is not None:
            return self.suite.truth_folder
        return next(iter(self.suite.truth_files.values())).parent

    @property
    def case_ids(self) -> tuple[str, ...]:
        """The cases' ids in order."""
        return tuple(self._cases)

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody who decided something, in order of name."""
        by = {each.by for each in self._logs.all if each.document}  # a noted dispute has none
        return tuple(sorted(by - {FILE_EDITOR}))

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """All decisions of all people, oldest first."""
        return tuple(self._logs.all)

    def is_begun(self, case: str) -> bool:
        """Tell whether the log knows a truth of the case, or a draft."""
        return self._logs.history(case).is_known

    def refresh(self) -> bool:
        """Read logs again that others wrote to; return whether there is anything new."""
        return self._logs.refresh()

    def mark(self, case_id: str) -> str:
        """Return a text that is another one once anything about a case has changed.

        Raises UsageError for a case that the suite does not have.
        """
        self._known(case_id)
        decided = self._logs.of(case_id)
        file = self.truth_file(case_id)
        written = file.stat().st_mtime_ns if file.is_file() else 0
        return f"{len(decided)} {decided[-1].id if decided else ''} {written}"

    def truth_file(self, case: str) -> Path:
        """Return the file of a case's truth, there or not."""
        return self.suite.truth_files.get(case, self.home / f"{case}.json")

    def case(self, case_id: str) -> ReviewedCase:
        """Return a case as it is now. Raises UsageError for one the suite does not have."""
        case = self._known(case_id)
        document = documents_digest(case.documents)
        edits = self._hand_edits(case)
        history = self._logs.history(case_id, edits or self._draft(case))
        truth = history.value()
        plan = self._scorer.plan(case.schema, case.rules)
        fields = truth_fields(plan, truth)
        reviews = list(field_reviews(history, fields, document, self.suite.truth))
        review = self._review(case_id, history, reviews)
        beside = self._beside(case, truth, history, reviews)
        answers = tuple(_counted(answer, review) for answer in beside.answers)
        at = {each.id: each.at for each in history.decisions}
        return ReviewedCase(
            case=case,
            truth=truth,
            is_labelled=history.is_known,
            history=history,
            document=document,
            fields=tuple(
                reviewed_field(review, history, [v for v in row if v is not None], at)
                for review, *row in zip(reviews, *beside.values, strict=True)
            ),
            answers=answers,
            extras=beside.extras,
            plan=plan,
            hand_edits=tuple(edits),
        )

    def decide(self, person: str, case_id: str, decisions: Sequence[Decision]) -> None:
        """Write down what a person decided about a case.

        Of each decision only what it says is taken: id, time, person, case and document are set
        here. It is on the disk when this returns. An edit whose writer had not seen the last one
        (`sees`) is kept as a conflict. Raises UsageError for what cannot be a decision, OSError
        where the disk takes none.
        """
        check_person(person)
        case = self._known(case_id)
        self.refresh()
        document = documents_digest(case.documents)
        first = self._beginning(case) or self._nothing(case_id, decisions)
        ids = self._logs.provisional_ids(case_id)
        waiting, real = [*first, *decisions], dict[str, str]()
        moment, made = now(), list[Decision]()
        last = max((each.id for each in self._logs.of(case_id)), default="")
        on = tuple(each.end for each in branch_heads(self._logs.of(case_id)))
        for each in waiting:
            last = next_id([last], moment)
            by = each.by if each.by == FILE_EDITOR and each.do is not Act.BASE else person
            if each.do is Act.ADD and each.sees is None:
                whole = self._logs.history(case_id).heads.get(each.path[:-1])
                each = each._replace(sees=whole or "")  # noqa: PLW2901  # what a browser left open
            if len(made) < len(first):
                real[next(ids)] = last
            elif each.sees:
                sees = "+".join(real.get(mark, mark) for mark in each.sees.split("+"))
                each = each._replace(sees=sees)  # noqa: PLW2901  # as it is called from now on
            one = each._replace(id=last, at=moment, by=by, case=case_id, document=document, on=on)
            made.append(_checked(one))
            on = (one.end,)
        if any(each.do in (*EDITS, Act.WITHDRAW) for each in made):
            mark_unsettled(self.home, case_id)
        append(self.home, made, person)
        self._logs.add(made)

    def settle(
        self, cases: Iterable[str] | None = None, person: str | None = None
    ) -> list[Settled]:
        """Write the truths that decisions add up to, canonically; do nothing where they are there.

        A truth that began as a run's draft gets its file once every field of it is decided. A file
        that was edited by hand is left alone, unless a person is given who takes the edits into
        the log.
        """
        self.refresh()
        return [self._settled(e, person) for e in (self.case_ids if cases is None else cases)]

    def _settled(self, case_id: str, person: str | None) -> Settled:
        case, file = self._known(case_id), self.truth_file(case_id)
        edits = self._hand_edits(case) if self.is_begun(case_id) else []
        if edits and person is not None:
            self.decide(person, case_id, ())
        history = self._logs.history(case_id)
        is_kept = bool(edits) and person is None
        is_written = False
        if not is_kept and self._is_complete(case, history):
            before = file.read_text(encoding="utf-8") if file.is_file() else None
            is_written = write_truth(file, truth_text(history.value(), case.schema, before))
        if not is_kept:
            mark_settled(self.home, case_id)
        return Settled(case_id, file, is_written=is_written, hand_edits=len(edits))

    def _is_complete(self, case: Case, history: CaseHistory) -> bool:
        """Tell whether a history's truth may stand in a file, where everything counts as stated."""
        if history.drafted_by is None or self.truth_file(case.id).is_file():
            return history.is_known
        fields = truth_fields(self._scorer.plan(case.schema, case.rules), history.value())
        document = documents_digest(case.documents)
        reviews = field_reviews(history, fields, document, self.suite.truth)
        return all(review.is_reviewed for review in reviews)

    def _known(self, case_id: str) -> Case:
        if case_id not in self._cases:
            hint = did_you_mean(case_id, self._cases)
            what = f"the suite has no case {case_id!r}"
            raise UsageError(Problem(what, "unknown-case", hint=hint))
        return self._cases[case_id]

    def _in_file(self, case_id: str) -> tuple[bool, Json]:
        file = self.truth_file(case_id)
        return (True, parse_json(read_text(file), file)) if file.is_file() else (False, None)

    def _hand_edits(self, case: Case) -> list[Decision]:
        """Return edits of the truth file that no log has, the first truth included."""
        is_there, value = self._in_file(case.id)
        if not is_there:
            return []
        history, plan = self._logs.history(case.id), self._scorer.plan(case.schema, case.rules)
        waits = is_unsettled(self.home, case.id)
        return new_edits(history, value, plan, is_unsettled=waits)

    def _beginning(self, case: Case) -> list[Decision]:
        """Return what has to be in the log before the first decision, or the next one."""
        return self._hand_edits(case) or self._draft(case)

    def _draft(self, case: Case) -> list[Decision]:
        """Return the first run's answer as a draft, for a case that has no truth."""
        if self._logs.history(case.id).is_known:
            return []
        for run in self.runs:
            prediction = run.predictions.get(case.id)
            if prediction is not None and isinstance(prediction.output, Answer):
                base = Decision("", "", FILE_EDITOR, case.id, Act.BASE, to=prediction.output.value)
                drafter: Json = {"extractor": run.extractor, "prompt": run.prompt}
                return [base._replace(draft=run.name, saw=drafter)]
        return []

    def _nothing(self, case_id: str, decisions: Sequence[Decision]) -> list[Decision]:
        """Return the draft that what is decided on a case stands in that has nothing at all."""
        is_needed = any(each.do in (*EDITS, Act.APPROVE) for each in decisions)
        if self._logs.history(case_id).is_known or not is_needed:
            return []
        return [Decision("", "", FILE_EDITOR, case_id, Act.BASE, draft=NO_DRAFTER)]

    def _review(
        self, case_id: str, history: CaseHistory, reviews: Sequence[FieldReview]
    ) -> TruthReview | None:
        """Return what people vouch for now; None where the truth as a whole is taken for right."""
        is_stated = self.truth_file(case_id).is_file() and history.drafted_by is None
        return None if is_stated and self.suite.truth.require == "none" else truth_review(reviews)

    def _beside(
        self, case: Case, truth: Json, history: CaseHistory, reviews: Sequence[FieldReview]
    ) -> _Beside:
        """Return what runs say of a truth: of the last one again for as long as it is the same."""
        key = case.id, value_digest(truth), tuple(review.slots for review in reviews)
        if self._last is None or self._last.key != key:
            stated = replace(case, truth=truth, review=None)
            answers = tuple(self._answers(stated))
            values = tuple(run_values(answer, reviews) for answer in answers)
            extras = (item for answer in answers for item in extra_items(answer, history))
            self._last = _Beside(key, answers, values, tuple(extras))
        return self._last

    def _answers(self, case: Case) -> Iterable[RunAnswer]:
        for run in self.runs:
            prediction = run.predictions.get(case.id)
            if prediction is not None:
                result = self._scorer.score(case, prediction.output).result
                yield RunAnswer(run.name, run.extractor, prediction.output, result, result)


@dataclass(frozen=True, slots=True)
class _Beside:
    """Answers of the runs beside one truth, whatever is reviewed of it."""

    key: tuple[str, str, tuple[Slots, ...]]
    """Case, digest of the truth, and its fields."""
    answers: tuple[RunAnswer, ...]
    values: tuple[list[RunValue | None], ...]
    """By run and field."""
    extras: tuple[ExtraItem, ...]


def _counted(answer: RunAnswer, review: TruthReview | None) -> RunAnswer:
    """Return an answer with what of it is scored; all of it where the whole truth is taken."""
    if review is None or answer.result is None:
        return answer
    vouched = reviewed_only(answer.result.ledger, review) if review.fields[0] else None
    return replace(answer, counted=None if vouched is None else CaseResult(vouched))


_PERSON: Final = re.compile(r"[^\x00-\x1f\x7f()]{1,100}")


def check_person(name: str) -> None:
    """Raise UsageError where somebody cannot be called so."""
    if name != FILE_EDITOR and (_PERSON.fullmatch(name) is None or name != name.strip()):
        hint = "up to 100 characters, no brackets, no space around"
        raise UsageError(Problem(f"{name!r} is no name of a person", "bad-person", hint=hint))


def _checked(decision: Decision) -> Decision:
    """Return a decision as a reader of its line has it. Raises UsageError for one that has none."""
    try:
        return read_decision(decision.line(), Where(Path("decision")))
    except (HarnessError, ValueError, TypeError, RecursionError) as error:
        what = f"cannot be written down: {error}"
        raise UsageError(Problem(what, "bad-decision")) from None


def review_run(folder: Path, suite: Suite) -> ReviewRun:
    """Return a stored run. Raises UsageError where it is of another suite."""
    record = read_run(folder)
    if record["suite"] != suite.name:
        what = f"the run is of suite {record['suite']!r}, not of {suite.name!r}"
        raise UsageError(Problem(what, "other-suite"))
    name, prompt = folder.resolve().name, record["prompt"]
    predictions = read_predictions(folder)
    sha256 = prompt["sha256"] if prompt else None
    return ReviewRun(name, record["extractor"], folder, predictions, sha256, record.get("model"))


@dataclass(slots=True)
class _Logs:
    """The decisions on disk, folded case by case when somebody asks."""

    home: Path
    all: list[Decision] = field(default_factory=list)
    _by_case: dict[str, list[Decision]] = field(default_factory=dict)
    _folded: dict[str, CaseHistory] = field(default_factory=dict)
    _signature: object = None

    def __post_init__(self) -> None:
        self.refresh()

    def refresh(self) -> bool:
        signature = self._on_disk()
        if signature == self._signature:
            return False
        self.all = read_logs(self.home)
        self._signature = signature
        self._by_case, self._folded = {}, {}
        for each in self.all:
            self._by_case.setdefault(each.case, []).append(each)
        return True

    def _on_disk(self) -> object:
        folder = self.home / FOLDER
        files = sorted(folder.glob("*.jsonl")) if folder.is_dir() else []
        files += [file for file in (self.home / DISPUTES,) if file.is_file()]
        return [(file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files]

    def of(self, case: str) -> Sequence[Decision]:
        return self._by_case.get(case, ())

    def add(self, made: Sequence[Decision]) -> None:
        """Take in what was just appended."""
        self.all.extend(made)
        self._signature = self._on_disk()
        for each in made:
            self._by_case.setdefault(each.case, []).append(each)
            self._folded.pop(each.case, None)

    def provisional_ids(self, case: str) -> Iterator[str]:
        """Yield what edits that are in no log yet are called until they are written down."""
        last = self.of(case)[-1].id if self.of(case) else ""
        return (f"{last}~{number:06d}" for number in count())

    def history(self, case: str, more: Sequence[Decision] = ()) -> CaseHistory:
        if more:
            ids = self.provisional_ids(case)
            made = [each._replace(id=next(ids), case=case) for each in more]
            return fold_case([*self.of(case), *made])
        if case not in self._folded:
            self._folded[case] = fold_case(self.of(case))
        return self._folded[case]
