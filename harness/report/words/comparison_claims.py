"""Claims of a comparison, in words: the same on every surface."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from harness.core import number_text
from harness.core.inert_text import inert
from harness.core.statistics.intervals import FEW_DOCUMENTS
from harness.core.statistics.paired_tests import ALPHA
from harness.core.statistics.permutation import Permutation
from harness.run.comparison.compare import Comparison
from harness.run.comparison.judged_figure import figure_name
from harness.run.comparison.side import Arm
from harness.run.comparison.verdict import ENOUGH, ComparisonVerdict, Power, Rung

RUNGS: Final[Mapping[Rung, str]] = MappingProxyType(
    {
        Rung.POINT: "what was seen, and chance alone may explain it",
        Rung.DOCUMENTS: "beyond run-to-run noise on these documents; says nothing of others",
        Rung.POPULATION: "beyond chance for documents like these",
        Rung.HOLDOUT: "beyond chance on documents that were kept apart (holdout)",
    }
)
COMPARISON_WORDS: Final[Mapping[ComparisonVerdict, str]] = MappingProxyType(
    {
        ComparisonVerdict.IMPROVED: "better",
        ComparisonVerdict.EQUAL: "equal",
        ComparisonVerdict.WORSE: "worse",
        ComparisonVerdict.UNDECIDED: "undecided",
    }
)


def labels(base: Arm, news: Sequence[Arm]) -> tuple[str, ...]:
    """Return names that tell the runs apart: extractor, else prompt, else the run's own."""
    arms = (base, *news)
    prompts = [prompt["name"] if (prompt := arm.run.get("prompt")) else "" for arm in arms]
    runs = [str(arm.run["run_id"]) for arm in arms]
    for names in ([arm.name for arm in arms], prompts):
        if all(names) and len(set(names)) == len(arms):
            return tuple(names)
    return _told_apart(runs)


def _told_apart(runs: Sequence[str]) -> tuple[str, ...]:
    """Return what differs in the names of runs: usually when they began.

    >>> _told_apart(["20260704-120000-notes-gpt", "20260704-120501-notes-gpt"])
    ('120000', '120501')
    """
    words = [run.split("-") for run in runs]
    before, after = (
        next((n for n, row in enumerate(rows) if len(set(row)) > 1), 0)
        for rows in (
            tuple(zip(*words, strict=False)),
            tuple(zip(*(w[::-1] for w in words), strict=False)),
        )
    )
    short = tuple("-".join(each[before : len(each) - after]) for each in words)
    return short if all(short) and len(set(short)) == len(runs) else tuple(runs)


def comparison_lead(comparison: Comparison, new: str) -> str:
    """Return the verdict as a sentence; `new` names the run that is judged."""
    delta = comparison.judged.delta
    if delta is None:
        return "Undecided: no case was scored in both runs."
    if comparison.coverage < ENOUGH:
        both = number_text.ratio(
            len(comparison.cases), len(comparison.cases) + len(comparison.missing)
        )
        return f"Undecided: only {both} of the cases were scored in both runs."
    size = f"{number_text.points(abs(delta))} points of {inert(figure_name(comparison.terms.by))}"
    match comparison.verdict:
        case ComparisonVerdict.IMPROVED:
            return f"{new} is better by {size}{_but(comparison, 'worse')}."
        case ComparisonVerdict.WORSE:
            return f"{new} is worse by {size}{_but(comparison, 'better')}."
        case ComparisonVerdict.EQUAL:
            return _equal(comparison)
        case ComparisonVerdict.UNDECIDED:
            way = "more" if delta > 0 else "less"
            result = f"{new} has {size} {way}" if delta else "both average the same"
            return f"Undecided: {result}, and these documents cannot tell whether that is chance."


def _but(comparison: Comparison, other: str) -> str:
    """Return the caveat of a verdict that a lenient reading turns round."""
    strict, lenient = comparison.judged.delta or 0, comparison.lenient.delta or 0
    if strict * lenient >= 0 or comparison.lenient.p_value > ALPHA:
        return ""
    return f", but {other} by {number_text.points(abs(lenient))} read leniently"


def verdict_word(comparison: Comparison) -> str:
    """Return the verdict as a word: `same` where so few documents cannot show a difference."""
    if comparison.verdict is ComparisonVerdict.EQUAL and _is_too_few(comparison):
        return "same"
    return COMPARISON_WORDS[comparison.verdict]


def _is_too_few(comparison: Comparison) -> bool:
    """Tell whether no difference on so many documents, however large, could be told from chance."""
    return comparison.power.least_p > ALPHA


def _equal(comparison: Comparison) -> str:
    figure = inert(figure_name(comparison.terms.by))
    if not any(case.delta for case in comparison.cases):
        if _is_too_few(comparison):
            documents = sum(bool(case.base_f1s) for case in comparison.cases)
            return f"Both score the same on {documents} documents: too few to show a difference."
        return "Equal: both score the same on every document."
    margin = number_text.points(comparison.terms.margin)
    return f"Equal: any difference is within {margin} points of {figure}."


