"""Calls against a server that misbehaves: what is asked again, what never twice, what is kept."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from harness.core.records import FailureKind
from harness.errors import HarnessError
from harness.extract.dialects.dialect import ModelAnswer
from harness.extract.dialects.openai import OPENAI
from harness.extract.dialects.responses import answer_in
from harness.extract.sending.budget import Caps, Cost
from harness.extract.sending.cache import Cache
from harness.extract.sending.caller import Caller
from harness.extract.sending.calls import Reply
from harness.extract.sending.exchanges import EXCHANGES, Exchanges
from harness.extract.sending.send import Patience
from harness.extract.transport import Request, Response
from tests.extract.calling import QUICK, Session, Setting, question
from tests.extract.server.behaviour import Asked, Behaviour, Fault
from tests.extract.server.behaviour import answer_in as server_answer
from tests.extract.server.serving import serving
from tests.patience import MOMENT, PATIENCE, wait_until
from tests.posix import files_up_to

CONTENTS = [f"case {number}" for number in range(6)]


def lines(folder: Path) -> list[dict[str, object]]:
    text = (folder / EXCHANGES).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.removesuffix("\n").split("\n")]


def test_every_exchange_is_written_down_byte_for_byte(tmp_path: Path) -> None:
    with serving() as server:
        session = Session(Setting(tmp_path), server)
        session.ask(['"quoted"\u2028 and \U0001f600'])
    (line,) = lines(tmp_path)
    (content,) = session.said
    asked = question(server, content)
    assert line["request"] == {
        "url": asked.request.url,
        "headers": [["content-type", "application/json"]],
        "body": asked.request.body.decode(),
    }
    response = line["response"]
    assert isinstance(response, dict)
    assert response["body"].encode() == session.body(content)
    assert (line["case_id"], line["status"], response["status"]) == (content, 200, 200)


@pytest.mark.parametrize(
    "fault",
    [Fault.SERVER_ERROR, Fault.UNAVAILABLE, Fault.CUT, Fault.CUT_BODY, Fault.RATE_LIMIT],
)
def test_what_can_succeed_again_is_asked_again(tmp_path: Path, fault: Fault) -> None:
    with serving(Behaviour(script=(fault,), retry_after="0.01")) as server:
        session = Session(Setting(tmp_path), server)
        session.ask(["one"])
        assert server.counts.calls.total() == 2
    assert isinstance(session.said["one"], Reply)
    assert session.calls["one"].calls == 2
    assert len(lines(tmp_path)) == 2


@pytest.mark.parametrize("fault", [Fault.BAD_REQUEST, Fault.UNAUTHORISED, Fault.QUOTA])
def test_what_cannot_succeed_is_handed_on_and_not_asked_again(tmp_path: Path, fault: Fault) -> None:
    with serving(Behaviour(script=(fault,))) as server:
        session = Session(Setting(tmp_path), server)
        session.ask(["one"])
        assert server.counts.calls.total() == 1
    said = session.said["one"]
    assert isinstance(said, Reply)
    assert said.received.status >= 400


def test_patience_ends_after_so_many_tries(tmp_path: Path) -> None:
    with serving(Behaviour(faults={Fault.SERVER_ERROR: 1.0})) as server:
        session = Session(Setting(tmp_path, patience=Patience(attempts=2)), server)
        session.ask(["one"])
        assert server.counts.calls.total() == 2
    failure = session.failure("one")
    assert failure.kind is FailureKind.TRANSPORT
    assert failure.message.startswith("HTTP 500: ")
    assert failure.message.endswith("(asked 2 times)")


def test_a_server_that_only_turns_away_is_a_rate_limit_in_the_end(tmp_path: Path) -> None:
    with serving(Behaviour(faults={Fault.RATE_LIMIT: 1.0}, retry_after="0.001")) as server:
        session = Session(Setting(tmp_path, patience=replace(QUICK, refusals=5)), server)
        session.ask(["one"])
        assert server.counts.calls.total() == 5
    failure = session.failure("one")
    assert failure.kind is FailureKind.RATE_LIMIT
    assert failure.message.startswith("turned away 5 times, at last with HTTP 429: ")


def test_a_wait_longer_than_our_patience_ends_all_asking_at_once(tmp_path: Path) -> None:
    with serving(Behaviour(per_second=1, retry_after="86400", clock=lambda: 0.0)) as server:
        setting = Setting(tmp_path)
        session = Session(setting, server)
        session.ask(CONTENTS)
        assert server.counts.calls.total() <= setting.ceilings.in_flight
    kinds = [said.kind for said in session.said.values() if not isinstance(said, Reply)]
    assert kinds == [FailureKind.RATE_LIMIT] * 5


def test_a_server_nobody_is_at_is_given_up_for_all(tmp_path: Path) -> None:
    with serving() as server:
        pass
    setting = Setting(tmp_path, patience=Patience(attempts=1))
    session = Session(replace(setting, ceilings=replace(setting.ceilings, in_flight=1)), server)
    session.ask(CONTENTS)
    assert len(lines(tmp_path)) == 1
    assert {session.failure(content).kind for content in CONTENTS} == {FailureKind.TRANSPORT}
    assert "never asked: the endpoint cannot be reached" in session.failure(CONTENTS[-1]).message


def test_a_server_that_tls_refuses_is_tried_once_for_all(tmp_path: Path) -> None:
    with serving() as server:
        secured = replace(server, origin=server.origin.replace("http://", "https://"))
        setting = Setting(tmp_path)
        session = Session(
            replace(setting, ceilings=replace(setting.ceilings, in_flight=1)), secured
        )
        session.ask(CONTENTS)
    assert len(lines(tmp_path)) == 1
    first, *others = (session.failure(content).message for content in CONTENTS)
    assert first.startswith("no TLS is spoken at 127.0.0.1:")
    assert {other.partition(":")[0] for other in others} == {"never asked"}


def test_a_hang_ends_with_the_time_limit_of_the_request(tmp_path: Path) -> None:
    with serving(Behaviour(script=(Fault.HANG,))) as server:
        patience = replace(QUICK, attempts=1_000)  # a busy machine may take longer for an answer
        session = Session(Setting(tmp_path, seconds=0.2, patience=patience), server)
        session.ask(["one"])
    assert isinstance(session.said["one"], Reply)
    first, *_ = lines(tmp_path)
    assert first["status"] is None
    assert first["response"] == {"unreached": "timeout", "message": "no whole answer after 0.2 s"}


def test_what_one_run_was_answered_the_next_finds_in_the_cache(tmp_path: Path) -> None:
    cache = tmp_path / ".harness" / "cache.sqlite3"
    with serving() as server:
        first, second = (Session(Setting(tmp_path / name, cache), server) for name in "ab")
        for name in "ab":
            (tmp_path / name).mkdir()
        first.ask(CONTENTS)
        second.ask(CONTENTS)
        assert server.counts.calls.total() == len(CONTENTS)
    for content in CONTENTS:
        assert second.body(content) == first.body(content)
        assert (first.calls[content].cached, second.calls[content].cached) == (False, True)
    assert second.caller.sender.budget.spent == Cost()
    assert (tmp_path / ".harness" / ".gitignore").read_text() == "*\n"


def test_equal_questions_are_asked_once_however_many_cases_ask_at_once(tmp_path: Path) -> None:
    with serving(Behaviour(latency=0.05)) as server:
        session = Session(Setting(tmp_path), server)
        session.ask(["same", "same", "same"])
        assert server.counts.calls.total() == 1


def test_what_a_run_received_before_it_was_killed_is_not_asked_again(tmp_path: Path) -> None:
    with serving() as server:
        first = Session(Setting(tmp_path), server)
        first.ask(CONTENTS[:4])
        with (tmp_path / EXCHANGES).open("ab") as file:
            file.write(b'{"key":"torn')
        second = Session(Setting(tmp_path), server)
        second.ask(CONTENTS)
        assert set(server.counts.calls.values()) == {1}
    assert [second.calls[content].calls for content in CONTENTS] == [1] * 6
    assert not any(second.calls[content].cached for content in CONTENTS)
    assert len(lines(tmp_path)) == 6, "the torn line is gone"
    found = list(second.caller.sender.exchanges.paid())
    assert [most for most, _ in found] == [(100, 50)] * 6
    assert {came.status for _, came in found if came} == {200}
    assert second.caller.sender.budget.spent.tokens == 2 * 30, "what was received was booked before"


def test_asked_afresh_what_an_earlier_session_received_does_not_count(tmp_path: Path) -> None:
    with serving() as server:
        Session(Setting(tmp_path), server).ask(["one"])
        Session(Setting(tmp_path), server).ask(["one"], afresh=True)
        assert server.counts.calls.total() == 2


def test_what_a_request_that_broke_may_have_cost_counts_in_the_next_session(tmp_path: Path) -> None:
    with serving(Behaviour(script=(Fault.CUT,))) as server:
        Session(Setting(tmp_path), server).ask(["one"])
        second = Session(Setting(tmp_path), server)
        second.ask([])
    broken, _answered = second.caller.sender.exchanges.paid()
    assert broken == ((100, 50), None)


class Silent:
    """A server that takes a request and says nothing."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()

    async def send(self, request: Request) -> Response:
        del request
        self.reached.set()
        await asyncio.Event().wait()
        raise AssertionError

    async def close(self) -> None:
        """Nothing is open."""


