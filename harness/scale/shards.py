"""Scoring one shard: what a worker does. Imports little, so that workers start quickly."""

from __future__ import annotations

import json
import os
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from typing import IO, Final, NamedTuple, Protocol

from harness.cases.decisions.truth_fields import truth_fields
from harness.cases.digest import truth_digest
from harness.cases.files.strict_json import without_garbage_collection
from harness.cases.schemas.known_fields import declared_fields, fields_of_truths
from harness.core.counts import Counts
from harness.core.differ.case_result import CaseResult
from harness.core.differ.empty_answer import EmptyAnswer, empty_answer
from harness.core.differ.plan import Plan
from harness.core.differ.review_mask import reviewed_only
from harness.core.fields.field import Leaf
from harness.core.fields.verdict_ledger import JudgedField
from harness.core.outcomes import ABSTENTION, CORRECT, VERDICTS
from harness.core.records import Answer, Case, Failure, TruthReview
from harness.core.rules.field_rule import FieldRule, Rules
from harness.core.rules.rule_names import FieldSteps, RuleName
from harness.core.values import Json
from harness.errors import HarnessError, Problem
from harness.extract.reply.context.nested_part import whole_answer
from harness.extract.reply.json_text import doubled_keys
from harness.extract.reply.stated_confidence import without_stated
from harness.run.results.reasons.mended_answers import mended_answers
from harness.run.results.score_cases import ScoredCase
from harness.run.scored_files.file_reviews import FileReviews
from harness.run.scored_files.standalone_rules import Ruler
from harness.run.scored_files.truth_lines import TruthLine
from harness.run.stored.stored_results import CaseRecord
from harness.scale.json_lines import (
    PredictionLine,
    line_flaw,
    no_prediction,
    read_prediction,
    read_truth_line,
)
from harness.scale.line_index import NOWHERE, Cut
from harness.scale.score_summary import (
    UNMARKED,
    CaseRows,
    FailedCase,
    Flaw,
    RuleMarks,
    Summary,
    Totals,
    added_by_name,
    case_sums,
    marks_of_both,
)
from harness.scale.short_list import ShortList

_LARGEST: Final = 20_000
"""Fields from which a plan that grew with ever new keys is compiled anew."""


@dataclass(frozen=True, slots=True)
class Shard:
    """Some cases, and all there is to know to score them; small enough to send anywhere."""

    truths: Path
    predictions: Path
    cut: Cut
    predicted: array[int]
    """Offset of each case's prediction; `NOWHERE` if it has none."""
    plan: str
    """JSON: `ruler`, and `waiting`, the rules no field of the schema goes by."""
    verdicts: Path | None = None
    """Where the case records go; None if nobody asked for them."""
    check_only: bool = False
    """Only look for bad lines: the scores will not be needed."""


def score_shard(shard: Shard) -> Summary:
    """Score a shard and return its summary. To do so twice does no harm."""
    with shard.truths.open("rb") as truths, shard.predictions.open("rb") as predictions:
        if shard.verdicts is None:
            return score_streams(shard, truths, predictions)
        scratch = shard.verdicts.with_name(f"{shard.verdicts.name}.{os.getpid()}")
        with scratch.open("wb") as out:
            summary = score_streams(shard, truths, predictions, out)
        scratch.replace(shard.verdicts)
        return summary


def score_streams(
    shard: Shard, truths: LineSource, predictions: LineSource, out: IO[bytes] | None = None
) -> Summary:
    """Score a shard whose lines lie in two streams; the cases' records go to a third."""
    compiled = _compiled(shard.plan)
    tally = _Tally(compiled, shard)
    with without_garbage_collection():
        tally.add_all(_pairs(truths, predictions, shard), out)
    if compiled.plan.size > _LARGEST:
        _compiled.cache_clear()
    return tally.summary()


class LineSource(Protocol):
    """Lines by the offset they have in their file."""

    def seek(self, offset: int, /) -> int:
        """Go to the line at an offset."""

    def readline(self) -> bytes:
        """Return the line, and go to the next."""


@dataclass(frozen=True, slots=True)
class _Compiled:
    schema: Json
    rules: Rules
    waiting: frozenset[str]
    plan: Plan
    reviews: FileReviews | None = None


@lru_cache(maxsize=2)
def _compiled(text: str) -> _Compiled:
    """Return a plan from its JSON, compiled once a process."""
    record = json.loads(text)
    ruler = Ruler.from_json(record["ruler"])
    plan = Plan(ruler.schema, ruler.rules, ruler.functions)
    waiting = frozenset(record["waiting"])
    return _Compiled(ruler.schema, ruler.rules, waiting, plan, ruler.reviews)


