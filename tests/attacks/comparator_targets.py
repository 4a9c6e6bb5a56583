"""A field for each comparator: its rule, true values, and what else could be said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Target:
    """What an attack is aimed at."""

    rule: Mapping[str, Any]
    values: tuple[Any, ...]
    """True values, all different by the rule."""
    tricks: tuple[tuple[Any, Any], ...]
    """A true value, and an answer made for this comparator that must not be right."""
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})


NUMBER: Final = MappingProxyType({"type": "number"})

TARGETS: Final[Mapping[str, Target]] = MappingProxyType(
    {
        "exact": Target(
            {"compare": "exact"},
            ("A-1", "B-2", "C-3", "D-4"),
            (("A-1", "a-1"), ("A-1", "A-1 B-2"), ("A-1", "A-1 ")),
        ),
        "text": Target(
            {"threshold": 0.8},
            ("Jane Roe", "Acme Corp", "Otto Zwick", "Bo Linden"),
            (("Jane Roe", "J"), ("Jane Roe", "e"), ("Jane Roe", "%"), ("Jane Roe", "Jane or Otto")),
        ),
        "number": Target(
            {"compare": "number", "relative": 0.01},
            (12, 340.5, 7, 99_000),
            ((12, 0), (12, -12), (12, 12_000), (12, 1e308), (340.5, 34.05)),
            NUMBER,
        ),
        "money": Target(
            {"compare": "money", "absolute": 0.01},
            ("$12.00", "EUR 340.50", "7 GBP", "CHF 99000"),
            (
                ("$12.00", "12"),
                ("$12.00", "$ € £ 12"),
                ("EUR 340.50", "$340.50"),
                ("7 GBP", "7M GBP"),
            ),
        ),
        "date": Target(
            {"compare": "date", "days": 3},
            ("2024-03-31", "2023-01-05", "2021-11-20", "2020-07-07"),
            (
                ("2024-03-31", "2024"),
                ("2024-03-31", "2024-03"),
                ("2024-03-31", "2024-01-01/2024-12-31"),
                ("2024-03-31", "31"),
            ),
            MappingProxyType({"type": "string", "format": "date"}),
        ),
        "datetime": Target(
            {"compare": "datetime"},
            ("2024-03-31T10:00:00Z", "2023-01-05T08:30:00Z", "2021-11-20T23:59:00Z"),
            (
                ("2024-03-31T10:00:00Z", "2024-03-31"),
                ("2024-03-31T10:00:00Z", "2024-03-31T10:00:00"),
                ("2024-03-31T10:00:00Z", "10:00"),
            ),
            MappingProxyType({"type": "string", "format": "date-time"}),
        ),
        "duration": Target(
            {"compare": "duration", "absolute": 60},
            ("PT1H", "P3D", "PT20M", "P2W"),
            (("PT1H", "PT0S"), ("PT1H", "1-2 h"), ("P3D", "3"), ("P3D", "P3M")),
        ),
        "enum": Target(
            {"compare": "enum", "synonyms": {"paid": ["settled"]}},
            ("paid", "open", "void", "draft"),
            (
                ("paid", "paid or open"),
                ("paid", "paid|open|void|draft"),
                ("paid", "p"),
                ("paid", 0),
                ("paid", "unpaid"),
            ),
            MappingProxyType({"enum": ["paid", "open", "void", "draft"]}),
        ),
        "boolean": Target(
            {"compare": "boolean"},
            (True, False),
            ((True, "true or false"), (True, "yes/no"), (True, 1), (False, 0), (False, "")),
            MappingProxyType({"type": "boolean"}),
        ),
        "identifier": Target(
            {"compare": "identifier"},
            ("INV-10045", "INV-10046", "A+", "C#"),
            (
                ("INV-10045", "INV"),
                ("INV-10045", "10045"),
                ("A+", "A-"),
                ("C#", "C"),
                ("A+", "---"),
            ),
        ),
        "circular": Target(
            {"compare": "circular", "absolute": 5},
            (10, 95, 180, 300),
            ((10, 190), (10, 10**9 + 7), (95, 0)),
            NUMBER,
        ),
        "set": Target(
            {"compare": "set", "threshold": 0.7},
            ("a1; b1", "c2; d2; e2", "f3", "g4; h4"),
            (("a1; b1", "a1"), ("a1; b1", ";"), ("f3", "f3; a1; b1"), ("a1; b1", "a1b1")),
        ),
        "bag": Target(
            {"compare": "bag", "threshold": 0.7},
            ("a1; b1", "c2; d2; e2", "f3", "g4; h4"),
            (("a1; b1", "a1; a1; a1; a1"), ("f3", "f3; f3; f3; f3"), ("f3", "a1; f3; b1")),
        ),
    }
)
"""By comparator. A comparator that stands here not faces no attack, and the gate says so."""
