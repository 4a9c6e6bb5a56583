"""Places of services, read beside recorded answers and told in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.cases.scaffold.imports.read_export import read_export
from harness.extract.recorded.service_places import place_words, service_places
from tests.cases.scaffold.imports import exports


@pytest.mark.parametrize("service", ["LLAMAEXTRACT", "AZURE", "TEXTRACT", "GOOGLE"])
def test_every_service_s_places_name_their_page(tmp_path: Path, service: str) -> None:
    file = tmp_path / "a.json"
    file.write_text(json.dumps(getattr(exports, service)))
    form, found = read_export(file, None)
    places = found.answers[form]["a"].places
    assert places
    assert all(place_words(place).startswith("page 1") for place in places.values())


@pytest.mark.parametrize("count", [3, 3000])
def test_places_go_by_the_names_of_the_truth(tmp_path: Path, count: int) -> None:
    place = [{"pageNumber": 1, "polygon": [1, 2]}]
    case = {f"Items[{n}].Amount": place for n in range(count)}
    (tmp_path / "azure.places.json").write_text(json.dumps({"a": case}))
    found = service_places(tmp_path / "azure.jsonl", {"Items": "rows", "Amount": "sum"}, "a")
    assert found == {f"rows[{n}].sum": "page 1, polygon 1 2" for n in range(count)}
    assert service_places(tmp_path / "azure.jsonl", {}, "b") == {}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a": 1}'])
def test_a_file_of_places_that_is_none_says_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.places.json").write_text(text)
    assert service_places(tmp_path / "x.jsonl", {}, "a") == {}
