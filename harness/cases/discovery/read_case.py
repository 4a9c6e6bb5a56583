"""Reading one case's documents, ground truth and schema."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from harness.cases.discovery.pair_up import DocumentPair
from harness.cases.documents.document_files import DocumentReader
from harness.cases.files.findings import Findings
from harness.cases.files.places import at
from harness.cases.files.reading import read_text
from harness.cases.files.strict_json import parse_json
from harness.cases.schemas.known_fields import unused_rules
from harness.cases.schemas.rule_files import CASE_RULES, case_places, case_rules
from harness.core.records import Case, TruthReview
from harness.core.rules.field_rule import NO_RULES, Rules
from harness.core.values import Json

if TYPE_CHECKING:
    from harness.cases.schemas.json_schema import JsonSchemaFile


class CaseReader:
    """Reads the cases of one suite; a schema that many cases share is read once."""

    def __init__(self, documents: DocumentReader, findings: Findings) -> None:
        self.warnings = documents.warnings
        self.documents = documents
        self._findings = findings
        self._schemas: dict[Path, JsonSchemaFile | None] = {}

    def read(self, pair: DocumentPair, doubtful: Findings) -> Case | None:
        """Return a case, or None when a file of it is wrong.

        What is wrong with documents goes to `doubtful`, the rest to the reader's findings.
        """
        before = len(self._findings.problems) + len(doubtful.problems)
        read = self.documents.read
        documents = [doubtful.attempt(partial(read, path)) for path in pair.documents]
        truth, file = None, pair.truth
        if file is not None:
            truth = self._findings.attempt(partial(_read_json, file))
        schema = self._schema(pair.schema) if pair.schema else None
        rules = (self._findings.attempt(partial(case_rules, file)) if file else None) or NO_RULES
        places = self._findings.attempt(partial(case_places, file, truth)) if file else None
        if len(self._findings.problems) + len(doubtful.problems) > before:
            return None
        if schema is not None and file is not None:
            self._judge(schema, truth, file)
        if rules and file is not None:
            self._look_for(rules, schema, truth, file)
        return Case(
            id=pair.id,
            documents=tuple(d for d in documents if d is not None),
            truth=truth,
            schema=schema.value if schema else None,
            tags=pair.tags,
            split=pair.split,
            group=pair.group,
            rules=rules,
            review=None if file else TruthReview(frozenset(), (0, 0)),
            places=places or (),
        )

    def _look_for(
        self, rules: Rules, schema: JsonSchemaFile | None, truth: Json, file: Path
    ) -> None:
        """Warn of every rule of a case that means no field of it."""
        unused = unused_rules(rules, [schema.value] if schema else [], [truth])
        where = at(file.with_name(f"{file.stem}{CASE_RULES}"))
        self.warnings.extend(problem.at(where) for problem in unused.values())

    @property
    def schemas(self) -> Mapping[Path, Mapping[str, Json]]:
        """The schemas that were read, by file."""
        return {file: schema.value for file, schema in self._schemas.items() if schema is not None}

    def _schema(self, file: Path) -> JsonSchemaFile | None:
        if file not in self._schemas:
            from harness.cases.schemas.json_schema import read_schema  # noqa: PLC0415  # jsonschema is slow to import

            self._schemas[file] = self._findings.attempt(partial(read_schema, file))
        return self._schemas[file]

    def _judge(self, schema: JsonSchemaFile, truth: Json, file: Path) -> None:
        from harness.cases.schemas.truth_checks import truth_problems  # noqa: PLC0415  # as above

        self.warnings.extend(truth_problems(schema, truth, file))


def _read_json(file: Path) -> Json:
    return parse_json(read_text(file), file)
