"""Schema and rules, compiled once into the tree of fields that scoring walks."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from harness.core.comparators.comparator import Comparator
from harness.core.comparators.own_functions import (
    NO_FUNCTIONS,
    Functions,
    check_given,
    function_comparator,
)
from harness.core.differ.aligned_maps import MapField, is_aligned_map
from harness.core.differ.case_result import CaseResult
from harness.core.differ.containers import Dynamic, ListField, ObjectField, refuse_alignment
from harness.core.differ.entity_scope import EntityScope
from harness.core.differ.forwarding_fields import Later, Positions
from harness.core.differ.statements import Statements
from harness.core.entities.reference_ids import REFERENCE_PREFIX, LocalName
from harness.core.fields.field import Field, IgnoredField, Leaf
from harness.core.fields.scalar import untyped_scalar
from harness.core.fields.typed_scalars import accepting, typed_scalar
from harness.core.fields.verdict_ledger import Ledger
from harness.core.reading.python_values import given_values
from harness.core.rules.field_rule import (
    NO_RULES,
    FieldRule,
    Rules,
    branch_rule,
    parse_rule,
    parse_rules,
)
from harness.core.rules.matcher import Marks, Matcher
from harness.core.rules.references import (
    linking_rules,
    lost_references,
    misplaced_collections,
    of_schema,
)
from harness.core.rules.rule_names import ITEM, KEY_FIELD, FieldSteps
from harness.core.rules.rule_watch import RuleWatch
from harness.core.schema.merging import object_branches
from harness.core.schema.object_branches import ObjectBranch, chosen_branch
from harness.core.schema.properties import Properties
from harness.core.schema.resolving import (
    Schemas,
    is_list,
    is_object,
    is_scalar,
    positions_of,
    shapes_of,
)
from harness.core.schema.validity import Schema, members_of
from harness.core.values import KEY, Json, Path, Steps
from harness.errors import HarnessError, Problem, RuleWarning


class Plan:
    """Compiled schema and rules of one kind of answer: compile once, score any number of cases.

    `comparators` are the functions that rules name, by `module:function`. Raises HarnessError when
    the schema's `x-match` rules or references cannot be read, or a function is not there.

    >>> plan = Plan({"type": "object", "properties": {"n": {"type": "number"}}})
    >>> plan.score({"n": 5}, {"n": 5.0}).f1
    1.0
    """

    def __init__(
        self,
        schema: Any = None,  # noqa: ANN401  # JSON, or a Pydantic model's class
        rules: Mapping[str, object] = NO_RULES,
        comparators: Functions = NO_FUNCTIONS,
    ) -> None:
        rules, schema = parse_rules(rules), given_schema(schema)
        self._schemas = Schemas(schema)
        self._ruled = any("x-match" in one for one in self._schemas.objects())
        self._rules = Matcher(rules, is_watched=self._ruled)
        self._watch = RuleWatch(self._rules, self._declared)
        self._marks = Marks()
        self._maps: list[MapField] = []
        self._functions = comparators
        check_given(rules, comparators)
        self._schema = self._schemas.root
        self._local_names = {
            own
            for name, rule in rules.items()
            if rule.align == "entity"
            for own in _local_names(name, rule)
        }
        self.collections: dict[str, FieldRule] = {}
        """The entity collections met so far, by field."""
        self.uncompared: set[str] = set()
        """The fields met so far that no rule compares: ignored ones, and names that entities have
        in their own document only."""
        self.size = 0
        """How many fields were compiled for keys the schema does not name."""
        try:
            self.root: Field = self._field(Path((), ""), self._schema, ())
        except RecursionError:
            problem = Problem("the schema is nested too deep to read", "too-deep")
            raise HarnessError(problem) from None
        self._check_references(rules)

    def _check_references(self, rules: Rules) -> None:
        """Raise HarnessError for a reference to a collection that nobody declares."""
        objects = self._schemas.objects() if self._ruled else ()
        within = linking_rules(objects, lambda part: self._schemas.resolve(part, ())[0])
        if lost := [
            problem if name in rules else replace(problem, what=of_schema(name, problem.what))
            for name, problem in (*lost_references(rules, within), *misplaced_collections(rules))
        ]:
            raise HarnessError(*lost)

    def score(self, expected: Any, predicted: Any) -> CaseResult:  # noqa: ANN401  # JSON of callers' types
        """Score one prediction; None for either value stands for no answer at all.

        Python values are read as JSON: models, dataclasses, decimals, dates, enums, NumPy's. Warns
        (`RuleWarning`) of a rule that no field goes by, where a field nearly has its name. Raises
        HarnessError for what has no JSON form, and for values nested too deep to walk (some hundred
        levels).
        """
        values = given_values(expected, predicted)
        result = CaseResult(self.diff(*values))
        for sentence in self._watch.told_of(*values):
            warnings.warn(sentence, RuleWarning, stacklevel=2)
        return result

    def _declared(self, steps: FieldSteps) -> Collection[str]:
        """Return the keys that the schema declares at a field."""
        field = Path((), "")
        for step in steps:
            field = field.item() if step == ITEM else field.key(step)
        return Properties(self.schema_at(field)).named

    def diff(self, expected: Json, predicted: Json) -> Ledger:
        """Judge every field of a prediction; None on either side is an absent answer.

        Raises HarnessError when a value is nested too deep to walk (some hundred levels).
        """
        ledger = Ledger()
        try:
            self.root.diff(expected, predicted, (), (), ledger)
        except RecursionError:
            problem = Problem("the value is nested too deep to compare", "too-deep")
            raise HarnessError(problem) from None
        finally:
            for each in self._maps:
                each.forget()
        return ledger

    def rules_for(self, path: Path) -> list[tuple[str, FieldRule]]:
        """Return the rules that speak of a field, each by its name, the one that beats all first.

        What the schema's `x-match` says is not among them: see `schema_at`.
        """
        return self._rules.named(path.name)

    def schema_at(self, path: Path, at: Steps = ()) -> Schema:
        """Return what the schema says of a field, references followed; empty where it is silent.

        `at` fills the holes of the path: positions of tuples and keys of maps may have schemas of
        their own. Without it, what any of them says is returned.
        """
        schema, followed = self._schemas.resolve(self._schema, ())
        holes = iter(at)
        for step in path.steps:
            hole = None if isinstance(step, str) else next(holes, None)
            schema, followed = self._schemas.resolve(_below(schema, step, hole), followed)
        return schema

    def _field(self, path: Path, raw: Json, within: tuple[str, ...]) -> Field:
        """Compile the field at a path. `within` are the references that led here."""
        schema, followed = self._schemas.resolve(raw, within)
        rule = self._rule(path, schema)
        special = self._special(path, rule)
        if special is not None:
            return special
        if is_object(schema):
            if self._is_map(path, schema):
                return self._map(path, schema, rule, followed)
            refuse_alignment(path, rule)
            field = self._object(path, schema, followed)
            self._branches(field, schema, followed)
            field.recursive = self._schemas.goes_round(followed[len(within) :], within)
            return self._scope(field, _mapping(schema.get("properties")))
        if is_list(schema):
            return self._list(path, schema, rule, followed)
        if is_scalar(schema) and not rule.refers_to:
            return self._scalar(path, schema, rule)
        shapes = {} if rule.refers_to or rule.cumulative else shapes_of(schema)
        return self._shapes(path, shapes, rule, followed) if shapes else self._dynamic(path, rule)

    def _scalar(self, path: Path, schema: Schema, rule: FieldRule) -> Leaf:
        name = path.name or "$"
        own = function_comparator(name, rule, self._functions)

        def within(option: Schema) -> tuple[FieldRule, Comparator | None]:
            settings = branch_rule(option, name)
            return settings, function_comparator(name, settings, self._functions)

        scalar = accepting(typed_scalar(schema, rule, own, within), rule)
        return Leaf(path, scalar, rule, self._dynamic)

    def _shapes(
        self,
        path: Path,
        shapes: Mapping[str, dict[str, Json]],
        rule: FieldRule,
        within: tuple[str, ...],
    ) -> Field:
        """Compile a field of several shapes (a text or a list of texts): the truth's decides."""
        if "scalar" in shapes:
            leaf = self._scalar(path, shapes["scalar"], self._rule(path, shapes["scalar"]))
        else:
            leaf = Leaf(path, untyped_scalar(FieldRule()), rule, self._dynamic)
        shape = Dynamic(path, leaf, self._dynamic)
        listed = self._field(path, shapes["array"], within) if "array" in shapes else None
        if isinstance(listed, ListField):
            shape.listed(listed)
        if "object" in shapes:
            shape.shape = self._field(path, shapes["object"], within)
        return shape

    def _is_map(self, path: Path, schema: Schema) -> bool:
        """Tell whether an object's own rule pairs its entries by what they hold.

        Patterns say nothing of it: they are for lists. Raises HarnessError where the schema names
        the keys.
        """
        match = schema.get("x-match")
        rule = self._rules.own(path.name)
        rule = rule if match is None else rule.over(parse_rule(match, path.name or "$"))
        if not is_aligned_map(rule):
            return False
        if schema.get("properties"):
            what = f"rules.{path.name or '$'}: `align: {rule.align}` is for lists and maps"
            hint = "the schema names the keys of this object: its values are paired by them"
            raise HarnessError(Problem(what, "bad-rule", hint=hint))
        return True

    def _map(self, path: Path, schema: Schema, rule: FieldRule, within: tuple[str, ...]) -> Field:
        """Compile a map whose entries are paired as items of a list."""
        leaf = Leaf(path, untyped_scalar(FieldRule()), rule, self._dynamic)
        plain = self._object(path, schema, within)
        value = self._field(path.value(), _values_schema(schema), within)
        return self._aligned(plain, value, leaf)

    def _aligned(self, plain: Field, value: Field, own: Leaf) -> MapField:
        key = self._dynamic(value.path.key(KEY_FIELD))
        entries = MapField(own.path, plain, (key, value), own)
        self._maps.append(entries)
        return entries

    def _special(self, path: Path, rule: FieldRule) -> Field | None:
        """Return the field of a path whose rule leaves nothing to its schema."""
        if rule.ignore and not self._rules.spares(path.name):
            self.uncompared.add(path.name)
            return IgnoredField(path)
        if path.name in self._local_names:
            self.uncompared.add(path.name)
            return LocalName(path)
        return None

    def _scope(self, field: ObjectField | Dynamic, named: Mapping[str, Json]) -> Field:
        """Return an object's field, or the scope it is if it holds entity collections."""
        whole = {key: self._behind(schema) for key, schema in named.items()}
        keys = {key: self._rule(field.path.key(key), s) for key, s in whole.items()}
        known = [
            key
            for key, rule in keys.items()
            if rule.align == "entity" and self._is_collection(field.path.key(key), named[key])
        ]
        known += [key for key in self._rules.keys_below(field.path) if key not in keys]
        for key in known:
            name = field.path.key(key).name
            rule = self._rule(field.path.key(key), whole.get(key, {}))
            self.collections[name] = rule
            self._local_names.update(_local_names(name, rule))
        return EntityScope(field, known) if known else field

    def _is_collection(self, path: Path, schema: Json) -> bool:
        """Tell whether what a rule calls entities can be: a pattern may mean scalars as well."""
        whole, _ = self._schemas.resolve(schema, ())
        is_own = "x-match" in whole or self._rules.own(path.name).align == "entity"
        if is_own and is_scalar(whole):
            what = f"rules.{path.name}: `align: entity` is for lists and maps"
            hint = "the schema has a single value there"
            raise HarnessError(Problem(what, "bad-rule", hint=hint))
        return is_own or not (is_scalar(whole) or is_object(whole))

    def _behind(self, schema: Json) -> Schema:
        """Return a schema with references followed; empty where they lead nowhere, told later."""
        if not self._ruled:
            return _mapping(schema)
        try:
            return self._schemas.resolve(schema, ())[0]
        except HarnessError:
            return {}

    def _object(self, path: Path, schema: Schema, within: tuple[str, ...]) -> ObjectField:
        properties = Properties(schema)
        others: dict[object, Field] = {}

        def rest(key: str) -> Field:
            patterns = properties.other(key)
            name = key if patterns is None else patterns
            if name not in others:
                others[name] = (
                    self._dynamic(path.key(key, declared=properties.open))
                    if patterns is None
                    else self._field(path.value(), properties.schema(patterns), within)
                )
            return others[name]

        def fields() -> Mapping[str, Field]:
            named = properties.named.items()
            return {k: self._field(path.key(k), child, within) for k, child in named}

        return ObjectField(path, self._own(path), fields, rest)

    def _branches(self, whole: ObjectField, schema: Schema, within: tuple[str, ...]) -> None:
        """Tell the field of a union what chooses, by a true object, the branch that judges it.

        Properties that say in a branch what they say in the union are the union's own fields, and
        so are constants and choices: those of another branch are wrong values in the right format.
        """
        options = object_branches(schema)
        if not options:
            return
        merged = _mapping(schema.get("properties"))
        branches: list[ObjectBranch] = []

        def named(option: Schema) -> Mapping[str, Field]:
            whole.grown()
            return {
                key: whole.known[key]
                if child == merged.get(key) or members_of(self._schemas.resolve(child, within)[0])
                else self._field(whole.path.key(key), child, within)
                for key, child in _mapping(option.get("properties")).items()
            }

        def rest(key: str) -> Field:
            return whole.known.get(key) or whole.rest(key)

        fields = [
            ObjectField(whole.path, whole.own, partial(named, option), rest) for option in options
        ]

        def choose(value: Mapping[str, Json]) -> ObjectField | None:
            if not branches:
                branches.extend(self._branch(option, within) for option in options)
            at = chosen_branch(branches, value)
            return None if at is None else fields[at]

        whole.choose, whole.branches = choose, lambda: fields

    def _branch(self, option: Schema, within: tuple[str, ...]) -> ObjectBranch:
        named = _mapping(option.get("properties")).items()
        return ObjectBranch(option, {k: self._schemas.resolve(s, within)[0] for k, s in named})

    def _list(self, path: Path, schema: Schema, rule: FieldRule, within: tuple[str, ...]) -> Field:
        positions, at = positions_of(schema), path.item()
        if positions is None or rule.align not in (None, "position"):
            item = self._item(at, _items_schema(schema), within)
        else:
            fields = [self._item(at, position, within) for position in positions[0]]
            item = Positions(at, fields, self._item(at, positions[1], within))
            rule = rule.over(FieldRule(align="position"))
        items = ListField(path, item, self._own(path), rule)
        return self._statements(items) if rule.cumulative else items

    def _item(self, path: Path, schema: Json, within: tuple[str, ...]) -> Field:
        """Compile the field of an item, later where its references go round."""
        _, followed = self._schemas.resolve(schema, within)
        if self._schemas.goes_round(followed[len(within) :], within):
            return Later(path, lambda: self._field(path, schema, within))
        return self._field(path, schema, within)

    def _statements(self, field: ListField) -> Field:
        """Return a list of statements that are judged one by one and as their sum."""
        keys = field.item.keys if isinstance(field.item, EntityScope) else ()
        rules = {key: self.collections[field.item.path.key(key).name] for key in keys}
        return Statements(field, {key: rule.id or "id" for key, rule in rules.items()})

    def _own(self, path: Path) -> Leaf:
        """Return the leaf that stands for a container where it is judged as a whole."""
        rule = self._rules(path.name)
        once = replace(rule, cumulative=None)
        return Leaf(path, untyped_scalar(FieldRule()), rule, lambda at: self._dynamic(at, once))

    def _dynamic(self, path: Path, rule: FieldRule | None = None) -> Field:
        rule = rule or self._marks.on(path, self._rules(path.name))
        self._watch.add(path.name, rule)
        special = self._special(path, rule)
        if special is not None:
            return special
        self.size += 1
        own = function_comparator(path.name or "$", rule, self._functions)
        plain = REFERENCE_PREFIX if rule.refers_to else accepting(untyped_scalar(rule, own), rule)
        leaf = Leaf(path, plain, rule, self._dynamic)
        if rule.cumulative:
            item = self._dynamic(path.item())
            return self._statements(ListField(path, item, self._own(path), rule))
        shape = Dynamic(path, leaf, self._dynamic)
        if is_aligned_map(self._rules.own(path.name)):
            return self._aligned(shape, self._dynamic(path.value()), leaf)
        return self._scope(shape, {})

    def _rule(self, path: Path, schema: Schema) -> FieldRule:
        """Return a field's rule: the suite's, over what the schema's `x-match` says."""
        rule = self._rules(path.name)
        if "x-match" in schema:
            rule = rule.over(parse_rule(schema["x-match"], path.name or "$"))
        self._watch.add(path.name, rule)
        return self._marks.on(path, rule)


