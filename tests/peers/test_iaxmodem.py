"""A whole seat on a Hayes modem: Debian's iaxmodem, our exchange, the daemon, its socket, its headset."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from tests.peers.desk import Desk, at_seat
from tests.peers.iax import LegState, Treatment
from tests.peers.modem import NAME, Modem

NUMBER, CALLER = "4930123456", "Anna"


def on_desk(test: Callable[[Desk, Modem], Coroutine[Any, Any, None]]) -> None:
    """Run `test` on a seat whose line is this modem, and take everything away."""

    async def main() -> None:
        modem = await Modem.open()
        try:
            async with Desk(at_seat(modem.port, "hayes")) as desk:
                await test(desk, modem)
        finally:
            await modem.close()

    asyncio.run(main())


def test_answered_at_the_socket_and_the_customer_hangs_up() -> None:
    async def test(desk: Desk, modem: Modem) -> None:
        leg = modem.exchange.ring(NAME, NUMBER, CALLER)
        delivered = await desk.rings()
        assert (delivered["number"], delivered["name"]) == (NUMBER, CALLER)
        await desk.ask("call.answer")
        await desk.calls("connected")
        assert leg.state is LegState.UP
        modem.exchange.hang_up(leg)
        cleared = await desk.heard("call.cleared")
        assert (cleared["cause"], cleared["by"]) == ("normal_clearing", "remote")

    on_desk(test)


def test_a_caller_who_gives_up_says_nothing_and_the_next_one_is_answered_with_the_headset() -> None:
    async def test(desk: Desk, modem: Modem) -> None:
        gone = modem.exchange.ring(NAME)
        await desk.rings()
        modem.exchange.hang_up(gone)
        failed = await desk.heard("call.failed")
        assert (failed["cause"], failed["by"]) == ("call_cancelled", "remote")
        leg = modem.exchange.ring(NAME, NUMBER)
        await desk.rings()
        refusal = await desk.refused("call.reject")
        assert refusal.kind == "not_supported"
        await desk.press()
        await modem.exchange.until(lambda: leg.state is LegState.UP)
        (call,) = await desk.calls("connected")
        assert call["number"] == NUMBER

    on_desk(test)


def test_dialled_busy_and_refused() -> None:
    async def test(desk: Desk, modem: Modem) -> None:
        modem.exchange.treatments = {"0301": Treatment.BUSY, "0302": Treatment.REFUSED}
        for number, cause, by in (
            ("0301", "busy", "remote"),
            ("0302", "resources_not_available", "network"),
        ):
            await desk.ask("call.dial", number=number)
            failed = await desk.heard("call.failed")
            assert (failed["cause"], failed["by"]) == (cause, by)
            assert modem.exchange.calls[-1].dialled == number
            await desk.pause()

    on_desk(test)


@pytest.mark.parametrize("picked_up", [False, True], ids=["while it rings", "after it was picked up"])
def test_dialled_and_hung_up_by_the_agent(picked_up: bool) -> None:
    """The modem ignores the character that breaks off dialling, or takes it for the end of that alone."""

    async def test(desk: Desk, modem: Modem) -> None:
        await desk.ask("call.dial", number="0303")
        await desk.calls("dialing")
        await modem.exchange.until(lambda: len(modem.exchange.calls) > 0)
        (leg,) = modem.exchange.calls
        await modem.exchange.until(lambda: leg.state is LegState.RINGING)
        if picked_up:
            modem.exchange.answer(leg)
            await modem.exchange.until(lambda: leg.sounds)
        await desk.ask("call.hangup")
        failed = await desk.heard("call.failed")
        assert failed["by"] == "local"
        await modem.exchange.until(lambda: leg.state is LegState.OVER)

    on_desk(test)


def test_the_cable_is_pulled_while_it_rings_and_put_back() -> None:
    async def test(desk: Desk, modem: Modem) -> None:
        modem.exchange.ring(NAME, NUMBER)
        await desk.rings()
        await modem.pull()
        out = await desk.heard("line.out_of_service")
        assert out["reason"] == "gone"
        await modem.switch_on()
        lost = await desk.heard("call.cleared")
        assert (lost["cause"], lost["by"]) == ("line_lost", "unknown")
        await desk.heard("line.in_service")
        modem.exchange.ring(NAME, NUMBER)
        await desk.rings()

    on_desk(test)
