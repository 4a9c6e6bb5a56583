"""`harness explain`: why a verdict is what it is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from harness.cli.diagnostics import window_width
from harness.cli.next_commands import name_of_run, suite_of_run, tell_next
from harness.cli.options import form_option
from harness.cli.run_argument import verdict_argument

if TYPE_CHECKING:
    from harness.core.explain.explanation import Explanation, Location, Side
    from harness.core.explain.provenance import Setting
    from harness.run.explain import PathExplanation

_LABEL: Final = 12
"""Columns of the labels."""
_LONGEST: Final = 400
"""Characters of a value that are shown."""
_PLACES: Final = 5
"""Places shown for one value."""
_BRIEF: Final = 40
"""Characters of a value that are shown where there are several verdicts."""


@click.command("explain")
@verdict_argument
@click.option(
    "--sum",
    "of_sum",
    is_flag=True,
    help="Explain what the case's statements add up to (`cumulative`), not the statements.",
)
@form_option("text", "json", about="json gives everything there is to say about each verdict.")
def command(verdict: tuple[Path, str, str], *, of_sum: bool, form: str) -> None:
    """Explain a verdict of RUN (default: last): what was compared, how, and by whose rule.

    PATH is a path of CASE as every surface shows it (`rooms[0].area`). A field
    (`rooms[].area`), an item (`rooms[0]`) or `$` gives a line for each of its verdicts.
    """
    from harness.cli.diagnostics import warn_of_changes, warn_of_old_documents
    from harness.core.inert_text import inert
    from harness.report.tables.fit_columns import wrapped
    from harness.run.explain import explain_run
    from harness.run.history.truth_changes import truth_changes
    from harness.run.store import read_run

    explanation = explain_run(*verdict, of_sum=of_sum)
    record = read_run(verdict[0])
    warn_of_old_documents(verdict[0], record)
    if changes := truth_changes(verdict[0], record):
        warn_of_changes(changes)
    service_places = _service_places(verdict[0], explanation.case)
    if form == "json":
        click.echo(
            json.dumps({**_as_json(explanation), "service_places": service_places}, indent=1)
        )
        return
    width = window_width()
    for line in _lines(explanation, service_places, width):
        click.echo("\n".join(wrapped(inert(line).rstrip(), width, _LABEL)))
    tell_next(["harness", "show", name_of_run(verdict[0]), f"--case={explanation.case}"])


def _as_json(explanation: PathExplanation) -> dict[str, object]:
    from harness.core.explain.as_json import explanation_as_json

    return {
        "suite": explanation.suite,
        "extractor": explanation.extractor,
        "case": explanation.case,
        "notes": list(explanation.notes),
        "verdicts": [explanation_as_json(verdict) for verdict in explanation.verdicts],
    }


def _service_places(run: Path, case_id: str) -> dict[str, str]:
    """Return where a service saw the case's values, where its answers were imported."""
    from harness.cases.suite import RecordedAnswers
    from harness.cli.runs_suite import suite_of
    from harness.extract.recorded.service_places import places_file, service_places
    from harness.run.store import read_run

    record = read_run(run)
    home = suite_of_run(run, record)
    if (
        record["extractor_kind"] != "recorded"
        or home is None
        or not any(home.rglob("*.places.json"))
    ):
        return {}
    suite = suite_of(run, None)
    spec = suite.extractors.get(record["extractor"]) if suite is not None else None
    if not isinstance(spec, RecordedAnswers) or not places_file(spec.answers).is_file():
        return {}
    return service_places(spec.answers, spec.rename, case_id)


def _lines(
    explanation: PathExplanation, service_places: Mapping[str, str], width: int | None
) -> Iterator[str]:
    yield f"{explanation.suite} · {explanation.extractor} · {explanation.case}"
    for note in explanation.notes:
        yield f"note: {note}"
    yield ""
    if any(verdict.path != explanation.verdicts[0].path for verdict in explanation.verdicts):
        yield from _in_brief(explanation.verdicts, width)
        return
    for number, verdict in enumerate(explanation.verdicts):
        if number:
            yield ""
        yield from _in_full(verdict, explanation.texts)
        side = verdict.predicted
        if side is not None and side.path in service_places:
            yield _row("service saw", service_places[side.path])


