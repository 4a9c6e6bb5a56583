"""Thresholds file: the least confidence of each field whose value is accepted."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from harness.cases.digest import canonical
from harness.cases.files.places import at
from harness.core.statistics.combined_confidence import AROUND, Combination
from harness.core.statistics.logistic import Logistic
from harness.core.values import Json, show
from harness.errors import HarnessError, Problem
from harness.run.stored.stored_run import RunDocument

THRESHOLDS_VERSION: Final = 1
StoredShare = Annotated[float, Field(ge=0, le=1)]
NEVER: Final = 1.0000001
"""A threshold that no confidence reaches: everything is withheld."""
Least = Annotated[float, Field(ge=0, le=NEVER)]
Status = Literal["measured", "shared", "refused"]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EntryFigures(_Record):
    """Figures of one field or label, accepted by thresholds."""

    f1: StoredShare | None
    accepted: int
    wrong: int
    """Accepted values that are wrong."""
    lost: int
    """Expected values that are withheld or were never predicted."""


class FieldThreshold(_Record):
    """The threshold of one field, or of one label of a field, and what it is known to do."""

    threshold: Least | None
    """Least confidence that is accepted; more than 1 accepts nothing, None everything."""
    status: Status
    """`measured` from its own values, `shared` with all fields, `refused` for `why`."""
    why: str | None = None
    documents: int
    values: int
    """Predicted values with a confidence."""
    errors: int
    """Of these, the wrong ones."""
    out_of_fold: EntryFigures | None = None
    """By thresholds that other documents chose; files of earlier versions do not say."""


class Figures(_Record):
    """Figures of accepting by the thresholds; undefined shares are None."""

    macro_f1: StoredShare | None
    """Mean over the fields (or labels) of their F1."""
    micro_f1: StoredShare | None
    accepted: int
    """Values that are accepted, out of `values`."""
    values: int
    wrong: int
    """Accepted values that are wrong."""

    @property
    def precision(self) -> float | None:
        """The share of accepted values that is right."""
        return 1 - self.wrong / self.accepted if self.accepted else None

    @property
    def coverage(self) -> float | None:
        """The share of values that is accepted."""
        return self.accepted / self.values if self.values else None


class CurvePoint(_Record):
    """A point of the risk-coverage curve: one threshold for all values with a confidence."""

    threshold: StoredShare
    accepted: int
    """Values with a confidence from here on, of these documents."""
    wrong: int
    """Of these, the wrong ones."""
    accepted_out_of_fold: int
    """Values accepted of documents whose threshold for the same coverage others gave."""
    wrong_out_of_fold: int
    """Of these, the wrong ones."""


class CombinationRecord(_Record):
    """Weights that make one confidence of several sources and of what is around a value."""

    sources: tuple[str, ...]
    weights: tuple[float, ...]
    """Of the sources, in their order, then of `AROUND`; files of earlier versions have one less."""
    intercept: float
    field_errors: dict[str, float]
    """By field, the logarithm of how much oftener its values were wrong than all were."""
    auroc: dict[str, StoredShare | None]
    """By source, how well it alone tells right values from wrong ones."""

    @model_validator(mode="after")
    def _fits(self) -> CombinationRecord:
        signs = len(self.sources) + len(AROUND)
        if len(self.weights) not in {signs, signs - 1}:
            raise ValueError(f"{len(self.weights)} weights for {len(self.sources)} sources")
        return self

    def combination(self) -> Combination:
        """Return what reads a confidence off an answer."""
        unsaid = len(self.sources) + len(AROUND) - len(self.weights)
        weights = (*self.weights, *[0.0] * unsaid)
        return Combination(self.sources, Logistic(weights, self.intercept), self.field_errors)


class Promise(_Record):
    """Conformal risk control over documents: the only promise that holds for new documents."""

    kind: Literal["conformal_risk_control"] = "conformal_risk_control"
    risk: StoredShare
    """Expected share of a document's fields that are accepted and wrong, at most."""
    documents: int
    base_risk: StoredShare | None = None
    """The same with everything accepted; files of earlier versions do not say."""


