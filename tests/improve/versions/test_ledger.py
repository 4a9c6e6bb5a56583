"""The ledger keeps every whole line, and lets a killed session go on where it stopped."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import HarnessError
from harness.improve.versions.ledger import LedgerSession, Lock, PromptLedger, open_session

ENDS: dict[str, dict[str, object]] = {"stop": {"reason": "enough"}, "holdout": {"look": 1}}


def opened(path: Path, **start: object) -> LedgerSession:
    return open_session(PromptLedger(path), {"prompt": "a", "version": "v", **start})


def nothing() -> dict[str, object]:
    return {}


def made_twice() -> dict[str, float]:
    pytest.fail("made twice")


def test_a_torn_last_line_is_not_read_and_is_cut_away_by_the_next_step(tmp_path: Path) -> None:
    ledger = PromptLedger(tmp_path / "ledger.jsonl")
    ledger.append({"step": "start", "session": 1, "version": "v"})
    whole = ledger.path.read_bytes()
    ledger.path.write_bytes(whole + b'{"step":"ru')
    assert [entry["step"] for entry in ledger.entries()] == ["start"]
    ledger.append({"step": "holdout", "look": 1})
    assert ledger.path.read_bytes() == whole + b'{"step":"holdout","look":1}\n'


def test_a_whole_line_that_is_no_step_is_refused_with_its_number(tmp_path: Path) -> None:
    ledger = PromptLedger(tmp_path / "ledger.jsonl")
    start = '{"step":"start","version":"v"}\n'
    for line in ('{"step":3}', '{"step":[]}', '{"step":"sing"}', "5"):
        ledger.path.write_text(f"{start}{line}\n", encoding="utf-8")
        with pytest.raises(HarnessError, match=r"ledger\.jsonl:2: not a step of a ledger"):
            ledger.entries()
    ledger.path.write_text(f'{start}{{"step":"holdout","look":"x"}}\n', encoding="utf-8")
    with pytest.raises(HarnessError, match=r"ledger\.jsonl:2: look: input should be a valid int"):
        ledger.entries()


def test_a_session_that_has_not_stopped_is_resumed_without_making_its_steps_again(
    tmp_path: Path,
) -> None:
    path = tmp_path / "ledger.jsonl"
    noise = {"floor": 0.1 + 0.2, "unsteady": {}, "steady": True}
    assert opened(path).step("noise", lambda: noise)["floor"] == 0.1 + 0.2
    again = opened(path)
    assert again.replaying
    assert again.step("noise", made_twice)["floor"] == 0.1 + 0.2
    assert not again.replaying


@pytest.mark.parametrize("last", ["stop", "holdout"])
def test_another_session_is_begun_after_a_stop_or_with_other_settings(
    tmp_path: Path, last: str
) -> None:
    path = tmp_path / "ledger.jsonl"
    opened(path).step(last, lambda: ENDS[last])
    assert opened(path, **({} if last == "stop" else {"target": 0.9})).number == 2


def test_a_replay_that_goes_another_way_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    opened(path).step("holdout", lambda: ENDS["holdout"])
    with pytest.raises(HarnessError, match="went on with 'holdout', not with 'noise'"):
        opened(path).step("noise", nothing)


def test_two_improvements_of_one_prompt_do_not_run_at_once(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with Lock(path), pytest.raises(HarnessError, match="another improvement"):
        Lock(path).__enter__()
    with Lock(path):
        pass
