"""The place of a list item's value is the one in the item's own row."""

from __future__ import annotations

from random import Random

import pytest

import harness
from harness.core.explain.places.case_places import CasePlaces
from harness.core.explain.places.evidence import TextSource
from harness.core.values import Json


def table(rng: Random, rows: int) -> tuple[str, list[dict[str, Json]], list[tuple[int, int]]]:
    """Return a table as text, its rows, and where each row stands in the text."""
    text = "ORDER 8\nPos  Article number  Description  Qty  Price\n"
    items: list[dict[str, Json]] = []
    spans: list[tuple[int, int]] = []
    for at in range(rows):
        item: dict[str, Json] = {
            "position": at + 1,
            "sku": f"SKU-{at:04}",
            "name": f"{rng.choice(['Valve', 'Pump', 'Hose'])} {rng.randint(1, 9)}",
            "quantity": rng.randint(1, 8),
            "price": round(rng.uniform(1, 20), 2),
        }
        line = (
            f"{item['position']:>3}  {item['sku']}  {item['name']:<12}"
            f"{item['quantity']:>3}  {item['price']:>8.2f}\n"
        )
        spans.append((len(text), len(text) + len(line)))
        items.append(item)
        text += line
    return f"{text}Total of 8 pages, 5 copies\n", items, spans


@pytest.mark.parametrize("rows", [1, 3, 12, 200, 1000])
def test_the_first_place_of_a_row_s_value_lies_in_that_row(rows: int) -> None:
    text, items, spans = table(Random(rows), rows)
    truth = {"rows": items}
    places = CasePlaces({"d": TextSource(text)}, harness.score(truth, truth).diffs)
    checked = right = 0
    for at, item in enumerate(items):
        for key, value in item.items():
            found = places.find(f"rows[{at}].{key}", value, "expected")
            checked += 1
            right += bool(found) and spans[at][0] <= found[0].start < spans[at][1]
    assert right / checked >= 0.98


def test_two_equal_rows_are_found_in_their_order() -> None:
    rows = {"rows": [{"n": "Oak", "q": 2}, {"n": "Oak", "q": 2}]}
    places = CasePlaces({"d": TextSource("Oak 2\nOak 2\n")}, harness.score(rows, rows).diffs)
    found = [places.find(f"rows[{at}].q", 2, "expected") for at in (0, 1)]
    assert [[p.start for p in each] for each in found] == [[4], [10]]


def test_a_value_with_equally_good_places_has_all_of_them() -> None:
    truth = {"pages": 2}
    places = CasePlaces({"d": TextSource("2 " * 9)}, harness.score(truth, truth).diffs)
    assert len(places.find("pages", 2, "expected")) == 9


def test_the_value_of_an_item_without_anchors_has_every_place() -> None:
    rows = {"rows": [{"q": 2}, {"q": 2}, {"q": 2}]}
    places = CasePlaces({"d": TextSource("2\n2\n")}, harness.score(rows, rows).diffs)
    assert len(places.find("rows[0].q", 2, "expected")) == 2


def test_a_value_is_sought_in_the_document_that_holds_its_item() -> None:
    rows = {"rows": [{"n": "Oak", "q": 2}, {"n": "Elm", "q": 2}]}
    sources = {"a": TextSource("Oak 2"), "b": TextSource("Elm 2")}
    places = CasePlaces(sources, harness.score(rows, rows).diffs)
    found = [places.find(f"rows[{at}].q", 2, "expected") for at in (0, 1)]
    assert [[p.document for p in each] for each in found] == [["a"], ["b"]]
    truth = {"rows": [{"n": "Oak", "m": "Ash", "q": "Yew"}]}
    sources = {"a": TextSource("Oak Ash"), "b": TextSource("Yew")}
    places = CasePlaces(sources, harness.score(truth, truth).diffs)
    assert [p.document for p in places.find("rows[0].q", "Yew", "expected")] == ["b"]


def test_a_record_of_several_lines_keeps_its_values_together() -> None:
    text = "".join(
        f"Item {c}\n  Colour: {k}\n  Count: 3\n\n" for c, k in zip("ABCD", "wxyz", strict=True)
    )
    rows = {"rows": [{"item": f"Item {c}", "count": 3} for c in "ABCD"]}
    places = CasePlaces({"d": TextSource(text)}, harness.score(rows, rows).diffs)
    for at, name in enumerate("ABCD"):
        found = places.find(f"rows[{at}].count", 3, "expected")
        start = text.index(f"Item {name}")
        assert [start < p.start < start + 35 for p in found] == [True]