class _Pair(NamedTuple):
    """A line of truth and what goes with it, as bytes."""

    truth: bytes
    start: int
    prediction: bytes
    """Empty if there is none."""
    offset: int


def _pairs(truths: LineSource, predictions: LineSource, shard: Shard) -> Iterator[_Pair]:
    offset = shard.cut.start
    truths.seek(offset)
    waiting = iter(shard.predicted)
    while offset < shard.cut.stop:
        raw = truths.readline()
        if not raw:
            return
        if not raw.isspace():
            other = next(waiting, NOWHERE)
            if other != NOWHERE:
                predictions.seek(other)
            yield _Pair(raw, offset, b"" if other == NOWHERE else predictions.readline(), other)
        offset += len(raw)


class _Tally:
    """Sums up the cases of one shard."""

    def __init__(self, compiled: _Compiled, shard: Shard) -> None:
        self._compiled = compiled
        self._shard = shard
        self._check_only = shard.check_only
        self._waiting = {n: r for n, r in compiled.rules.items() if n in compiled.waiting}
        schemas = (compiled.schema,) if isinstance(compiled.schema, dict) else ()
        self._declared = declared_fields(self._waiting, schemas) if self._waiting else frozenset()
        self._used: set[str] = set()
        self._seen: set[FieldSteps] = set()
        self._verdicts: Counter[tuple[int, JudgedField]] = Counter()
        self._totals: Counter[str] = Counter()
        self._items: dict[str, tuple[int, int, int]] = {}
        self._collections: set[str] = set()
        self._digest = 0
        self._cases: list[Counts] = []
        """Counts of each case, in their order; of one not scored none. Many are the same object."""
        self._may_break = "critical" in shard.plan
        self._places: Mapping[str, tuple[int, ...]] = {}
        self._broken: list[tuple[str]] = []
        self._unlabelled: list[str] = []
        self._drafted: Counter[str] = Counter()
        self._failures: list[FailedCase] = []
        self._doubled: list[tuple[str, str]] = []
        self._mended: Counter[str] = Counter()
        self._bad_truths: list[Flaw] = []
        self._bad_predictions: list[Flaw] = []

    def add_all(self, pairs: Iterable[_Pair], out: IO[bytes] | None = None) -> None:
        """Read and score lines; write each case's record where one is asked for."""
        for pair in pairs:
            read = self._read(pair)
            if read is not None and not self._check_only:
                self._add(*read, out)

    def _read(self, pair: _Pair) -> tuple[TruthLine, Answer | Failure] | None:
        """Return the truth and what was said; None where a line is bad."""
        shard = self._shard
        prediction: PredictionLine | Problem | None = None
        if pair.prediction:
            prediction = read_prediction(pair.prediction, shard.predictions, pair.offset)
        if isinstance(prediction, Problem):
            self._bad_predictions.append(line_flaw(prediction, pair.offset))
        try:
            truth = read_truth_line(pair.truth, shard.truths, pair.start)
        except HarnessError as error:
            self._bad_truths.extend(line_flaw(problem, pair.start) for problem in error.problems)
            truth = TruthLine("", None)
        if (
            isinstance(prediction, PredictionLine)
            and not self._bad_truths
            and prediction.case_id != truth.case_id
        ):
            what = f"the line names two cases, one of them {prediction.case_id!r}"
            self._bad_predictions.append(line_flaw(Problem(what, "bad-line"), pair.offset))
        if self._bad_truths or self._bad_predictions:
            self._check_only = True
            return None
        prediction = (
            prediction if isinstance(prediction, PredictionLine) else no_prediction(truth.case_id)
        )
        return truth, self._reply(pair, truth.value, prediction)

    def _reply(self, pair: _Pair, truth: Json, read: PredictionLine) -> Answer | Failure:
        """Return what was said less the confidences in it, which most lines do not have."""
        output = read.output
        may_state = _may_state(pair.prediction)
        if isinstance(output, Failure) or not (may_state or output.repairs):
            return output
        case = Case(read.case_id, (), truth, self._compiled.schema)
        return whole_answer(without_stated(output, case) if may_state else output, case)

    def _add(self, line: TruthLine, reply: Answer | Failure, out: IO[bytes] | None) -> None:
        """Score a case, unless nobody vouches for any of its fields."""
        case_id, truth = line.case_id, line.value
        if self._waiting:
            self._look_for_rules(truth)
        review = None if self._compiled.reviews is None else self._review(self._case(line))
        self._digest += truth_digest(case_id, truth, review=review)
        if review is not None and not review.fields[0]:
            self._unlabelled.append(case_id)
            self._cases.append(_NOT_SCORED)
            return
        if isinstance(reply, Failure):
            self._failures.append((case_id, reply.kind.value, reply.message))
        if isinstance(reply, Failure) and reply.kind.is_missing:
            self._totals["missing"] += 1
            self._cases.append(_NOT_SCORED)
            result = None
        else:
            result = self._judge(line, reply, review)
        if out is not None or (isinstance(reply, Answer) and reply.places):
            self._keep(ScoredCase(self._case(line, review), reply, result), out)

    def _case(self, line: TruthLine, review: TruthReview | None = None) -> Case:
        """Return a line as a case: not every line is needed as one."""
        schema = self._compiled.schema
        return Case(line.case_id, (), line.value, schema, review=review, places=line.places)

    def _judge(
        self, line: TruthLine, reply: Answer | Failure, review: TruthReview | None
    ) -> CaseResult:
        """Score a case that was answered, or failed, and enter what comes of it."""
        truth = line.value
        value = reply.value if isinstance(reply, Answer) else None
        if isinstance(reply, Answer) and reply.repairs:
            self._doubled.extend((line.case_id, key) for key in doubled_keys(reply.repairs))
            self._mended.update(mended_answers([reply.repairs]))
        result = self._result(truth, value, review)
        expected, spared = self._empty_answer(truth, result, review)
        self._totals["spared"] += spared
        self._totals["omissible"] += expected
        self._enter(result, reply)
        if self._may_break and any(_is_broken(*v[:2]) for v in result.ledger.verdicts):
            self._broken.append((line.case_id,))
        return result

    def _keep(self, scored: ScoredCase, out: IO[bytes] | None) -> None:
        """Count the places that an answer states, and write the case's record."""
        record = _record(scored)
        if isinstance(scored.output, Answer) and scored.output.places:
            from harness.run.results.places.place_figures import case_place_sums  # noqa: PLC0415  # few state places

            self._places = added_by_name(self._places, case_place_sums(scored, record))
        if out is not None:
            out.write(_line(record))

    def _empty_answer(
        self, truth: Json, result: CaseResult, review: TruthReview | None
    ) -> EmptyAnswer:
        if review is None:
            return empty_answer(self._compiled.plan, truth, result.counts)
        counts = self._result(truth, None, review).counts
        return EmptyAnswer(counts.expected, counts.true_negatives)

    def _result(self, truth: Json, value: Json, review: TruthReview | None) -> CaseResult:
        ledger = self._compiled.plan.diff(truth, value)
        return CaseResult(ledger if review is None else reviewed_only(ledger, review))

    def _review(self, case: Case) -> TruthReview | None:
        """Return what people vouch for, and count that."""
        reviews, plan = self._compiled.reviews, self._compiled.plan
        review = None if reviews is None else reviews.reviewed(case, plan).review
        whole = len(truth_fields(plan, case.truth)) if review is None else 0
        reviewed, of = (whole, whole) if review is None else review.fields
        self._totals.update(reviewed=reviewed, reviewable=of)
        if review is not None and review.drafted_by is not None:
            self._drafted[json.dumps(review.drafted_by)] += 1
        return review

    def _enter(self, result: CaseResult, reply: Answer | Failure) -> None:
        counts, totals, ledger = result.counts, self._totals, result.ledger
        self._verdicts.update(map(_CODE_AND_FIELD, ledger.verdicts))
        self._cases.append(counts)
        if isinstance(reply, Failure):
            totals["failed"] += 1
        elif result.is_perfect:
            totals["perfect"] += 1
            totals["exact"] += result.is_exact
        if ledger.lists:
            rows = result.rows
            totals["rows_right"] += rows.hits
            totals["rows"] += rows.of
            _add_all(self._items, result.items)
        self._collections |= ledger.collections
        totals["ignored"] += ledger.ignored
        totals["approximate"] += bool(ledger.approximate)

    def _rows(self) -> CaseRows:
        ratios = {id(counts): counts.f1 for counts in self._distinct()}
        each = [ratios[id(counts)] for counts in self._cases]
        hits = array("I", [ratio.hits for ratio in each])
        return CaseRows(hits, array("I", [ratio.of for ratio in each]))

    def _distinct(self) -> Iterable[Counts]:
        return {id(counts): counts for counts in self._cases}.values()

    def _look_for_rules(self, truth: Json) -> None:
        fresh = fields_of_truths(truth, self._declared) - self._seen
        if fresh:
            self._seen |= fresh
            names = {name: RuleName.of(name) for name in self._waiting}
            met = {n for n, name in names.items() if any(map(name.means, fresh))}
            self._used |= met
            self._waiting = {n: rule for n, rule in self._waiting.items() if n not in met}

    def _scored(self) -> list[tuple[Counts, int]]:
        """Return the counts of the scored cases, each with the number of cases that have it."""
        number = Counter(map(id, self._cases))
        known = (each for each in self._distinct() if each is not _NOT_SCORED)
        return [(counts, number[id(counts)]) for counts in known]

    def summary(self) -> Summary:
        """Return what was summed up."""
        first, scored = self._shard.cut.first, self._scored()
        fields: dict[str, list[int]] = {}
        comparators: dict[str, tuple[int, str]] = {}
        marks: dict[str, RuleMarks] = {}
        for (code, leaf), count in self._verdicts.items():
            name = leaf.path.name or "$"
            fields.setdefault(name, [0] * VERDICTS)[code] += count
            comparators.setdefault(name, (first, leaf.scalar.name))
            rule = leaf.rule if isinstance(leaf, Leaf) else NO_MARKS
            rule_marks = (
                bool(rule.critical),
                bool(rule.focus),
                -1.0 if (w := rule.weight) is None else w,
            )
            if rule_marks != UNMARKED:
                marks = marks_of_both(marks, {name: rule_marks})
        cases = sum(number for _, number in scored)
        vacuous = sum(number for counts, number in scored if not counts.total)
        return Summary(
            Totals(cases=cases, vacuous=vacuous, **self._totals),
            {name: tuple(codes) for name, codes in fields.items()},
            comparators,
            self._items,
            frozenset(self._collections),
            _sums(scored),
            self._digest,
            {first: self._rows()},
            frozenset(self._used),
            ShortList.of(self._failures),
            ShortList.of(self._bad_truths),
            ShortList.of(self._bad_predictions),
            marks,
            ShortList.of(self._broken),
            tuple(sorted(self._unlabelled)),
            {drafter: (number,) for drafter, number in self._drafted.items()},
            ShortList.of(self._doubled),
            self._places,
            {name: (number,) for name, number in self._mended.items()},
        )


