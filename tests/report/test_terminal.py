"""The end-of-run summary, exact to the character."""

from __future__ import annotations

import io
import re

from rich.console import Console

from harness.report.terminal import summary
from tests.report.fixtures import hostile
from tests.report.records import Run, case, diff, missing, results, run


def printed(made: Run, *, encoding: str = "utf-8", terminal: bool = False) -> str:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, newline="\n")
    console = Console(file=stream, force_terminal=terminal, width=200)
    summary(console, made.run, made.results, "reports/r1/report.html")
    stream.flush()
    return raw.getvalue().decode(encoding)


def small() -> Run:
    right = [diff(f"items[{n}].name", "correct", expected="x", predicted="x") for n in range(8)]
    failure = {"kind": "timeout", "message": "No reply in 30 s.", "missing": False}
    cases = [
        case("a", [*right, diff("total", "wrong_value", expected=12.5, predicted=125)]),
        case("b", [*right, diff("date", "format_error", expected="2025-01-02",
                                predicted="2 Jan", value_equal=True)]),
        case("c", [diff("total", "omission", expected=7)], failure=failure),
        missing("d", "transport", "connection refused"),
    ]  # fmt: skip
    return Run(run(complete=False), results(cases, complete=False), {})


SMALL = """\
annual-reports · ollama:qwen3-4b · prompt figures-v3 · 4 cases · 4 min 29 s
INCOMPLETE  3 of 4 answered; the rest were never answered: these numbers cover 3.

macro F1    59.3 %          54.1–63.4 %     lenient 63.0 %   30.7 points under the target of 90 %
micro F1    86.5 % (32/37)  82.4–89.8 %     lenient 91.9 %   1 more correct field reaches 90 %

errors      1 wrong value · 1 format error (1 with the right value) · 1 omission
convention  standard; no vacuous case

fix first       F1   lost  mostly          example
total          0 %    8.3  1 wrong value   12.5 → 125
date           0 %    5.4  1 format error  "2025-01-02" → "2 Jan"

no answer   c: timeout  No reply in 30 s.
not asked   d: transport  connection refused

report      reports/r1/report.html
"""  # noqa: RUF001  # intervals are set with en dashes


def test_the_summary_of_a_small_run_reads_like_this() -> None:
    assert printed(small()) == SMALL


def test_in_a_terminal_the_words_are_the_same() -> None:
    coloured = printed(small(), terminal=True)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == SMALL


def test_markup_in_names_is_printed_as_it_is() -> None:
    name = "[bold red]markup[/bold red] [/]"
    made = small()
    assert printed(made._replace(run={**made.run, "suite": name})).startswith(f"{name} · ")


def test_hostile_text_is_neither_markup_nor_control() -> None:
    said = printed(hostile())
    assert "javascript:window.hacked=1" in said
    assert not {c for c in said if not c.isprintable()} - {"\n", "\u202f"}


def test_a_terminal_that_knows_only_ascii_gets_ascii() -> None:
    assert "12.5 -> 125" in printed(small(), encoding="ascii")
    assert printed(hostile(), encoding="ascii").isascii()
