"""Session of an improvement: begun, resumed where it was stopped, and run to its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Final

from harness.cases.digest import canonical, suite_digest
from harness.cases.discovery.splits import HOLDOUT, split_keys
from harness.cases.files.places import at, reports_of
from harness.cases.suite import RecordedAnswers, Suite
from harness.core.records import Case, Prediction
from harness.core.values import Json
from harness.errors import HarnessError, Problem, UsageError, did_you_mean
from harness.improve.editors.agent import AGENT_SECONDS, Agent, check_command
from harness.improve.editors.agent_isolation import Sandbox, check_sandbox
from harness.improve.editors.example_selection import WithExamples
from harness.improve.editors.gepa import Gepa, check_installed
from harness.improve.editors.paraphrase import Paraphraser
from harness.improve.editors.person_review import EditReview, WithReview
from harness.improve.editors.reflect import Reflector
from harness.improve.feedback.bundle_of_run import mark_cases_seen
from harness.improve.search.search import ProgressCallback, Search, SearchOutcome
from harness.improve.trial.asking import Asker, ExtractorDesk
from harness.improve.trial.editor import Editor
from harness.improve.trial.guards import GuardLimits, default_bounds
from harness.improve.trial.limits import Aims
from harness.improve.versions.ledger import (
    LedgerSession,
    Lock,
    PromptLedger,
    open_session,
)
from harness.improve.versions.versions import PromptHistory, Version
from harness.run.asking.orders import Orders, RunWatch
from harness.run.asking.questions import questions
from harness.run.results.results_document import VERSION
from harness.run.stored.stored_ledger import LedgerStep, SessionTerms

COMMAND: Final = "command:"
GEPA: Final = "gepa"


@dataclass(frozen=True, slots=True)
class Wish:
    """Options of an improvement: what to improve, how, and up to where."""

    extractor: str
    writer: str
    """The extractor that is asked for texts; of no matter where an agent writes them."""
    engine: str = "builtin"
    """`builtin`, `gepa`, or `command:…`."""
    aims: Aims = Aims()  # noqa: RUF009  # frozen
    tokens: int | None = None
    """Cap on the prompt's own texts; by default it may double, and 1,000 more."""
    allowed: frozenset[str] = frozenset()
    """Values of truths that may be written into the prompt."""
    examples: int = 0
    """The most documents that may be shown as examples, once descriptions do no more."""
    paraphraser: str | None = None
    """The extractor that says examples in other words; None where they are shown as they are."""
    fresh: bool = False
    """Begin anew even where a session was stopped half-way."""
    agent_env: tuple[str, ...] = ()
    """Names of variables of the environment that an agent gets beside the plain ones."""
    sandbox: Sandbox = "auto"
    """Whether an agent is kept from the truths by the system."""
    review: EditReview | None = None
    """Shows each edit to a person before it is tried; None tries it at once."""


def visible_changes(suite: Suite) -> Suite:
    """Return a suite of the cases that may be looked at."""
    return _of(suite, held=False)


def held_out(suite: Suite) -> Suite:
    """Return a suite of the cases that are looked at to confirm, and for nothing else."""
    return _of(suite, held=True)


def _of(suite: Suite, *, held: bool) -> Suite:
    cases = tuple(case for case in suite.cases if (case.split == HOLDOUT) == held)
    functions = suite.comparators.sha256
    digest = suite_digest(cases, suite.rules, suite.prompt, suite.empty, functions)
    return replace(suite, cases=cases, digest=digest)


def case_keys(suite: Suite, case: Case) -> set[str]:
    """Return what a case is known by: a new name does not make it unseen, nor do new words."""
    return {f"case:{suite.name}/{case.id}", *split_keys(case)}


def keys_in_sessions(ledger: PromptLedger) -> frozenset[str]:
    """Return the keys of all cases that an improvement asked about, whichever split they are in.

    Ledgers from before sessions said their documents name them by the cases that runs asked.
    """
    keys: set[str] = set()
    suite: str | None = None
    for entry in ledger.entries():
        if entry["step"] == "start":
            suite = entry.get("suite")
            keys.update(entry.get("documents", ()))
        elif entry["step"] == "run":
            keys.update(f"case:{suite}/{case}" for case in entry.get("asked", ()))
    return frozenset(keys)


