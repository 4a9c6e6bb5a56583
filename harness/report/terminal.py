"""Terminal summary at the end of a run: scores, what to fix first, and the report's path."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePath
from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from harness.core import number_text
from harness.core.entities.reference_ids import REFERENCE_NAME_KIND as REFERENCE_NAME
from harness.core.inert_text import cut, inert
from harness.core.outcomes import Outcome
from harness.report.page.cases import failures, rank_cases
from harness.report.page.fields import choose_examples
from harness.report.terminal_figures import terminal_figures
from harness.report.words import lead_sentences, no_answers
from harness.report.words.verdicts import by_weight, mostly
from harness.report.words.visible import literal
from harness.run.results.reasons.cause_words import cause_title, lost_of
from harness.run.stored.stored_figures import interval_of
from harness.run.stored.stored_results import (
    AVERAGES,
    AverageName,
    DiffRecord,
    FieldRecord,
    ResultsDocument,
    ValueSide,
)
from harness.run.stored.stored_run import RunDocument

_WORST: Final = 5
_SHOWN: Final = 3
"""Cases without an answer that are named; the others are counted."""
_MARGIN: Final = 12
"""Width of the first column, which says what a line is about."""
_LONGEST_NAME: Final = 40
_INDENT: Final = 4
_LONGEST_TITLE: Final = 66
_LONGEST_VALUE: Final = 32
_LONGEST_MESSAGE: Final = 200
_ASCII: Final = str.maketrans({"\u2192": "->", "\u2013": "-", "\u00b7": "|", "\u2026": "...",
                               number_text.THIN: " "})  # fmt: skip


def summary(
    console: Console, run: RunDocument, results: ResultsDocument, path: PurePath | str
) -> None:
    """Print the end-of-run summary; `path` is the report's."""
    top = [*_failed_first(results), _head(run, results), *_incomplete(run, results)]
    if wrapped := lead_sentences.wrapped_sentence(results):
        top.append(_line("WRAPPED", Text(wrapped), "bold red"))
    withheld = lead_sentences.withheld(results)
    if withheld:
        top.append(_line("withheld", Text(withheld)))
    top += [_line("CONFIDENCE", t, "yellow") for t in _idle(results)]
    top += [*_reviewed(results), *_broken(results)]
    if mended := lead_sentences.mended_sentence(results):
        top.append(_line("mended", Text(mended)))
    print_lines(console, (*top, *_body(results), _line("report", Text(inert(str(path))))))


def scored(console: Console, results: ResultsDocument) -> None:
    """Print the summary of files that were scored without a run."""
    title = (_name(results["suite"]), _cases(results))
    head = Text(" \u00b7 ").join(map(Text, title))
    top = [*_failed_first(results), head, *_incomplete(results, results), *_reviewed(results)]
    if withheld := lead_sentences.withheld(results):
        top.append(_line("withheld", Text(withheld)))
    top += [_line("CONFIDENCE", t, "yellow") for t in _idle(results)]
    print_lines(console, (*top, *_body(results)))


def _failed_first(results: ResultsDocument) -> Iterator[Text]:
    sentence = no_answers.failed_first(results)
    if sentence:
        yield Text(sentence, "bold red")


def _incomplete(run: lead_sentences.Completeness, results: ResultsDocument) -> Iterator[Text]:
    warning = lead_sentences.incomplete(run, results)
    if warning and warning != no_answers.failed_first(results):
        yield _line("INCOMPLETE", Text(warning), "bold red")


def _idle(results: ResultsDocument) -> Iterator[Text]:
    return map(Text, lead_sentences.idle_confidences_in(results))


def _reviewed(results: ResultsDocument) -> Iterator[Text]:
    if sentence := lead_sentences.reviewed(results):
        yield _line("reviewed", Text(sentence), "yellow")


def _broken(results: ResultsDocument) -> Iterator[Text]:
    for sentence in lead_sentences.check_sentences(results):
        yield _line("broken", Text(sentence), "yellow")


def runs_overview(console: Console, runs: Sequence[tuple[RunDocument, ResultsDocument]]) -> None:
    """Print a line for each run and its results, to see several beside each other."""
    rows: list[tuple[str, ...]] = [
        ("suite", "extractor", "macro F1", "lenient", "micro F1", "lenient", "no answer")
    ]
    for run, results in runs:
        strict, lenient = results["aggregate"], results["aggregate"]["lenient"]
        scores = (part[kind]["f1"] for kind in AVERAGES for part in (strict, lenient))
        unanswered = strict["failed_cases"] + strict["missing_cases"]
        names = _name(run["suite"]), _name(run["extractor"])
        shown = (no_answers.headline_f1(results, score) for score in scores)
        rows.append((*names, *shown, str(unanswered or "")))
    widths = [max(map(cell_len, column)) + 2 for column in zip(*rows, strict=True)]
    print_lines(
        console,
        (
            Text("".join(map(_padded, row, widths)), "dim" if number == 0 else "")
            for number, row in enumerate(rows)
        ),
    )


