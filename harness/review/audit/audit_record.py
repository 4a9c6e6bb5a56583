"""Truth audit of a suite: its questions, the answers of people, and its precision so far."""

from __future__ import annotations

import math
import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from harness.cases.decisions.decision import Act, Decision
from harness.cases.discovery.splits import HOLDOUT
from harness.core.differ.plan import Plan
from harness.core.records import Answer, Case
from harness.core.values import Json
from harness.errors import Problem, UsageError, did_you_mean
from harness.review.audit.convention_proposal import convention_proposal
from harness.review.audit.truth_audit import AuditEvidence, AuditQuestion, audit_questions
from harness.review.reviewed_suite import ReviewedSuite

ANSWERS: Final = {"truth": "the truth is wrong", "convention": "both are right: the schema does "
                  "not say how it is written", "models": "the systems are wrong"}  # fmt: skip
_Z: Final = 1.959964


@dataclass(frozen=True, slots=True)
class TruthAudit:
    """Result of an audit."""

    questions: tuple[AuditQuestion, ...]
    """Those nobody answered yet, the most probable first."""
    answered: Mapping[str, int]
    """How many questions got each answer, earlier audits included."""
    systems: tuple[str, ...]
    """Extractors that were asked."""
    families: Mapping[str, str]
    """The model family of each; a family has one vote."""
    held_out: int
    """Cases of the holdout, which were left out."""
    sample: tuple[tuple[str, str], ...]
    """Case and path of fields that nothing was asked about, drawn at random: what is missed."""

    @property
    def precision(self) -> tuple[float, float, float] | None:
        """Share of answers that the truth is wrong, with its Wilson interval (95 %)."""
        right, size = self.answered.get("truth", 0), sum(self.answered.values())
        if not size:
            return None
        share, spread = right / size, _Z**2 / size
        middle = (share + spread / 2) / (1 + spread)
        reach = _Z * math.sqrt(share * (1 - share) / size + spread / (4 * size)) / (1 + spread)
        return share, max(0.0, middle - reach), min(1.0, middle + reach)


def families_of(suite: ReviewedSuite, given: Mapping[str, str]) -> dict[str, str]:
    """Return the model family of each extractor: as given, else told by its model's name.

    Who has no model, recorded answers for one, is a family alone. Raises UsageError for an
    extractor that no run is of.
    """
    names = {run.extractor: run.model for run in suite.runs}
    for unknown in sorted(given.keys() - names.keys()):
        hint = did_you_mean(unknown, names)
        raise UsageError(Problem(f"no run is of {unknown!r}", "unknown-extractor", hint=hint))
    return {n: given.get(n) or (model_family(m) if m else n) for n, m in names.items()}


def model_family(model: str) -> str:
    """Return what models of one maker and line have in common.

    >>> [model_family(m) for m in ("openai/gpt-4o-mini", "gpt-4.1", "Llama-3.1-8B", "claude-3-5")]
    ['gpt', 'gpt', 'llama', 'claude']
    """
    name = model.rpartition("/")[2].casefold()
    match = re.match(r"[^\W\d_]+", name)
    return match[0] if match else name


def audit_truths(
    suite: ReviewedSuite, sample: int = 0, families: Mapping[str, str] | None = None, seed: int = 0
) -> TruthAudit:
    """Return the audit of a suite's truths by the runs it was opened with.

    Of the runs of one extractor the last one counts, and extractors of one family share a vote;
    the suite's `checks` are asked, too. The holdout is left out. Raises UsageError where fewer
    than two families ran.
    """
    latest = {run.extractor: run for run in suite.runs}
    known = families_of(suite, families or {})
    if len(set(known.values())) < 2:  # noqa: PLR2004  # nobody to agree with
        one = f", and {', '.join(sorted(known))} are one" if len(known) > 1 else ""
        what = f"an audit needs runs of two extractors of different model families{one}"
        hint = "name more runs of the suite, or say who is independent: --family NAME=FAMILY"
        raise UsageError(Problem(what, "one-system", hint=hint))
    open_cases = [case for case in suite.suite.cases if case.split != HOLDOUT]

    def questions_asked() -> Iterator[tuple[Case, Plan, Mapping[str, Json]]]:
        for case in open_cases:
            if case.id in suite.suite.truth_files:
                predictions = {n: run.predictions.get(case.id) for n, run in latest.items()}
                answers_by_run = {
                    name: prediction.output.value
                    for name, prediction in predictions.items()
                    if prediction is not None and isinstance(prediction.output, Answer)
                }
                yield case, suite.case(case.id).plan, answers_by_run

    questions = audit_questions(questions_asked(), AuditEvidence(known, suite.suite.checks))
    answers = audit_answers(suite.decisions)
    flagged = {(each.case, place.path) for each in questions for place in each.places}
    rest = [
        (case.id, field.path)
        for case in open_cases
        for field in (suite.case(case.id).fields if sample else ())
        if not field.is_list and (case.id, field.path) not in flagged
    ]
    return TruthAudit(
        tuple(each for each in questions if each.id not in answers),
        Counter(answers.values()),
        tuple(sorted(latest)),
        known,
        len(suite.suite.cases) - len(open_cases),
        tuple(random.Random(seed).sample(rest, min(sample, len(rest)))),
    )


def audit_answers(decisions: Sequence[Decision]) -> dict[str, str]:
    """Return the last answer to each question, by its id."""
    return {
        str(each.saw["audit"]): str(each.saw["answer"])
        for each in decisions
        if each.do is Act.NOTE and isinstance(each.saw, dict) and "audit" in each.saw
    }


def answer_question(
    suite: ReviewedSuite, person: str, answer: str, question: AuditQuestion, sentence: str = ""
) -> None:
    """Write an answer down in the person's log, where the field stands.

    That of a convention keeps a sentence for whoever writes the prompt, by default our own.
    """
    if answer not in ANSWERS:
        what, hint = f"{answer!r} is no answer", did_you_mean(answer, ANSWERS)
        raise UsageError(Problem(what, "bad-answer", hint=hint))
    reviewed = suite.case(question.case)
    place = next((f.slots for f in reviewed.fields if f.path == question.places[0].path), ())
    saw: dict[str, Json] = {"audit": question.id, "answer": answer}
    saw |= {"field": question.field, "kind": question.kind}
    if answer == "convention":
        saw["sentence"] = sentence or convention_proposal(question).sentence
    note = Decision("", "", "", question.case, Act.NOTE, path=place, why=ANSWERS[answer], saw=saw)
    suite.decide(person, question.case, [note])


def audit_document(audit: TruthAudit) -> dict[str, Json]:
    """Return an audit as JSON."""
    precision = audit.precision
    questions: list[Json] = [
        asdict(each) | {"places": [asdict(place) for place in each.places]}
        for each in audit.questions
    ]
    return {
        "systems": list(audit.systems),
        "families": dict(audit.families),
        "held_out": audit.held_out,
        "answered": dict(audit.answered),
        "precision": list(precision) if precision else None,
        "questions": questions,
        "sample": [{"case": case, "path": path} for case, path in audit.sample],
    }
