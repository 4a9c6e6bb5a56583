"""GEPA editor: evolves a pool of prompts with the `gepa` package, and proposes the best.

The package only searches. Its questions go through our desk, are guarded before and counted; what
it believes of its winner is forgotten, for the winner was chosen by these very answers: it is an
edit like any other, judged by answers that nothing was chosen by. Nothing of its state is stored,
so that nothing of it is ever loaded: begun again, it takes the same way over the answers we kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from harness.cases.prompts.few_shot_examples import example_cases
from harness.cases.prompts.prompt import FIELDS, USER, texts_of
from harness.cases.suite import Prompt
from harness.core.records import Case, Usage
from harness.errors import HarnessError, Problem
from harness.improve.diagnosis.clusters import analyse
from harness.improve.diagnosis.exams import Exam
from harness.improve.diagnosis.reach import curable, judged_reach
from harness.improve.editors.reflect import Reflector
from harness.improve.editors.writer_brief import Task, speaks_by_field, task_of
from harness.improve.trial.asking import ExtractorDesk, replicate_of
from harness.improve.trial.editor import Brief, Proposal, Reach
from harness.improve.trial.edits import edited
from harness.improve.trial.guards import check_guards
from harness.improve.trial.limits import Spent
from harness.improve.trial.measurement import total

if TYPE_CHECKING:
    from gepa.core.adapter import EvaluationBatch, ProposalFn
    from gepa.core.result import GEPAResult
    from gepa.core.state import GEPAState

GEPA_ROUNDS: Final = 12
"""Askings of every document that one search may take where the budget has no cap."""
_VAIN: Final = 10
"""Mutations in a row that added nothing to the pool, after which it is over."""
_FEEDBACK: Final = "Feedback"

Candidate = dict[str, str]
"""Texts by section; an empty one is a section that is not there."""


def check_installed() -> None:
    """Raise HarnessError where the package is missing."""
    try:
        import gepa  # noqa: F401, PLC0415  # an extra: imported where it is used
    except ImportError:
        what = "the engine gepa needs a package that is not installed"
        hint = "pip install 'extraction-harness[gepa]', or --engine builtin"
        raise HarnessError(Problem(what, "missing-extra", hint=hint)) from None


@dataclass(frozen=True, slots=True)
class Gepa:
    """Proposes the winner of a search over sections, with a budget of its own."""

    reflector: Reflector
    """Asks the writer; its suite's cases are those that may be looked at."""
    desk: ExtractorDesk

    def propose(self, brief: Brief) -> Proposal | None:
        """Return the best of the pool; None once it was refused."""
        if brief.refusals:
            return None
        pool = _Pool(self, brief, self._sections(brief), self._cases(brief))
        winner = pool.search() if pool.sections else brief.prompt
        why = f"the best of {len(pool.question_counts) + 1} prompts that gepa tried"
        return Proposal(winner, why, pool.spent.calls, total(pool.usages), pool.question_counts)

    def reach(self, brief: Brief) -> Reach | None:
        """Return how far it can lead: another search gives nothing up."""
        return self.reflector.reach(replace(brief, attempts=()))

    def _cases(self, brief: Brief) -> tuple[Case, ...]:
        shown = example_cases(brief.prompt)
        return tuple(case for case in self.desk.suite.cases if case.id not in shown)

    def _sections(self, brief: Brief) -> Candidate:
        """Return the texts that may change: of fields that are described or wrong, or of all."""
        suite, texts = self.desk.suite, texts_of(brief.prompt)
        if not speaks_by_field(suite, brief):
            return {USER: texts[USER]}
        reach = judged_reach(suite, self.desk.recall(brief.prompt, brief.measured))
        wrong = {f"{FIELDS}{c.field}.md" for c in curable(suite, reach.clusters) if c.field != "$"}
        names = sorted({*wrong, *(name for name in texts if name.startswith(FIELDS))})
        return {name: texts.get(name, "") for name in names}


