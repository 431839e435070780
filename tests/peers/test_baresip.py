"""A SIP line against the real baresip of this machine's Debian: calls between baresips on the loopback."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from state.commands import (
    Answer,
    CompleteTransfer,
    Dial,
    HangUp,
    Hold,
    Join,
    LineCommand,
    Reject,
    Retrieve,
    SendDigits,
    SetMute,
    Swap,
    Transfer,
)
from state.events import (
    CallCleared,
    CallDelivered,
    CallEstablished,
    CallFailed,
    CallHeld,
    CallOriginated,
    CallRetrieved,
    DigitsReceived,
    EffectFailed,
    LineInService,
    LineMuteReported,
    LineOutOfService,
)
from state.words import By, CallState, Cause, Direction
from tests.peers.baresip import Baresip, baresips
from tests.peers.baresip_line import SipLine
from tests.peers.baresip_refuser import refusing
from tests.peers.install import apt

Act = Callable[..., Awaitable[None]]


async def far(act: Callable[..., object], *parts: str) -> None:
    """The other side does something, off the loop."""
    await asyncio.to_thread(act, *parts)


def with_seat(test: Act, *others: str, extra: str = "") -> None:
    """Run a test with a seat's baresip, a line on it in service, and other parties."""

    async def main(box: Baresip, parties: list[Baresip]) -> None:
        seat = SipLine(box.address)
        try:
            serving = await seat.next(LineInService)
            assert serving.calls == ()
            await test(seat, box, *parties)
        finally:
            await seat.close()

    with baresips("agent", *others, extra=extra) as (box, *parties):
        asyncio.run(main(box, list(parties)))


async def talk(seat: SipLine, box: Baresip, caller: Baresip) -> CallDelivered:
    """The caller calls and is answered."""
    await far(caller.do, "dial", box.uri)
    offered = await seat.next(CallDelivered)
    await seat.do(Answer(offered.call))
    await far(caller.wait, "CALL_ESTABLISHED")
    assert "CallEstablished" in seat.told(offered.call)
    return offered


def test_a_caller_is_answered_and_hangs_up() -> None:
    async def test(seat: SipLine, box: Baresip, bob: Baresip) -> None:
        await far(bob.do, "dial", box.uri)
        offered = await seat.next(CallDelivered)
        assert (offered.state, offered.direction, offered.number) == (
            CallState.RINGING,
            Direction.INBOUND,
            bob.uri,
        )
        done = await seat.do(Answer())
        assert done.call == offered.call
        await far(bob.do, "hangup")
        ended = await seat.next(CallCleared)
        assert (ended.call, ended.cause, ended.by) == (offered.call, Cause.NORMAL_CLEARING, By.REMOTE)
        assert seat.told(offered.call) == ["CallDelivered", "CallEstablished", "CallCleared"]

    with_seat(test, "bob")


def test_sipp_calls_is_answered_and_hangs_up() -> None:
    apt("sip-tester")

    async def test(seat: SipLine, box: Baresip) -> None:
        target = f"127.0.0.1:{box.sip}"
        caller = await asyncio.create_subprocess_exec(
            *(
                "sipp",
                "-sn",
                "uac",
                target,
                "-s",
                "agent",
                "-m",
                "1",
                "-d",
                "300",
                "-i",
                "127.0.0.1",
                "-nostdin",
            ),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=box.folder,
        )
        offered = await seat.next(CallDelivered)
        assert offered.name == "sipp"
        await seat.do(Answer(offered.call))
        assert (await seat.next(CallCleared)).by is By.REMOTE
        assert await caller.wait() == 0

    with_seat(test)