class Thresholds(_Record):
    """A thresholds file."""

    version: Literal[1] = 1
    source: str
    """Source of the confidences: `votes`, `logprobs`, `stated`, `extractor` or `combined`."""
    fingerprint: str
    """sha256 of all that changes what a confidence means; see `fingerprint_of`."""
    by: Literal["suite", "field", "label"]
    goal: str
    strategy: Literal["quantiles", "grid"]
    documents: int
    shared: Least | None
    """The threshold of all fields that have none of their own; more than 1 accepts nothing, None
    everything."""
    fields: dict[str, FieldThreshold]
    """By field; with `by: label` by `field=label`."""
    before: Figures
    """Everything accepted."""
    at_half: Figures
    """Accepted from 0.5 on."""
    in_sample: Figures
    """On the documents that chose the thresholds: optimistic."""
    out_of_fold: Figures
    """On documents that did not choose them: the result."""
    out_of_fold_interval: tuple[float, float] | None = None
    """Where the macro F1 of `out_of_fold` lies with 95 % confidence, over documents; None where
    there are fewer than two, and in files of earlier versions."""
    curve: tuple[CurvePoint, ...] = ()
    """Risk by coverage, surest values first, where one threshold is for all fields; empty in files
    of earlier versions."""
    folds: int
    unreached: int = 0
    """Folds without which no threshold reaches the goal: nothing of theirs is accepted out of
    fold."""
    auroc: StoredShare | None
    auroc_interval: tuple[float, float] | None
    promise: Promise | None = None
    combined: CombinationRecord | None = None
    """Where the source is `combined`, and only there."""

    @model_validator(mode="after")
    def _says_how(self) -> Thresholds:
        if (self.source == "combined") != (self.combined is not None):
            raise ValueError("source 'combined' goes with how it is combined")
        return self

    def of(self, field: str, label: str | None = None) -> float | None:
        """Return the least confidence that is accepted for a field; None accepts everything."""
        known = self.fields.get(field if label is None else f"{field}={label}")
        if known is None and label is not None:
            known = self.fields.get(field)
        return self.shared if known is None or known.status != "measured" else known.threshold


def fingerprint_of(run: RunDocument, source: str) -> str:
    """Return the digest of what must be the same for a threshold to mean the same.

    Extractor, endpoint settings, prompt, schemas, rules and the number of replicates are part of
    it; documents and truths are not.
    """
    request, prompt = run.get("asked"), run["prompt"]
    endpoint: Any = run.get("endpoint")  # JSON at any depth
    schemas: list[Json] = [*sorted(run["schemas"])]
    members = run.get("members")
    parts: dict[str, Json] = {
        "source": source,
        "extractor": run["extractor"],
        "endpoint": endpoint,
        "prompt": prompt and prompt["sha256"],
        "schemas": schemas,
        "rules": run["rules"],
        "replicates": request.get("replicates", 1) if request else 1,
        "members": None if members is None else [*members],
    }
    return hashlib.sha256(canonical(parts).encode()).hexdigest()


def read_thresholds(path: Path) -> Thresholds:
    """Return what a thresholds file says. Raises HarnessError where it is none."""
    try:
        value = json.loads(path.read_text("utf-8"))
    except OSError as error:
        what = (error.strerror or str(error)).lower()
        hint = "make one: harness tune RUN -o thresholds.json"
        raise HarnessError(Problem(what, "no-thresholds", at(path), hint)) from None
    except (ValueError, RecursionError) as error:
        raise HarnessError(Problem(f"is not JSON: {error}", "bad-thresholds", at(path))) from None
    try:
        return Thresholds.model_validate(value)
    except ValidationError as error:
        problems = [
            Problem(f"{show(one['loc'])}: {one['msg'].lower()}", "bad-thresholds", at(path))
            for one in error.errors()
        ]
        raise HarnessError(*problems) from None


def require_fingerprint(thresholds: Thresholds, run: RunDocument, path: Path) -> None:
    """Raise HarnessError where a run's confidences do not mean what they meant when tuned."""
    if thresholds.fingerprint != fingerprint_of(run, thresholds.source):
        what = (
            f"was tuned on other answers than those of {run['run_id']}: another extractor, model, "
            "prompt, schema, rules or number of replicates"
        )
        hint = f"tune again: harness tune {run['run_id']} -o {path.name}"
        raise HarnessError(Problem(what, "other-fingerprint", at(path), hint))
