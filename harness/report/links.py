"""Addresses inside the report."""

from __future__ import annotations

from urllib.parse import quote

from harness.report.visible import well_formed


def case_link(case_id: str) -> str:
    """Return the address of a case's view: a fragment, whatever the id is made of.

    >>> case_link("2024/q1 Müller"), case_link("javascript:alert(1)")
    ('#case=2024%2Fq1%20M%C3%BCller', '#case=javascript%3Aalert(1)')
    """
    return "#case=" + quote(well_formed(case_id), safe="!'()*~-_.")


def field_link(field: str) -> str:
    """Return the address of the cases in which a field is wrong.

    >>> field_link("rooms[].area")
    '#field=rooms%5B%5D.area'
    """
    return "#field=" + quote(well_formed(field), safe="!'()*~-_.")
