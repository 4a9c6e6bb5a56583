"""`harness split`: freeze which documents are held out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli.next_commands import suite_words, tell_next
from harness.cli.options import evals_argument

if TYPE_CHECKING:
    from harness.cases.discovery.splits import Frozen
    from harness.cases.suite import Suite


@click.command("split")
@evals_argument
@click.option(
    "--release",
    is_flag=True,
    help="Move held-out documents that were seen to dev, and hold out others in their place.",
)
@click.option("-n", "--dry-run", is_flag=True, help="Show what would be frozen, and write nothing.")
def command(path: Path, *, release: bool, dry_run: bool) -> None:
    """Freeze which documents of the suites under PATH (default: evals) are held out.

    From 12 documents on, 30 % and at least 6 are held out, a share of every tag and no group
    divided. A document keeps its split for ever, by what it says and not by its name; one that
    feedback or improve has seen is never held out. New documents are assigned when this is run
    again.
    """
    from harness.cases.discovery.splits import SPLITS, frozen_text, read_frozen, with_seen
    from harness.cases.load import load_suites
    from harness.cli.diagnostics import warn
    from harness.core.inert_text import inert
    from harness.improve.make_split import freeze
    from harness.run.store import write_atomically

    if release and not dry_run:
        for line in _released(path):
            click.echo(inert(line))
    suites = load_suites(path)
    for suite in suites:
        before = read_frozen(suite.folder)
        known = with_seen(before, suite.cases, _asked(suite))
        after = freeze(suite.cases, known)
        file, printed_lines = suite.folder / SPLITS, [*_lines(suite, before, after)]
        if after != before and not dry_run:  # before anything is printed: a pipe may close
            old = file.read_text(encoding="utf-8") if file.is_file() else None
            write_atomically(file, frozen_text(after, suite.cases, old))
            printed_lines.append(f"  written to {file}: commit it")
        for line in printed_lines:
            click.echo(inert(line))
        if after != before and dry_run:
            warn(f"nothing was written: {file} would change")
    tell_next(["harness", "split", *suite_words(path)] if dry_run else _after(suites))


def _after(suites: Sequence[Suite]) -> list[str]:
    """Return what comes after a split: the improvement of the first prompt there is, or a run."""
    from harness.cases.files.places import shown_path
    from harness.cases.suite import Endpoint, LocalModel

    prompted = next((suite for suite in suites if suite.prompt is not None), None)
    suite = prompted or suites[0]
    asks = any(isinstance(each, Endpoint | LocalModel) for each in suite.extractors.values())
    known = asks or (prompted is None and bool(suite.extractors))
    model = [] if known else ["--model", "NAME"]
    return ["harness", "improve" if prompted else "run", str(shown_path(suite.folder)), *model]


def _asked(suite: Suite) -> frozenset[str]:
    """Return what improvements of a suite's prompt asked about, by their ledger."""
    from harness.cases.discovery.splits import split_keys
    from harness.improve.search.improvement_session import keys_in_sessions
    from harness.improve.versions.versions import PromptHistory

    if suite.prompt is None or suite.prompt.path is None:
        return frozenset()
    keys = keys_in_sessions(PromptHistory(suite.prompt.path).ledger)
    prefix = f"case:{suite.name}/"
    named = {key.removeprefix(prefix) for key in keys if key.startswith(prefix)}
    return keys | {key for case in suite.cases if case.id in named for key in split_keys(case)}


def _released(path: Path) -> Iterator[str]:
    """Move held-out documents that were seen to dev."""
    from harness.cases.discovery.splits import SPLITS, frozen_text, read_frozen, released, with_seen
    from harness.cases.load import load_suites
    from harness.core.number_text import counted
    from harness.run.store import write_atomically

    for suite in load_suites(path, keep_unreadable=True):
        before = read_frozen(suite.folder)
        free = released(with_seen(before, suite.cases, _asked(suite)))
        number = sum(free.splits[key] != split for key, split in before.splits.items())
        if number:
            file = suite.folder / SPLITS
            text = frozen_text(free, suite.cases, file.read_text(encoding="utf-8"))
            write_atomically(file, text)
            what = counted(number, "held-out document")
            yield f"{suite.name}: {what} seen by feedback or improve, to be worked on from now on"


def _lines(suite: Suite, before: Frozen, after: Frozen) -> Iterator[str]:
    """Yield what a suite's splits are, and what they are good for."""
    from harness.cases.discovery.splits import DEV, HOLDOUT, in_splits, split_keys
    from harness.improve.make_split import claim_split

    cases = in_splits(suite.cases, after)
    documents = {key for case in cases for key in split_keys(case)}
    yield f"{suite.name}: {len(documents)} documents in {len(cases)} cases"
    for name in (DEV, HOLDOUT):
        members = [case for case in cases if case.split == name]
        keys = {key for case in members for key in split_keys(case)}
        if members:
            tags = sorted({tag for case in members for tag in case.tags})
            counts = (f"{tag} {sum(tag in case.tags for case in members)}" for tag in tags)
            shown = f"   {', '.join(counts)}" if tags else ""
            yield f"  {name:<8} {len(keys):>4} documents{shown}"
    held = any(case.split == HOLDOUT for case in cases)
    if not held and documents and documents <= after.seen_documents.keys():
        yield "  Feedback or improve has seen every document: none can be held out. Add new ones."
    else:
        yield f"  {claim_split(len(documents), held_out=held)}"
    added = len(after.splits) - len(before.splits)
    if added and before.splits:
        yield f"  {added} documents are new; the others stay where they are"