def test_a_request_that_was_given_up_may_have_to_be_paid_for(tmp_path: Path) -> None:
    with serving() as server:
        session = Session(Setting(tmp_path), server)

        async def give_up() -> None:
            silent = Silent()
            sender = session.sender(silent)
            asked = Caller(sender, None).calls("one", 1).ask(question(server, "one"))
            task = asyncio.create_task(asked)
            await silent.reached.wait()
            task.cancel()
            await asyncio.wait([task])
            assert task.cancelled()
            sender.exchanges.close()

        asyncio.run(give_up())
        second = Session(Setting(tmp_path), server)
        second.ask([])
    sender = second.caller.sender
    assert (sender.exchanges.calls, list(sender.exchanges.paid())) == (1, [((100, 50), None)])


def test_a_damaged_line_counts_at_the_most_it_can_have_cost(tmp_path: Path) -> None:
    with serving() as server:
        Session(Setting(tmp_path), server).ask(["one", "two"])
        path = tmp_path / EXCHANGES
        whole = path.read_bytes()
        path.write_bytes(whole.replace(b'"response":{', b'"response":{\x00\xff', 1))
        second = Session(Setting(tmp_path), server)
        second.ask([])
    found = list(second.caller.sender.exchanges.paid())
    assert [most for most, _ in found] == [(100, 50)] * 2
    assert [came is None for _, came in found] == [True, False]