def test_a_caller_gives_up_and_another_is_refused() -> None:
    async def test(seat: SipLine, box: Baresip, bob: Baresip) -> None:
        await far(bob.do, "dial", box.uri)
        await seat.next(CallDelivered)
        await far(bob.do, "hangup")
        gone = await seat.next(CallFailed)
        assert (gone.cause, gone.by) == (Cause.CALL_CANCELLED, By.REMOTE)
        await far(bob.do, "dial", box.uri)
        await seat.next(CallDelivered)
        await seat.do(Reject())
        refused = await seat.next(CallFailed)
        assert (refused.cause, refused.by) == (Cause.REJECTED, By.LOCAL)
        closed = await asyncio.to_thread(bob.wait_for, lambda said: said.get("param", "").startswith("486"))
        assert closed["type"] == "CALL_CLOSED"

    with_seat(test, "bob")


def test_a_call_is_dialled_answered_and_ended_here() -> None:
    async def test(seat: SipLine, box: Baresip, bob: Baresip) -> None:
        done = await seat.do(Dial(bob.uri))
        begun = await seat.next(CallOriginated)
        assert (done.call, begun.number) == (begun.call, bob.uri)
        ringing = await seat.next(CallDelivered)
        assert (ringing.state, ringing.direction) == (CallState.RINGBACK, Direction.OUTBOUND)
        await far(bob.wait, "CALL_INCOMING")
        await far(bob.do, "accept")
        assert (await seat.next(CallEstablished)).call == begun.call
        await seat.do(HangUp(begun.call))
        ended = await seat.next(CallCleared)
        assert (ended.cause, ended.by) == (Cause.NORMAL_CLEARING, By.LOCAL)
        await far(bob.wait, "CALL_CLOSED")
        assert [e.call for e in seat.events if isinstance(e, CallOriginated)] == [begun.call]

    with_seat(test, "bob")


@pytest.mark.parametrize(
    ("status", "cause", "by"),
    [
        ("404 Not Found", Cause.DEST_NOT_OBTAINABLE, By.NETWORK),
        ("480 Temporarily Unavailable", Cause.CALL_NOT_ANSWERED, By.REMOTE),
        ("503 Service Unavailable", Cause.NETWORK_CONGESTION, By.NETWORK),
        ("600 Busy Everywhere", Cause.BUSY, By.REMOTE),
        ("603 Decline", Cause.REJECTED, By.REMOTE),
    ],
)
def test_a_party_that_cannot_be_had_is_told_with_its_cause(status: str, cause: Cause, by: By) -> None:
    async def test(seat: SipLine, box: Baresip) -> None:
        with refusing(status) as address:
            begun = await seat.do(Dial(address))
            failed = await seat.next(CallFailed)
        assert (failed.call, failed.cause, failed.by) == (begun.call, cause, by)

    with_seat(test)


def test_a_dialled_party_is_busy_or_cannot_be_reached() -> None:
    async def test(seat: SipLine, box: Baresip, bob: Baresip) -> None:
        await seat.do(Dial(bob.uri))
        await far(bob.wait, "CALL_INCOMING")
        await far(bob.do, "hangup")
        busy = await seat.next(CallFailed)
        assert (busy.cause, busy.by) == (Cause.BUSY, By.REMOTE)
        # Nobody listens there: nothing is said for half a minute, and the agent hangs up.
        await seat.do(Dial(f"sip:x@127.0.0.1:{bob.sip + 1}"))
        begun = await seat.next(CallOriginated)
        await seat.do(HangUp(begun.call))
        ended = await seat.next(CallFailed)
        assert (ended.call, ended.cause, ended.by) == (begun.call, Cause.CALL_CANCELLED, By.LOCAL)
        assert box.join().calls() == []

    with_seat(test, "bob")


def test_hold_and_retrieve_are_true_at_baresip() -> None:
    async def test(seat: SipLine, box: Baresip, bob: Baresip) -> None:
        call = (await talk(seat, box, bob)).call
        await seat.do(Hold())
        assert (await seat.next(CallHeld)).call == call
        await seat.do(Retrieve())
        assert (await seat.next(CallRetrieved)).call == call
        refused = await seat.ask(Retrieve())
        assert isinstance(refused, EffectFailed)
        assert refused.reason == "no_such_call"

    with_seat(test, "bob")


