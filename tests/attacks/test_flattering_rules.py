"""Flattering answers, for every setting of a rule, at three rows and at three thousand."""

from __future__ import annotations

from dataclasses import fields
from typing import Final

import pytest

from harness import FieldRule, score
from tests.attacks.rule_targets import RULE_ATTACKS, RuleAttack

SIZES: Final = (3, 3_000)
ATTACKS: Final = [
    pytest.param(attack, id=f"{name} {n}")
    for name, attacks in RULE_ATTACKS.items()
    for n, attack in enumerate(attacks)
]


def test_every_setting_of_a_rule_faces_an_attack() -> None:
    assert set(RULE_ATTACKS) == {setting.name for setting in fields(FieldRule)}
    assert all(RULE_ATTACKS.values())


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("attack", ATTACKS)
def test_an_answer_made_for_a_rule_gets_no_more_than_it_knows(
    attack: RuleAttack, size: int
) -> None:
    result = score(attack.truth(size), attack.answer(size), rules=attack.rules)
    assert result.counts.correct == attack.most(size)
    collections = [name for name, rule in attack.rules.items() if rule.get("align") == "entity"]
    assert sum(result.items[name][0] for name in collections) == attack.items(size)
