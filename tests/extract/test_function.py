"""Python functions as extractors."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable as Function
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from pathlib import Path

import pytest
from pydantic import BaseModel, RootModel

from harness.cases.suite import Callable, Limits
from harness.core.records import Answer, Case, Failure, FailureKind
from harness.core.values import Json
from harness.errors import HarnessError
from harness.extract.build import Extractor, build
from harness.extract.programs import function
from tests.extract.shapes import answered, case, document, failed, said, suite
from tests.patience import PATIENCE

ONE = case("one", document("a.txt", "rent 900"))


def calling(what: Function[[Case], object], seconds: float = 5) -> Extractor:
    return function.FunctionExtractor(what, seconds, Path(__file__).parent, Limits())


def returning(value: object) -> Extractor:
    return calling(lambda _: value)


class Colour(StrEnum):
    """Text by another name."""

    RED = "red"


class Level(IntEnum):
    """A number by another name."""

    HIGH = 3


class Plain(Enum):
    """Neither text nor number."""

    A = 1


@dataclass
class Room:
    """What a user may return."""

    name: str
    size: tuple[int, ...]


class Self(BaseModel):
    """A model that can hold itself."""

    inner: object = None


class Rent(BaseModel):
    """What a user may return."""

    amount: Decimal
    since: date
    rooms: list[Room] = []


KEPT: dict[str, tuple[object, Json]] = {
    "JSON": ({"a": [1, 2.5, None, True, "x"]}, {"a": [1, 2.5, None, True, "x"]}),
    "nothing": (None, None),
    "a decimal": ({"a": [Decimal(1)]}, {"a": [1]}),
    "a date": ([date(2024, 1, 2)], ["2024-01-02"]),
    "a set": ({1}, [1]),
    "an enum member": ([Plain.A], [1]),
    "NaN": ({"a": float("nan")}, {"a": None}),
    "a whole-number key": ({"a": {1: 2}}, {"a": {"1": 2}}),
    "a tuple": ((1, ("x",)), [1, ["x"]]),
    "enum members": ([Colour.RED, Level.HIGH], ["red", 3]),
    "a dataclass": (Room("hall", (3, 4)), {"name": "hall", "size": [3, 4]}),
    "a pydantic model": (
        [Rent(amount=Decimal("9.50"), since=date(2024, 1, 2), rooms=[Room("hall", ())])],
        [{"amount": 9.5, "since": "2024-01-02", "rooms": [{"name": "hall", "size": []}]}],
    ),
    "a pydantic model of one value": (RootModel[int](3), 3),
    "a lone surrogate": ({"\ud800": "\udfff"}, {r"\ud800": r"\udfff"}),
    "one list twice": ([ONE.tags] * 2, [[], []]),
}
CYCLE: list[object] = [1]
CYCLE.append({"again": CYCLE})
DEEP: list[object] = []
for _ in range(150):
    DEEP = [DEEP]
RING = Self()
RING.inner = RING
REFUSED: dict[str, tuple[object, str]] = {
    "bytes": ({"a": [b"x"]}, "a[0] is a bytes"),
    "a class": (Room, "$ is a type"),
    "infinity": ([float("inf")], "[0] is inf"),
    "an integer beyond a double": ([10**400], "[0] is an integer too large"),
    "a key that is no string": ({"a": {(1,): 2}}, "a has the key (1,)"),
    "a model in itself": ({"a": RING}, "a cannot be dumped by pydantic: Circular reference"),
    "a cycle": (CYCLE, "[1].again refers to itself"),
}


@pytest.mark.parametrize("shape", KEPT)
def test_what_is_json_or_stands_for_it_is_an_answer(shape: str) -> None:
    returned, value = KEPT[shape]
    assert said(returning(returned), ONE) == Answer(value)


@pytest.mark.parametrize("shape", REFUSED)
def test_what_is_not_json_is_named_with_its_path(shape: str) -> None:
    returned, message = REFUSED[shape]
    kind, got = failed(said(returning(returned), ONE))
    assert kind is FailureKind.NOT_JSON
    assert message in got


def test_what_nests_too_deep_is_refused() -> None:
    assert failed(said(returning(DEEP), ONE))[0] is FailureKind.TOO_DEEP


@pytest.mark.parametrize("reply", ['So: {"a": 1}', b'So: {"a": 1}'], ids=["text", "bytes"])
def test_text_is_read_as_a_reply(reply: str | bytes) -> None:
    assert answered(said(returning(reply), ONE)) == ({"a": 1}, ("prose_around",))


def test_answers_and_failures_are_passed_on() -> None:
    answer = Answer({"a": 1}, "raw", ("mended",))
    failure = Failure(FailureKind.REFUSAL, "no")
    assert said(returning(answer), ONE) == answer
    assert said(returning(failure), ONE) == failure
    wrong = Answer(b"x")  # type: ignore[arg-type] # what a user may do
    assert failed(said(returning(wrong), ONE))[0] is FailureKind.NOT_JSON


def test_the_function_is_given_the_case() -> None:
    assert said(calling(lambda one: [one.documents[0].text]), ONE) == Answer(["rent 900"])


def test_async_functions_are_awaited_however_they_come() -> None:
    async def answer(one: Case) -> Json:
        await asyncio.sleep(0)
        return [one.id]

    def hand_on(one: Case) -> object:
        return answer(one)

    assert said(calling(answer), ONE) == Answer(["one"])
    assert said(calling(hand_on), ONE) == Answer(["one"])


def test_sync_functions_run_side_by_side() -> None:
    both = threading.Barrier(2, timeout=PATIENCE)

    def meet(_: Case) -> Json:
        both.wait()
        return [1]

    async def run() -> list[Answer | Failure]:
        extractor = calling(meet)
        return [*await asyncio.gather(extractor.extract(ONE), extractor.extract(ONE))]

    assert asyncio.run(run()) == [Answer([1]), Answer([1])]


def test_an_exception_is_reported_with_its_line_in_the_users_file() -> None:
    def fail(_: Case) -> Json:
        return [int("nine")]

    line = fail.__code__.co_firstlineno + 1
    kind, message = failed(said(calling(fail), ONE))
    assert kind is FailureKind.EXCEPTION
    said_by_python = "invalid literal for int() with base 10: 'nine'"
    assert message == f"ValueError: {said_by_python} (test_function.py:{line})"


def test_whatever_is_raised_is_a_failure() -> None:
    def leave(_: Case) -> Json:
        sys.exit(3)

    def stop(_: Case) -> Json:
        raise StopIteration

    async def late(_: Case) -> Json:
        raise TimeoutError

    assert failed(said(calling(leave), ONE))[1].startswith("SystemExit: 3 (")
    assert "StopIteration" in failed(said(calling(stop), ONE))[1]
    kind, message = failed(said(calling(late), ONE))
    assert kind is FailureKind.EXCEPTION
    assert message.startswith("TimeoutError (")


class Strange(BaseException):
    """What no `except Exception` catches."""


def test_an_exception_of_a_strange_kind_is_a_failure_of_its_case() -> None:
    def strange(_: Case) -> object:
        raise Strange("boo")

    assert failed(said(calling(strange), ONE))[1].startswith("Strange: boo (")


def test_a_function_that_takes_too_long_is_left_behind() -> None:
    release = threading.Event()
    kind, message = failed(said(calling(lambda _: release.wait(PATIENCE), seconds=0.05), ONE))
    release.set()
    assert kind is FailureKind.TIMEOUT
    assert "no answer after 0.05 s" in message
    assert "may still be running" in message


def test_an_async_function_that_takes_too_long_is_cancelled() -> None:
    ended = []

    async def wait(_: Case) -> Json:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)
        return None

    kind, message = failed(said(calling(wait, seconds=0.05), ONE))
    assert kind is FailureKind.TIMEOUT
    assert message == "no answer after 0.05 s"
    assert ended == [True]


@pytest.fixture
def user_code(tmp_path: Path) -> Iterator[Path]:
    path, modules = list(sys.path), set(sys.modules)
    yield tmp_path
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        if name.startswith("users_"):
            del sys.modules[name]


def test_a_function_is_found_beside_the_suite(user_code: Path) -> None:
    (user_code / "users_beside.py").write_text(
        "import users_other\ndef extract(case):\n    return {'id': case.id, **users_other.MORE}\n"
    )
    (user_code / "users_other.py").write_text("MORE = {'a': 1}\n")
    extractor = build(Callable("users_beside:extract"), suite(user_code))
    assert said(extractor, ONE) == Answer({"id": "one", "a": 1})


def test_a_method_and_a_callable_object_will_do(user_code: Path) -> None:
    (user_code / "users_object.py").write_text(
        "class Model:\n"
        "    async def __call__(self, case):\n        return [case.id]\n"
        "    def ask(self, case):\n        return [1]\n"
        "model = Model()\n"
    )
    spec = Callable("users_object:model", path=user_code)
    assert said(build(spec, suite(user_code)), ONE) == Answer(["one"])
    spec = Callable("users_object:model.ask", path=user_code)
    assert said(build(spec, suite(user_code)), ONE) == Answer([1])


PROBLEMS: dict[str, tuple[str, str, str]] = {
    "no colon": ("users_a", "", "suite.yaml: 'users_a' does not name a function [bad-function]"),
    "no module": ("users_extrakt:f", "", "no module named 'users_extrakt'"),
    "a near module": ("users_extrct:f", "", "did you mean 'users_extract'?"),
    "no function": ("users_extract:reed", "def read(case): ...", "did you mean 'read'?"),
    "not a function": ("users_extract:x", "x = 1", "is a int, not a function [not-callable]"),
    "two arguments": (
        "users_extract:f",
        "def f(case, model): ...",
        "called with a case alone: missing a required argument: 'model'",
    ),
    "a syntax error": (
        "users_extract:f",
        "x = 1\ndef f(case: ...",
        "users_extract.py:2: importing 'users_extract' fails: SyntaxError: '(' was never closed",
    ),
    "an error on import": (
        "users_extract:f",
        "\n\nopen('nowhere')",
        "users_extract.py:3: importing 'users_extract' fails: FileNotFoundError",
    ),
    "an import that fails": (
        "users_extract:f",
        "import users_nowhere",
        "users_extract.py:1: importing 'users_extract' fails: ModuleNotFoundError: No module named",
    ),
    "an exit on import": ("users_extract:f", "exit(1)", "fails: SystemExit: 1"),
}


@pytest.mark.parametrize("shape", PROBLEMS)
def test_a_function_that_cannot_be_called_is_refused_before_the_run(
    shape: str, user_code: Path
) -> None:
    name, source, message = PROBLEMS[shape]
    (user_code / "users_extract.py").write_text(source)
    with pytest.raises(HarnessError) as error:
        build(Callable(name), suite(user_code))
    assert message in str(error.value)


def test_a_module_of_the_same_name_from_elsewhere_is_not_run_instead(user_code: Path) -> None:
    for folder in ("one", "two"):
        (user_code / folder).mkdir()
        (user_code / folder / "users_same.py").write_text(f"def f(case): return ['{folder}']\n")
    one = build(Callable("users_same:f", path=user_code / "one"), suite(user_code))
    assert said(one, ONE) == Answer(["one"])
    again = build(Callable("users_same:f", path=user_code / "one"), suite(user_code))
    assert said(again, ONE) == Answer(["one"])
    with pytest.raises(HarnessError, match="another module named 'users_same' is loaded"):
        build(Callable("users_same:f", path=user_code / "two"), suite(user_code))