def given_schema(schema: Any) -> Json:  # noqa: ANN401  # whatever a caller has
    """Return a schema as JSON, a Pydantic class as its own; HarnessError for anything else.

    >>> given_schema({"type": "string"}), given_schema(None)
    ({'type': 'string'}, None)
    """
    written = getattr(schema, "model_json_schema", None)
    if callable(written):
        try:
            schema = written()
        except (AttributeError, NameError, RuntimeError) as error:  # how Pydantic says it cannot
            what = f"the model's class gives no JSON Schema: {error}"
            raise HarnessError(Problem(what, "bad-schema")) from None
    if schema is None or isinstance(schema, dict | bool):
        return schema
    what = f"a schema is an object, and this is of type {type(schema).__name__}"
    hint = "give the JSON Schema itself, or a Pydantic model's class"
    if isinstance(schema, str) or hasattr(schema, "__fspath__"):
        hint = "no file is read here: give json.loads(Path(...).read_text()), or a model's class"
    raise HarnessError(Problem(what, "bad-schema", hint=hint))


def _local_names(collection: str, rule: FieldRule) -> tuple[str, str]:
    """Return the fields that name a collection's entities: of a list, and of a map."""
    return f"{collection}[].{rule.id or 'id'}", f"{collection}{{}}.{KEY_FIELD}"


