"""Errors no waiting mends end a run at once; errors inside a response of status 200 are errors."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.core.records import Failure, FailureKind
from harness.extract.sending.pace import Ceilings
from harness.extract.sending.send import Patience
from tests.extract.calling import Session, Setting
from tests.extract.direct import spec_for, talk
from tests.extract.server.behaviour import Behaviour, Fault
from tests.extract.server.serving import serving
from tests.extract.shapes import case, document

IN_FLIGHT = 4
WITHIN_200 = [
    Fault.ERROR_200,
    Fault.ERROR_429_IN_200,
    Fault.OVERLOADED_IN_200,
    Fault.CHOICE_ERROR,
    Fault.CHOICE_ERROR_PARTIAL,
    Fault.FINISH_ERROR,
    Fault.NO_RESOURCE,
    Fault.NULL_CHOICES,
    Fault.BARE_ERROR,
    Fault.LOADING,
]


@pytest.mark.parametrize("cases", [3, 3_000])
@pytest.mark.parametrize("fault", [Fault.QUOTA, Fault.BILLING, Fault.DAILY, Fault.SPENT])
def test_an_account_that_is_empty_is_told_by_one_answer_and_not_once_a_case(
    tmp_path: Path, fault: Fault, cases: int
) -> None:
    with serving(Behaviour(faults={fault: 1.0})) as server:
        session = Session(Setting(tmp_path, ceilings=Ceilings(IN_FLIGHT)), server)
        session.ask([f"c{number}" for number in range(cases)])
        assert server.counts.calls.total() <= IN_FLIGHT
        told = [each.message for each in session.said.values() if isinstance(each, Failure)]
    assert len(told) >= cases - IN_FLIGHT
    assert all(message.startswith("never asked: the endpoint answered 4") for message in told)


@pytest.mark.parametrize("fault", [Fault.BAD_KEY, Fault.NO_MODEL, Fault.NOT_FOUND, Fault.PLACE])
def test_a_refused_key_or_an_unknown_model_is_asked_with_once_in_one_form(fault: Fault) -> None:
    cases = [
        replace(case(f"c{n}", document(f"{n}.txt", f"{n}\n")), schema={"type": "object"})
        for n in range(30)
    ]
    with serving(Behaviour(faults={fault: 1.0})) as server:
        talk(spec_for(server), *cases)
        assert server.counts.calls.total() == 1


@pytest.mark.parametrize("fault", WITHIN_200)
def test_an_error_inside_a_200_is_asked_again_now_and_by_a_later_session(
    tmp_path: Path, fault: Fault
) -> None:
    setting = Setting(tmp_path, patience=Patience(attempts=1, refusals=1, seconds=60.0))
    with serving(Behaviour(script=(fault, None))) as server:
        first = Session(setting, server)
        first.ask(["a"])
        assert first.failure("a").kind.is_missing
        second = Session(setting, server)
        second.ask(["a"])
        assert b"a" in second.body("a")
    with serving(Behaviour(script=(fault, None))) as server:
        patient = Session(replace(setting, folder=tmp_path / "b", patience=Patience(3, 3)), server)
        (tmp_path / "b").mkdir()
        patient.ask(["a"])
        assert b"a" in patient.body("a")


def test_what_is_turned_away_for_good_repeats_the_reason_of_the_endpoint(tmp_path: Path) -> None:
    patience = Patience(attempts=2, refusals=50, seconds=0.0)
    with serving(Behaviour(faults={Fault.BODY_WORDS: 1.0})) as server:
        session = Session(Setting(tmp_path, patience=patience), server)
        session.ask(["a"])
        failure = session.failure("a")
    assert failure.kind is FailureKind.RATE_LIMIT
    assert "Please try again in 10ms." in failure.message
