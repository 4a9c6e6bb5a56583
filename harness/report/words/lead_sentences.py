"""Lead sentences of a run: what to fix first, how far the target is, what was never answered."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NotRequired

from typing_extensions import ReadOnly, TypedDict

from harness.core import number_text
from harness.core.inert_text import inert
from harness.core.outcomes import CONVENTIONS, Outcome
from harness.core.scores.scorecard import VACUOUS
from harness.report.words.no_answers import all_unanswered, failed_first
from harness.report.words.verdicts import errors_of, mostly
from harness.run.results.confidence import idle_words
from harness.run.results.reasons.cause_words import cause_title, lenient_causes, lost_of
from harness.run.results.reasons.mended_answers import mended_answers, mended_words
from harness.run.results.reasons.wrapped_answers import wrapped_words
from harness.run.stored.stored_figures import by_outcome
from harness.run.stored.stored_results import (
    AggregateRecord,
    CauseRecord,
    FieldRecord,
    IntervalsRecord,
    ResultsDocument,
)


@dataclass(frozen=True, slots=True)
class Lead:
    """The one sentence that says what goes wrong, in parts so that a surface may set them apart."""

    before: str
    field: str | None
    """The name of a field, text from strangers; None when the sentence needs none."""
    after: str

    def __str__(self) -> str:
        return f"{self.before}{self.field or ''}{self.after}"


def worst_first(fields: Sequence[FieldRecord]) -> list[FieldRecord]:
    """Return the fields that lost something, the one most worth fixing first."""
    losing = [field for field in fields if errors_of(field["counts"])]
    return sorted(losing, key=lambda f: (-f["f1_lost"], -errors_of(f["counts"]), f["field"]))


def lead(results: ResultsDocument) -> Lead:
    """Return what goes wrong most, and how much of it is a matter of format alone."""
    counts = results["aggregate"]["counts"]
    losing = worst_first(results["fields"])
    if not losing:
        judged = errors_of(counts) + counts["correct"]
        return Lead("Every field is right." if judged else "Nothing was judged.", None, "")
    causes = results.get("causes")
    if causes:
        return _of_causes(causes, lost_of(results["aggregate"]))
    worst = losing[0]
    clauses = [f": {mostly(worst['counts'])}"]
    equal = counts["value_equal"]
    if equal:
        verb = "answer is" if equal == 1 else "answers are"
        clauses.append(f"{number_text.count(equal)} {verb} right but in the wrong format")
    failed = results["aggregate"]["failed_cases"]
    if failed:
        clauses.append(f"{unusable(results, failed)}")
    only = len(losing) == 1
    before = "All that is lost is lost on " if only and not failed else "Most is lost on "
    return Lead(before, worst["field"], f"{'; '.join(clauses)}.")


def unusable(results: CountedResults, failed: int) -> str:
    """Return how many cases got no usable answer, or how many answers are of no use.

    >>> unusable({"replicates": 1}, 2), unusable({"replicates": 3}, 2)
    ('2 cases got no usable answer', '2 answers are not usable')
    """
    if (results.get("replicates") or 1) == 1:
        return f"{number_text.counted(failed, 'case')} got no usable answer"
    verb = "is" if failed == 1 else "are"
    return f"{number_text.counted(failed, 'answer')} {verb} not usable"


def lenient_lead(results: ResultsDocument) -> Lead | None:
    """Return the same where values in the wrong format count as right; None without causes."""
    strict = results.get("causes")
    if not strict:
        return None
    causes = lenient_causes(strict)
    if not causes:
        return Lead("Every value is right; only formats are wrong.", None, "")
    return _of_causes(causes, lost_of(results["aggregate"]["lenient"]))


def _of_causes(causes: Sequence[CauseRecord], whole: str) -> Lead:
    """Return the cause that costs most, and the one after it; there is at least one."""
    title = cause_title(causes[0])
    cost = number_text.points(causes[0]["micro_f1_lost"])
    if len(causes) == 1:
        return Lead(
            f"All that is lost is lost to {title.before}",
            title.name or None,
            f"{inert(title.after)}.",
        )
    second = cause_title(causes[1])
    then = number_text.points(causes[1]["micro_f1_lost"])
    after = (
        f"{inert(title.after)}. That costs {cost} of the {whole} points of micro F1 that are lost. "
        f"Next: {inert(str(second))}, {then} points."
    )
    return Lead(f"Most is lost to {title.before}", title.name or None, after)


def cases_counted(results: CountedResults, answers: int) -> str:
    """Return a number of answers as the cases they are about; both where cases were asked again.

    >>> cases_counted({"replicates": 3}, 36), cases_counted({"replicates": 1}, 12)
    ('12 cases, 36 answers', '12 cases')
    """
    replicates = results.get("replicates") or 1
    if replicates == 1:
        return number_text.counted(answers, "case")
    cases = number_text.counted(-(-answers // replicates), "case")
    return f"{cases}, {number_text.counted(answers, 'answer')}"


def answers_counted(results: CountedResults, answers: int) -> str:
    """Return a number of answers with its noun: as cases where each case has only one.

    >>> answers_counted({"replicates": 3}, 2), answers_counted({"replicates": 1}, 2)
    ('2 answers', '2 cases')
    """
    noun = "case" if (results.get("replicates") or 1) == 1 else "answer"
    return number_text.counted(answers, noun)


class CountedResults(TypedDict):
    """Part of results that counts replicates; earlier headlines do not hold it."""

    replicates: ReadOnly[NotRequired[int]]


def replicate_spread(results: ResultsDocument) -> str | None:
    """Return how far macro F1 lies apart from one replicate to the next; None for one replicate."""
    scores: dict[int, list[float]] = {}
    for case in results["cases"]:
        f1 = VACUOUS[results["empty"]] if case["f1"] is None else case["f1"]
        if f1 is not None and not (case["failure"] and case["failure"]["missing"]):
            scores.setdefault(case.get("replicate") or 1, []).append(f1)
    if len(scores) < 2:  # noqa: PLR2004  # one replicate does not spread
        return None
    means = [math.fsum(f1s) / len(f1s) for f1s in scores.values()]
    return (
        f"macro F1 {number_text.interval((min(means), max(means)))} from one to another of "
        f"{number_text.counted(len(means), 'replicate')}"
    )


def few_documents(intervals: IntervalsRecord | None) -> str | None:
    """Return what so few documents cannot tell, whatever the interval says; None if enough."""
    return number_text.few_documents_note(
        intervals.get("documents") if intervals else None
    )  # not in earlier ones


def paired_approximately(results: ResultsDocument) -> str | None:
    """Return which lists were too long to try every pairing, in words; None if none was."""
    number = results["aggregate"].get("approximate_cases", 0)
    if not number:
        return None
    fields = {name for case in results["cases"] for name in case.get("approximate", ())}
    names = sorted(inert(name or "$") for name in fields)
    listed = ", ".join(names[:_NAMED]) + (" …" if len(names) > _NAMED else "")
    where = f"{listed} in " if listed else "lists in "
    return (
        f"{where}{number_text.counted(number, 'case')}: too long to try every pairing; "
        "another may have more right"
    )


_NAMED = 3
"""Lists that are named; more are hinted at."""


class Completeness(TypedDict):
    """Completeness of answers: a run says so, and so do results."""

    complete: bool


class WithCompleteness(Completeness, CountedResults):
    """Part that tells whether every case is in: of stored results, or of a headline."""

    aggregate: AggregateRecord


def incomplete(run: Completeness, results: WithCompleteness) -> str | None:
    """Return the warning an incomplete run carries on every surface; None if it is complete.

    A run in which most got no usable answer carries one as well, whoever is to blame.
    """
    failed = failed_first(results)
    if (run["complete"] and results["complete"]) or (failed and all_unanswered(results)):
        return failed
    missing = results["aggregate"]["missing_cases"]
    every = results["aggregate"]["eval_count"] + missing
    if not missing:
        return f"This run did not finish: these numbers cover {cases_counted(results, every)}."
    answered = number_text.count(every - missing)
    return (
        f"{answered} of {_asked(results, every)} answered; the rest were never answered: "
        f"these numbers cover {answered}."
    )


def _asked(results: CountedResults, every: int) -> str:
    """Return a number of cases bare, and one of answers as such."""
    if (results.get("replicates") or 1) == 1:
        return number_text.count(every)
    return f"{number_text.counted(every, 'answer')} ({cases_counted(results, every).split(',')[0]})"


def at_work(finished: str | None, results: WithCompleteness) -> str | None:
    """Return how far a run is that has not ended; None for one that has."""
    if finished is not None:
        return None
    missing = results["aggregate"]["missing_cases"]
    every = results["aggregate"]["eval_count"] + missing
    answered = number_text.count(every - missing)
    return (
        f"The run has not ended: {answered} of {_asked(results, every)} answered so far; "
        "loading the page again shows more."
    )


def withheld(results: ResultsDocument) -> str | None:
    """Return what thresholds withheld and the score without them; None where nothing was asked."""
    record = results.get("withheld")  # results of earlier versions know nothing of it
    if not record:
        return None
    macro = number_text.percent(record["before"]["macro"]["f1"])
    micro = number_text.percent(record["before"]["micro"]["f1"])
    right = number_text.counted(record["values"], "value")
    text = (
        f"{right} of {number_text.count(record['of'])} with a confidence withheld "
        f"({inert(record['source'])}, {inert(record['goal'])}); with everything accepted macro F1 "
        f"is {macro}, micro F1 {micro}."
    )
    promise = record["promise"]
    if promise is None:
        return text
    return (
        f"{text} Promise, from {number_text.counted(promise['documents'], 'document')}: on average "
        f"at most {number_text.percent(promise['risk'])} of a document's fields are accepted and "
        "wrong."
    )


def idle_confidences_in(results: ResultsDocument) -> Iterator[str]:
    """Yield what is to be said of confidences whose path is none of their answer's."""
    for judged in (results.get("confidence") or {}).values():
        if "idle" in judged:
            yield idle_words(judged["idle"])