def prompt_path(suite: Suite) -> Path:
    """Return where a suite's prompt lies. Raises HarnessError if it has none."""
    if suite.prompt is None or suite.prompt.path is None:
        hint = (
            "write prompts/NAME/user.md with {{ document }} in it, "
            "and name the folder under `prompt:` in suite.yaml"
        )
        what = "the suite has no prompt to improve"
        raise HarnessError(Problem(what, "no-prompt", at(suite.folder), hint))
    return suite.prompt.path


def check_session(suite: Suite, wish: Wish) -> None:
    """Refuse what cannot be done. Raises UsageError with all of it."""
    if wish.engine == GEPA:
        check_installed()
    elif wish.engine.startswith(COMMAND):
        check_command(wish.engine.removeprefix(COMMAND))
        check_sandbox(wish.sandbox)
    elif wish.engine != "builtin":
        what = f"there is no engine {wish.engine!r}"
        hint = 'known: builtin, gepa, command:"program and arguments"'
        raise UsageError(Problem(what, "unknown-engine", hint=hint))
    is_command = wish.engine.startswith(COMMAND)
    if not is_command and (wish.agent_env or wish.sandbox != "auto"):
        what = "--agent-env and --sandbox are for an engine that is a command"
        raise UsageError(Problem(what, "usage", hint='--engine command:"program and arguments"'))
    prompt_path(suite)
    check_names(suite, tuple(filter(None, (wish.extractor, wish.writer, wish.paraphraser))))
    if wish.paraphraser is not None and not wish.examples:
        what = "--paraphrase is for examples, and none may be shown"
        raise UsageError(Problem(what, "usage", hint="allow some: --examples 3"))
    if isinstance(suite.extractors[wish.extractor], RecordedAnswers):
        what = f"the answers of {wish.extractor!r} are recorded: no edit changes them"
        hint = "name another extractor, or a model with --model"
        raise UsageError(Problem(what, "recorded", hint=hint))


def check_names(suite: Suite, names: tuple[str, ...]) -> None:
    """Refuse extractors a suite does not have. Raises UsageError with all of them."""
    unknown = [name for name in dict.fromkeys(names) if name not in suite.extractors]
    if unknown:
        raise UsageError(
            *(
                Problem(
                    f"the suite has no extractor {name!r}",
                    "unknown-extractor",
                    hint=did_you_mean(name, suite.extractors),
                )
                for name in unknown
            )
        )


def improve(
    suite: Suite, wish: Wish, orders: Orders, watch: RunWatch, notify: ProgressCallback
) -> tuple[SearchOutcome, Path]:
    """Improve a suite's prompt; return what was found, and the folder of all answers.

    Raises HarnessError where it cannot begin, or is stopped; then it can be gone on with.
    """
    check_session(suite, wish)
    history = PromptHistory(prompt_path(suite))
    with Lock(history.folder / ".lock"):
        history.prompts()  # what is damaged is told before anything is asked
        session, start = _begin(suite, wish, history)
        folder = reports_of(suite.folder) / f"improve-{history.name}-{session.number}"
        notify(_first(history.ledger, session.number))
        mark_cases_seen(suite, {case.id for case in visible_changes(suite).cases})
        dev = replace(visible_changes(suite), examples=())
        asker = Asker(wish.extractor, folder, orders, watch)
        desk = ExtractorDesk(dev, asker)
        prompt = history.prompt(start)
        bounds = default_bounds(prompt)
        bounds = GuardLimits(wish.tokens or bounds.tokens, wish.allowed, examples=wish.examples > 0)
        editor = _editor(dev, wish, desk, bounds)
        if wish.examples:
            editor = WithExamples(editor, dev, wish.examples, _paraphraser(dev, wish, desk))
        if wish.review is not None:
            editor = WithReview(editor, wish.review, dev)
        search = Search(suite, history, session, wish.aims, notify)
        return search.run(desk, editor, start, bounds), folder


