"""The report on a corpus in memory: averages, fields, cases, tags, and its form in a notebook."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from harness.cases.documents.document_files import shown_boxes
from harness.core import number_text
from harness.core.counts import Counts, Quantity, Scores
from harness.core.inert_text import cut, inert
from harness.core.outcomes import FieldDiff, Outcome, Tag
from harness.core.records import Answer, Failure
from harness.core.scores.confusion import ConfusionMatrix
from harness.core.scores.field_labels import Labels
from harness.core.scores.scorecard import Average, FieldScore, Tally, average, field_scores
from harness.core.statistics.intervals import document_intervals
from harness.core.values import Json
from harness.errors import Problem
from harness.run.evaluation.data_frames import FrameLibrary, data_frame
from harness.run.results.case_records import case_record
from harness.run.results.confidence import idle_confidences, idle_words
from harness.run.results.places.place_figures import judge_places
from harness.run.results.places.place_sentences import place_sentences
from harness.run.results.reasons.mended_answers import mended_answers, mended_words
from harness.run.results.reasons.wrapped_answers import wrapped_answers, wrapped_words
from harness.run.results.results_document import ScoringSettings, answer_pairs
from harness.run.results.score_cases import ScoredCase
from harness.run.scored_files.score_files import ScoredCorpus, corpus_digest
from harness.run.scored_files.scored_run import RunPlace, write_scored_run
from harness.run.scored_files.standalone_rules import Ruler
from harness.run.stored.stored_places import StatedPlacesRecord

_SHOWN: Final = 8
"""Fields that are shown; the others are counted."""
_LONGEST: Final = 60
_COLUMNS: Final = (
    "id",
    "path",
    "field",
    "outcome",
    "expected",
    "predicted",
    "predicted_path",
    "value_equal",
    "similarity",
    "tags",
    "comparator",
)


@dataclass(frozen=True, slots=True)
class Headline(Quantity):
    """One average over all cases, in [0, 1]; None where there is nothing to average.

    It is compared with numbers by its F1.
    """

    precision: float | None
    recall: float | None
    f1: float | None
    interval: tuple[float, float] | None
    """The 95 % interval of F1 over documents; None where there are too few."""

    def __float__(self) -> float:
        return _defined(self.f1)


@dataclass(frozen=True, slots=True)
class EvaluatedCase(Quantity):
    """One case of a corpus: its id, its F1 and every field's verdict; ordered by F1."""

    scored: ScoredCase

    @property
    def id(self) -> str:
        """The id the caller gave, or the place in the lists, from 0."""
        return self.scored.case.id

    @property
    def f1(self) -> float | None:
        """2 TP / (2 TP + FP + FN) in [0, 1]; None for a vacuous case."""
        return None if self.scored.result is None else self.scored.result.f1

    @property
    def counts(self) -> Counts:
        """Outcome counts of the fields."""
        return Counts() if self.scored.result is None else self.scored.result.counts

    @property
    def diffs(self) -> tuple[FieldDiff, ...]:
        """Every field, classified and tagged."""
        return () if self.scored.result is None else self.scored.result.diffs

    @property
    def failure(self) -> Failure | None:
        """Reason why there is no usable prediction; None where there is one."""
        return self.scored.output if isinstance(self.scored.output, Failure) else None

    @property
    def expected(self) -> Json:
        """The truth."""
        return self.scored.case.truth

    @property
    def predicted(self) -> Json:
        """The answer; None where there is none."""
        return self.scored.output.value if isinstance(self.scored.output, Answer) else None

    @property
    def is_missing(self) -> bool:
        """True where nobody answered: the case is in no figure."""
        return self.scored.result is None

    @property
    def states_places(self) -> bool:
        """True where the prediction says where values of it stand."""
        return isinstance(self.scored.output, Answer) and bool(self.scored.output.places)

    def __float__(self) -> float:
        return _defined(self.f1)

    def __repr__(self) -> str:
        if self.failure is not None and self.is_missing:
            why = cut(inert(self.failure.message), _LONGEST)
            return f"<EvaluatedCase {inert(self.id)!r}: not answered: {why}>"
        errors = self.counts.total - self.counts.correct
        words = f"F1 {number_text.percent(self.f1)}, {number_text.counted(errors, 'error')}"
        return f"<EvaluatedCase {inert(self.id)!r}: {words}>"


