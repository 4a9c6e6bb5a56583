"""A second scorer, written from docs/scoring.md by somebody who had not read `harness.core`.

Simple and slow: every pairing is tried, and all verdicts that the rules leave open are returned.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import permutations, product
from typing import Any, Final, TypeAlias

import jsonschema

from .value_rules import Json, Rule, identical, json_type, same

Verdict: TypeAlias = tuple[str, str, bool]
"""The field, its outcome, and whether a value in the wrong format is the right one."""
Counts: TypeAlias = tuple[tuple[Verdict, int], ...]
Choices: TypeAlias = frozenset[Counts]
"""All verdicts that the rules allow: more than one where a tie is left open."""
Links: TypeAlias = Mapping[str, Mapping[str, str]]
"""For each entity collection, the expected id that each predicted id stands for."""

NOTHING: Final[Choices] = frozenset([()])


def added(parts: Iterable[Choices]) -> Choices:
    """Return every sum of one choice of each part."""
    total = NOTHING
    for part in parts:
        if len(part) == 1 and () in part:
            continue
        total = frozenset(
            tuple(sorted((Counter(dict(a)) + Counter(dict(b))).items()))
            for a, b in product(total, part)
        )
    return total


def one(name: str, outcome: str, *, value_equal: bool = False) -> Choices:
    """Return a single verdict."""
    return frozenset([(((name or "$", outcome, value_equal), 1),)])


def rank(choices: Choices) -> tuple[int, int, int]:
    """Return right leaves, leaves right once read leniently, and shared leaves."""
    counts = next(iter(choices))
    right = sum(n for (_, outcome, _), n in counts if outcome == "correct")
    lenient = sum(n for (_, _, equal), n in counts if equal)
    shared = sum(n for (_, o, _), n in counts if o not in ("omission", "hallucination"))
    return right, lenient, shared


def best_of(options: Iterable[Choices]) -> Choices:
    """Return all choices of the highest rank."""
    listed = list(options)
    top = max(map(rank, listed))
    return frozenset().union(*(o for o in listed if rank(o) == top))


@lru_cache(maxsize=4096)
def is_valid(text: str, schema: str) -> bool:
    """Return whether a schema takes a value; both as JSON texts."""
    checker = jsonschema.Draft202012Validator(
        json.loads(schema), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    return bool(checker.is_valid(json.loads(text)))


def is_container(value: Json) -> bool:
    """Return whether a value is an object or a list."""
    return isinstance(value, dict | list)


def decoded(value: Json, kind: type) -> Json:
    """Return the container of a kind that a text holds as JSON, else None."""
    try:
        inner = json.loads(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return inner if isinstance(inner, kind) else None


@dataclass(frozen=True)
class BruteForce:
    """How documents of one schema and one set of rules are judged."""

    schema: Json = None
    rules: Mapping[str, Rule] = field(default_factory=dict)

    def verdicts(self, expected: Json, predicted: Json) -> Choices:
        """Return all the counts of verdicts that the rules allow for a document."""
        return self.walk(expected, predicted, "", self.schema, {})

    def rule(self, name: str) -> Rule:
        """Return the settings of a field."""
        return self.rules.get(name, {})

    # What is there

    def is_absent(self, value: Json, name: str) -> bool:
        """Return whether a value counts as nothing."""
        rule = self.rule(name)
        if isinstance(value, dict):
            return all(self.is_absent(v, f"{name}.{k}" if name else k) for k, v in value.items())
        if isinstance(value, list):
            return all(self.is_absent(v, f"{name}[]") for v in value)
        if value is None:
            return True
        if not isinstance(value, str):
            return False
        if value.strip() in rule.get("placeholders", ()):
            return True
        return not value.strip() and "blank" not in rule

    def child(self, schema: Json, key: str | None, name: str) -> tuple[Json, str]:
        """Return schema and field of a key, or of the items of a list where it is None."""
        known = schema if isinstance(schema, dict) else {}
        if key is None:
            return known.get("items"), f"{name}[]"
        if key in known.get("properties", {}):
            return known["properties"][key], f"{name}.{key}" if name else key
        free = known.get("additionalProperties")
        if isinstance(free, dict):
            return free, f"{name}{{}}"
        return None, f"{name}.{key}" if name else key

    def branch(self, schema: Json, expected: Json) -> Json:
        """Return the branch of a union that the truth satisfies, else the schema."""
        if isinstance(schema, dict) and "anyOf" in schema:
            for option in schema["anyOf"]:
                if is_valid(json.dumps(expected), json.dumps(option)):
                    return option
        return schema

    def leaves(self, value: Json, name: str, schema: Json, outcome: str) -> Choices:
        """Return one outcome for every leaf that stands in a value."""
        if self.rule(name).get("ignore") or self.is_absent(value, name):
            return NOTHING
        schema = self.branch(schema, value)
        if isinstance(value, dict):
            parts = [
                self.leaves(v, where, sub, outcome)
                for k, v in value.items()
                for sub, where in [self.child(schema, k, name)]
                if where not in self.ids
            ]
            return added(parts)
        if isinstance(value, list):
            sub, where = self.child(schema, None, name)
            return added([self.leaves(v, where, sub, outcome) for v in value])
        return one(name, outcome)

    @property
    def ids(self) -> set[str]:
        """The fields that hold local names of entities."""
        return {f"{n}[].id" for n, r in self.rules.items() if r.get("align") == "entity"}

    # Field by field

    def walk(self, e: Json, p: Json, name: str, schema: Json, links: Links) -> Choices:
        """Judge everything at and below a field."""
        if self.rule(name).get("ignore") or (self.is_absent(e, name) and self.is_absent(p, name)):
            return NOTHING
        if self.is_absent(e, name):
            return self.leaves(p, name, self.branch(schema, p), "hallucination")
        if self.is_absent(p, name):
            return self.leaves(e, name, schema, "omission")
        whole, schema = schema, self.branch(schema, e)
        match e, p:
            case dict(), dict():
                found = self.objects(e, p, name, schema, links)
            case list(), list():
                found = self.lists((e, p), name, schema, links)
            case _ if is_container(e) or is_container(p):
                found = self.other_shape(e, p, name, schema, links)
            case _:
                found = self.leaf(e, p, name, schema, links)
                if whole is not schema and is_valid(json.dumps(p), json.dumps(whole)):
                    found = different_branch(found)
        return found

    def leaf(self, e: Json, p: Json, name: str, schema: Json, links: Links) -> Choices:
        """Judge two scalars."""
        rule = self.rule(name)
        if "refers_to" in rule:
            agrees = links.get(rule["refers_to"], {}).get(p) == e
            return one(name, "correct" if agrees else "wrong_value")
        fits = self.fits(e, p, schema)
        readings = [e, *rule.get("any_of", ())]
        if any(identical(r, p) for r in readings):
            return one(name, "correct")
        right = any(self.is_same(r, p, rule, schema) for r in readings)
        if fits:
            return one(name, "correct" if right else "wrong_value")
        return one(name, "format_error", value_equal=right)

    def fits(self, e: Json, p: Json, schema: Json) -> bool:
        """Return whether a prediction has the right type and format."""
        if not isinstance(schema, dict) or not schema:
            return json_type(e) == json_type(p)
        typed = schema.keys() & {"type", "enum", "anyOf"}
        if not typed and json_type(e) != json_type(p):
            return False
        return is_valid(json.dumps(p), json.dumps(schema))

    def is_same(self, e: Json, p: Json, rule: Rule, schema: Json) -> bool:
        """Compare by the rule's comparator, else by the schema's, else by the truth's type."""
        known: dict[str, Any] = schema if isinstance(schema, dict) else {}
        chosen = json_type(e)
        if "enum" in known:
            chosen = "enum"
        elif known.get("format") == "date":
            chosen = "date"
        elif known.get("type") in ("integer", "number"):
            chosen = "number"
        elif known.get("type") in ("string", "boolean"):
            chosen = known["type"]
        return same(e, p, rule.get("compare", chosen), rule, known.get("enum", []))

    def other_shape(self, e: Json, p: Json, name: str, schema: Json, links: Links) -> Choices:
        """Judge a container against another shape: format errors throughout."""
        if is_container(e) and not is_container(p):
            inner = decoded(p, type(e))
            if inner is not None:
                return misshapen(self.walk(e, inner, name, schema, links))
        alone, only = (
            [v for v in side if not self.is_absent(v, f"{name}[]")]
            if isinstance(side, list)
            else []
            for side in (e, p)
        )
        if len(only) == 1:
            return misshapen(self.walk(e, only[0], name, schema, links))
        if len(alone) == 1:
            inside = self.walk(e, [p], name, schema, links)
            if rank(inside)[2]:
                return misshapen(inside)
        return self.leaves(e, name, schema, "format_error")

    # Objects and lists

    def objects(self, e: Json, p: Json, name: str, schema: Json, links: Links) -> Choices:
        """Judge two objects key by key, their entity collections first."""
        below = {k: self.child(schema, k, name) for k in [*e, *(k for k in p if k not in e)]}
        graphs = [k for k, (_, n) in below.items() if self.rule(n).get("align") == "entity"]
        if graphs and not links:
            return self.entities(e, p, below, graphs)
        return added(
            self.walk(e.get(k), p.get(k), n, sub, links)
            for k, (sub, n) in below.items()
            if n not in self.ids
        )

    def lists(self, pair: tuple[Json, Json], name: str, schema: Json, links: Links) -> Choices:
        """Judge two lists by the best pairing of their items."""
        sub, where = self.child(schema, None, name)
        rule = self.rule(name)
        align = rule.get("align", "best")
        if align == "position":
            longest = max(map(len, pair))
            rows = [[*side, *[None] * (longest - len(side))] for side in pair]
            return added(self.walk(e, p, where, sub, links) for e, p in zip(*rows, strict=True))
        expected, predicted = ([v for v in s if not self.is_absent(v, where)] for s in pair)
        if align == "key":
            return self.keyed((expected, predicted), where, sub, rule["key"])
        pairing = Pairing(self, (expected, predicted), where, sub, links, align == "sequence")
        return pairing.best()

    def keyed(self, pair: tuple[Json, Json], where: str, sub: Json, key: Iterable[str]) -> Choices:
        """Judge items that bear the same key; items without a key are paired as is best."""

        def named(item: Json) -> str | None:
            values = [item.get(k) if isinstance(item, dict) else None for k in key]
            return None if any(v in (None, "") for v in values) else json.dumps(values)

        groups = {named(v) for side in pair for v in side}
        return added(
            Pairing(
                self, tuple([v for v in s if named(v) == g] for s in pair), where, sub, {}
            ).best()
            for g in groups
        )

    # Entities

    def entities(
        self, e: Json, p: Json, below: Mapping[str, tuple[Json, str]], graphs: list[str]
    ) -> Choices:
        """Judge an object with entity collections under every joint matching that is best."""
        best: tuple[float, ...] = (-1,)
        found: set[Choices] = set()
        ways = [list(matchings(e.get(k) or [], p.get(k) or [])) for k in graphs]
        for joint in product(*ways):
            by_name = dict(zip(graphs, joint, strict=True))
            links = {k: {b.get("id"): a.get("id") for a, b in m} for k, m in by_name.items()}
            if not all(
                self.may_match(a, b, below[k], links) for k, m in by_name.items() for a, b in m
            ):
                continue
            score = self.weigh(by_name, below, links)
            if score >= best:
                found = found if score == best else set()
                best = score
                found.add(self.matched(e, p, below, by_name))
        return frozenset().union(*found)

    def may_match(self, a: Json, b: Json, at: tuple[Json, str], links: Links) -> bool:
        """Return whether two entities agree in every criterion under a matching."""
        sub, name = at
        item = sub.get("items") if isinstance(sub, dict) else None
        match = self.rule(name)["match"]
        wheres = {key: self.child(item, key, f"{name}[]")[1] for key in match}
        mute = [all(self.is_absent(one.get(k), wheres[k]) for k in match) for one in (a, b)]
        if mute[0] != mute[1]:
            return False
        for key in match:
            schema, where = self.child(item, key, f"{name}[]")
            pair = [a.get(key), b.get(key)]
            silent = [self.is_absent(v, where) for v in pair]
            free = "refers_to" in self.rule(where) or self.rule(where).get("compare") == "date"
            if all(silent) or (any(silent) and free):
                continue
            agree = not any(silent) and rank(self.leaf(pair[0], pair[1], where, schema, links))[0]
            if not agree:
                return False
        return True

    def weigh(
        self, pairs: Mapping[str, Any], below: Mapping[str, Any], links: Links
    ) -> tuple[float, ...]:
        """Return pairs of each collection in order of dependency, then what else agrees."""
        sizes = [len(pairs[k]) for k in sorted(pairs, key=lambda k: self.depth(below[k][1]))]
        agreeing = [
            rank(self.pair_of(a, b, below[k], links))[0] for k, m in pairs.items() for a, b in m
        ]
        return (*sizes, sum(agreeing))

    def depth(self, name: str) -> int:
        """Return 1 for a collection that refers to another one, else 0."""
        return int(
            any(
                n.startswith(f"{name}[].") and r.get("refers_to") not in (None, name)
                for n, r in self.rules.items()
            )
        )

    def pair_of(self, a: Json, b: Json, at: tuple[Json, str], links: Links) -> Choices:
        """Judge two matched entities."""
        sub, where = self.child(at[0], None, at[1])
        return self.objects(a, b, where, sub, links)

    def matched(
        self, e: Json, p: Json, below: Mapping[str, Any], by_name: Mapping[str, Any]
    ) -> Choices:
        """Judge an object's keys under one matching of its collections."""
        links = {k: {b.get("id"): a.get("id") for a, b in m} for k, m in by_name.items()} or {
            "": {}
        }
        parts = []
        for key, (sub, name) in below.items():
            if key not in by_name:
                parts.append(self.walk(e.get(key), p.get(key), name, sub, links))
                continue
            item, where = self.child(sub, None, name)
            parts += [self.pair_of(a, b, (sub, name), links) for a, b in by_name[key]]
            for side, at, outcome in ((e, 0, "omission"), (p, 1, "hallucination")):
                used = [id(m[at]) for m in by_name[key]]
                parts += [
                    self.leaves(v, where, item, outcome)
                    for v in side.get(key) or []
                    if id(v) not in used
                ]
        return added(parts)