def wrapped_sentence(results: ResultsDocument) -> str | None:
    """Return what is to be said where most answers, or truths, stand below a key; None if not."""
    record = results.get("wrapped")
    return None if record is None else f"{wrapped_words(record)}; they are scored as they are"


def mended_sentence(results: ResultsDocument) -> str | None:
    """Return how many answers were mended before they were scored, and how; None where none was."""
    answers = [case for case in results["cases"] if not case["failure"]]
    met = mended_answers(case.get("repairs") or () for case in answers)
    return mended_words(met, len(answers))


def reviewed(results: ResultsDocument) -> str | None:
    """Return how much of the truths is reviewed; None where every truth is taken for right."""
    record = results.get("reviewed")  # results of earlier versions know nothing of it
    if not record:
        return None
    words, fields, drafts = [], record["fields"], len(record["unlabelled"])
    if fields["of"]:
        share = f"{number_text.count(fields['reviewed'])} of {number_text.count(fields['of'])}"
        words.append(f"{share} fields reviewed: the others are in no score")
    if drafts:
        cases = number_text.counted(record["cases"], "case")
        named = f"{number_text.count(drafts)} of {cases}"
        words.append(f"{named} without any reviewed field: answers are drafts, not scored")
    for one in record["drafted"]:
        cases = number_text.counted(one["cases"], "truth")
        words.append(f"{cases} drafted by {inert(one['extractor'])} and approved as drafted")
    return "; ".join(words) or None


