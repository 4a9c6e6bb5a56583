"""Linear-chain conditional random field, by python-crfsuite: labels of lines in their order."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from harness.errors import HarnessError, Problem
from harness.extract.tagger.tagger_model import Chances
from harness.extract.tagger.text_features import Features

_SETTINGS: Final = {
    "c1": 0.5,  # L1 keeps the model small: most features of words say nothing
    "c2": 0.05,
    "max_iterations": 60,
    "feature.possible_transitions": True,
}


def _crfsuite() -> Any:  # noqa: ANN401  # the package has no types
    try:
        import pycrfsuite  # noqa: PLC0415  # an extra
    except ImportError:
        hint = "pip install 'extraction-harness[train]'"
        what = "a CRF needs python-crfsuite"
        raise HarnessError(Problem(what, "no-crfsuite", hint=hint)) from None
    return pycrfsuite


@dataclass(frozen=True, slots=True)
class Crf:
    """A trained CRF; its probabilities are marginals, given the whole document."""

    tagger: Any
    labels: int

    def chances(self, positions: Sequence[Features]) -> list[Chances]:
        """Return the marginal probabilities of each position."""
        if not positions:
            return []
        known = {*map(int, self.tagger.labels())}
        self.tagger.set([list(features) for features in positions])
        return [
            tuple(
                self.tagger.marginal(str(label), at) if label in known else 0.0
                for label in range(self.labels)
            )
            for at in range(len(positions))
        ]


def load_crf(file: Path, labels: int) -> Crf:
    """Return the CRF that a file of CRFsuite holds. Raises ValueError if it holds none."""
    tagger = _crfsuite().Tagger()
    tagger.open(str(file))
    return Crf(tagger, labels)


def learn_crf(
    texts: Sequence[tuple[Sequence[Features], Sequence[Collection[int] | None]]], file: Path
) -> None:
    """Fit a CRF and write it; a line nobody labelled ends one chain and begins another."""
    trainer = _crfsuite().Trainer("lbfgs", verbose=False)
    for positions, truths in texts:
        chain: list[list[str]] = []
        labels: list[str] = []
        for features, truth in [*zip(positions, truths, strict=True), ((), None)]:
            if truth is not None:
                chain.append(list(features))
                labels.append(str(next(iter(truth))))
            elif chain:
                trainer.append(chain, labels)
                chain, labels = [], []
    trainer.set_params(_SETTINGS)
    trainer.train(str(file))
