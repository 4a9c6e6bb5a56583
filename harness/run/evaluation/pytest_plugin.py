"""The pytest plugin: cases of a suite as tests, checks that explain themselves, figures as a gate.

Nothing of harness is imported before a test, a marker or an option asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from harness.core.records import Case
    from harness.run.evaluation.case_source import AskedCorpus
    from harness.run.evaluation.checked_case import CheckedCases
    from harness.run.evaluation.corpus_report import EvaluatedCase

_OPTION: Final = "--harness-min"
_MARK: Final = (
    "harness_suite(path): run the test for every labelled case of a suite, as harness_case"
)


class HarnessCheck(Protocol):
    """Type of the fixture `harness_check`: it scores a prediction and fails with its errors."""

    def __call__(
        self,
        expected: object,
        predicted: object,
        *,
        schema: Any = None,  # noqa: ANN401  # JSON, or a Pydantic class
        rules: Mapping[str, object] | None = None,
        min_f1: float = 1.0,
    ) -> EvaluatedCase:
        """Return the scored case. Raises AssertionError where its F1 is below `min_f1`."""
        ...


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--harness-min`."""
    parser.getgroup("harness").addoption(
        _OPTION,
        action="append",
        default=[],
        metavar="FIGURE=SHARE",
        help="over all cases that harness_check saw, a figure must be this high: macro=0.9, micro, "
        "lenient, perfect, field:NAME; a single case then fails no test (repeatable)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and refuse demands that nobody can meet."""
    config.addinivalue_line("markers", _MARK)
    option = config.getoption(_OPTION)
    if not option:
        return
    if config.getoption("numprocesses", None):
        raise pytest.UsageError(f"{_OPTION} adds up the cases of one process: leave out -n")
    from harness.errors import HarnessError  # noqa: PLC0415  # only where it is asked for
    from harness.run.evaluation.checked_case import read_demands  # noqa: PLC0415  # likewise

    try:
        read_demands(option)
    except HarnessError as error:
        raise pytest.UsageError(str(error)) from None


_CHECKED: Final[pytest.StashKey[CheckedCases]] = pytest.StashKey[Any]()
_SUITES: Final[pytest.StashKey[dict[Path, AskedCorpus]]] = pytest.StashKey[Any]()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test of every case of the suite that a mark names."""
    mark = metafunc.definition.get_closest_marker("harness_suite")
    if mark is None or "harness_case" not in metafunc.fixturenames:
        return
    if len(mark.args) != 1:
        pytest.fail("harness_suite takes the path of one suite", pytrace=False)
    path = metafunc.config.rootpath / mark.args[0]
    from harness.errors import HarnessError  # noqa: PLC0415  # only where a mark asks for it
    from harness.run.evaluation.case_source import suite_corpus  # noqa: PLC0415  # likewise
    from harness.run.scored_files.standalone_rules import Ruler  # noqa: PLC0415  # likewise

    suites = metafunc.config.stash.setdefault(_SUITES, {})
    try:
        if path not in suites:
            suites[path] = suite_corpus(path, Ruler())
    except (HarnessError, ValueError) as error:
        pytest.fail(str(error), pytrace=False)
    cases = suites[path].cases
    metafunc.parametrize("harness_case", cases, ids=[case.id for case in cases])


@pytest.fixture
def harness_case(request: pytest.FixtureRequest) -> Case:
    """Return the case of the suite that `@pytest.mark.harness_suite(path)` names."""
    raise pytest.UsageError(
        f"{request.node.name} takes harness_case: mark it with @pytest.mark.harness_suite(path)"
    )


@pytest.fixture
def harness_check(request: pytest.FixtureRequest) -> HarnessCheck:
    """Return `check(expected, predicted)`, which fails with every field that is wrong.

    `expected` is the truth, or the case that `harness_case` is.
    """
    from harness.run.evaluation.checked_case import CheckedCases  # noqa: PLC0415  # only where used

    config = request.config
    checked = config.stash.setdefault(_CHECKED, CheckedCases())
    suites = config.stash.get(_SUITES, {})
    gated = bool(config.getoption(_OPTION))

    def check(
        expected: object,
        predicted: object,
        *,
        schema: Any = None,  # noqa: ANN401  # JSON, or a Pydantic class
        rules: Mapping[str, object] | None = None,
        min_f1: float = 1.0,
    ) -> EvaluatedCase:
        __tracebackhide__ = True
        ruler = checked.ruler(expected, suites.values(), schema, rules)
        case = checked.add(request.node.nodeid, expected, predicted, ruler)
        if not gated and (case.f1 is None or case.f1 < min_f1) and case.counts.total:
            raise AssertionError("\n".join(checked.lines(case, min_f1)))
        return case

    return check


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Explain `assert result >= 0.9`: which fields are wrong, expected and predicted."""
    sides = [side for side in (left, right) if type(side).__name__ in _SCORES and _is_ours(side)]
    if not sides:
        return None
    from harness.run.evaluation.checked_case import check_lines  # noqa: PLC0415  # only where used

    shown = [f"{side:.3f}" if isinstance(side, float) else repr(side) for side in (left, right)]
    head = [line.split("\n")[0] for line in shown]
    return [f"{head[0]} {op} {head[1]}", *(line for side in sides for line in check_lines(side))]


_SCORES: Final = ("CaseResult", "EvaluatedCase", "Report")


def _is_ours(value: object) -> bool:
    return type(value).__module__.startswith("harness.")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail the session where a demand of `--harness-min` is not met."""
    verdicts = _verdicts(session.config)
    if exitstatus == 0 and not all(is_met for is_met, _ in verdicts):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print the report on all checked cases, and each demand, met or not."""
    verdicts = list(_verdicts(config))
    if not verdicts:
        return
    terminalreporter.section("harness")
    checked = config.stash.get(_CHECKED, None)
    for line in checked.summary() if checked is not None else ():
        terminalreporter.line(line)
    for is_met, line in verdicts:
        terminalreporter.line(line, green=is_met, red=not is_met)


def _verdicts(config: pytest.Config) -> Iterator[tuple[bool, str]]:
    """Yield each demand: whether it is met, and a line about it."""
    option = config.getoption(_OPTION)
    if not option or config.getoption("collectonly"):
        return
    from harness.run.evaluation.checked_case import CheckedCases, read_demands  # noqa: PLC0415  # only where asked for

    checked = config.stash.get(_CHECKED, None) or CheckedCases()
    for demand in read_demands(option):
        yield checked.verdict(demand)