def _in_brief(verdicts: Sequence[Explanation], width: int | None) -> Iterator[str]:
    """Yield a table of verdicts, a row each, that fits a terminal."""
    from harness.report.tables.table import Table, TableColumn, table_text

    columns = (
        TableColumn("path", "path", tail=True),
        TableColumn("outcome", "outcome"),
        TableColumn("expected", "expected", twin=True),
        TableColumn("predicted", "predicted", twin=True),
        TableColumn("tags", "tags", rank=1),
    )
    most = _BRIEF if width is None else _LONGEST
    rows = tuple(
        {
            "path": verdict.path,
            "outcome": _outcome(verdict),
            "expected": _value(verdict.expected, most),
            "predicted": _value(verdict.predicted, most),
            "tags": ", ".join(_words(tag) for tag, _ in verdict.tags),
        }
        for verdict in verdicts
    )
    yield from table_text(Table(columns, rows), width)


def _in_full(verdict: Explanation, texts: Mapping[str, str]) -> Iterator[str]:
    yield f"{verdict.path}: {_outcome(verdict)}, charged {_charge(verdict)}"
    yield ""
    yield _row("expected", _value(verdict.expected, _LONGEST))
    yield _row("predicted", f"{_value(verdict.predicted, _LONGEST)}{_elsewhere(verdict)}")
    yield from _rows("because", verdict.grounds)
    yield from _rows("tags", [f"{_words(tag)}: {meaning}" for tag, meaning in verdict.tags])
    yield from _rows("lenient", _lenient(verdict))
    yield ""
    yield from _rows("compared by", _governed(verdict))
    sides = (("expected", verdict.expected), ("predicted", verdict.predicted))
    yield from _rows("read", [line for side in sides for line in _reading(*side)])
    if verdict.similarity is not None:
        yield _row("similarity", f"{verdict.similarity:.4f}")
    yield from _rows("items", [item.reason for item in verdict.items])
    yield from _rows("stands at", [line for side in sides for line in _places(*side, texts)])


def _row(label: str, text: str) -> str:
    return f"{label:<{_LABEL}}{text}"


def _rows(label: str, texts: Iterator[str] | tuple[str, ...] | list[str]) -> Iterator[str]:
    """Yield a labelled line, and further ones below it."""
    for number, text in enumerate(texts):
        yield _row("" if number else label, text)


def _outcome(verdict: Explanation) -> str:
    return _words(verdict.outcome) if verdict.outcome else "abstention"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _charge(verdict: Explanation) -> str:
    names = zip(("TP", "FP", "FN"), verdict.charge, strict=True)
    return " + ".join(name for name, count in names if count) or "nothing"


def _value(side: Side | None, most: int) -> str:
    """Return a value as JSON, so that 12 and "12" differ."""
    from harness.core.inert_text import cut

    return "absent" if side is None else cut(json.dumps(side.value, ensure_ascii=False), most)


def _elsewhere(verdict: Explanation) -> str:
    side = verdict.predicted
    return f"   at {side.path}" if side and side.path != verdict.path else ""


def _lenient(verdict: Explanation) -> Iterator[str]:
    if verdict.value_equal:
        yield "Correct in lenient scores: the value is right, its format is not."
    elif verdict.outcome == "format_error":
        yield "Wrong in lenient scores, too: the value is not the same."


def _governed(verdict: Explanation) -> Iterator[str]:
    governed = verdict.provenance
    if governed.comparator is not None:
        yield f"{governed.comparator.value} ({governed.comparator.origin})"
    yield from map(setting_line, governed.settings)


def setting_line(setting: Setting) -> str:
    """Return a setting as rules are written, and who said it."""
    value = setting.value
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"{setting.name}: {shown} ({setting.origin})"


def _reading(name: str, side: Side | None) -> Iterator[str]:
    """Yield what was done to a value, one arrow a step; nothing where nothing was done."""
    if side is None or side.reading is None or not side.reading.steps:
        return
    from harness.core.inert_text import cut

    steps = [f"→ {step.what} → {cut(step.value, _LONGEST)}" for step in side.reading.steps]
    yield f"{name:<10}{_value(side, _LONGEST)} {' '.join(steps)}"


def _places(name: str, side: Side | None, texts: Mapping[str, str]) -> Iterator[str]:
    if side is None or side.evidence is None:
        return
    if not side.evidence:
        yield f"{name:<10}nowhere in the documents"
    for number, place in enumerate(side.evidence[:_PLACES]):
        near = "" if place.similarity is None else f" (approximate, {place.similarity:.0%} alike)"
        where = f"{place.document}:{place.line}:{place.column}{near}"
        yield f"{name if not number else '':<10}{where}  {_marked(place, texts)}"
    if len(side.evidence) > _PLACES:
        yield f"{'':<10}and {len(side.evidence) - _PLACES} more places, equally good"


def _marked(place: Location, texts: Mapping[str, str]) -> str:
    """Return the words around a place, the value marked."""
    from harness.core.explain.surrounding_words import around

    before, value, after = around(texts[place.document], place.start, place.end)
    return f"{before}»{value}«{after}".strip()
