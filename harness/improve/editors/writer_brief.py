"""Brief for the model that writes field descriptions: the mistakes of a prompt in plain words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from harness.cases.prompts.instructions import Instructions
from harness.cases.prompts.prompt import FIELDS, USER, fields_of, texts_of
from harness.cases.suite import Suite
from harness.core.inert_text import cut
from harness.improve.diagnosis.clusters import Analysis, Cluster
from harness.improve.diagnosis.mistakes import WORDS
from harness.improve.diagnosis.reach import curable, failed, given_up
from harness.improve.diagnosis.steering import steered
from harness.improve.trial.editor import Attempt, Brief

_FIELDS: Final = 4
"""Fields an edit may speak of: more than a small model can think about at once does not help."""
_SHOWN: Final = 5
_LONG: Final = 120


@dataclass(frozen=True, slots=True)
class Task:
    """One question to a writer."""

    sections: Mapping[str, str]
    """Sections it may write, by the name it is to use for each."""
    text: str
    clusters: tuple[Cluster, ...] = ()
    """The mistakes it is about."""


def task_of(suite: Suite, brief: Brief, analysis: Analysis) -> Task | None:
    """Return what to ask a writer; None where no mistake is left that an edit could cure."""
    if not speaks_by_field(suite, brief):
        return _whole_task(suite, brief, analysis)
    fields = _worth_it(suite, brief, analysis)
    if not fields:
        return None
    described = {name: section.text for name, section in fields_of(brief.prompt).items()}
    parts = [_intro(suite)]
    for name, clusters in fields.items():
        parts.append("\n".join(_about(name, clusters, described.get(name), brief.attempts)))
    parts.extend(_refused(brief.refusals))
    parts.append(f"Now write the texts for: {', '.join(fields)}.")
    about = tuple(cluster for clusters in fields.values() for cluster in clusters)
    sections = {name: f"{FIELDS}{name}.md" for name in fields}
    return Task(sections, "\n\n".join(parts) + "\n", about)


def speaks_by_field(suite: Suite, brief: Brief) -> bool:
    """Tell whether descriptions of fields reach the model through the prompt's own texts."""
    folder = brief.prompt.path is None or brief.prompt.path.suffix != ".md"
    return folder and bool({"fields", "schema"} & Instructions(brief.prompt, suite.examples).names)


def _worth_it(suite: Suite, brief: Brief, analysis: Analysis) -> dict[str, list[Cluster]]:
    """Return the fields to write about, the one with most to win first, with their mistakes."""
    vain, stubborn = failed(brief.attempts), given_up(brief.attempts)
    by_section: dict[str, list[Cluster]] = {}
    for cluster in steered(curable(suite, analysis.clusters), brief.objective, brief.measured):
        if cluster.field != "$" and cluster.field not in stubborn:
            by_section.setdefault(cluster.field, []).append(cluster)
    room = {n: sum(c.headroom for c in clusters) for n, clusters in by_section.items()}
    if brief.objective.by in ("floor", "weighted"):
        room = {name: -place for place, name in enumerate(by_section)}  # they come in order
    order = sorted(by_section, key=lambda n: (vain.get(f"{FIELDS}{n}.md", 0), -room[n], n))
    return {name: by_section[name] for name in order[:_FIELDS]}


def _intro(suite: Suite) -> str:
    about = f" ({suite.description})" if suite.description else ""
    return (
        f"A program reads documents{about} and fills in fields. For some fields it makes mistakes. "
        "They are listed below, field by field."
    )


def _about(
    name: str, clusters: Sequence[Cluster], text: str | None, attempts: Sequence[Attempt]
) -> Iterator[str]:
    yield f"FIELD {name}"
    if text:
        yield f"So far it is told: {text.strip()}"
    for cluster in clusters:
        words = WORDS[cluster.signature.mistake]
        yield f"Mistake: {cluster.signature.says}. {words.cure}"
        yield from _examples(cluster)
    tried = f"{FIELDS}{name}.md"
    for attempt in attempts:
        if tried in attempt.texts and attempt.decision == "reject":
            yield f"This did not help: {attempt.texts[tried].strip()} ({attempt.reason})"


def _examples(cluster: Cluster) -> Iterator[str]:
    shown: set[tuple[str, str]] = set()
    for row in cluster.rows:
        record = row.faults[0].record
        pair = _shown(record.get("expected")), _shown(record.get("predicted"))
        if pair not in shown and len(shown) < _SHOWN:
            shown.add(pair)
            yield f"- right is {pair[0]}, but it wrote {pair[1]}"


def _shown(value: object) -> str:
    return cut(json.dumps(value, ensure_ascii=False, default=str), _LONG)


def _refused(refusals: Sequence[str]) -> Iterator[str]:
    if refusals:
        yield "Your last answer was refused:\n" + "\n".join(f"- {why}" for why in refusals)


def _whole_task(suite: Suite, brief: Brief, analysis: Analysis) -> Task | None:
    """Return the task of rewriting the instruction itself, for prompts that have no fields."""
    may = curable(suite, analysis.clusters)
    clusters = steered(may, brief.objective, brief.measured)[:_FIELDS]
    if not clusters:
        return None
    parts = [_intro(suite), "INSTRUCTION\n" + texts_of(brief.prompt)[USER]]
    for cluster in clusters:
        words = f"FIELD {cluster.field}\nMistake: {cluster.signature.says}."
        parts.append("\n".join([words, WORDS[cluster.signature.mistake].cure, *_examples(cluster)]))
    parts.extend(_refused(brief.refusals))
    return Task({"instruction": USER}, "\n\n".join(parts) + "\n", tuple(clusters))