def test_a_cache_that_breaks_is_left_and_is_no_failure_of_the_model(tmp_path: Path) -> None:
    cache = tmp_path / "cache.sqlite3"
    with serving() as server:
        Session(Setting(tmp_path, cache), server).ask(["one"])
        database = sqlite3.connect(cache)
        database.execute("alter table answers rename to others")
        database.commit()
        database.close()
        second = Session(Setting(tmp_path, cache), server)
        second.ask(["two", "three"])
    assert second.body("two")
    assert len(second.caller.warnings) == 1


def test_a_form_refused_in_another_run_is_no_answer_once_the_form_is_known(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache.sqlite3")
    with serving() as server:
        asked = question(server, "one")
        at = "2026-01-01T00:00:00.000+00:00"
        cache.keep((asked.key, 1), asked.request.url, Response(400, {}, b"{}", 0.1), at)
        caller = Caller(Session(Setting(tmp_path), server).sender(), cache)
        probing = caller.known("one", replace(asked, probing=True))
        assert probing is not None
        assert probing.received.status == 400
        assert caller.known("one", asked) is None
        caller.close()


@pytest.mark.parametrize(
    ("caps", "calls"),
    [(Caps(calls=4), 4), (Caps(tokens=299), 5), (Caps(tokens=149), 0)],
    ids=["calls", "tokens", "less than one takes"],
)
def test_caps_are_exact(tmp_path: Path, caps: Caps, calls: int) -> None:
    with serving() as server:
        session = Session(Setting(tmp_path, caps=caps), server)
        session.ask([f"case {number}" for number in range(20)])
        assert server.counts.calls.total() == calls
    spent = session.caller.sender.budget.spent
    assert (spent.calls, spent.tokens) == (calls, 30 * calls)
    refused = [said for said in session.said.values() if not isinstance(said, Reply)]
    assert {each.kind for each in refused} == {FailureKind.BUDGET}
    assert len(refused) == 20 - calls


def test_a_full_disk_stops_all_asking_and_leaves_whole_lines(tmp_path: Path) -> None:
    with serving() as server:
        session = Session(Setting(tmp_path), server)
        with files_up_to(3_000):
            session.ask([f"case {number}" for number in range(50)])
        asked = server.counts.calls.total()
    assert isinstance(session.caller.sender.broken, OSError)
    kept = len(lines(tmp_path))
    assert 0 < kept < asked <= kept + 8, "only those in flight were lost"
    failures = [said for said in session.said.values() if not isinstance(said, Reply)]
    assert {each.kind for each in failures} == {FailureKind.INTERRUPTED}


def test_a_run_that_is_being_written_is_not_written_by_another(tmp_path: Path) -> None:
    first = Exchanges(tmp_path / EXCHANGES)
    with pytest.raises(HarnessError, match="another process is writing this run"):
        Exchanges(tmp_path / EXCHANGES)
    first.close()
    Exchanges(tmp_path / EXCHANGES).close()


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Write a database meanwhile, as another process does."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("begin immediate")
    yield
    other.execute("commit")
    other.close()


@pytest.mark.parametrize("begin", ["before", "while"])
def test_a_cache_that_another_process_writes_holds_up_nothing_and_gets_every_answer(
    tmp_path: Path, begin: str
) -> None:
    path, contents = tmp_path / "cache.sqlite3", [f"case {number}" for number in range(30)]
    Cache(path).close()
    begun, asked = threading.Event(), threading.Event()
    answered: list[str] = []

    def answer(question: Asked) -> str:
        asked.set()
        assert begun.wait(PATIENCE)
        answered.append(question.text)
        return server_answer(question)

    def write() -> None:
        if begin == "while":
            assert asked.wait(PATIENCE)
        with writing(path):
            begun.set()
            if begin == "while":  # no answer waits for what is written here
                wait_until(lambda: len(answered) == len(contents))
            else:
                time.sleep(MOMENT)

    writer = threading.Thread(target=write)
    with serving(Behaviour(answer=answer)) as server:
        session = Session(Setting(tmp_path, path), server)
        writer.start()
        assert begin == "while" or begun.wait(PATIENCE)
        session.ask(contents)
        writer.join()
        assert server.counts.calls.total() == len(contents), "no time-out, nothing paid for twice"
        again = Session(Setting(tmp_path / "again", path), server)
        (tmp_path / "again").mkdir()
        again.ask(contents)
        assert server.counts.calls.total() == len(contents), "the cache has every answer"
    assert all(isinstance(said, Reply) for said in session.said.values())


def test_of_a_reply_that_is_larger_than_is_read_little_is_kept(tmp_path: Path) -> None:
    with serving(Behaviour(script=(Fault.HUGE,))) as server:
        session = Session(Setting(tmp_path), server)
        session.ask(["one"])
        reply = session.said["one"]
        assert isinstance(reply, Reply)
        assert reply.received.size is not None
        assert reply.received.size > 1_000_000
        assert (tmp_path / EXCHANGES).stat().st_size < 100_000
        again = Session(Setting(tmp_path), server)
        again.ask(["one"])
    found = again.said["one"]
    assert isinstance(found, Reply)
    assert found.received == replace(reply.received, seconds=found.received.seconds)


def test_a_count_of_tokens_with_thousands_of_digits_costs_no_answer() -> None:
    content = {"content": '{"total": 5}'}
    body = json.dumps({"choices": [{"message": content, "finish_reason": "stop"}]})
    usage = '"usage": {"prompt_tokens": ' + "9" * 5_000 + "}"
    received = Response(200, {}, f"{body[:-1]}, {usage}}}".encode(), 0.1)
    said = answer_in(received, OPENAI)
    assert isinstance(said, ModelAnswer)
    assert (said.text, said.usage.input_tokens) == ('{"total": 5}', None)