def _mapping(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _items_schema(schema: Schema) -> Json:
    """Return the schema that any item of a list keeps to."""
    items, first = schema.get("items"), schema.get("prefixItems")
    tuples = first if isinstance(first, list) else items if isinstance(items, list) else None
    if tuples is None:
        return items
    return {"anyOf": [*tuples, *([items] if isinstance(items, dict) else [])]}


def _below(schema: Schema, step: str | int, hole: str | int | None) -> Json:
    """Return what a schema says one step of a path further down; `hole` is what fills the step."""
    schema = shapes_of(schema).get("object" if isinstance(step, str) else "array") or schema
    if isinstance(step, str):
        return Properties(schema).named.get(step)
    if isinstance(hole, str):
        properties = Properties(schema)
        patterns = properties.other(hole)
        return None if patterns is None else properties.schema(patterns)
    positions = positions_of(schema)
    if positions is not None and hole is not None:
        return positions[0][hole] if hole < len(positions[0]) else positions[1]
    return _values_schema(schema) if step == KEY else _items_schema(schema)


def _values_schema(schema: Schema) -> Json:
    """Return the schema of a free-key map's values, or None where keys are not free."""
    patterns = list(_mapping(schema.get("patternProperties")).values())
    rest = schema.get("additionalProperties")
    if isinstance(rest, dict):
        return {"anyOf": [*patterns, rest]} if patterns else rest
    return {"anyOf": patterns} if patterns else None
