"""The steps of a ledger in plain words, and what a page about an improvement is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import unified_diff
from typing import Final

from harness.cases.prompts.prompt import changed_sections, texts_of
from harness.cases.suite import Prompt
from harness.core.inert_text import cut
from harness.core.number_text import gain, gains, percent, plain_count, points
from harness.core.statistics.paired_tests import p_value
from harness.improve.versions.versions import PromptHistory
from harness.run.comparison.verdict import Rung
from harness.run.stored.stored_ledger import (
    ClaimStep,
    CompareStep,
    FoldsStep,
    GuardStep,
    HoldoutStep,
    LedgerStep,
    MoveStep,
    NoiseStep,
    ProposeStep,
    ReachStep,
    RunStep,
    StartStep,
    StopStep,
    VerdictStep,
)

_SHORT: Final = 8
_LONGEST_WHY: Final = 200


def line_of_step(entry: LedgerStep) -> str:
    """Return a step as a line."""
    return f"{entry['step']:<8} {_words(entry)}".rstrip()


def _words(entry: LedgerStep) -> str:  # noqa: C901, PLR0911, PLR0912  # one kind of step each
    if entry["step"] == "start":
        return _start(entry)
    if entry["step"] == "run":
        return _run(entry)
    if entry["step"] == "noise":
        return _noise(entry)
    if entry["step"] == "reach":
        return _reach(entry)
    if entry["step"] == "propose":
        return _propose(entry)
    if entry["step"] == "guard":
        return _guard(entry)
    if entry["step"] == "screen" or entry["step"] == "compare":
        return _compare(entry)
    if entry["step"] == "keep" or entry["step"] == "reject" or entry["step"] == "undecided":
        return _verdict(entry)
    if entry["step"] == "claim" or entry["step"] == "verdict":
        return _claim(entry)
    if entry["step"] == "promote" or entry["step"] == "rollback":
        return _moved(entry)
    if entry["step"] == "holdout":
        return _holdout(entry)
    if entry["step"] == "folds":
        return folds_words(entry)
    is_known = str(entry["step"]) == "stop"  # a later version may write other steps
    return _stop(entry) if is_known else ""


def short(digest: object) -> str:
    """Return as much of a digest as people compare."""
    return str(digest)[:_SHORT]


def _start(e: StartStep) -> str:
    target = f", target {e['target']:g}" if e.get("target") is not None else ""
    return (
        f"session {e['session']}: {e.get('suite')} with {e.get('extractor')}, "
        f"{e.get('dev')} documents to look at, {e.get('holdout')} held out{target}"
    )


def _run(e: RunStep) -> str:
    f1 = "nothing to score" if e["f1"] is None else f"macro F1 {percent(e['f1'])}"
    aim = e.get("figure")
    if aim is not None and aim["value"] is not None:
        f1 = f"{aim['name']} {percent(aim['value'])}, {f1}"
    part = "" if e["coverage"] == 1 else f", {e['coverage']:.0%} answered"
    size = len(e["asked"])
    return f"{short(e['version'])} asking {e['replicate']}: {f1} on {size} documents{part}"


def _noise(e: NoiseStep) -> str:
    if e["steady"]:
        return "none: the same verdicts twice"
    fields = ", ".join(sorted(e["unsteady"], key=lambda f: -e["unsteady"][f])[:5])
    return f"floor {points(e['floor'])} points of {e.get('figure', 'macro F1')}; unsteady: {fields}"


def _reach(e: ReachStep) -> str:
    if "most" not in e:
        return "nobody knows"
    return (
        f"macro F1 {percent(e['macro_f1'])}; with all cured that edits may cure, "
        f"{percent(e['most'])}"
    )


def _propose(e: ProposeStep) -> str:
    if e["version"] is None:
        return "nothing"
    if not e["sections"]:
        why = f": {cut(e['why'], _LONGEST_WHY)}" if e["why"] else ""
        return f"{short(e['version'])} changes nothing{why}"
    changed = f"{short(e['version'])} changes {', '.join(e['sections'])}"
    estimate = e.get("estimate")
    if estimate is None:
        return changed
    figure = e.get("figure", "macro F1")
    return f"{changed}; all cured would be {figure} {gain(estimate)} points"


def _guard(e: GuardStep) -> str:
    tokens = f"{e['tokens_before']} to {e['tokens_after']} tokens"
    return f"refused: {'; '.join(e['refusals'])}" if e["refusals"] else f"passed, {tokens}"


def _compare(e: CompareStep) -> str:
    figure, rest = e.get("figure", "macro F1"), e.get("guard")
    guard = "" if rest is None else f"; the other fields {gain(rest)} points"
    p = "" if e["p"] is None else f", p {p_value(e['p'])} one-sided"
    return (
        f"{short(e['version'])} against {short(e['base'])}: {figure} {gain(e['delta'])} points on "
        f"{e['documents']} documents{p}; fixed {e['fixed']}, broken {e['broken']}{guard}"
    )


def _verdict(e: VerdictStep) -> str:
    return f"{short(e['version'])}: {e['reason']}"


def _claim(e: ClaimStep) -> str:
    holds = "holds" if e["holds"] else "does not hold: provisional"
    spread = ""
    if e["interval"] is not None:
        low, high = e["interval"]
        spread = f" ({gains((low, high))})"
    look = "" if e.get("look", 1) == 1 else f" (attempt {e['look']} to claim)"
    rung = f"L{e['rung']}: {Rung(e['rung']).carries}"
    return f"{holds}{look}: {e['reason']}{spread}; {rung}"


def _moved(e: MoveStep) -> str:
    return f"{short(e['version'])} in place of {short(e['base'])}"


def _holdout(e: HoldoutStep) -> str:
    again = "" if e["look"] == 1 else ": seen before, so it proves less each time"
    return f"look {e['look']} of this holdout{again}"


def folds_words(e: FoldsStep) -> str:
    """Return what folds have shown, and of what it says nothing."""
    number = len(e["versions"])
    held = "holds" if e["holds"] else "does not hold"
    spread = f" [{points(e['interval'][0])}, {points(e['interval'][1])}]" if e["interval"] else ""
    took = f" in {plain_count(e['calls'], 'call')}" if "calls" in e else ""
    return (
        f"{held}: {e['reason']}{spread}; {e['changed']} of {number} searches kept an edit{took}. "
        "It is of the way of improving: the prompt that is made from all documents is not among "
        "them"
    )


def _stop(e: StopStep) -> str:
    return str(e["reason"])


def difference(before: Prompt, after: Prompt) -> Iterator[str]:
    """Yield what differs between two prompts, section by section, as a unified diff."""
    old, new = texts_of(before), texts_of(after)
    for name in changed_sections(before, after):
        a, b = old.get(name, "").splitlines(), new.get(name, "").splitlines()
        was, now = (name if name in texts else "/dev/null" for texts in (old, new))
        yield from unified_diff(a, b, was, now, lineterm="")


def last_session(entries: Sequence[LedgerStep]) -> list[LedgerStep]:
    """Return the steps of the last improvement, its folds before it, and everything after it."""
    starts = [number for number, entry in enumerate(entries) if entry["step"] == "start"]
    if not starts:
        return []
    earlier = entries[: starts[-1]]
    stops = [number for number, entry in enumerate(earlier) if entry["step"] == "stop"]
    folds = [one for one in earlier[stops[-1] + 1 if stops else 0 :] if one["step"] == "folds"]
    return [*folds[-1:], *entries[starts[-1] :]]


def texts_by_version(
    history: PromptHistory, entries: Sequence[Mapping[str, object]]
) -> Mapping[str, Mapping[str, str]]:
    """Return the texts of every version that steps speak of."""
    named = {str(entry["version"]) for entry in entries if entry.get("version")}
    versions = history.versions()
    return {name: texts_of(history.prompt(versions[name])) for name in named if name in versions}
