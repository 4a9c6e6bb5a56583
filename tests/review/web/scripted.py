"""A reviewer who knows the truth, sees what is on the screen, and has nothing but keys."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from playwright.sync_api import Page, expect

from harness.core.values import FieldPath, Json, show

Leaves: TypeAlias = dict[str, str]
"""Values as JSON, by path."""
Screen: TypeAlias = dict[str, Any]
Row: TypeAlias = dict[str, Any]
_SEEN = """() => {
  const held = (one) => (one.querySelector(".absent") ? null : one.textContent);
  const text = (selector) => document.querySelector(selector).textContent;
  const rows = [...document.querySelectorAll("#fields .field")].map((row) => ({
    id: row.id, path: row.getAttribute("aria-label").replace(/, [a-z ]+$/, ""),
    group: row.closest(".group").classList[1], state: row.classList[1],
    heading: row.querySelector(".stem")?.textContent ??
      (row.classList.contains("leaf") ? null : ""),
    keys: [...row.querySelectorAll(".actions kbd")].map((key) => key.textContent),
    value: held(row.querySelector(".line .holds")),
    choices: [...row.querySelectorAll(".choices .holds")].map(held),
  }));
  return { rows, at: document.querySelector("#fields .at")?.id ?? null,
    done: Boolean(document.querySelector("#next")),
    trouble: document.querySelector("#trouble").hidden ? "" : text("#trouble") };
}"""


def leaves(value: Json, at: FieldPath = ()) -> Iterator[tuple[FieldPath, Json]]:
    if isinstance(value, dict):
        for key, below in value.items():
            yield from leaves(below, (*at, key))
    elif isinstance(value, list):
        for number, below in enumerate(value):
            yield from leaves(below, (*at, number))
    else:
        yield at, value


def shown_leaves(value: Json) -> Leaves:
    """Return what a screen shows of a truth: what is null is absent."""
    return {
        show(path): json.dumps(leaf, ensure_ascii=False)
        for path, leaf in leaves(value)
        if leaf is not None
    }


@dataclass
class Reviewer:
    """Works on one case after the other, and counts the keys."""

    page: Page
    truths: Mapping[str, Json]
    keys: Counter[str] = field(default_factory=Counter)
    typed: int = 0
    """Characters of values, which no keyboard spares."""
    spent: Counter[str] = field(default_factory=Counter)
    """Keys by what they were pressed for."""

    def press(self, key: str, what: str = "mended") -> None:
        self.keys[key] += 1
        self.spent[what] += 1
        self.page.keyboard.press(key)

    def review(self, case: str) -> int:
        """Bring a case that is on screen to its truth; return how many fields it has."""
        for _ in range(4_000):
            seen = self.settled()
            assert not seen["trouble"], seen["trouble"]
            if seen["at"] is None:
                assert seen["done"], [row for row in seen["rows"] if row["state"] != "right"]
                return len(seen["rows"])
            self.step(self.truths[case], seen)
        raise AssertionError("the case does not end")

    def settled(self) -> Screen:
        """Return what is on the screen once everything is saved."""
        expect(self.page.locator("#unsent")).to_be_empty()
        found: Screen = self.page.evaluate(_SEEN)
        return found

    def step(self, truth: Json, seen: Screen) -> None:
        known = _Aligned(truth, seen["rows"])
        if seen["at"].startswith("g-"):
            rows = [row for row in seen["rows"] if row["group"] == seen["at"][2:]]
            is_right = all(known.is_right(row) for row in rows if row["state"] != "right")
            self.press(*(("Enter", "groups that agree") if is_right else ("j", "on the way")))
            return
        row = next(row for row in seen["rows"] if row["id"] == seen["at"])
        if row["group"] == "lists":
            self.list_step(row, known)
        elif known.is_extra(row["path"]):
            self.press("-")
        elif known.is_right(row) and "Y" in row["keys"] and self.is_right_around(row, seen, known):
            self.press("Y", "right together")
        elif known.is_right(row):
            self.press(*(("Enter", "right") if row["state"] != "right" else ("n", "on the way")))
        else:
            self.mend(row, known.expected(row["path"]))

    def is_right_around(self, row: Row, seen: Screen, known: _Aligned) -> bool:
        """Tell whether all that is open under the same heading is right."""
        rows = [each for each in seen["rows"] if each["group"] == row["group"]]
        place = rows.index(row)
        first = max(n for n in range(place + 1) if n == 0 or self.begins(rows, n))
        after = (n for n in range(place + 1, len(rows)) if self.begins(rows, n))
        around = rows[first : next(after, len(rows))]
        return all(known.is_right(each) for each in around if each["state"] == "open")

    @staticmethod
    def begins(rows: Sequence[Row], number: int) -> bool:
        """Tell whether a row is the first under a heading; those without one stand together."""
        heading, before = rows[number]["heading"], rows[number - 1]["heading"]
        return bool(heading) or (heading == "" and before != "")

    def mend(self, row: Row, wanted: str | None) -> None:
        if wanted is None:
            self.press("0")
        elif wanted in row["choices"]:
            self.press(str(row["choices"].index(wanted) + 1))
        else:
            self.press("e")
            self.type(wanted)

    def type(self, wanted: str) -> None:
        text = json.loads(wanted)
        text = text if isinstance(text, str) else wanted
        if self.page.locator(".editor select").count():
            self.page.locator(".editor select").select_option(value=wanted)
        else:
            self.page.keyboard.press("Control+a")
            for number, line in enumerate(text.split("\n")):
                if number:
                    self.page.keyboard.press("Shift+Enter")
                self.page.keyboard.insert_text(line)
            if not text:
                self.page.keyboard.press("Delete")
        self.typed += len(text)
        self.press("Enter")

    def list_step(self, row: Row, known: _Aligned) -> None:
        missing = known.missing(row["path"])
        if missing is None:
            self.press(*(("c", "lists") if row["state"] != "right" else ("n", "on the way")))
            return
        same = [n for n, each in enumerate(row["choices"]) if each and json.loads(each) == missing]
        if same:
            self.press(str(same[0] + 1))
        else:
            self.press("+")
            if self.page.locator(".editor.item").count():
                self.type_item(missing, known.place(row["path"]))
            else:
                self.type(json.dumps(missing, ensure_ascii=False))

    def type_item(self, item: Json, place: int) -> None:
        """Fill in the fields of a new item, one after the other."""
        *names, _ = self.page.locator(".editor.item label").all_text_contents()
        for number, name in enumerate(names):
            leaf = item.get(name) if isinstance(item, dict) else None
            if number:
                self.press("Tab")
            if leaf is None:
                continue
            text = leaf if isinstance(leaf, str) else json.dumps(leaf, ensure_ascii=False)
            field = self.page.locator(f"#item-{number}")
            if field.evaluate("one => one.tagName") == "SELECT":
                field.select_option(value=text)
            else:
                self.page.keyboard.insert_text(text)
            self.typed += len(text)
        self.press("Tab")
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(str(place))
        self.press("Enter")


class _Aligned:
    """The truth beside the rows on the screen, whose list items may be more, or fewer."""

    def __init__(self, truth: Json, rows: Sequence[Row]) -> None:
        self.truth = truth
        self.leaves = shown_leaves(truth)
        self.shown = {r["path"]: r["value"] for r in rows if r["group"] != "lists"}
        self.pairs: dict[str, dict[int, int]] = {}

    def _pairs(self, there: str, here: str) -> dict[int, int]:
        """Return the items of a list on the screen with their places in the truth's list."""
        if here not in self.pairs:
            ours, theirs = _items(self.shown, here), _items(self.leaves, there)
            ranked = sorted(
                (
                    (_alike(ours[one], theirs[two]), -abs(one - two), one, two)
                    for one in ours
                    for two in theirs
                ),
                reverse=True,
            )
            found: dict[int, int] = {}
            for likeness, _, one, two in ranked:
                if likeness > 0.3 and one not in found and two not in found.values():
                    found[one] = two
            free = sorted(set(theirs) - set(found.values()))
            for one in sorted(set(ours) - set(found)):
                if not any(value is not None for value in ours[one].values()) and free:
                    found[one] = free.pop(0)
            self.pairs[here] = found
        return self.pairs[here]

    def mapped(self, path: str) -> str | None:
        """Return the path of the truth a path on the screen means; None in an item too many."""
        here = there = ""
        rest = path
        while (step := re.match(r"(.*?)\[(\d+)\]", rest)) is not None:
            here, there = here + step[1], there + step[1]
            place = self._pairs(there, here).get(int(step[2]))
            if place is None:
                return None
            here, there, rest = f"{here}[{step[2]}]", f"{there}[{place}]", rest[step.end() :]
        return there + rest

    def is_extra(self, path: str) -> bool:
        return self.mapped(path) is None

    def expected(self, path: str) -> str | None:
        mapped = self.mapped(path)
        return None if mapped is None else self.leaves.get(mapped)

    def is_right(self, row: Row) -> bool:
        if row["group"] == "lists":
            return self.missing(row["path"]) is None
        return not self.is_extra(row["path"]) and self.expected(row["path"]) == row["value"]

    def place(self, path: str) -> int:
        """Return where the first item that is missing goes, counted from 1."""
        there = self.mapped(path) or path
        pairs = self._pairs(there, path)
        wanted = min(set(_items(self.leaves, there)) - set(pairs.values()))
        return 1 + sum(place < wanted for place in pairs.values())

    def missing(self, path: str) -> Json:
        """Return the first item of a list that is not on the screen; None where all are."""
        there = self.mapped(path)
        if there is None:
            return None
        paired = set(self._pairs(there, path).values())
        for number in _items(self.leaves, there):
            if number not in paired:
                return _at(self.truth, f"{there}[{number}]")
        return None


def _items(of: Mapping[str, str | None], path: str) -> dict[int, dict[str, str | None]]:
    found: dict[int, dict[str, str | None]] = {}
    for each, value in of.items():
        if each.startswith(f"{path}["):
            number, _, rest = each[len(path) + 1 :].partition("]")
            if number.isdigit():
                found.setdefault(int(number), {})[rest] = value
    return found


def _alike(one: Mapping[str, str | None], other: Mapping[str, str | None]) -> float:
    keys = {key for key, value in (*one.items(), *other.items()) if value is not None}
    return sum(one.get(key) == other.get(key) for key in keys) / len(keys) if keys else 0.0


def _at(value: Json, path: str) -> Json:
    for key, number in re.findall(r"\.?([^.\[\]]+)|\[(\d+)\]", path):
        if number and isinstance(value, list):
            value = value[int(number)]
        elif isinstance(value, dict):
            value = value[key]
    return value