def test_a_second_call_waits_is_taken_and_swapped() -> None:
    async def test(seat: SipLine, box: Baresip, bob: Baresip, carol: Baresip) -> None:
        first = (await talk(seat, box, bob)).call
        await far(carol.do, "dial", box.uri)
        waiting = await seat.next(CallDelivered)
        assert waiting.state is CallState.WAITING
        # Trap: the second call has become the current one, and a plain `hold` would fail and spoil it.
        await seat.do(Hold(first))
        await seat.do(Retrieve(first))
        await seat.do(Answer(waiting.call))
        await seat.do(Swap())
        assert seat.told(first)[-1] == "CallRetrieved"
        assert seat.told(waiting.call)[-2:] == ["CallEstablished", "CallHeld"]
        await seat.do(Swap(first))
        assert seat.told(first)[-1] == "CallHeld"
        assert seat.told(waiting.call)[-1] == "CallRetrieved"
        await far(carol.do, "hangup")
        assert (await seat.next(CallCleared)).call == waiting.call
        await seat.do(HangUp(first))
        ended = await seat.next(CallCleared)
        assert (ended.call, ended.by) == (first, By.LOCAL)

    with_seat(test, "bob", "carol")


def test_a_second_call_is_dialled_and_the_first_is_held_before() -> None:
    async def test(seat: SipLine, box: Baresip, bob: Baresip, carol: Baresip) -> None:
        first = (await talk(seat, box, bob)).call
        done = await seat.do(Dial(carol.uri))
        assert seat.told(first)[-1] == "CallHeld"
        await far(carol.wait, "CALL_INCOMING")
        await far(carol.do, "accept")
        await seat.next(CallEstablished, lambda event: event.call == done.call)
        await seat.do(HangUp(done.call))
        await far(carol.wait, "CALL_CLOSED")

    with_seat(test, "bob", "carol")


def test_digits_arrive_in_order_and_are_told_by_count_only() -> None:
    async def test(seat: SipLine, box: Baresip, bob: Baresip) -> None:
        call = (await talk(seat, box, bob)).call
        await seat.do(SendDigits("90#", call))
        keyed = [(await asyncio.to_thread(bob.wait, "CALL_DTMF_START"))["param"] for _ in range(3)]
        assert keyed == ["9", "0", "#"]
        await far(bob.do, "sndcode", "7")
        received = await seat.next(DigitsReceived)
        assert (received.call, received.count) == (call, 1)

    with_seat(test, "bob")


def test_a_blind_transfer_connects_the_others_and_leaves() -> None:
    async def test(seat: SipLine, box: Baresip, bob: Baresip, carol: Baresip) -> None:
        call = (await talk(seat, box, bob)).call
        asked = asyncio.create_task(seat.ask(Transfer(carol.uri, call)))
        await far(carol.wait, "CALL_INCOMING")
        assert not asked.done()
        await far(carol.do, "accept")
        ended = await seat.next(CallCleared)
        assert (ended.call, ended.cause, ended.by) == (call, Cause.TRANSFER, By.LOCAL)
        assert not isinstance(await asked, EffectFailed)
        assert len(await asyncio.to_thread(carol.calls)) == 1
        assert box.join().calls() == []

    with_seat(test, "bob", "carol")


def test_a_transfer_that_fails_is_said_and_the_call_told_as_it_is() -> None:
    async def test(seat: SipLine, box: Baresip, bob: Baresip, carol: Baresip) -> None:
        call = (await talk(seat, box, bob)).call
        asked = asyncio.create_task(seat.ask(Transfer(carol.uri, call)))
        await far(carol.wait, "CALL_INCOMING")
        await far(carol.do, "hangup")
        failed = await asked
        assert isinstance(failed, EffectFailed)
        assert failed.reason == "device_error"
        assert failed.detail.startswith("486")
        # baresip 1.0.0 and 1.1.0 drop the call then, without an event of their own for it.
        ended = await seat.next(CallCleared)
        assert (ended.call, ended.cause, ended.by) == (call, Cause.BUSY, By.LOCAL)

    with_seat(test, "bob", "carol")