def by_convention(console: Console, results: ResultsDocument, names: Iterable[str]) -> None:
    """Print a line for each convention, the headline's first, to see several beside each other."""
    rows: list[tuple[str, ...]] = [("convention", "macro F1", "micro F1", "precision", "recall")]
    for name in dict.fromkeys((results["convention"], *names)):
        averages = results["conventions"][name]
        scores = (
            averages["macro"]["f1"],
            *(averages["micro"][k] for k in ("f1", "precision", "recall")),
        )
        rows.append((name, *map(number_text.percent, scores)))
    widths = [max(map(cell_len, column)) + 2 for column in zip(*rows, strict=True)]
    lines = ("".join(map(_padded, row, widths)) for row in rows)
    print_lines(console, (Text(line, "dim" if not n else "") for n, line in enumerate(lines)))


def print_lines(console: Console, lines: Iterable[Text]) -> None:
    """Print lines as the terminal can encode them; windows wrap them between words."""
    for line in lines:
        line.rstrip()
        shown = _printable(line, console.encoding)
        if not console.is_terminal or cell_len(shown.plain) <= console.width:
            console.print(shown, soft_wrap=True, highlight=False)
        elif shown.no_wrap:
            shown.truncate(console.width, overflow="ellipsis")
            console.print(shown, soft_wrap=True, highlight=False)
        else:
            for at, part in enumerate(shown.wrap(console, console.width - _INDENT)):
                part.rstrip()
                indent = Text(" " * _INDENT if at else "")
                console.print(indent + part, soft_wrap=True, highlight=False)


def _body(results: ResultsDocument) -> Iterable[Text]:
    """Yield what is said of any results; every text from outside is inert."""
    yield Text()
    yield from _scores(results)
    yield Text()
    yield from _errors(results)
    yield from (_line(about, words) for about, words in terminal_figures(results))
    yield from _causes(results)
    yield from _fields(results)
    yield from _failures(results)


def _head(run: RunDocument, results: ResultsDocument) -> Text:
    parts = [Text(_name(run["suite"]), "bold"), Text(_name(run["extractor"]))]
    if run["prompt"]:
        parts.append(Text(f"prompt {_name(run['prompt']['name'])}"))
    parts.append(Text(_cases(results)))
    took = number_text.elapsed(run["started"], run["finished"])
    if took:
        parts.append(Text(took))
    return Text(" \u00b7 ").join(parts)


def _cases(results: ResultsDocument) -> str:
    aggregate = results["aggregate"]
    every = aggregate["eval_count"] + aggregate["missing_cases"]
    return lead_sentences.cases_counted(results, every)


def _name(text: str) -> str:
    return cut(inert(text), _LONGEST_NAME)


def _line(about: str, words: Text, style: str = "dim") -> Text:
    return Text.assemble((_padded(about, _MARGIN), style), words)


def _padded(text: str, width: int) -> str:
    return set_cell_size(text, max(width, cell_len(text)))


def _scores(results: ResultsDocument) -> Iterable[Text]:
    aggregate = results["aggregate"]
    tp = aggregate["total_true_positives"]
    judged = 2 * tp + aggregate["total_false_positives"] + aggregate["total_false_negatives"]
    if no_answers.all_unanswered(results):
        yield _line("F1", Text("no case was answered: there is no score", "bold"))
        return
    micro = number_text.percent(aggregate["micro"]["f1"])
    shown: dict[AverageName, str] = {
        "macro": number_text.percent(aggregate["macro"]["f1"]),
        "micro": f"{micro} ({number_text.count(2 * tp)}/{number_text.count(judged)})",
    }
    distances: dict[AverageName, str | None] = {
        "macro": lead_sentences.distance_in_points(aggregate["macro"]["f1"], results["target_f1"]),
        "micro": lead_sentences.distance_in_fields(results),
    }
    width = max(map(len, shown.values()))
    for name, score in shown.items():
        bounds = interval_of(aggregate, name)
        lenient = number_text.percent(aggregate["lenient"][name]["f1"])
        line = Text.assemble((f"{score:<{width}}", "bold"))
        line.append(f"  {number_text.interval(bounds) if bounds else '':<14}", "dim")
        line.append(f"  lenient {lenient:<7}")
        line.append(f"  {distances[name] or ''}", "dim")
        yield _line(f"{name} F1", line)


