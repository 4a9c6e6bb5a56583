"""Ask a suite's extractor with any version of its prompt, storing every answer as it arrives."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from harness.cases.load import with_prompt
from harness.cases.suite import Prompt, Suite
from harness.core.records import Prediction
from harness.errors import HarnessError, Problem
from harness.extract.build import build
from harness.improve.trial.measurement import Measurement, measured
from harness.run.asking.orders import Orders, RunJob, RunWatch
from harness.run.asking.questions import questions
from harness.run.asking.run_session import RunQuestions, RunTask, hold

_DIGITS = 12


class InterruptedSearchError(HarnessError):
    """The search was interrupted: what was done is in the ledger."""

    exit_code = 4


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks one extractor of a suite about all or some of its cases."""

    name: str
    """The extractor's, in the suite."""
    folder: Path
    """Where answers are kept, in a folder for each version and replicate."""
    orders: Orders
    watch: RunWatch

    def ask(
        self, suite: Suite, replicate: int, cases: tuple[str, ...] | None = None
    ) -> list[Prediction]:
        """Return what is said to a suite's prompt; what is known already is not asked again.

        Raises InterruptedSearchError if it was stopped before all was said.
        """
        job = RunJob(suite, self.name, build(suite.extractors[self.name], suite))
        questions_asked = tuple(
            each
            for each in questions(suite, self.name, replicate)
            if each.replicate == replicate and (cases is None or each.case.id in cases)
        )
        folder = self.folder / folder_name(suite.prompt, replicate)
        folder.mkdir(parents=True, exist_ok=True)
        held = RunTask(folder, RunQuestions(questions_asked), lambda: None)
        session = hold(job, held, self.orders, self.watch)
        if not session.finished:
            what = "stopped; what was done is kept"
            hint = "the same command goes on where it stopped"
            raise InterruptedSearchError(Problem(what, "interrupted", hint=hint))
        names = {each.name for each in questions_asked}
        return [p for name, p in sorted(session.predictions.items()) if name in names]


def folder_name(prompt: Prompt | None, replicate: int) -> str:
    """Return the name of the folder that a version's answers are kept in."""
    return f"{prompt.sha256[:_DIGITS] if prompt else 'bare'}-{replicate}"


def replicate_of(run: Measurement) -> int:
    """Return which asking a run was: its folder says so."""
    return int((run.folder or "-1").rpartition("-")[2])


@dataclass
class ExtractorDesk:
    """Tries prompts out on the cases of a suite that may be looked at."""

    suite: Suite
    asker: Asker

    def measure(
        self, prompt: Prompt, replicate: int, cases: tuple[str, ...] | None = None
    ) -> Measurement:
        """Ask about the cases and score what is said."""
        suite = with_prompt(self.suite, prompt)
        predictions = self.said(prompt, replicate, cases)
        chosen = tuple(c for c in suite.cases if cases is None or c.id in cases)
        return measured(replace(suite, cases=chosen), predictions, folder_name(prompt, replicate))

    def recall(self, prompt: Prompt, run: Measurement) -> list[Prediction]:
        """Return what was said to a prompt in a run; nothing is asked that was asked."""
        return self.said(prompt, replicate_of(run), None)

    def said(
        self, prompt: Prompt, replicate: int, cases: tuple[str, ...] | None
    ) -> list[Prediction]:
        """Return what is said to a prompt about the cases."""
        return self.asker.ask(with_prompt(self.suite, prompt), replicate, cases)
