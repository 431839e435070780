"""One command in flight, priorities, timeouts and resynchronisation, without any bytes."""

from __future__ import annotations

import pytest

from devices.at.queue import DRAIN_S, MISSES_LOST, SETTLE_S, Ask, CommandQueue, Kind

SYNC = Ask("ATI", Kind.SYNC, 1.0, priority=3)
LIST = Ask("AT+CLCC", Kind.LIST, 5.0, priority=1)
CALL = Ask("ATA", Kind.CALL, 40.0, priority=2)
QUERY = Ask("AT+CMUT?", Kind.QUERY, 1.0)


def text_of(queue: CommandQueue, at: float = 0.0) -> str:
    flight = queue.start(at, 1)
    return "" if flight is None else flight.ask.text


@pytest.fixture
def queue() -> CommandQueue:
    return CommandQueue(SYNC)


def test_nothing_to_do(queue: CommandQueue) -> None:
    assert queue.start(0.0, 1) is None
    assert queue.current is None
    assert queue.deadline() is None
    assert queue.expire(100.0) is None


def test_one_in_flight(queue: CommandQueue) -> None:
    queue.submit(CALL)
    queue.submit(QUERY)
    assert text_of(queue) == "ATA"
    assert text_of(queue) == ""
    assert queue.current is not None
    assert queue.deadline() == 40.0
    queue.finish(1.0, ok=True)
    assert text_of(queue, 1.0) == "AT+CMUT?"


def test_higher_priority_first_equal_in_order(queue: CommandQueue) -> None:
    other = Ask("ATD1;", Kind.CALL, 40.0, priority=2)
    for ask in (QUERY, LIST, CALL, other):
        queue.submit(ask)
    order = []
    while text := text_of(queue):
        order.append(text)
        queue.finish(0.0, ok=True)
    assert order == ["ATA", "ATD1;", "AT+CLCC", "AT+CMUT?"]


def test_a_waiting_list_is_not_asked_twice_but_one_in_flight_is(queue: CommandQueue) -> None:
    queue.submit(LIST)
    queue.submit(LIST)
    assert text_of(queue) == "AT+CLCC"
    queue.submit(LIST)
    queue.finish(0.0, ok=True)
    assert text_of(queue) == "AT+CLCC"
    queue.finish(0.0, ok=True)
    assert text_of(queue) == ""


def test_after_an_error_the_line_settles(queue: CommandQueue) -> None:
    queue.submit(CALL)
    queue.submit(LIST)
    queue.start(0.0, 1)
    queue.finish(1.0, ok=False)
    assert text_of(queue, 1.0) == ""
    assert queue.deadline() == 1.0 + SETTLE_S
    assert text_of(queue, 1.0 + SETTLE_S) == "AT+CLCC"


def test_timeout_drains_then_synchronises_before_anything_else(queue: CommandQueue) -> None:
    queue.submit(QUERY)
    queue.submit(CALL)
    queue.start(0.0, 1)
    assert queue.expire(39.9) is None
    lost = queue.expire(40.0)
    assert lost is not None
    assert lost.ask is CALL
    assert queue.current is None
    assert text_of(queue, 40.1) == ""
    assert queue.deadline() == 40.0 + DRAIN_S
    assert text_of(queue, 40.0 + DRAIN_S) == "ATI"
    queue.finish(40.5, ok=True)
    assert text_of(queue, 40.5) == "AT+CMUT?"


def test_synchronised_by_an_error_too(queue: CommandQueue) -> None:
    queue.submit(QUERY)
    queue.start(0.0, 1)
    queue.expire(1.0)
    queue.start(2.0, 2)
    assert queue.misses == 1
    queue.finish(2.1, ok=False)
    assert queue.misses == 0
    assert text_of(queue, 3.0) == ""


def test_three_silences_in_a_row_are_a_lost_device(queue: CommandQueue) -> None:
    queue.submit(QUERY)
    at = 0.0
    lost = []
    for miss in range(1, MISSES_LOST + 1):
        lost.append(queue.lost)
        assert queue.start(at, miss) is not None
        at += 1.0
        assert queue.expire(at) is not None
        at += DRAIN_S
    lost.append(queue.lost)
    queue.clear()
    lost.append(queue.lost)
    assert lost == [False, False, False, True, False]
    assert queue.deadline() is None


def test_an_answer_between_forgives(queue: CommandQueue) -> None:
    for _ in range(5):
        queue.submit(QUERY)
        queue.start(0.0, 1)
        queue.expire(1.0)
        queue.start(2.0, 2)
        queue.finish(2.0, ok=True)
    assert not queue.lost


def test_breaking_off_brings_the_deadline_forward_only(queue: CommandQueue) -> None:
    queue.break_off(1.0)
    queue.submit(CALL)
    queue.start(0.0, 1)
    queue.break_off(5.0)
    queue.break_off(9.0)
    assert queue.deadline() == 5.0


def test_watched_host_may_pipeline(queue: CommandQueue) -> None:
    queue.observe(LIST, 0.0, 1)
    queue.observe(QUERY, 0.0, 2)
    assert queue.finish(0.1, ok=True).ask is LIST
    assert queue.finish(0.1, ok=True).ask is QUERY
    assert queue.current is None


def test_watched_hosts_timeout_is_its_own_affair(queue: CommandQueue) -> None:
    queue.observe(QUERY, 0.0, 1)
    assert queue.expire(1.0) is not None
    queue.overlook()
    assert queue.deadline() is None
    assert queue.misses == 0


@pytest.mark.parametrize(
    ("text", "connects"),
    [
        ("ATA", True),
        ("ata", True),
        ("ATD123;", True),
        ("ATDT1", True),
        ("ATO", True),
        ("ATH", False),
        ("ATI", False),
    ],
)
def test_commands_for_which_no_carrier_is_final(text: str, connects: bool) -> None:
    assert Ask(text, Kind.CALL, 1.0).may_connect is connects
