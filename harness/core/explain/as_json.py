"""Explanations as JSON: what programs and other surfaces read."""

from __future__ import annotations

from harness.core.explain.explanation import CONVENTION, Explanation, Location, Side
from harness.core.explain.field_inventory import InventoryEntry
from harness.core.explain.provenance import Setting
from harness.core.values import Json


def explanation_as_json(explanation: Explanation) -> dict[str, Json]:
    """Return an explanation as JSON; a side that is absent is null, and so is what nobody knows.

    >>> from harness.core.explain.explanation import answered, explain
    >>> from harness.core.differ.plan import Plan
    >>> found = explanation_as_json(explain(answered(Plan(), {"n": 1}, {}), 0))
    >>> found["outcome"], found["charge"], found["predicted"]
    ('omission', {'convention': 'standard', 'tp': 0, 'fp': 0, 'fn': 1}, None)
    """
    charge = explanation.charge
    governed = explanation.provenance
    return {
        "path": explanation.path,
        "field": explanation.field,
        "outcome": explanation.outcome.value if explanation.outcome else "abstention",
        "charge": {
            "convention": CONVENTION,
            "tp": charge.tp,
            "fp": charge.fp,
            "fn": charge.fn,
        },
        "expected": _side(explanation.expected),
        "predicted": _side(explanation.predicted),
        "grounds": list(explanation.grounds),
        "comparator": _setting(governed.comparator) if governed.comparator else None,
        "settings": [_setting(setting) for setting in governed.settings],
        "similarity": explanation.similarity,
        "value_equal": explanation.value_equal,
        "tags": [{"tag": tag.value, "meaning": meaning} for tag, meaning in explanation.tags],
        "items": [
            {
                "list": item.list,
                "align": item.align,
                "expected": item.expected,
                "predicted": item.predicted,
                "reason": item.reason,
            }
            for item in explanation.items
        ],
    }


def entry_as_json(entry: InventoryEntry) -> dict[str, Json]:
    """Return one field of a plan as JSON.

    >>> from harness.core.explain.field_inventory import inventory
    >>> from harness.core.differ.plan import Plan
    >>> entry_as_json(inventory(Plan({"type": "number"}))[0])["comparator"]
    {'name': 'compare', 'value': 'number', 'from': 'schema', 'said': "the schema's `type: number`"}
    """
    governed = entry.provenance
    return {
        "field": entry.field,
        "kind": entry.kind.value,
        "comparator": _setting(governed.comparator) if governed.comparator else None,
        "settings": [_setting(setting) for setting in governed.settings],
    }


def _setting(setting: Setting) -> dict[str, Json]:
    return {
        "name": setting.name,
        "value": setting.value,
        "from": setting.origin.kind.value,
        "said": str(setting.origin),
    }


def _side(side: Side | None) -> Json:
    if side is None:
        return None
    read = side.reading
    return {
        "value": side.value,
        "path": side.path,
        "steps": [{"what": s.what, "value": s.value} for s in read.steps] if read else [],
        "read": read.read if read else None,
        "evidence": None if side.evidence is None else [_location(at) for at in side.evidence],
    }


def _location(at: Location) -> dict[str, Json]:
    return {
        "document": at.document,
        "start": at.start,
        "end": at.end,
        "line": at.line,
        "column": at.column,
        "similarity": at.similarity,
    }