@pytest.mark.parametrize("rows", [3, 3_000])
def test_a_value_of_every_row_is_found_on_the_line_of_its_own(rows: int) -> None:
    said = {"rows": [{"id": f"o{n}", "currency": "USD", "n": 7} for n in range(rows)]}
    text = "".join(f"o{n} USD 7\n" for n in range(rows))
    places = CasePlaces({"a": TextSource(text)}, harness.score(said, said).diffs)
    for n in range(0, rows, max(1, rows // 50)):
        (place,) = places.find(f"rows[{n}].currency", "USD", "expected")
        assert text.count("\n", 0, place.start) == n


@pytest.mark.parametrize("rows", [3, 3_000])
def test_a_zero_of_an_item_stands_on_the_item_s_own_lines_or_nowhere(rows: int) -> None:
    names = [f"Silky {n:04} tea" for n in range(rows)]
    text = "".join(f"{name} {'1x 0' if n % 2 else '1x'}\n" for n, name in enumerate(names))
    text += "\n\nGRAND TOTAL 70,000\nCHANGE 0\n"
    truth: Json = {"items": [{"name": name, "price": 0} for name in names], "change": 0}
    result = harness.score(truth, truth)
    places = CasePlaces({"receipt": TextSource(text)}, result.diffs)
    for n in range(rows):
        found = places.find(f"items[{n}].price", 0, "expected")
        lines = {text.count("\n", 0, at.start) for at in found}
        assert lines == ({n} if n % 2 else set())
    assert places.find("change", 0, "expected")
    alone: Json = {"items": [{"name": names[0], "price": 0}]}
    said = CasePlaces(
        {"r": TextSource(f"{names[0]}\n\n\nCHANGE 0")}, harness.score(alone, alone).diffs
    )
    assert said.find("items[0].price", 0, "expected") == ()


@pytest.mark.parametrize("rows", [3, 3_000])
def test_an_implied_digit_stands_nowhere_though_digits_stand_elsewhere(rows: int) -> None:
    """No line says its quantity: the 1 of a table, a page or a date is not one."""
    head = "Table: 1 Guests: 1\nPage 1 of 1\n12/1/2026\n\n\n\n\n\n"
    text = head + "\n".join(f"Dish n{number}x 88.50" for number in range(rows))
    truth = {"items": [{"name": f"Dish n{number}x", "qty": 1} for number in range(rows)]}
    places = CasePlaces({"a": TextSource(text)}, harness.score(truth, truth).diffs)
    for number in (0, rows // 2, rows - 1):
        assert places.find(f"items[{number}].qty", 1, "expected") == ()
        (name,) = places.find(f"items[{number}].name", f"Dish n{number}x", "expected")
        assert text[name.start : name.end] == f"Dish n{number}x"


def test_a_digit_of_a_list_without_lines_of_its_own_keeps_its_places() -> None:
    truth = {"sizes": [3, 5]}
    places = CasePlaces({"a": TextSource("Sizes 3 and 5, of 3")}, harness.score(truth, truth).diffs)
    assert len(places.find("sizes[0]", 3, "expected")) == 2


@pytest.mark.parametrize("rows", [3, 3_000])
def test_part_of_a_date_or_a_time_is_no_quantity_that_nobody_wrote(rows: int) -> None:
    names = [f"Sofa {chr(97 + n % 26)}{n}x" for n in range(rows)]
    head = "Data: 22-01-2019 Hora: 16:01\n"
    text = head + "".join(
        f"{name} 23% 9,99\n2019-01-{n % 9 + 10}\n" for n, name in enumerate(names)
    )
    truth: Json = {"rows": [{"name": f"{name}!", "n": 1, "price": 9.99} for name in names]}
    places = CasePlaces({"d": TextSource(text)}, harness.score(truth, truth).diffs)
    assert all(places.find(f"rows[{at}].n", 1, "expected") == () for at in range(rows))
    written = CasePlaces(
        {"d": TextSource(f"{names[0]} 01 9,99\n")}, harness.score(truth, truth).diffs
    )
    assert written.find("rows[0].n", 1, "expected")[0].start == len(names[0]) + 1


@pytest.mark.parametrize("rows", [3, 30_000])
def test_digits_of_items_that_stand_on_two_lines_each_are_found_on_both(rows: int) -> None:
    """Every item is in doubt, and each has a value that all lines have."""
    items: list[Json] = [
        {"no": 10_000 + n, "code": 50_000 + n, "currency": "USD", "n": n % 9 + 1}
        for n in range(rows)
    ]
    line = "{no} {code} {currency} {n}\n"
    text = "".join(line.format(**item) for item in items if isinstance(item, dict)) * 2
    truth: Json = {"rows": items}
    places = CasePlaces({"d": TextSource(text)}, harness.score(truth, truth).diffs)
    for n in range(0, rows, rows // 3):
        found = places.find(f"rows[{n}].n", n % 9 + 1, "expected")
        assert [text.count("\n", 0, place.start) for place in found] == [n, n + rows]
