"""Training options, and which of them exclude each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from harness.errors import Problem, UsageError, did_you_mean
from harness.extract.tagger.label_field import LabelForm
from harness.extract.tagger.tagger_model import ModelKind

LossName: TypeAlias = Literal["ce", "weighted", "focal", "soft-f1"]
WeightStrategy: TypeAlias = Literal["balanced", "root", "effective"]
MODELS: Final[tuple[ModelKind, ...]] = ("perceptron", "crf", "linear", "bilstm")
LOSSES: Final[tuple[LossName, ...]] = ("ce", "weighted", "focal", "soft-f1")
STRATEGIES: Final[tuple[WeightStrategy, ...]] = ("balanced", "root", "effective")
NETWORKS: Final = ("linear", "bilstm")


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """Options of `harness train`; None for what was not given."""

    model: ModelKind = "perceptron"
    loss: LossName | None = None
    weights: WeightStrategy | None = None
    focus: tuple[str, ...] = ()
    """Labels that count, in the loss and for early stopping; empty: all."""
    epochs: int | None = None
    seed: int = 7

    def require_fit(self, labels: tuple[str, ...], form: LabelForm) -> None:
        """Raise UsageError with everything that cannot be meant together."""
        problems = [*self._conflicts(form)]
        for label in self.focus:
            if label not in labels:
                hint = did_you_mean(label, labels)
                what = f"no training document has the label {label!r}"
                problems.append(Problem(what, "unknown-label", hint=hint))
        if problems:
            raise UsageError(*problems)

    def _conflicts(self, form: LabelForm) -> Iterator[Problem]:
        if self.model in ("crf", "bilstm") and form is not LabelForm.LINES:
            what = f"a {self.model} labels lines in their order, and here whole texts are labelled"
            yield Problem(what, "no-lines", hint="--model linear, or perceptron")
        if self.model not in NETWORKS:
            options = {"--loss": self.loss, "--weights": self.weights, "--focus": self.focus}
            for name, value in options.items():
                if value:
                    what = f"a {self.model} has no losses to choose from: {name} would be ignored"
                    yield Problem(what, "no-loss", hint="--model bilstm, or linear")
            if self.model == "crf" and self.epochs is not None:
                yield Problem("a crf has no epochs: --epochs would be ignored", "no-epochs")
            return
        if self.weights and self.focus:
            what = "--weights and --focus are mutually exclusive: each says which labels count"
            yield Problem(what, "weights-and-focus", hint="leave one of them out")
        elif self.weights and self.loss != "weighted":
            what = "--weights belongs to --loss weighted"
            yield Problem(what, "unused-weights", hint="add --loss weighted")
        elif self.focus and self.loss not in ("focal", "soft-f1"):
            what = "--focus belongs to --loss soft-f1 and --loss focal"
            yield Problem(what, "unused-focus", hint="add --loss soft-f1")

    def optimised(self, label: str) -> str:
        """Return in a word or two what training made better for a label."""
        if self.model == "perceptron":
            return "errors"
        if self.model == "crf":
            return "likelihood"
        counts = not self.focus or label in self.focus
        if self.loss == "soft-f1":
            return "F1, directly" if counts else "not optimised"
        if self.loss == "focal":
            return "focal loss" if counts else "not optimised"
        return "weighted likelihood" if self.loss == "weighted" else "likelihood"

    @property
    def name(self) -> str:
        """The model in a few words.

        >>> TrainingOptions("bilstm", "soft-f1", focus=("a",)).name
        'bilstm soft-f1 on a'
        """
        if self.model not in NETWORKS:
            return self.model
        tail = f" {self.weights or 'balanced'}" if self.loss == "weighted" else ""
        return f"{self.model} {self.loss or 'ce'}{tail}" + (
            f" on {', '.join(self.focus)}" if self.focus else ""
        )