@dataclass(frozen=True, slots=True, repr=False)
class Report(Quantity):
    """Report of `evaluate` or `run`: `float(report)` is macro F1, `print(report)` the summary.

    >>> from harness import evaluate
    >>> report = evaluate({"a": {"n": 1}, "b": {"n": 2}}, {"a": {"n": 1}, "b": {"n": 3}})
    >>> print(str(report).splitlines()[0])
    <Report: 2 cases, 2 fields>
    >>> float(report), report.fields["n"].f1, report.cases[1].diffs[0].predicted
    (0.5, 0.5, 3)
    """

    macro: Headline
    """The mean over cases; vacuous ones are left out."""
    micro: Headline
    """The scores of all fields taken together."""
    lenient: Average
    """Both again, with format errors whose value is right taken for correct."""
    fields: Mapping[str, FieldScore]
    """By name, the field that costs the most micro F1 first."""
    cases: tuple[EvaluatedCase, ...]
    """In the order they were given."""
    counts: Counts
    unexpected: tuple[str, ...] = ()
    """Ids of predictions without a truth; they are not scored."""
    warnings: tuple[str, ...] = ()
    """What is odd: rules that mean no field, or make anything correct, answers that are wrapped."""
    ruler: Ruler = field(default_factory=Ruler)
    """The schema, the rules and the functions they name, by which all was judged."""
    extractor: str | None = None
    """What the function that answered is called; None where answers were given."""
    suite: str | None = None
    """The suite whose cases they are; None where they are no suite's."""

    @property
    def unanswered(self) -> tuple[str, ...]:
        """Ids of cases without a usable prediction, `missing` ones among them.

        The others are scored as answers of nothing.
        """
        return tuple(case.id for case in self.cases if case.failure)

    @property
    def missing(self) -> tuple[str, ...]:
        """Ids of cases that nobody answered, since the call failed: they are in no figure."""
        return tuple(case.id for case in self.cases if case.is_missing)

    @property
    def is_complete(self) -> bool:
        """True where every case is in the figures."""
        return not self.missing

    @property
    def confusion(self) -> Mapping[str, ConfusionMatrix]:
        """By field, which label was taken for which: of enums and booleans."""
        labels = Labels()
        for case in self.cases:
            if case.scored.result is not None:
                labels.add(case.scored.result.ledger)
        labels_found = labels.single()
        return MappingProxyType({name: each.confusion for name, each in labels_found.items()})

    @property
    def tags(self) -> Mapping[Tag, int]:
        """Number of errors that bear each tag, the most frequent first."""
        met = Counter(tag for case in self.cases for diff in case.diffs for tag in diff.tags)
        return MappingProxyType(dict(sorted(met.items(), key=lambda each: (-each[1], each[0]))))

    @property
    def places(self) -> StatedPlacesRecord | None:
        """Accuracy of the places that predictions state; None where none states any."""
        placed = [each.scored for each in self.cases if each.states_places]
        return judge_places(placed, map(case_record, placed), shown_boxes) if placed else None

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each field of each case, correct ones included."""
        return [_row(case.id, diff) for case in self.cases for diff in case.diffs]

    def to_frame(self, library: FrameLibrary | None = None) -> Any:  # noqa: ANN401  # no dependency
        """Return `rows` as a data frame of pandas or Polars, values as they were given.

        Without `library`, of pandas where it is installed, else of Polars. Raises ImportError
        where neither is, or the one asked for is not.
        """
        return data_frame(self.rows(), _COLUMNS, library)

    def save(
        self,
        path: str | PathLike[str],
        *,
        suite: str | None = None,
        extractor: str | None = None,
    ) -> Path:
        """Write a run folder at `path` and return it: every command that takes a run takes it.

        `suite` and `extractor` are what it is called there; by default they are the suite and the
        function that were asked, or `evaluation` and `predictions`. `harness report PATH` writes
        its page. Raises HarnessError where the folder holds something already, or nothing can be
        written.
        """
        name = extractor or self.extractor or "predictions"
        kind = "recorded" if self.extractor is None else "python"
        scored = tuple(sorted((case.scored for case in self.cases), key=lambda one: one.case.id))
        digest = corpus_digest([each.case for each in scored], self.ruler)
        suite = suite or self.suite or "evaluation"
        settings = ScoringSettings(suite, digest, self.ruler.rules)
        place = RunPlace(suite, name, Path(path), folder=Path(path), kind=kind)
        return write_scored_run(ScoredCorpus(settings, scored), self.ruler, place)

    def __float__(self) -> float:
        """Macro F1. Raises ValueError where cases were not answered: it would pass for all."""
        if self.missing:
            answered = len(self.cases) - len(self.missing)
            what = f"{answered} of {len(self.cases)} cases were answered: no one number stands for"
            raise ValueError(f"{what} all; `report.macro.f1` is over those that were")
        return _defined(self.macro.f1)

    def __repr__(self) -> str:
        lines = [
            f"{name} {f1}, 95 % interval {interval}, lenient {lenient}"
            for name, f1, interval, lenient in _averages(self)
        ]
        fields = [f"  {name}: F1 {f1}, {errors}" for name, f1, errors, _ in _costly(self)]
        return "\n".join([f"<Report: {_extent(self)}>", *lines, *fields, *_notes(self)])

    def _repr_html_(self) -> str:
        paragraphs = "".join(f"<p>{escape(line)}</p>" for line in _notes(self))
        averages = _table(("", "F1", "95 % interval", "lenient F1"), _averages(self))
        fields = _table(("field", "F1", "errors", "support"), _costly(self))
        return f"<div><p><b>{escape(_extent(self))}</b></p>{averages}{fields}{paragraphs}</div>"


def corpus_report(
    scored: Sequence[ScoredCase],
    ruler: Ruler,
    unexpected: Iterable[str] = (),
    warnings: Iterable[Problem] = (),
) -> Report:
    """Return the report on scored cases, its figures the same in whatever order they come."""
    tally = Tally()
    for each in sorted(scored, key=lambda one: one.case.id):
        if each.result is not None:
            tally.add(each.result)
    whole = average(tally.counts)
    intervals = document_intervals([[counts] for counts in tally.counts])
    wrapped = wrapped_answers(answer_pairs(scored))
    return Report(
        macro=_headline(whole.macro, intervals.macro_f1),
        micro=_headline(whole.micro, intervals.micro_f1),
        lenient=average([counts.lenient for counts in tally.counts]),
        fields=MappingProxyType({field.field: field for field in field_scores(tally)}),
        cases=tuple(map(EvaluatedCase, scored)),
        counts=whole.counts,
        unexpected=tuple(unexpected),
        warnings=(
            *((f"{wrapped_words(wrapped)}: scored as it is",) if wrapped else ()),
            *map(str, warnings),
            *_mended(scored),
            *map(idle_words, idle_confidences(scored).values()),
        ),
        ruler=ruler,
    )


def _mended(scored: Sequence[ScoredCase]) -> Iterator[str]:
    """Yield what is said of answers that were no sound JSON and were mended."""
    repairs = [each.output.repairs for each in scored if isinstance(each.output, Answer)]
    if words := mended_words(mended_answers(repairs), len(repairs)):
        yield words


def _headline(averages: Scores | None, interval: tuple[float, float] | None) -> Headline:
    if averages is None:
        return Headline(None, None, None, None)
    return Headline(averages.precision, averages.recall, averages.f1, interval)


def _defined(f1: float | None) -> float:
    if f1 is None:
        raise ValueError("F1 is undefined: nothing is expected and nothing predicted")
    return f1


def _row(case: str, diff: FieldDiff) -> dict[str, Any]:
    tags = ", ".join(diff.tags)
    record = {name: getattr(diff, name) for name in _COLUMNS if name not in ("id", "tags")}
    return {"id": case, **record, "outcome": diff.outcome.value, "tags": tags}


def _extent(report: Report) -> str:
    cases = number_text.counted(len(report.cases), "case")
    fields = number_text.counted(report.counts.total, "field")
    return f"{cases}, {fields}{'' if report.is_complete else ', INCOMPLETE'}"


def _averages(report: Report) -> list[tuple[str, str, str, str]]:
    macro, micro = report.lenient.macro, report.lenient.micro
    rows = (("macro F1", report.macro, macro), ("micro F1", report.micro, micro))
    return [
        (
            name,
            number_text.percent(scores.f1),
            number_text.interval(scores.interval),
            number_text.percent(lenient.f1 if lenient else None),
        )
        for name, scores, lenient in rows
    ]


def _costly(report: Report) -> list[tuple[str, str, str, str]]:
    """Return the fields that have errors, those that cost the most first."""
    wrong = [f for f in report.fields.values() if f.counts.total != f.counts.correct]
    return [
        (
            cut(inert(field.field), _LONGEST),
            number_text.percent(field.f1),
            _errors(field.counts),
            number_text.count(field.support),
        )
        for field in wrong[:_SHOWN]
    ]


def _errors(counts: Counts) -> str:
    errors = ((counts[o], o.value.replace("_", " ")) for o in Outcome if o is not Outcome.CORRECT)
    return " \u00b7 ".join(number_text.counted(number, name) for number, name in errors if number)


def _notes(report: Report) -> list[str]:
    """Return what a reader must know beside the figures."""
    wrong = sum(f.counts.total != f.counts.correct for f in report.fields.values())
    vacuous = sum(not case.counts.total and not case.is_missing for case in report.cases)
    empty = len(report.unanswered) - len(report.missing)
    judged = len(report.cases) - len(report.missing) - vacuous
    few = number_text.few_documents_note(judged if report.macro.interval else None)
    notes = (
        (wrong - _SHOWN, "more field", "more fields", "with errors"),
        (len(report.missing), "case", "cases", "not answered, in no figure"),
        (empty, "case", "cases", "without an answer, scored as one of nothing"),
        (len(report.unexpected), "prediction", "predictions", "without a truth, not scored"),
        (vacuous, "vacuous case", "vacuous cases", "left out of macro F1"),
    )
    sentences = [
        f"{number_text.counted(number, one, many)} {what}"
        for number, one, many, what in notes
        if number > 0
    ]
    if few:
        sentences.insert(0, f"only {few}")
    if places := report.places:
        sentences.append("; ".join(place_sentences(places)))
    return sentences + [f"warning: {inert(warning)}" for warning in report.warnings]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; every text in it is escaped."""
    body = [f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows]
    if not body:
        return ""
    names = "".join(f"<th>{escape(name)}</th>" for name in head)
    return f"<table><thead><tr>{names}</tr></thead><tbody>{''.join(body)}</tbody></table>"