def check_sentences(results: ResultsDocument) -> tuple[str, ...]:
    """Return which of the suite's checks answers break, and in which cases: no truth is asked."""
    sentences: list[str] = []
    for each in results.get("checks") or ():
        if each["broken"]:
            named = ", ".join(map(inert, each["cases"][:_NAMED]))
            named += ", ..." if len(each["cases"]) > _NAMED else ""
            of = number_text.counted(each["answers"], "answer")
            broken = number_text.count(each["broken"])
            sentences.append(f"{inert(each['check'])} in {broken} of {of}: {named}")
    return tuple(sentences)


def corrections_to(results: ResultsDocument, goal: float) -> int | None:
    """Return the least number of fields to put right until micro F1 reaches a goal.

    None if no number of corrections reaches it. Misread values first, since each costs most, then
    omissions, then hallucinations.
    """
    wanted = Fraction(str(goal))
    for fixed, (tp, whole) in enumerate(_fixes(results)):
        if whole and 2 * tp * wanted.denominator >= whole * wanted.numerator:
            return fixed
    return None


def _fixes(results: ResultsDocument) -> Iterator[tuple[int, int]]:
    """Yield true positives and the denominator of F1, one more field put right each time."""
    aggregate = results["aggregate"]
    charges = CONVENTIONS[results["convention"]]
    tp = aggregate["total_true_positives"]
    fp, fn = aggregate["total_false_positives"], aggregate["total_false_negatives"]
    yield tp, 2 * tp + fp + fn
    counts = by_outcome(aggregate["counts"])
    order = (Outcome.WRONG_VALUE, Outcome.FORMAT_ERROR, Outcome.OMISSION, Outcome.HALLUCINATION)
    for outcome in order:
        for _ in range(counts[outcome.value]):
            tp += outcome is not Outcome.HALLUCINATION
            fp -= charges[outcome].fp
            fn -= charges[outcome].fn
            yield tp, 2 * tp + fp + fn


def corrections_to_target(results: ResultsDocument) -> int | None:
    """Return the least number of fields to put right until micro F1 reaches the target.

    None if there is no target or no number of corrections reaches it.
    """
    target = results["target_f1"]
    return None if target is None else corrections_to(results, target)


def distance_in_fields(results: ResultsDocument) -> str | None:
    """Return how far micro F1 is from the target, counted in fields; None without a target."""
    target = results["target_f1"]
    if target is None:
        return None
    goal = number_text.goal(target)
    more = corrections_to_target(results)
    if more is None:
        return f"{goal} is out of reach: nothing was judged"
    if not more:
        return f"reaches the target of {goal}"
    return (
        f"{number_text.counted(more, 'more correct field')} reach{'es' if more == 1 else ''} {goal}"
    )


def distance_in_points(value: float | None, target: float | None) -> str | None:
    """Return how far a score is from the target; None if either is missing.

    >>> distance_in_points(0.841, 0.9), distance_in_points(0.9, 0.9)
    ('5.9 points under the target of 90 %', 'reaches the target of 90 %')
    """
    if value is None or target is None:
        return None
    goal = number_text.goal(target)
    if value >= target:
        return f"reaches the target of {goal}"
    return f"{number_text.points(target - value)} points under the target of {goal}"
