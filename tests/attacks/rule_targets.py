"""For each setting of a rule: a truth, an answer that knows nothing, and the most it may get."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

Rows = list[dict[str, Any]]
Maker = Callable[[int], Any]


@dataclass(frozen=True, slots=True)
class RuleAttack:
    """An answer made for a rule. Sizes are numbers of rows, or of values in `v`."""

    rules: Mapping[str, Any]
    truth: Maker
    answer: Maker
    most: Callable[[int], int] = lambda _: 0
    """The most leaves that may be correct."""
    items: Callable[[int], int] = lambda _: 0
    """The most pairs of entities that may count as found, over all collections."""


def values(*some: object) -> Maker:
    """Return a maker of as many rows as are asked for, told apart by `no`."""
    return lambda n: {"rows": [{"no": i, "v": some[i % len(some)]} for i in range(n)]}


def in_rows(rule: Mapping[str, Any], truths: tuple[Any, ...], *said: object) -> RuleAttack:
    """Return an attack on the field `v` of rows whose other field is always right."""
    return RuleAttack({"rows[].v": rule}, values(*truths), values(*said), lambda n: n)


def people(n: int) -> Rows:
    return [{"id": f"t{i}", "name": f"Person {i}", "born": f"{1000 + i}-01-05"} for i in range(n)]


def silent(n: int) -> Rows:
    return [{"id": f"x{i}", "said": i} for i in range(n)]


def births(n: int, who: Callable[[int], Any]) -> Rows:
    return [{"id": f"e{i}", "year": f"y{i}", "who": who(i)} for i in range(n)]


def family(n: int, who: Callable[[int], Any] = lambda i: f"t{i}") -> dict[str, Rows]:
    return {"people": people(n), "births": births(n, who)}


BORN: Final[Mapping[str, Any]] = MappingProxyType(
    {"people": {"align": "entity", "match": ["born"]}, "people[].born": {"compare": "date"}}
)
NAMED: Final[Mapping[str, Any]] = MappingProxyType(
    {"people": {"align": "entity", "match": ["name"]}}
)
GRAPH: Final[Mapping[str, Any]] = MappingProxyType(
    {
        **NAMED,
        "births": {"align": "entity", "match": ["year", "who"]},
        "births[].who": {"refers_to": "people"},
    }
)
PAIRS: Final[Mapping[str, Any]] = MappingProxyType(
    {
        **NAMED,
        "bonds": {"align": "entity", "match": ["a", "b"], "unordered": ["a", "b"]},
        "bonds[].a": {"refers_to": "people"},
        "bonds[].b": {"refers_to": "people"},
    }
)
SUMMED: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "steps": {"align": "position", "cumulative": True},
        "steps[].people": {"align": "entity", "match": ["name"], "unknown": ["name"]},
    }
)


def bonds(n: int, ends: Callable[[int], tuple[str, str]]) -> dict[str, Rows]:
    some = [{"id": f"b{i}", "a": ends(i)[0], "b": ends(i)[1]} for i in range(n)]
    return {"people": people(n), "bonds": some}


RULE_ATTACKS: Final[Mapping[str, tuple[RuleAttack, ...]]] = MappingProxyType(
    {
        "compare": (
            in_rows({"compare": "enum"}, ("paid", "open"), "paid open", "open/paid"),
            in_rows({"compare": "enum", "synonyms": {"paid": ["1"]}}, ("paid",), 0, [1, 0], "01"),
        ),
        "threshold": (
            in_rows({"threshold": 0.8}, ("Jane Roe", "Bo Linden"), "Bo Jane", "n"),
            RuleAttack(
                {"rows": {"threshold": 0.1}, "rows[].v": {"compare": "exact"}},
                lambda n: {"rows": [{"v": f"invoice {i} a"} for i in range(n)]},
                lambda n: {"rows": [{"v": f"invoice {i} b"} for i in range(n)]},
            ),
        ),
        "similarity": (
            in_rows(
                {"similarity": "token_sort", "threshold": 0.8},
                ("Jane Roe", "Bo Linden"),
                "Bo Jane Linden Roe",
            ),
            in_rows(
                {"similarity": "jaro_winkler", "threshold": 0.9},
                ("Jane Roe", "Bo Linden"),
                "Ja",
                "B",
            ),
        ),
        "bound": (in_rows({"threshold": 0.75, "bound": ">"}, ("abcd",), "abcx"),),
        "absolute": (
            in_rows({"absolute": 1}, (12, 40), -12, 26),
            in_rows({"compare": "number", "absolute": 1}, ("12", "40"), "12-40", "12 or 40"),
        ),
        "relative": (
            in_rows({"relative": 0.5}, (12, -40), -12, 0),
            in_rows({"relative": 0.5}, (12, 40), 1e308, 40_000),
        ),
        "decimal": (in_rows({"compare": "number", "decimal": ","}, ("1,5", "2,25"), "15", "2.25"),),
        "percent": (in_rows({"compare": "number", "percent": True}, ("15 %",), "15", "0.15 %"),),
        "units": (
            in_rows(
                {"compare": "number", "units": {"kg": 1, "g": 0.001}},
                ("3 kg", "5 g"),
                "3 g",
                "5",
            ),
            in_rows({"compare": "number", "units": {"kg": 1}}, ("3 kg",), "3 lb", "3 kg 4 kg"),
        ),
        "currency": (
            in_rows({"compare": "money", "currency": "USD"}, ("12", "$7"), "EUR 12", "¥7"),
            in_rows({"compare": "money", "currency": "USD"}, ("12",), "$ EUR ¥ 12", "12 USD EUR"),
        ),
        "period": (
            in_rows({"compare": "circular", "absolute": 5}, (10, 350), 190, 170),
            in_rows({"compare": "circular", "absolute": 5}, (10,), "0-360", "all"),
            in_rows({"compare": "circular", "absolute": 90}, (10, 20), 100.001, 289),
            in_rows({"compare": "circular", "period": 24, "absolute": 6}, (3,), 9.5, "3-9"),
        ),
        "date_order": (
            in_rows(
                {"compare": "date", "date_order": "dmy"},
                ("2024-03-04", "2023-12-11"),
                "03/04/2024",
                "12/11/2023",
            ),
            in_rows(
                {"compare": "date", "date_order": "dmy"},
                ("2024-03-04", "2023-12-11"),
                ["04/03/2024", "03/04/2024"],
                "11/12/2023 or 12/11/2023",
                "04/03/2024, 03/04/2024",
            ),
        ),
        "days": (
            in_rows({"compare": "date", "days": 3}, ("2024-03-31",), "2024-03", "03-31", "2024"),
            in_rows({"compare": "date", "days": 3}, ("2024-03-31",), "2024-03-01/2024-04-30"),
        ),
        "precision": (
            in_rows(
                {"compare": "date", "precision": "month"},
                ("2024-03-31",),
                "2024",
                "2023-03-31",
                "03",
            ),
        ),
        "timezone": (
            in_rows(
                {"compare": "datetime", "timezone": "+02:00"},
                ("2024-03-31T10:00:00",),
                "2024-03-31T10:00:00Z",
                "2024-03-31",
                "10:00",
            ),
        ),
        "delimiter": (
            in_rows(
                {"compare": "set", "delimiter": ";"},
                ("a1; b1", "c1; d1"),
                "a1, b1, c1, d1",
                "a1; b1; c1; d1",
            ),
        ),
        "synonyms": (
            in_rows(
                {"compare": "enum", "synonyms": {"paid": ["settled"], "open": ["due"]}},
                ("paid", "open"),
                "settled, due",
                ["settled", "due"],
            ),
        ),
        "any_of": (
            in_rows({"any_of": ["12", "13"]}, ("11",), "11 or 12", ["11", "12", "13"], "1"),
            in_rows({"any_of": ["b1", "c1"]}, ("a1",), "a1 / b1 / c1", "a1, b1, c1", "a1 (b1)"),
            in_rows({"any_of": [12, 13]}, (11,), "11 / 12 / 13", "11-13", {"11": 11}),
            RuleAttack(  # one truth that may be read in three ways: all three are said of it
                {"all[]": {"any_of": ["a1", "b1", "c1"]}},
                lambda n: {"all": ["a1"] * n},
                lambda n: {"all": ["a1", "b1", "c1"] * n},
                lambda n: n,
            ),
        ),
        "align": (
            RuleAttack(
                {"rows": {"align": "sequence"}},
                values("a1", "b1", "c1"),
                lambda n: {"rows": [{"v": v} for v in ("b1", "c1", "a1") for _ in range(n)]},
                # in order: every b1, then the last c1
                lambda n: n // 3 + 1,
            ),
            RuleAttack(
                {"rows": {"align": "position"}},
                lambda n: {"rows": [{"no": i} for i in range(n)]},
                lambda n: {"rows": [{"no": i} for i in range(1, n + 1)]},
            ),
        ),
        "key": (
            RuleAttack(
                {"rows": {"align": "key", "key": ["no"]}},
                values("a1", "b1", "c1"),
                lambda n: {"rows": [{"no": i, "v": "?"} for i in range(n) for _ in range(3)]},
                lambda n: n,
            ),
            RuleAttack(
                {"rows": {"align": "key", "key": ["no"]}, "rows[].no": {"ignore": True}},
                values("a1", "b1", "c1"),
                lambda n: {"rows": [{"no": i} for i in range(2 * n)]},
            ),
        ),
        "id": (
            RuleAttack(
                GRAPH,
                family,
                lambda n: {
                    "people": [{**one, "id": "all"} for one in people(n)],
                    "births": births(n, lambda _: "all"),
                },
                # names and dates of birth; one entity bears the id, so one birth is right
                lambda n: 2 * n + 2,
                lambda n: n + 1,
            ),
        ),
        "match": (
            RuleAttack(BORN, lambda n: {"people": people(n)}, lambda n: {"people": silent(n)}),
            RuleAttack(
                NAMED,
                lambda n: {"people": people(n)},
                lambda n: {"people": [{"id": "x", "name": "Person"} for _ in range(n)]},
            ),
        ),
        "unknown": (
            RuleAttack(
                {"people": {"align": "entity", "match": ["name"], "unknown": ["name"]}},
                lambda n: {"people": people(n)},
                lambda n: {"people": silent(n)},
            ),
            RuleAttack(
                {**BORN, "people": {**BORN["people"], "unknown": "unreadable"}},
                lambda n: {"people": people(n)},
                lambda n: {"people": [{"id": f"x{i}", "born": "?"} for i in range(n)]},
            ),
            RuleAttack(  # names are right, every date is unreadable: no date is right
                {**NAMED, "people[].born": {"compare": "date", "unknown": "unreadable"}},
                lambda n: {"people": people(n)},
                lambda n: {"people": [{**one, "born": "some time"} for one in people(n)]},
                lambda n: n,
                lambda n: n,
            ),
        ),
        "unordered": (
            RuleAttack(
                PAIRS,
                lambda n: bonds(n, lambda i: (f"t{i}", f"t{(i + 1) % n}")),
                lambda n: bonds(n, lambda i: (f"t{i}", f"t{i}")),
                lambda n: 2 * n,
                lambda n: n,
            ),
        ),
        "cumulative": (
            RuleAttack(
                SUMMED,
                lambda n: {"steps": [{"no": i, "people": people(1)} for i in range(n)]},
                lambda n: {"steps": [{"people": [{"id": "t0"}]} for _ in range(n)]},
            ),
        ),
        "refers_to": (
            RuleAttack(
                GRAPH,
                family,
                lambda n: {"people": [], "births": births(n, lambda _: "nobody")},
            ),
            RuleAttack(
                GRAPH,
                family,
                lambda n: family(n, lambda i: [f"t{i}", f"t{(i + 1) % n}"]),
                lambda n: 2 * n,
                lambda n: n,
            ),
        ),
        "blank": (
            in_rows({"blank": []}, ("a1", 5, True), None, "", "null"),
            in_rows({"blank": ["missing"]}, (None, ""), [], {}),
        ),
        "placeholders": (
            in_rows({"placeholders": ["N/A", "-"]}, ("a1", "b1"), "N/A", "-"),
            in_rows({"placeholders": ["N/A", "-"]}, ("N/A", "-"), "-", "N/A"),
        ),
        "weight": (in_rows({"weight": 1000}, ("a1",), "b1", None),),
        "critical": (in_rows({"critical": True}, ("a1",), "b1", None),),
        "focus": (in_rows({"focus": True}, ("a1",), "b1", None),),
        "ignore": (
            in_rows({"ignore": True}, ("a1", "b1"), "a1", "b1"),
            RuleAttack(  # what is ignored holds the truth of what is not
                {"rows[].note": {"ignore": True}},
                values("a1", "b1"),
                lambda n: {"rows": [{"no": i, "note": "ab"[i % 2] + "1"} for i in range(n)]},
                lambda n: n,
            ),
        ),
    }
)
"""By setting. A setting that stands here not faces no attack, and the gate says so."""
