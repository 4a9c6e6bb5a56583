"""An audit of a suite's truths: its questions, people's answers, how precise it was so far."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from harness.cases.decisions.decision import Act, Decision
from harness.cases.splits import HOLDOUT
from harness.core.differ.plan import Plan
from harness.core.records import Answer, Case
from harness.core.values import Json
from harness.errors import Problem, UsageError, did_you_mean
from harness.review.audit.truth_audit import AuditQuestion, audit_questions
from harness.review.reviewed_suite import ReviewedSuite

ANSWERS: Final = {"truth": "the truth is wrong", "convention": "both are right: the schema does "
                  "not say how it is written", "models": "the systems are wrong"}  # fmt: skip
_Z: Final = 1.959964


@dataclass(frozen=True, slots=True)
class TruthAudit:
    """What an audit found."""

    questions: tuple[AuditQuestion, ...]
    """Those nobody answered yet, the most probable first."""
    answered: Mapping[str, int]
    """How many questions got each answer, earlier audits included."""
    systems: tuple[str, ...]
    """Extractors that voted, one vote each."""
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


def audit_truths(suite: ReviewedSuite, sample: int = 0, seed: int = 0) -> TruthAudit:
    """Return the audit of a suite's truths by the runs it was opened with.

    Runs of one extractor have one vote, the last of them. The holdout is left out. Raises
    UsageError where fewer than two extractors ran.
    """
    latest = {run.extractor: run for run in suite.runs}
    if len(latest) < 2:  # noqa: PLR2004  # nobody to agree with
        what = f"an audit needs runs of two extractors or more, not {len(latest)}"
        raise UsageError(Problem(what, "one-system", hint="name more runs of the suite"))
    open_cases = [case for case in suite.suite.cases if case.split != HOLDOUT]

    def asked() -> Iterator[tuple[Case, Plan, Mapping[str, Json]]]:
        for case in open_cases:
            if case.id in suite.suite.truth_files:
                found = {n: run.predictions.get(case.id) for n, run in latest.items()}
                said = {
                    name: prediction.said.value
                    for name, prediction in found.items()
                    if prediction is not None and isinstance(prediction.said, Answer)
                }
                yield case, suite.case(case.id).plan, said

    questions = audit_questions(asked())
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


def answer_question(suite: ReviewedSuite, person: str, answer: str, asked: AuditQuestion) -> None:
    """Write an answer down in the person's log, where the field stands."""
    if answer not in ANSWERS:
        what, hint = f"{answer!r} is no answer", did_you_mean(answer, ANSWERS)
        raise UsageError(Problem(what, "bad-answer", hint=hint))
    seen = suite.case(asked.case)
    place = next((f.slots for f in seen.fields if f.path == asked.places[0].path), ())
    saw: Json = {"audit": asked.id, "answer": answer, "field": asked.field, "kind": asked.kind}
    note = Decision("", "", "", asked.case, Act.NOTE, path=place, why=ANSWERS[answer], saw=saw)
    suite.decide(person, asked.case, [note])


def audit_document(found: TruthAudit) -> dict[str, Json]:
    """Return an audit as JSON."""
    precision = found.precision
    questions: list[Json] = [
        asdict(each) | {"places": [asdict(place) for place in each.places]}
        for each in found.questions
    ]
    return {
        "systems": list(found.systems),
        "held_out": found.held_out,
        "answered": dict(found.answered),
        "precision": list(precision) if precision else None,
        "questions": questions,
        "sample": [{"case": case, "path": path} for case, path in found.sample],
    }