def test_mute_is_set_and_stays_set_for_every_call() -> None:
    async def test(seat: SipLine, box: Baresip, bob: Baresip, carol: Baresip) -> None:
        first = (await talk(seat, box, bob)).call
        for muted in (True, True, False, True):  # twice the same: a toggle would be the other way round
            await seat.do(SetMute(muted))
            assert (await seat.next(LineMuteReported)).muted is muted
        second = (await talk(seat, box, carol)).call
        await seat.do(SetMute(True))
        await seat.do(Hold(second))
        # Somebody else at the channel sees it: each toggle says what it has made of the call.
        box.join()
        for line in ("1", "2"):
            box.do("line", line)
            assert "un-muted" in box.do("mute")
        assert first != second

    with_seat(test, "bob", "carol")


@pytest.mark.parametrize("command", [Join(), CompleteTransfer()])
def test_what_this_version_cannot_do_is_not_pretended(command: LineCommand) -> None:
    async def test(seat: SipLine, box: Baresip) -> None:
        serving = next(event for event in seat.events if isinstance(event, LineInService))
        assert "join" not in serving.capabilities
        assert {"transfer", "swap", "mute", "digits"} <= serving.capabilities
        refused = await seat.ask(command)
        if "complete_transfer" in serving.capabilities and isinstance(command, CompleteTransfer):
            assert isinstance(refused, EffectFailed)
            assert refused.reason == "no_such_call"
        else:
            assert isinstance(refused, EffectFailed)
            assert refused.reason == "not_supported"

    with_seat(test)


def test_a_far_end_that_dies_is_noticed_where_an_rtp_timeout_is_set() -> None:
    async def test(seat: SipLine, box: Baresip, bob: Baresip) -> None:
        call = (await talk(seat, box, bob)).call
        bob.kill()
        ended = await seat.next(CallCleared)
        assert (ended.call, ended.cause, ended.by) == (call, Cause.DEST_OUT_OF_ORDER, By.NETWORK)

    with_seat(test, "bob", extra="rtp_timeout 2")


def test_a_killed_baresip_takes_the_line_away_and_brings_it_back_without_the_call() -> None:
    async def test(seat: SipLine, box: Baresip, bob: Baresip) -> None:
        first = (await talk(seat, box, bob)).call
        box.kill()
        assert (await seat.next(LineOutOfService)).reason == "gone"
        await far(bob.do, "hangup")
        await far(box.start)
        assert (await seat.next(LineInService)).calls == ()
        again = await talk(seat, box, bob)
        assert again.call != first

    with_seat(test, "bob")


def test_a_new_daemon_finds_both_calls_as_they_are() -> None:
    async def test(seat: SipLine, box: Baresip, bob: Baresip, carol: Baresip) -> None:
        await talk(seat, box, bob)
        await seat.do(SetMute(True))
        done = await seat.do(Dial(carol.uri))
        await far(carol.wait, "CALL_INCOMING")
        await seat.close()
        other = SipLine(box.address)
        try:
            found = (await other.next(LineInService)).calls or ()
            assert [(each.state, each.direction, each.number) for each in found] == [
                (CallState.HELD, Direction.INBOUND, bob.uri),
                (CallState.RINGBACK, Direction.OUTBOUND, carol.uri),
            ]
            assert done.call is not None
            await far(carol.do, "accept")
            await other.next(CallEstablished)
            # Nobody remembers whether it was muted: the answer of the toggle tells, and it is put right.
            await other.do(SetMute(True))
            await other.do(SetMute(False))
            assert (await other.next(LineMuteReported)).muted is True
            await other.do(Swap())
            await other.do(HangUp(found[0].call))
            assert other.told(found[0].call) == ["CallRetrieved", "CallCleared"]
        finally:
            await other.close()

    with_seat(test, "bob", "carol")
