"""Addresses inside the report."""

from __future__ import annotations

import shlex
from urllib.parse import quote, urlencode

from harness.report.words.visible import well_formed

_SAFE = "!'()*~-_."
"""What JavaScript's `encodeURIComponent` leaves as it is, too."""


def case_link(case_id: str, path: str | None = None, replicate: int = 1) -> str:
    """Return the address of a case, or of one field in it: a fragment, whatever the id is made of.

    >>> case_link("2024/q1 Müller"), case_link("javascript:alert(1)")
    ('#case/2024%2Fq1%20M%C3%BCller', '#case/javascript%3Aalert(1)')
    >>> case_link("q1", "rooms[0].area"), case_link("q1", replicate=2)
    ('#case/q1/rooms%5B0%5D.area', '#case/q1;2')
    """
    which = f";{replicate}" if replicate > 1 else ""
    place = "" if path is None else f"/{_quoted(path)}"
    return f"#case/{_quoted(case_id)}{which}{place}"


def field_link(field: str) -> str:
    """Return the address of the cases in which a field is wrong.

    >>> field_link("rooms[].area")
    '#field/rooms%5B%5D.area'
    """
    return f"#field/{_quoted(field)}"


def errors_link(field: str) -> str:
    """Return the address of the errors of one field, in the list of all.

    >>> errors_link("rooms[].area")
    '#errors/field=rooms%5B%5D.area'
    """
    return f"#errors/{urlencode({'field': well_formed(field)})}"


def cause_link(place: int) -> str:
    """Return the address of the cases with errors of one cause, by its place in the ranking.

    >>> cause_link(0)
    '#cause/0'
    """
    return f"#cause/{place}"


def ready_command(*words: str) -> str:
    """Return a command to paste into a shell, every word quoted where the shell would act on it.

    >>> ready_command("harness", "explain", "run-1", "Müller & Co", "rows[0].net")
    "harness explain run-1 'Müller & Co' 'rows[0].net'"
    """
    return shlex.join(words)


def _quoted(text: str) -> str:
    return quote(well_formed(text), safe=_SAFE)