def _errors(results: ResultsDocument) -> Iterable[Text]:
    counts = results["aggregate"]["counts"]
    equal = counts["value_equal"]
    parts = []
    for verdict, count in by_weight(counts):
        right = f" ({number_text.count(equal)} with the right value)" if equal else ""
        of_format = verdict.outcome is Outcome.FORMAT_ERROR
        parts.append(number_text.counted(count, verdict.word) + (right if of_format else ""))
    yield _line("errors", Text(" \u00b7 ".join(parts) or "none"))


def _causes(results: ResultsDocument) -> Iterable[Text]:
    """Yield the causes that cost most, each error being of one cause, and what they add up to."""
    causes = results.get("causes") or ()
    if not causes:
        return
    yield Text()
    yield _line(
        "fix first",
        Text(f"points of the {lost_of(results['aggregate'])} of micro F1 that are lost"),
    )
    for cause in causes[:_WORST]:
        title = cut(inert(str(cause_title(cause))), _LONGEST_TITLE)
        row = Text(f"{number_text.points(cause['micro_f1_lost']):>{_MARGIN - 2}}  ", "bold")
        yield row.append(title, "not bold")
    if len(causes) > _WORST:
        rest = math.fsum(cause["micro_f1_lost"] for cause in causes[_WORST:])
        more = number_text.counted(len(causes) - _WORST, "more cause")
        yield Text(f"{number_text.points(rest):>{_MARGIN - 2}}  {more}", "dim")


def _fields(results: ResultsDocument) -> Iterable[Text]:
    title = "field" if results.get("causes") else "fix first"
    worst = lead_sentences.worst_first(results["fields"])[:_WORST]
    if not worst:
        return
    names = [_name(field["field"]) for field in worst]
    mistakes = [mostly(field["counts"]) for field in worst]
    name_width = max(map(cell_len, (*names, title)))
    mostly_width = max(map(len, (*mistakes, "mostly")))
    yield Text()
    head = f"{title:<{name_width}}  {'F1':>7}  {'lost':>5}  {'mostly':<{mostly_width}}"
    yield Text(f"{head}  example", "dim")
    for field, name, mistake in zip(worst, names, mistakes, strict=True):
        row = Text(_padded(name, name_width), "bold")
        row.append(f"  {number_text.percent(field['f1']):>7}")
        row.append(f"  {number_text.points(field['f1_lost']):>5}")
        row.append(f"  {mistake:<{mostly_width}}")
        row.append(f"  {_example(field, results)}", "dim")
        row.no_wrap = True
        yield row
    yield Text()


def _example(field: FieldRecord, results: ResultsDocument) -> str:
    """Return one thing that went wrong, expected -> predicted; empty if no answer was wrong."""
    wrong = [
        (case["id"], diff)
        for case in results["cases"]
        if case["failure"] is None
        for diff in case["diffs"]
        if diff["field"] == field["field"] and diff["outcome"] != "correct"
    ]
    kinds = [verdict.outcome.value for verdict, _ in by_weight(field["counts"])]
    for _, diff in choose_examples(wrong, kinds)[:1]:
        other = " (another one)" if _is_other_link(diff) else ""
        return f"{_value(diff, 'expected')} \u2192 {_value(diff, 'predicted')}{other}"
    return "no answer" if results["cases"] else ""


def _is_other_link(diff: DiffRecord) -> bool:
    """Tell whether two local names are the same, and what they name is not."""
    same = "predicted" in diff and diff.get("expected") == diff["predicted"]
    return bool(same and diff["comparator"] == REFERENCE_NAME)


def _value(diff: DiffRecord, side: ValueSide) -> str:
    text = literal(diff, side)
    return "absent" if text is None else inert(cut(text, _LONGEST_VALUE))


def _failures(results: ResultsDocument) -> Iterable[Text]:
    rows = failures(rank_cases(results))
    for about, some in (("no answer", rows.wrong), ("not asked", rows.missing)):
        for row in some.rows[:_SHOWN]:
            message = cut(inert(" ".join(row.message.split())), _LONGEST_MESSAGE)
            line = Text(f"{_name(row.id)}: {_name(row.kind)}")
            line.append(f"  {message}", "dim")
            yield _line(about, line, "red")
        hidden = len(some.rows[_SHOWN:]) + some.more
        if hidden:
            yield _line("", Text(f"and {number_text.count(hidden)} more"))
    if rows.wrong.rows or rows.missing.rows:
        yield Text()


def _printable(line: Text, encoding: str) -> Text:
    """Return the line itself, or its nearest spelling where the terminal cannot encode it."""
    try:
        line.plain.encode(encoding)
    except UnicodeEncodeError:
        plain = line.plain.translate(_ASCII)
        return Text(plain.encode(encoding, "backslashreplace").decode(encoding))
    return line
