"""Values in other languages and scripts, and in other notations: the same value is the same."""

from __future__ import annotations

import pytest

import harness
from harness.core.reading.month_names import MONTHS
from harness.core.reading.units import beside

SAME: dict[str, tuple[str, tuple[str, ...]]] = {
    "date 2024-03-31": (
        "2024-03-31",
        (
            *(
                "31 \u043c\u0430\u0440\u0442\u0430 2024 \u0433.",
                "31 \u0431\u0435\u0440\u0435\u0437\u043d\u044f 2024",
                "31 marca 2024",
            ),
            *("31. marts 2024", "31. maaliskuuta 2024", "31 Mart 2024", "31. b\u0159ezna 2024"),
            *(
                "2024. m\u00e1rcius 31.",
                "31 martie 2024",
                "31 \u039c\u03b1\u03c1\u03c4\u03af\u03bf\u03c5 2024",
            ),
            *(
                "31 \u05d1\u05de\u05e8\u05e5 2024",
                "31 \u0645\u0627\u0631\u0633 2024",
                "\u0663\u0661 \u0645\u0627\u0631\u0633 \u0662\u0660\u0662\u0664",
            ),
            *(
                "\u0969\u0967 \u092e\u093e\u0930\u094d\u091a \u0968\u0966\u0968\u096a",
                "31 \u0e21\u0e35\u0e19\u0e32\u0e04\u0e21 2567",
                "31 \u0e21\u0e35\u0e19\u0e32\u0e04\u0e21 2024",
            ),
            *(
                "\u4ee4\u548c6\u5e743\u670831\u65e5",
                "\u6c11\u570b113\u5e743\u670831\u65e5",
                "2024\u5e743\u670831\u65e5\uff08\u65e5\uff09",
            ),
            *(
                "ng\u00e0y 31 th\u00e1ng 3 n\u0103m 2024",
                "31 Maret 2024",
                "2024-091",
                "2024W137",
                "2024-W13-7",
            ),
            *("31MAR2024", "31.3.2024.", "Sonntag, 31. M\u00e4rz 2024", "dimanche 31 mars 2024"),
        ),
    ),
    "datetime 2024-03-31T22:05:00": (
        "2024-03-31T22:05:00",
        (
            *("31.03.2024, 22:05 Uhr", "31.03.2024 22.05 Uhr", "31/03/2024 22h05"),
            *(
                "2024\u5e743\u670831\u65e5 22\u66425\u5206",
                "2024\u5e743\u670831\u65e5 \u5348\u5f8c10\u66425\u5206",
                "20240331T220500",
            ),
            *(
                "\u0662\u0660\u0662\u0664-\u0660\u0663-\u0663\u0661 \u0662\u0662:\u0660\u0665",
                "2024-03-31t22:05:00",
            ),
        ),
    ),
    "datetime 2024-03-31T10:00:00Z": (
        "2024-03-31T10:00:00Z",
        ("2024-03-31T10:00 UTC", "20240331T100000Z", "2024-03-31t10:00:00z"),
    ),
    "duration P30D": ("P30D", ("30-day", "30 calendar days", "30 days")),
    "duration 24 months": (
        "P2Y",
        ("2 \u0433\u043e\u0434\u0430", "2\u5e74", "24 mths", "2 lata", "2-year"),
    ),
    "duration 90 minutes": ("PT90M", ("1\u00bd hours", "1 \u00bd h")),
    "number 1500": ("1500", ("1.5\u00d710^3", "1.5 x 10\u00b3", "1.5\u00b710^3", "1.5e3")),
    "number 5 kg": ("5 kg", ("5 \u043a\u0433", "5 \u516c\u65a4", "5 \u338f", "5 \u5343\u514b")),
    "number 5 m\u00b2": (
        "5 m\u00b2",
        ("5 m2", "5 m^2", "5 sq m", "5 sq. m", "5 \u33a1", "5 square metres"),
    ),
    "number 5 %": ("5 %", ("5\u066a", "\u066a5", "5 per cent", "\u0665\u066a")),
    "number 5 bps": ("5 bps", ("5 basis points", "5 bp")),
    "number 5 \u00b0C": ("5 \u00b0C", ("5 \u00baC", "5 degrees Celsius", "5 deg C")),
    "number -5": ("-5", ("$(5)", "(5) USD", "(5)%", "(5)")),
    "money 5 ILS": ("ILS 5", ("5 NIS", '5 \u05e9"\u05d7', "\u20aa5")),
    "money 5 RUB": ("RUB 5", ("5 \u0440\u0443\u0431.", "5 \u20bd")),
    "boolean yes": (
        "yes",
        (
            "\u0434\u0430",
            "\u05db\u05df",
            "\u0646\u0639\u0645",
            "\u662f",
            "\u306f\u3044",
            "evet",
            "kyll\u00e4",
            "s\u00ec",
        ),
    ),
    "boolean no": (
        "no",
        (
            "\u043d\u0435\u0442",
            "\u05dc\u05d0",
            "\u0644\u0627",
            "\u5426",
            "\u3044\u3044\u3048",
            "hay\u0131r",
            "nie",
        ),
    ),
    "set a, b": ("b, a", ("a\u060cb", "a\u061b b")),
}
"""By the comparator's name and what is meant: one text, and others that mean the same."""