def _editor(dev: Suite, wish: Wish, desk: ExtractorDesk, bounds: GuardLimits) -> Editor:
    if wish.engine.startswith(COMMAND):
        command, target = wish.engine.removeprefix(COMMAND), wish.aims.target
        own = (wish.agent_env, wish.sandbox, wish.aims.objective.focus)
        return Agent(dev, command, desk, target, bounds.tokens, AGENT_SECONDS, *own)
    writer = replace(desk.asker, name=wish.writer, folder=desk.asker.folder / "writer")

    def ask(suite_asked: Suite, number: int) -> Prediction:
        return writer.ask(suite_asked, number)[0]

    reflector = Reflector(dev, desk.recall, ask, bounds)
    return Gepa(reflector, desk) if wish.engine == GEPA else reflector


def _paraphraser(dev: Suite, wish: Wish, desk: ExtractorDesk) -> Paraphraser | None:
    if wish.paraphraser is None:
        return None
    other = replace(desk.asker, name=wish.paraphraser, folder=desk.asker.folder / "paraphrases")
    return Paraphraser(dev, lambda other_suite, number: other.ask(other_suite, number)[0])


def _first(ledger: PromptLedger, session: int) -> LedgerStep:
    return next(e for e in ledger.entries() if e.get("session") == session)


def _begin(suite: Suite, wish: Wish, history: PromptHistory) -> tuple[LedgerSession, Version]:
    """Return the session to go on with, or a new one, and the version it starts from."""
    now = history.current()
    start = _start(suite, wish)
    version = now if wish.fresh else _begun(history, start, now)
    begun: dict[str, object] = {"version": version.sha256, "prompt": version.prompt, **start}
    return open_session(history.ledger, begun, fresh=wish.fresh), version


def _begun(history: PromptHistory, start: SessionTerms, now: Version) -> Version:
    """Return the version that an unfinished session like this one started from, or today's.

    The prompt on disk may already be what that session put in place.
    """
    entries = [e for e in history.ledger.entries() if "session" in e]
    if not entries or entries[-1]["step"] == "stop":
        return now
    last = [e for e in entries if e["session"] == entries[-1]["session"]]
    first: Mapping[str, object] = last[0]
    same = all(first.get(key) == value for key, value in start.items())
    known = {str(e.get("version")) for e in last}
    return history.version(str(first["version"])) if same and now.sha256 in known else now


def _start(suite: Suite, wish: Wish) -> SessionTerms:
    dev, aims = visible_changes(suite), wish.aims
    comparators = suite.comparators.sha256
    terms: SessionTerms = {
        "suite": suite.name,
        "suite_digest": suite_digest(suite.cases, suite.rules, None, suite.empty, comparators),
        "extractor": wish.extractor,
        "asked": _asked(dev, wish.extractor),
        "writer": wish.writer,
        "engine": wish.engine,
        "target": aims.target,
        "target_mode": aims.target_mode,
        "max_calls": aims.max_calls,
        "max_usd": aims.max_usd,
        "patience": aims.patience,
        "promote": aims.promote,
        "objective": aims.objective.as_record(),
        "tokens": wish.tokens,
        "allowed": sorted(wish.allowed),
        "examples": wish.examples,
        "documents": sorted({key for case in dev.cases for key in case_keys(dev, case)}),
        "dev": len(dev.cases),
        "holdout": len(suite.cases) - len(dev.cases),
        "harness": VERSION,
    }
    if wish.paraphraser:
        terms["paraphraser"] = wish.paraphraser
    return terms


def _asked(dev: Suite, name: str) -> str:
    """Return a digest of what is asked of whom, but for the prompt."""
    digests_asked = questions(replace(dev, prompt=None, examples=()), name, 1)
    digests: list[Json] = [each.input_sha256 for each in digests_asked]
    return sha256(canonical(digests).encode()).hexdigest()
