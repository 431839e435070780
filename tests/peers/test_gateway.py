"""A whole seat on a Bluetooth phone: bumble's audio gateway on a pty, the daemon, its socket, its headset."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from tests.peers.desk import Desk, at_seat
from tests.peers.gateway import Gateway

ANNA, BEN = "+4930111111", "+4930222222"


def on_desk(test: Callable[[Desk, Gateway], Coroutine[Any, Any, None]]) -> None:
    """Run `test` on a seat whose line is this phone, and take everything away."""

    async def main() -> None:
        phone = await Gateway.open()
        try:
            async with Desk(at_seat(phone.port, "hfp")) as desk:
                await test(desk, phone)
        finally:
            await phone.close()

    asyncio.run(main())


def test_answered_at_the_socket_and_the_customer_hangs_up() -> None:
    async def test(desk: Desk, phone: Gateway) -> None:
        phone.do("ring", number=ANNA)
        delivered = await desk.rings()
        assert (delivered["number"], delivered["direction"]) == (ANNA, "inbound")
        await desk.ask("call.answer")
        await phone.has((ANNA, "active"))
        (call,) = await desk.calls("connected")
        phone.do("end", number=ANNA)
        cleared = await desk.heard("call.cleared")
        assert (cleared["call"], cleared["cause"], cleared["by"]) == (
            call["call"],
            "normal_clearing",
            "unknown",
        )
        await desk.calls()

    on_desk(test)


def test_answered_and_hung_up_with_the_headset() -> None:
    async def test(desk: Desk, phone: Gateway) -> None:
        phone.do("ring", number=ANNA)
        await desk.rings()
        await desk.press()
        await phone.has((ANNA, "active"))
        await desk.calls("connected")
        await desk.press()
        await phone.has()
        cleared = await desk.heard("call.cleared")
        assert (cleared["cause"], cleared["by"]) == ("normal_clearing", "local")

    on_desk(test)


def test_rejected_and_abandoned() -> None:
    async def test(desk: Desk, phone: Gateway) -> None:
        phone.do("ring", number=ANNA)
        await desk.rings()
        await desk.ask("call.reject")
        await phone.has()
        failed = await desk.heard("call.failed")
        assert (failed["cause"], failed["by"]) == ("rejected", "local")
        phone.do("ring", number=BEN)
        await desk.rings()
        phone.do("end", number=BEN)
        failed = await desk.heard("call.failed")
        assert (failed["cause"], failed["by"]) == ("call_cancelled", "remote")

    on_desk(test)


def test_a_waiting_call_is_taken_and_the_first_one_retrieved() -> None:
    async def test(desk: Desk, phone: Gateway) -> None:
        phone.do("ring", number=ANNA)
        await desk.rings()
        await desk.ask("call.answer")
        await desk.calls("connected")
        phone.do("ring", number=BEN)
        second = await desk.rings()
        await desk.calls("connected", "waiting")
        await desk.ask("call.answer", call=second["call"])
        await phone.has((ANNA, "held"), (BEN, "active"))
        anna, ben = await desk.calls("held", "connected")
        assert (anna["number"], anna["state"], ben["number"]) == (ANNA, "held", BEN)
        await desk.ask("call.retrieve", call=anna["call"])
        await phone.has((ANNA, "active"), (BEN, "held"))
        anna, ben = await desk.calls("connected", "held")
        assert (anna["state"], ben["state"]) == ("connected", "held")
        phone.do("end", number=BEN)
        await desk.calls("connected")
        await desk.ask("call.hangup", call=anna["call"])
        await phone.has()

    on_desk(test)


def test_dialled_answered_and_hung_up() -> None:
    async def test(desk: Desk, phone: Gateway) -> None:
        await desk.ask("call.dial", number="03012345")
        await phone.has(("03012345", "alerting"))
        await desk.calls("ringback")
        phone.do("answer")
        await desk.calls("connected")
        await desk.ask("call.hangup")
        await phone.has()
        cleared = await desk.heard("call.cleared")
        assert (cleared["cause"], cleared["by"]) == ("normal_clearing", "local")
        await desk.ask("call.dial", number="03012345")
        await phone.has(("03012345", "alerting"))
        phone.do("end", number="03012345")
        failed = await desk.heard("call.failed")
        assert failed["by"] == "unknown"

    on_desk(test)


def test_the_link_is_lost_in_a_call_that_goes_on() -> None:
    async def test(desk: Desk, phone: Gateway) -> None:
        phone.do("ring", number=ANNA)
        await desk.rings()
        await desk.ask("call.answer")
        (before,) = await desk.calls("connected")
        phone.do("unlink")
        await desk.heard("line.out_of_service")
        await phone.until(lambda: not phone.linked)
        phone.do("link")
        await desk.heard("line.in_service")
        (after,) = await desk.calls("connected")
        assert (after["call"], after["record"]) == (before["call"], before["record"])
        await desk.ask("call.hangup")
        await phone.has()

    on_desk(test)


def test_the_phone_is_switched_off_and_on_again() -> None:
    async def test(desk: Desk, phone: Gateway) -> None:
        phone.do("ring", number=ANNA)
        await desk.rings()
        await desk.ask("call.answer")
        await desk.calls("connected")
        await phone.kill()
        await desk.heard("line.out_of_service")
        await phone.switch_on(BEN)
        lost = await desk.heard("call.cleared")
        assert (lost["cause"], lost["by"]) == ("line_lost", "unknown")
        await desk.heard("line.in_service")
        await desk.until(lambda now: [call["number"] for call in now["calls"].values()] == [BEN])
        await desk.calls("connected")

    on_desk(test)