DIFFERENT = [
    ("date", "2024-03-31", "Monday, 31 March 2024"),
    ("date", "2024-03-31", "2024\u5e743\u670831\u65e5\uff08\u6708\uff09"),
    ("date", "2024-03-31", "Samstag, 31. M\u00e4rz 2024"),
    ("date", "2024-11-05", "5 listopada 2024"),
    ("date", "2024-03-31", "\u5e73\u62106\u5e743\u670831\u65e5"),
    ("date", "0006-03-31", "6\u5e743\u670831\u65e5"),
    ("date", "2024-12-31", "2024-367"),
    ("number", "-5", "5-kg"),
    ("money", "EUR -5", "5-EUR"),
    ("number", "5 \u043a\u0433", "5 \u0433"),
    ("number", "5 m2", "5 m3"),
    ("number", "5 m2", "5 m"),
    ("number", "1.5\u00d710^3", "1.5"),
    ("number", "1.5\u00d710^3", "1.5\u00d710^4"),
    ("number", "10\u00b3", "10"),
    ("number", "5 bps", "5 %"),
    ("number", "5 pp", "5 %"),
    ("number", "5 \u00b0C", "5 \u00b0F"),
    ("number", "$(5)", "5"),
    ("number", "CO2", "2"),
    ("duration", "30 days", "30 business days"),
    ("duration", "30-day", "30-month"),
    ("datetime", "2024-03-31T10:00", "2024\u5e743\u670831\u65e5 \u5348\u5f8c10\u6642"),
    ("boolean", "\u0434\u0430", "\u043d\u0435\u0442"),
]


@pytest.mark.parametrize("rows", [3, 3_000])
@pytest.mark.parametrize("name", SAME)
def test_a_value_in_another_language_or_notation_is_the_same(name: str, rows: int) -> None:
    compare, (one, others) = name.split(maxsplit=1)[0], SAME[name]
    rules = {"f[].v": {"compare": compare}, "v": {"compare": compare}}
    for other in others:
        for truth, answer in ((one, other), (other, one)):
            assert harness.score({"v": truth}, {"v": answer}, None, rules).f1 == 1.0, other
    truths = [{"no": n, "v": one} for n in range(rows)]
    answers = [{"no": n, "v": others[n % len(others)]} for n in range(rows)]
    for sides in ((truths, answers), (answers, truths)):
        assert harness.score({"f": sides[0]}, {"f": sides[1]}, None, rules).f1 == 1.0


@pytest.mark.parametrize(("compare", "one", "other"), DIFFERENT)
def test_what_only_looks_like_the_same_value_is_not(compare: str, one: str, other: str) -> None:
    for truth, answer in ((one, other), (other, one)):
        for typed in (None, {"properties": {"v": {"type": "string"}}}):
            counts = harness.score({"v": truth}, {"v": answer}, typed, {"v": {"compare": compare}})
            assert counts.counts.correct == 0


def test_a_declared_order_of_days_and_months_is_none_of_years_that_come_first() -> None:
    for order in ("dmy", "mdy", "ymd"):
        rule = {"d": {"compare": "date", "date_order": order}}
        assert harness.score({"d": "2024-02-01"}, {"d": "2024/02/01"}, None, rule).f1 == 1.0
    rule = {"d": {"compare": "date", "date_order": "ymd"}}
    assert harness.score({"d": "2024-02-01"}, {"d": "24/02/01"}, None, rule).f1 == 1.0
    assert harness.score({"d": "2001-02-24"}, {"d": "24/02/01"}, None, rule).f1 == 0.0


def test_every_month_has_names_and_no_name_is_two_months() -> None:
    assert set(MONTHS.values()) == set(range(1, 13))
    assert "listopad" not in MONTHS
    assert {beside(word) for word in ("\u043a\u0433", "\u516c\u65a4")} == {beside("kg")}