def matchings(
    expected: list[Json], predicted: list[Json]
) -> Iterable[tuple[tuple[Json, Json], ...]]:
    """Yield every one-to-one matching, the empty one included."""
    spare = [*predicted, *[None] * len(expected)]
    seen = set()
    for chosen in permutations(spare, len(expected)):
        pairs = tuple((a, b) for a, b in zip(expected, chosen, strict=True) if b is not None)
        mark = tuple((id(a), id(b)) for a, b in pairs)
        if mark not in seen:
            seen.add(mark)
            yield pairs


def different_branch(choices: Choices) -> Choices:
    """Turn a format error into a wrong value: another value, which another branch takes."""
    ((((name, outcome, equal), _),),) = choices
    return one(name, "wrong_value") if outcome == "format_error" and not equal else choices


def misshapen(choices: Choices) -> Choices:
    """Turn every expected leaf into a format error, right values marked."""
    turned: set[Counts] = set()
    for counts in choices:
        new: Counter[Verdict] = Counter()
        for (name, outcome, equal), n in counts:
            extra = outcome == "hallucination"
            right = equal or outcome == "correct"
            new[name, outcome if extra else "format_error", right] += n
        turned.add(tuple(sorted(new.items())))
    return frozenset(turned)


@dataclass(frozen=True)
class Pairing:
    """The best one-to-one pairing of two lists, by trying all of them."""

    judge: BruteForce
    sides: tuple[Json, ...]
    where: str
    schema: Json
    links: Links
    ordered: bool = False

    def best(self) -> Choices:
        """Return the verdicts of every pairing of the highest rank."""
        table = [
            [self.judge.walk(e, p, self.where, self.schema, self.links) for p in self.sides[1]]
            for e in self.sides[0]
        ]
        return self.rest(table, 0, frozenset(), {})

    def rest(
        self, table: list[list[Choices]], at: int, used: frozenset[int], known: dict[Any, Choices]
    ) -> Choices:
        """Return the best for expected items from one on, some predicted ones being taken."""
        if (at, used) in known:
            return known[at, used]
        expected, predicted = self.sides
        if at == len(expected):
            left = [p for i, p in enumerate(predicted) if i not in used]
            return added(
                self.judge.leaves(p, self.where, self.schema, "hallucination") for p in left
            )
        lost = self.judge.leaves(expected[at], self.where, self.schema, "omission")
        options = [added([lost, self.rest(table, at + 1, used, known)])]
        for i, cell in enumerate(table[at]):
            free = i not in used and not (self.ordered and any(u > i for u in used))
            if free and any(rank(cell)[:2]):
                options.append(added([cell, self.rest(table, at + 1, used | {i}, known)]))
        known[at, used] = best_of(options)
        return known[at, used]