@dataclass
class _Pool:
    """Pool of answers, errors and proposed texts of one search."""

    engine: Gepa
    brief: Brief
    sections: Candidate
    cases: tuple[Case, ...]
    spent: Spent = field(default_factory=Spent)
    usages: list[Usage] = field(default_factory=list)
    question_counts: dict[str, int] = field(default_factory=dict)
    """How often each prompt was asked, by its digest; the one it began with is left out."""
    scores: dict[tuple[str, str], float] = field(default_factory=dict)
    """By prompt and case."""
    failed: HarnessError | None = None
    """What stopped the writer: the package would swallow it."""
    propose_new_texts: ProposalFn | None = None
    """The package's name for what `write` is given to it as."""
    _pooled: tuple[int, int] = (0, 0)

    def search(self) -> Prompt:
        """Return the winner."""
        from gepa.api import optimize  # noqa: PLC0415  # an extra: imported where it is used

        self._known(self.brief.prompt, self.brief.measured.marks)
        result: GEPAResult[None, int] = optimize(
            seed_candidate=self.sections,
            trainset=list(self.cases),
            adapter=self,
            custom_candidate_proposer=self.write,
            module_selector=self.choose,
            stop_callbacks=self.is_over,
            logger=_Silent(),
            seed=self.brief.number,
            track_best_outputs=False,
            cache_evaluation=False,
        )
        if self.failed is not None:
            raise self.failed
        best = result.candidates[result.best_idx]
        return self._prompt(best)

    def evaluate(
        self,
        batch: list[Case],
        candidate: Candidate,
        capture_traces: bool = False,  # noqa: FBT001, FBT002  # the package's signature
    ) -> EvaluationBatch[Exam | None, None]:
        """Return F1 by document, and exams; nothing is asked with a prompt that is refused."""
        from gepa.core.adapter import EvaluationBatch  # noqa: PLC0415  # as above

        prompt = self._prompt(candidate)
        nothing: list[None] = [None for _ in batch]
        if prompt.sha256 != self.brief.prompt.sha256 and self._refused(prompt):
            return EvaluationBatch(nothing, [0.0 for _ in batch], [*nothing])
        replicate = self._ask(prompt, batch)
        scores = [self._score(prompt, case) for case in batch]
        exams = self._exams(prompt, replicate, batch) if capture_traces else nothing
        return EvaluationBatch(nothing, scores, [*exams])

    def choose(
        self,
        state: GEPAState[Any, Any],
        trajectories: list[Any],
        subsample_scores: list[float],
        candidate_idx: int,
        candidate: Candidate,
    ) -> list[str]:
        """Return the sections of the fields that lose most in some documents."""
        del state, subsample_scores, candidate_idx
        task = self._task(candidate, trajectories)
        return [*task.sections.values()] if task else [next(iter(candidate))]

    def make_reflective_dataset(
        self,
        candidate: Candidate,
        eval_batch: EvaluationBatch[Exam | None, None],
        components_to_update: list[str],
    ) -> Mapping[str, Sequence[Mapping[str, str]]]:
        """Return what the writer is told: clusters of mistakes, values as JSON, all in one task."""
        task = self._task(candidate, eval_batch.trajectories or ())
        reflections = [{_FEEDBACK: task.text}] if task else []
        return dict.fromkeys(components_to_update, reflections)

    def write(
        self,
        candidate: Candidate,
        reflective_dataset: Mapping[str, Sequence[Mapping[str, Any]]],
        components_to_update: list[str],
    ) -> Candidate:
        """Return the writer's texts, less what copies answers."""
        reflections = reflective_dataset[components_to_update[0]]
        if self.failed is not None or not reflections:
            return {}
        sections = {_said(name): name for name in components_to_update}
        task = Task(sections, str(reflections[0][_FEEDBACK]))
        number = 1_000 * self.brief.number + len(self.usages)  # equal questions are told apart
        try:
            made = self.engine.reflector.write(self._prompt(candidate), task, number)
        except HarnessError as error:
            self.failed = error
            return {}
        self._pay(made.calls, made.usage)
        texts = texts_of(made.prompt)
        return {name: texts.get(name, "") for name in components_to_update}

    def is_over(self, gepa_state: GEPAState[Any, Any]) -> bool:
        """Tell whether the budget buys no further mutation, or none would be worth it."""
        state, last = gepa_state, self._pooled
        size = len(state.program_candidates)
        if size != last[0]:
            self._pooled = (size, state.i)
        target, purse = self.brief.purse.aims.target, self.brief.purse
        most = 1 + len(self.cases)
        capped = purse.allows(self.spent, most) and (
            purse.is_capped or self.spent.calls + most <= GEPA_ROUNDS * len(self.cases)
        )
        reached = target is not None and max(state.program_full_scores_val_set) >= target
        vain = state.i - self._pooled[1] >= _VAIN
        return self.failed is not None or not capped or reached or vain

    def _prompt(self, candidate: Candidate) -> Prompt:
        return edited(self.brief.prompt, {name: text or None for name, text in candidate.items()})

    def _refused(self, prompt: Prompt) -> bool:
        reflector = self.engine.reflector
        return bool(
            check_guards(reflector.suite, self.brief.prompt, prompt, reflector.bounds).refusals
        )

    def _ask(self, prompt: Prompt, batch: Sequence[Case]) -> int:
        """Ask what was not asked yet; return which asking of the prompt it is."""
        if prompt.sha256 == self.brief.prompt.sha256:
            return replicate_of(self.brief.measured)
        new = tuple(case.id for case in batch if (prompt.sha256, case.id) not in self.scores)
        if new:
            measurement = self.engine.desk.measure(prompt, 1, new)
            self.question_counts[prompt.sha256] = 1
            self._known(prompt, measurement.marks)
            for case in set(new).difference(measurement.marks):  # never answered is not wrong
                before = self.scores.get((self.brief.prompt.sha256, case), 0.0)
                self.scores[prompt.sha256, case] = before
            self._pay(measurement.calls, measurement.usage)
        return 1

    def _known(self, prompt: Prompt, marks: Mapping[str, Any]) -> None:
        for case, mark in marks.items():
            self.scores[prompt.sha256, case] = 1.0 if mark.f1 is None else mark.f1

    def _score(self, prompt: Prompt, case: Case) -> float:
        return self.scores.get((prompt.sha256, case.id), 0.0)

    def _exams(self, prompt: Prompt, replicate: int, batch: Sequence[Case]) -> list[Exam | None]:
        ids = tuple(case.id for case in batch)
        predictions = self.engine.desk.said(prompt, replicate, ids)
        exams = {
            exam.case.id: exam for exam in judged_reach(self.engine.desk.suite, predictions).exams
        }
        return [exams.get(name) for name in ids]

    def _task(self, candidate: Candidate, exams: Sequence[Exam | None]) -> Task | None:
        suite = self.engine.desk.suite
        brief = replace(self.brief, prompt=self._prompt(candidate), attempts=())
        analysis = analyse([exam for exam in exams if exam is not None], suite.empty)
        if USER not in candidate:
            open_to = {_said(name) for name in candidate}
            may = tuple(c for c in analysis.clusters if c.field in open_to)
            analysis = replace(analysis, clusters=may)
        return task_of(suite, brief, analysis)

    def _pay(self, calls: int, usage: Usage) -> None:
        self.spent = self.spent.plus(calls, usage.usd)
        self.usages.append(usage)


def _said(section: str) -> str:
    """Return what the writer is to call a section."""
    return "instruction" if section == USER else section.removeprefix(FIELDS).removesuffix(".md")


class _Silent:
    """Takes what the package would print: among it scores that claim what nobody tested."""

    def log(self, message: str) -> None:
        """Forget it."""