def _add_all(
    sums: dict[str, tuple[int, int, int]], more: Mapping[str, tuple[int, int, int]]
) -> None:
    for name, (one, two, three) in more.items():
        before = sums.get(name, (0, 0, 0))
        sums[name] = before[0] + one, before[1] + two, before[2] + three


def _may_state(raw: bytes) -> bool:
    """Tell whether a line may state confidences or places: their keys stand in it, or escapes."""
    return (
        b"confidence" in raw
        or b"page" in raw
        or b"box" in raw
        or b"places" in raw
        or (b"\\" in raw and b"\\u" in raw)
    )


NO_MARKS: Final = FieldRule()
_CODE_AND_FIELD: Final = itemgetter(0, 1)


_NOT_SCORED: Final = Counts()


def _sums(scored: Iterable[tuple[Counts, int]]) -> dict[str, tuple[int, int, int]]:
    """Return the sums of the scored cases' scores."""
    sums: dict[str, tuple[int, int, int]] = {}
    for counts, cases in scored:
        of_one = case_sums(counts)
        _add_all(
            sums,
            {name: (cases * p, cases * r, cases * f) for name, (p, r, f) in of_one.items()},
        )
    return sums


def _is_broken(code: int, leaf: JudgedField) -> bool:
    wrong = code not in (CORRECT, ABSTENTION)
    return wrong and isinstance(leaf, Leaf) and bool(leaf.rule.critical)


def _record(scored: ScoredCase) -> CaseRecord:
    """Return a case's record, as `cases` of the results document has it."""
    from harness.run.results.case_records import case_record  # noqa: PLC0415  # half of a worker's memory

    return case_record(scored)


def _line(record: CaseRecord) -> bytes:
    try:
        return f"{json.dumps(record, ensure_ascii=False)}\n".encode()
    except UnicodeEncodeError:
        return f"{json.dumps(record)}\n".encode()
