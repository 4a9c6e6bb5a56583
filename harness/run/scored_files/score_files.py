"""`harness score`: score truths against predictions in files, without a suite."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from harness.cases.digest import truth_digest, truths_digest
from harness.cases.files.file_names import few_ids, files_by_name
from harness.cases.files.findings import Findings
from harness.cases.files.places import at, is_hidden, nfc, refuse_links_out
from harness.cases.files.reading import read_text, require_text
from harness.cases.files.strict_json import parse_json
from harness.cases.schemas.rule_checks import broken_rules
from harness.cases.schemas.rule_files import case_places, case_rules
from harness.cases.schemas.rule_warnings import rule_warnings
from harness.cases.suite import Limits
from harness.core.explain.reordered_truth import closest
from harness.core.number_text import counted
from harness.core.records import Answer, Case, Failure, FailureKind
from harness.core.rules.field_rule import NO_RULES, overlaid
from harness.core.values import Json
from harness.errors import HarnessError, Problem, UsageError
from harness.extract.recorded.recorded import Recordings, open_recordings
from harness.extract.reply.context.nested_part import whole_answer
from harness.extract.reply.json_text import doubled_keys
from harness.extract.reply.stated_confidence import without_stated
from harness.run.results.reasons.mended_answers import mended_answers, mended_words
from harness.run.results.reasons.wrapped_answers import way_out, wrapped_words
from harness.run.results.results_document import ScoringSettings, results_document
from harness.run.results.score_cases import ScoredCase, Scorer, review_record
from harness.run.results.threshold_file import Thresholds
from harness.run.results.withholding import withheld_record, withhold
from harness.run.scored_files.case_sets import (
    AnswerSet,
    CaseReading,
    Shape,
    case_set,
    reading_note,
    require_common,
    shape_of,
)
from harness.run.scored_files.file_pairs import FilePair, Truth
from harness.run.scored_files.standalone_rules import Ruler
from harness.run.scored_files.truth_lines import truth_line
from harness.run.stored.stored_results import ResultsDocument
from harness.run.stored.stored_shares import WrappedRecord

LINES: Final = (".jsonl", ".ndjson")
_MOST: Final = 20
"""Truths that break their schema that are told of one by one."""


@dataclass(frozen=True, slots=True)
class ScoredCorpus:
    """Cases that were scored together, and under which settings."""

    settings: ScoringSettings
    scored: tuple[ScoredCase, ...]
    about: str = ""
    """What part of something larger was scored, where it was not all."""
    thresholds: Thresholds | None = None
    """Under which values are withheld, whenever this is scored; the answers are whole."""
    drafts: tuple[ScoredCase, ...] = ()
    """Cases of which nobody vouches for any field, with what was said of them: not scored."""


@dataclass(frozen=True, slots=True)
class ScoredPair:
    """Files that were scored."""

    results: ResultsDocument
    """The eval-results document."""
    odd: tuple[Problem, ...]
    """What is odd, though scored."""
    corpus: ScoredCorpus


def score_files(
    files: tuple[Path, Path], ruler: Ruler, cases: CaseReading = "auto"
) -> tuple[ResultsDocument, tuple[Problem, ...]]:
    """Score truths against predictions; return the results document and what is odd.

    Two JSON files are one case, or a set of cases where they are arrays of records with ids or
    objects keyed by id; two folders are paired by file stem; two JSONL files by `id`. Predictions
    are read as a model's replies are. A truth without one is missing, as in a run: it is not
    scored, and the results are incomplete.

    Raises HarnessError with every file and line that cannot be read, UsageError where the two
    arguments do not go together.
    """
    corpus = score_pair(read_pair(files, ruler, cases), ruler, files)
    return corpus.results, corpus.odd


def score_pair(
    pair: FilePair,
    ruler: Ruler,
    files: tuple[Path, Path],
    thresholds: Thresholds | None = None,
) -> ScoredPair:
    """Score what was read of files; these give their names to what is odd about them.

    Values under `thresholds` are withheld. Raises HarnessError with every name inside a rule that
    means nothing, UsageError where no answer has a confidence of the thresholds' source.
    """
    truths, answers = pair.truths, pair.answers
    _refuse_broken(ruler, truths)
    scorer = Scorer(ruler.rules, ruler.functions)
    cases_asked = list(_cases(truths, ruler, scorer))
    scored = [scorer.score(case, _said(answers, case)) for case in cases_asked if case.is_labelled]
    name = "stdin" if str(files[0]) == "-" else files[0].resolve().stem
    settings = ScoringSettings(name, corpus_digest(cases_asked, ruler), ruler.rules)
    answered = [each.case for each in scored if each.result is not None]
    floor, shown, record = scorer.null_floor(answered), scored, None
    if thresholds is not None:
        withheld = [withhold(each, scorer, thresholds) for each in scored]
        if not any(each.of for each in withheld):
            what = f"no answer has a confidence by {thresholds.source!r}: nothing can be withheld"
            hint = 'lines may carry them: {"id": ..., "value": ..., "confidences": {FIELD: SHARE}}'
            raise UsageError(Problem(what, "no-confidence", hint=hint))
        shown, record = (
            [e.after for e in withheld],
            withheld_record(withheld, thresholds, settings.empty),
        )
    results = results_document(settings, shown, floor)
    results["withheld"], results["reviewed"] = record, review_record(cases_asked, scorer)
    odd = (
        *_unused(answers, truths, files[1]),
        *wrapped_warnings(results.get("wrapped"), files),
        *_doubled(scored, files[1]),
        *mended_warnings(*_mended(scored), files[1]),
        *_idle(ruler, truths),
        *_broken(ruler, truths),
    )
    unsure = (case for case in cases_asked if not case.is_labelled)
    drafts = tuple(ScoredCase(case, _said(answers, case), None) for case in unsure)
    corpus = ScoredCorpus(settings, tuple(scored), pair.about, thresholds, drafts)
    return ScoredPair(results, (*pair.odd, *odd), corpus)


def _cases(truths: Mapping[str, Truth], ruler: Ruler, scorer: Scorer) -> Iterator[Case]:
    """Yield the cases of truths in order of id, each with what people vouch for."""
    for key, truth in sorted(truths.items()):
        case = Case(key, (), truth.value, ruler.schema, rules=truth.rules, places=truth.places)
        plan = scorer.plan(case.schema, case.rules)
        yield case if ruler.reviews is None else ruler.reviews.reviewed(case, plan)


def corpus_digest(cases: Sequence[Case], ruler: Ruler) -> str:
    """Return the digest of truths and what judges them, whatever the order of the cases."""
    total = sum(truth_digest(case.id, case.truth, case.rules, case.review) for case in cases)
    return truths_digest(total, len(cases), ruler.schema, ruler.sources)


def _unused(
    answers: Recordings | AnswerSet, truths: Mapping[str, Truth], predicted: Path
) -> Iterator[Problem]:
    """Yield a warning about all predictions without a truth."""
    names = answers.unused(truths)
    if len(names) == 1:
        what = f"{names[0]!r} is predicted but not expected; it is not scored"
        yield Problem(what, "unused-prediction", at(predicted))
    elif names:
        what = f"{counted(len(names), 'prediction')} without a truth, not scored: {few_ids(names)}"
        yield Problem(what, "unused-prediction", at(predicted))


def wrapped_warnings(wrapped: WrappedRecord | None, files: tuple[Path, Path]) -> Iterator[Problem]:
    """Yield a warning where most answers, or truths, stand below a key of their own."""
    if wrapped is not None:
        file = files[wrapped["side"] == "predicted"]
        yield Problem(wrapped_words(wrapped), "wrapped-answer", at(file), way_out(wrapped))


def _mended(scored: Iterable[ScoredCase]) -> tuple[Counter[str], int]:
    """Return how many answers each repair was made to, and how many answers there are."""
    repairs = [each.output.repairs for each in scored if isinstance(each.output, Answer)]
    return mended_answers(repairs), len(repairs)


def mended_warnings(met: Mapping[str, int], answers: int, predicted: Path) -> Iterator[Problem]:
    """Yield a warning where predictions were no sound JSON and were mended as replies are."""
    if words := mended_words(met, answers):
        yield Problem(words, "mended-answers", at(predicted))


def _doubled(scored: Iterable[ScoredCase], predicted: Path) -> Iterator[Problem]:
    """Yield a warning for predictions in which a key stands twice with different values."""
    doubled = [
        (each.case.id, key)
        for each in scored
        if isinstance(each.output, Answer)
        for key in doubled_keys(each.output.repairs)
    ]
    return doubled_key_warnings(doubled, len(doubled), predicted)


def doubled_key_warnings(
    doubled: Sequence[tuple[str, str]], count: int, predicted: Path
) -> Iterator[Problem]:
    """Yield a warning for the first cases with a key that stands twice, of `count` in all."""
    for case, key in doubled[:_MOST]:
        what = f"the prediction for {case!r} has the key {key!r} twice: the last one is scored"
        yield Problem(what, "duplicate-key", at(predicted))
    if count > _MOST:
        what = f"and {count - _MOST} more keys that stand twice"
        yield Problem(what, "duplicate-key", at(predicted))


def _refuse_broken(ruler: Ruler, truths: Mapping[str, Truth]) -> None:
    """Raise HarnessError with every name inside a rule that means nothing in any truth."""
    schemas = [ruler.schema] if isinstance(ruler.schema, dict) else []
    values = [truth.value for truth in truths.values()]
    if broken := [problem for _, problem in broken_rules(ruler.rules, schemas, values)]:
        raise HarnessError(*broken)


def _idle(ruler: Ruler, truths: Mapping[str, Truth]) -> Iterable[Problem]:
    """Yield a warning for every rule that means no field, or makes anything correct."""
    cases = [(ruler.schema, truth.value) for truth in truths.values()]
    return (problem for _, problem in rule_warnings(ruler.rules, cases, ruler.functions))


def _broken(ruler: Ruler, truths: Mapping[str, Truth]) -> Iterator[Problem]:
    """Yield a warning for what in the truths breaks the schema, the first of it."""
    if ruler.checked is None:
        return
    from harness.cases.schemas.truth_checks import truth_problems  # noqa: PLC0415  # jsonschema is slow to import

    problems = [
        problem
        for truth in truths.values()
        for problem in truth_problems(ruler.checked, truth.value, truth.file, truth.line)
    ]
    yield from problems[:_MOST]
    if len(problems) > _MOST:
        yield Problem(f"and {len(problems) - _MOST} more truths like these", "truth-breaks-schema")


def closest_truths(pair: FilePair, ruler: Ruler) -> dict[str, Json]:
    """Return by id every truth in the order of its prediction; as it is where there is none.

    Raises HarnessError with every name inside a rule that means nothing.
    """
    truths, answers = pair.truths, pair.answers
    _refuse_broken(ruler, truths)
    scorer = Scorer(ruler.rules, ruler.functions)
    closest_by_case: dict[str, Json] = {}
    for key, truth in sorted(truths.items()):
        plan = scorer.plan(ruler.schema, truth.rules)
        answer = _said(answers, Case(key, (), truth.value, ruler.schema))
        closest_by_case[key] = truth.value
        if isinstance(answer, Answer):
            closest_by_case[key] = closest(plan, truth.value, answer.value)
    return closest_by_case


def read_pair(files: tuple[Path, Path], ruler: Ruler, cases: CaseReading = "auto") -> FilePair:
    """Return the truths and answers of two files or folders in our own forms.

    Raises HarnessError with all that cannot be read, UsageError where the two do not go together.
    """
    expected, predicted = files
    for path in (expected, predicted):
        if not path.exists():
            raise UsageError(Problem(f"{str(path)!r} does not exist", "no-such-path"))
        if path.is_file():
            require_text(path)
    if expected.is_dir() != predicted.is_dir() or _is_lines(expected) != _is_lines(predicted):
        hint = "give two JSON files, two folders, or two JSONL files"
        what = f"{str(expected)!r} and {str(predicted)!r} are not of one kind"
        raise UsageError(Problem(what, "unlike-paths", hint=hint))
    if expected.is_file() and not _is_lines(expected):
        return _two_files(files, ruler, cases)
    truths = _folder(expected) if expected.is_dir() else _lines(expected)
    if not truths:
        raise HarnessError(Problem("there is no ground truth in it", "no-truth", at(expected)))
    answers = open_recordings(predicted, {}, Limits(), predicted.parent)
    refuse_links_out(predicted, [*answers.files.values()])
    return FilePair(truths, answers)


def _two_files(files: tuple[Path, Path], ruler: Ruler, cases: CaseReading) -> FilePair:
    """Read two JSON files: one case, or a set of cases."""
    expected, predicted = files
    whole = _truth(expected)
    shape = shape_of(whole.value, ruler.schema, ruler.rules)
    note = partial(reading_note, shape, file=expected)
    if cases == "many" or (cases == "auto" and shape in (Shape.RECORDS, Shape.KEYED)):
        pair = _set_of_cases(files, whole, ruler)
        return replace(pair, odd=tuple(note(len(pair.truths)))) if cases == "auto" else pair
    answers = Recordings({nfc(expected.stem): predicted}, {}, {}, Limits())
    return FilePair({nfc(expected.stem): whole}, answers, tuple(note(1)) if cases == "auto" else ())


def _set_of_cases(files: tuple[Path, Path], whole: Truth, ruler: Ruler) -> FilePair:
    expected, predicted = files
    way = case_set(ruler.schema, ruler.rules)
    rules = overlaid(whole.rules, way.rules)
    truths = {
        key: Truth(value, expected, None, rules)
        for key, value in way.truths(whole.value, expected).items()
    }
    answers = way.answers(predicted, Limits())
    if not truths:
        raise HarnessError(Problem("there is no ground truth in it", "no-truth", at(expected)))
    require_common(truths, answers, files)
    return FilePair(truths, answers)


def _truth(file: Path) -> Truth:
    """Read a truth that is a file. Raises HarnessError with what is wrong with it or its rules."""
    findings = Findings()
    value = findings.attempt(lambda: parse_json(read_text(file), file))
    rules = findings.attempt(lambda: case_rules(file))
    findings.stop()
    return Truth(value, file, None, rules or NO_RULES, case_places(file, value))


def _is_lines(path: Path) -> bool:
    return path.suffix.lower() in LINES


def _said(recordings: Recordings | AnswerSet, case: Case) -> Answer | Failure:
    reply = asyncio.run(recordings.extract(case))
    if isinstance(reply, Failure) and reply.kind is FailureKind.NO_RECORDING:
        return Failure(reply.kind, "there is no prediction for this truth")
    return whole_answer(without_stated(reply, case), case)


def _folder(folder: Path) -> dict[str, Truth]:
    truths: dict[str, Truth] = {}
    problems: list[Problem] = []
    below = (path for path in sorted(folder.rglob("*")) if path.suffix.lower() == ".json")
    files = [path for path in below if not is_hidden(path.name)]
    refuse_links_out(folder, files)
    named = ((nfc(path.relative_to(folder).with_suffix("").as_posix()), path) for path in files)
    for key, path in files_by_name(named, "truth").items():
        try:
            truths[key] = _truth(path)
        except HarnessError as error:
            problems.extend(error.problems)
    if problems:
        raise HarnessError(*problems)
    return truths


def _lines(file: Path) -> dict[str, Truth]:
    """Read lines of truth; every line at fault is told of at once."""
    truths: dict[str, Truth] = {}
    problems: list[Problem] = []
    for number, line in enumerate(read_text(file).split("\n"), start=1):
        if not line.strip():
            continue
        where = at(file, number)
        try:
            key, value, places = truth_line(parse_json(line, file))
        except HarnessError as error:
            problems.extend(Problem(p.what, p.code, where, p.hint) for p in error.problems)
            continue
        if key in truths:
            problems.append(Problem(f"a second truth for {key!r}", "duplicate-case", where))
        truths[key] = Truth(value, file, number, places=places)
    if problems:
        raise HarnessError(*problems)
    return truths
