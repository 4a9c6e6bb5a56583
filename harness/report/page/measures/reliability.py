"""Reliability of confidences: reliability diagram, risk against coverage, each field."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from harness.core import number_text
from harness.core.inert_text import inert
from harness.core.outcomes import Outcome
from harness.run.results.confidence import idle_words
from harness.run.stored.stored_results import ConfidenceFigures, ResultsDocument

_BINS: Final = 10
_HEIGHT: Final = 220
_TOP: Final = 10
_FLOOR: Final = 195
_LEFT: Final = 10.0
_RIGHT: Final = 96.0
_STEPS: Final = 40
_LARGEST: Final = 9.0
_LEAST: Final = 2.5
_TITLES: Final = {
    "stated": "Stated by the model",
    "votes": "By votes of its answers",
    "logprobs": "By the probabilities of its tokens",
    "extractor": "Told by the extractor",
}
_TICKS: Final = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True)
class ReliabilityReading:
    """The values of one span of confidence: where it is drawn, and its words."""

    x: str
    y: float
    size: float
    words: str


@dataclass(frozen=True, slots=True)
class SureField:
    """Calibration of one field's confidences."""

    name: str
    values: str
    right: str
    auroc: str
    error: str
    brier: str


@dataclass(frozen=True, slots=True)
class Reliability:
    """The confidences of one source; lengths are percents across and pixels down."""

    source: str
    title: str
    lead: str
    readings: tuple[ReliabilityReading, ...]
    risk: tuple[tuple[str, float, str, float], ...]
    """Errors among the surest values, as lines from the surest to all."""
    risk_words: str
    most_risk: str
    """The share at the top of that drawing."""
    ticks: tuple[tuple[str, float, str], ...]
    """Where a share stands across and down, and how it is written."""
    corners: tuple[str, str]
    """Both ends of the axis across."""
    height: int
    floor: int
    top: int
    fields: tuple[SureField, ...]


def reliabilities(results: ResultsDocument) -> tuple[Reliability, ...]:
    """Return a part for each source of confidences; none where no answer told any."""
    stored = results.get("confidence")
    if not stored:
        return ()
    pairs: defaultdict[str, list[tuple[float, bool]]] = defaultdict(list)
    for case in results["cases"]:
        for diff in case["diffs"]:
            if diff["outcome"] != Outcome.OMISSION.value:
                for source, sure in (diff.get("confidences") or {}).items():
                    if 0 <= sure <= 1:
                        pairs[source].append((sure, diff["outcome"] == Outcome.CORRECT.value))
    rows = []
    for source, judged in stored.items():
        idle = f" {idle_words(judged['idle'])}." if "idle" in judged else ""
        known = sorted(pairs.get(source, ()), reverse=True)
        if known:
            fields = tuple(_field(one["field"], one) for one in judged["fields"])
            part = _reliability(source, known, judged["all"], fields)
            rows.append(replace(part, lead=part.lead + idle))
    return tuple(rows)


def _reliability(
    source: str,
    known: Sequence[tuple[float, bool]],
    figures: ConfidenceFigures,
    fields: tuple[SureField, ...],
) -> Reliability:
    risks = list(_risks(known))
    most = max(0.05, *(risk for _, risk in risks))
    points = [(_x(covered), _y(risk / most)) for covered, risk in risks]
    half = next(risk for covered, risk in risks if covered >= 0.5)  # noqa: PLR2004  # the surer half
    return Reliability(
        source=source,
        title=_TITLES.get(source, f"By {inert(source)}"),
        lead=_lead(figures),
        readings=tuple(_readings(known)),
        risk=tuple((*one, *two) for one, two in pairwise(points)),
        risk_words=(
            f"Of the surer half {number_text.percent(half)} are wrong, of all "
            f"{number_text.percent(risks[-1][1])}."
        ),
        most_risk=number_text.percent(most),
        ticks=tuple((_x(share), _y(share), number_text.percent(share)) for share in _TICKS),
        corners=(_x(0.0), _x(1.0)),
        height=_HEIGHT,
        floor=_FLOOR,
        top=_TOP,
        fields=fields,
    )


def _lead(figures: ConfidenceFigures) -> str:
    right = number_text.ratio(figures["right"], figures["values"])
    wrong = number_text.counted(figures["values"] - figures["right"], "error")
    return (
        f"{right} of the values with a confidence are right; {wrong} behind these figures. "
        f"AUROC {_share(figures['auroc'])}, calibration error "
        f"{_share(figures['calibration_error'])}, Brier score {_share(figures['brier'])}."
    )


def _share(figure: float | None) -> str:
    return number_text.UNDEFINED if figure is None else f"{figure:.3f}"


def _field(name: str, figures: ConfidenceFigures) -> SureField:
    return SureField(
        name=name,
        values=number_text.count(figures["values"]),
        right=number_text.ratio(figures["right"], figures["values"]),
        auroc=_share(figures["auroc"]),
        error=_share(figures["calibration_error"]),
        brier=_share(figures["brier"]),
    )


def _x(share: float) -> str:
    return f"{_LEFT + share * (_RIGHT - _LEFT):.2f}%"


def _y(share: float) -> float:
    return round(_FLOOR - share * (_FLOOR - _TOP), 1)


def _readings(known: Sequence[tuple[float, bool]]) -> Iterator[ReliabilityReading]:
    """Yield a reading for each tenth of confidence that has values."""
    bins: defaultdict[int, list[tuple[float, bool]]] = defaultdict(list)
    for sure, right in known:
        bins[min(int(sure * _BINS), _BINS - 1)].append((sure, right))
    largest = max(map(len, bins.values()))
    for _, some in sorted(bins.items()):
        mean = sum(sure for sure, _ in some) / len(some)
        hits = sum(right for _, right in some)
        size = max(_LEAST, _LARGEST * (len(some) / largest) ** 0.5)
        words = f"said {number_text.percent(mean)} sure, right {number_text.ratio(hits, len(some))}"
        yield ReliabilityReading(_x(mean), _y(hits / len(some)), round(size, 1), words)


def _risks(known: Sequence[tuple[float, bool]]) -> Iterator[tuple[float, float]]:
    """Yield share of values taken, surest first, and share of errors among them.

    Values of one confidence are taken together: no order among them means anything.
    """
    wrong, taken, answered = 0, 0, -1
    for place, (sure, right) in enumerate(known):
        taken, wrong = taken + 1, wrong + (not right)
        is_last = place + 1 == len(known)
        if is_last or known[place + 1][0] != sure:
            step = taken * _STEPS // len(known)
            if step > answered or is_last:
                answered = step
                yield taken / len(known), wrong / taken