def rung(comparison: Comparison) -> str:
    """Return how far the difference carries."""
    firm = comparison.evidence
    p = number_text.p_value(firm.over_documents)
    tests = [f"sign flip over documents p {p}{_drawn(comparison.macro.test)}"]
    if firm.over_replicates is not None:
        p = number_text.p_value(firm.over_replicates)
        tests.insert(0, f"permuted replicates p {p}")
    return f"L{firm.rung.value} of L3: {RUNGS[firm.rung]} ({', '.join(tests)})"


def _drawn(test: Permutation) -> str:
    """Return how far a p-value may be off that was drawn; nothing where it is exact."""
    if test.draws is None:
        return ""
    return f" ± {test.error:.1g} from {number_text.count(test.draws)} random draws"


def claim_reach(comparison: Comparison) -> str:
    """Return the smallest effect this suite can detect."""
    power, size = comparison.power, sum(bool(case.base_f1s) for case in comparison.cases)
    documents = number_text.counted(size, "document")
    if power.smallest is None:
        return f"{documents}: no difference can be told from chance"
    if power.least_p > ALPHA:
        return (
            f"{documents} can never give a p-value below {number_text.p_value(power.least_p)}, "
            "however large the difference; replicates can show one on these documents"
        )
    smallest = min(power.smallest, 1.0)
    sentence = (
        f"with {documents} a true difference of {number_text.points(smallest)} points is found "
        f"four times in five{_assumed(power)}"
    )
    if comparison.verdict is ComparisonVerdict.UNDECIDED and power.needed and power.needed > size:
        sentence += f"; a difference of the size seen needs about {number_text.count(power.needed)}"
    return sentence


def _assumed(power: Power) -> str:
    if not power.assumed:
        return ""
    return f" (taking a usual spread of {number_text.points(power.deviation)} points)"


def remarks(comparison: Comparison) -> Iterator[str]:
    """Yield what a reader must know before believing the numbers."""
    if (kindly := _otherwise(comparison)) is not None:
        yield kindly
    if comparison.is_circular:
        yield "truths are answers of one of the two that people approved as they were: at most L1"
    for name in comparison.unlike:
        yield f"compared although {name}"
    size = sum(bool(case.base_f1s) for case in comparison.cases)
    if 1 < size < FEW_DOCUMENTS:
        documents = number_text.counted(size, "document")
        yield (
            f"only {documents}: one document more or less can turn the answer round, and kinds "
            "that are rare and read badly may not be among them"
        )
    if comparison.seen:
        yield _not_held(comparison)
    if comparison.evidence.rung is Rung.POPULATION and _rewritten(comparison):
        yield "the prompts differ: of one that was written by these documents this is but an L1"
    if comparison.p_adjusted != comparison.judged.p_value:
        p = number_text.p_value(comparison.p_adjusted)
        by = f"the verdict goes by p {p}, corrected for their number"
        yield f"several runs were compared at once: {by}"
    broken = sum(
        flip.critical and flip.change == "broken" for c in comparison.cases for flip in c.flips
    )
    if broken:
        yield f"{number_text.counted(broken, 'critical field')} broken"


def _not_held(comparison: Comparison) -> str:
    """Return why documents that were held out prove no more than others."""
    cases = number_text.counted(len(comparison.seen), "held-out case")
    if any(arm.seen_documents is None for arm in (comparison.base, comparison.new)):
        return (
            f"nobody can say whether feedback or an improvement has seen {cases}, since the "
            "suite's folder is not there: none counts as kept apart"
        )
    named = ", ".join(comparison.seen[:_NAMED]) + (" …" if len(comparison.seen) > _NAMED else "")
    return (
        f"feedback or an improvement has seen {cases} ({named}): not kept apart any more; "
        "harness split --release holds out others"
    )


_NAMED: Final = 3


def _rewritten(comparison: Comparison) -> bool:
    """Tell whether both runs had a prompt, and not the same."""
    base, new = comparison.base.run.get("prompt"), comparison.new.run.get("prompt")
    return bool(base and new and base["sha256"] != new["sha256"])


def _otherwise(comparison: Comparison) -> str | None:
    """Return what a lenient reading says, where it does not say the same."""
    strict, lenient = comparison.judged, comparison.lenient
    if not strict.delta or not lenient.delta or lenient.p_value > ALPHA:
        return None
    if comparison.verdict is not ComparisonVerdict.UNDECIDED and strict.delta * lenient.delta > 0:
        return None
    return (
        f"read leniently the difference is {number_text.gain(lenient.delta)} points (p "
        f"{number_text.p_value(lenient.p_value)}): much of what flipped is how values are written"
    )
