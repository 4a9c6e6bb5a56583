"""Exams made of a truth and answers, without files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.core.records import Answer, Case, Document, Failure, FailureKind, Prediction
from harness.core.rules.field_rule import parse_rules
from harness.core.values import Json
from harness.improve.diagnosis.clusters import Analysis, Cluster, analyse
from harness.improve.diagnosis.exams import Sitting, sit


def document(case_id: str, text: str) -> tuple[Document, ...]:
    return (Document(f"documents/{case_id}.txt", f"{len(text):064}", text),) if text else ()


def sitting(
    pairs: Sequence[tuple[Json, Json]], schema: Json = None, rules: object = None, text: str = ""
) -> Sitting:
    """Return the exams of truths and the answers to them; None stands for a refusal."""
    cases, said = [], []
    for number, (truth, answer) in enumerate(pairs):
        name = f"case-{number}"
        cases.append(Case(name, document(name, text), truth, schema))
        refusal = Failure(FailureKind.REFUSAL, "no")
        said.append(Prediction(name, refusal if answer is None else Answer(answer), 0.0))
    return sit(cases, said, parse_rules(rules or {}))


def analysis(pairs: Sequence[tuple[Json, Json]], schema: Json = None) -> Analysis:
    return analyse(sitting(pairs, schema).exams)


def only(
    pair: tuple[Json, Json], schema: Json = None, rules: object = None, text: str = ""
) -> Cluster:
    """Return the only cluster of one truth and one answer."""
    (found,) = analyse(sitting([pair], schema, rules, text).exams).clusters
    return found


def replicates(truth: Json, answers: Sequence[Json], text: str = "") -> Sitting:
    """Return one case that was asked several times."""
    case = Case("case", document("case", text), truth)
    said = [Prediction("case", Answer(a), 0.0, replicate=n) for n, a in enumerate(answers, 1)]
    return sit([case], said, {})


def by_mistake(found: Analysis) -> Mapping[str, Cluster]:
    return {cluster.signature.mistake.value: cluster for cluster in found.clusters}
