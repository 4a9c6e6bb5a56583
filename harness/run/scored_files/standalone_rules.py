"""Ruler of files without a suite: schema, rules, and the functions that rules name."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness.cases.files.places import at
from harness.cases.files.user_functions import Comparators, Home, load_comparators, named_functions
from harness.core.comparators.own_functions import NO_FUNCTIONS, Functions
from harness.core.rules.field_rule import NO_RULES, Rules, parse_rules, rules_as_json
from harness.core.values import Json
from harness.run.scored_files.file_reviews import FileReviews, reviews_of_json

if TYPE_CHECKING:
    from harness.cases.schemas.json_schema import JsonSchemaFile


@dataclass(frozen=True, slots=True)
class Ruler:
    """Schema, rules and comparators that truths and predictions are compared by."""

    schema: Json = None
    rules: Rules = field(default_factory=lambda: NO_RULES)
    functions: Functions = field(default_factory=lambda: NO_FUNCTIONS)
    """Those that rules name, by name."""
    sources: tuple[tuple[str, str], ...] = ()
    """Their names, each with the sha256 of its source."""
    home: Path | None = None
    """The folder they were imported from; None where rules name none."""
    checked: JsonSchemaFile | None = None
    """The schema with what validates by it: truths that break it are told of."""
    reviews: FileReviews | None = None
    """What people vouch for of the truths; None where all of them are taken for right."""

    def to_json(self) -> str:
        """Return what another process needs to make the same ruler."""
        home = None if self.home is None else str(self.home)
        whole: dict[str, Json] = {
            "schema": self.schema,
            "rules": rules_as_json(self.rules),
            "home": home,
        }
        return json.dumps(
            {**whole, **({"reviews": self.reviews.to_json()} if self.reviews else {})}
        )

    @classmethod
    def from_json(cls, text: str) -> Ruler:
        """Return the ruler that `to_json` wrote, its functions imported again."""
        record = json.loads(text)
        home = record["home"]
        rules = parse_rules(record["rules"])
        made = ruler(record["schema"], rules, Path(home) if home else None)
        return replace(made, reviews=reviews_of_json(record.get("reviews")))


def ruler(
    schema: Json, rules: Rules, folder: Path | None, checked: JsonSchemaFile | None = None
) -> Ruler:
    """Return a ruler; the functions that rules name are imported from a folder.

    Raises HarnessError with every function that is not there.
    """
    names = named_functions([rules], [schema])
    if not names:
        return Ruler(schema, rules, checked=checked)
    home = (folder or Path()).resolve()
    comparators: Comparators = load_comparators(names, Home(home, home, at(home)))
    sources = tuple(sorted(comparators.sha256.items()))
    return Ruler(schema, rules, comparators.functions, sources, home, checked)
