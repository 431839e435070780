"""A mobile phone as a Bluetooth audio gateway on a pty; its bytes are those of bumble's `hfp.AgProtocol`.

Run by the interpreter that has bumble, never imported: `gateway_program.py LINK`. A JSON object per line
comes in on stdin (`do`, and what it needs) and goes out on stdout (`calls`, `linked`). May not import the
project.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import tty
from collections.abc import Callable
from pathlib import Path

from bumble import hfp

Status, Hold, Indicator = hfp.CallInfoStatus, hfp.CallHoldOperation, hfp.AgIndicator
RING_S = 2.0
ALERTING_S = 0.05
"""From a dialled number to the far end's ringing."""
INTERNATIONAL, UNKNOWN = 145, 129
"""Types of number (3GPP TS 24.008 10.5.4.7)."""


def configuration() -> hfp.AgConfiguration:
    """What a usual phone can do, with multiparty calls and a call list."""
    feature, state = hfp.AgFeature, hfp.AgIndicatorState
    return hfp.AgConfiguration(
        supported_ag_features=[
            feature.THREE_WAY_CALLING,
            feature.REJECT_CALL,
            feature.ENHANCED_CALL_STATUS,
            feature.ENHANCED_CALL_CONTROL,
            feature.EXTENDED_ERROR_RESULT_CODES,
        ],
        supported_ag_indicators=[
            state.service(),
            state.call(),
            state.callsetup(),
            state.callheld(),
            state.signal(),
            state.roam(),
            state.battchg(),
        ],
        supported_hf_indicators=[],
        supported_audio_codecs=[hfp.AudioCodec.CVSD],
        supported_ag_call_hold_operations=list(Hold),
    )


class Channel:
    """What AgProtocol needs of an RFCOMM channel, over the master side of a pty."""

    def __init__(self) -> None:
        self.sink: Callable[[bytes], None]
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.path = os.ttyname(self._slave)
        asyncio.get_running_loop().add_reader(self._master, self._heard)

    def write(self, data: str | bytes) -> None:
        os.write(self._master, data.encode() if isinstance(data, str) else data)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._master)
        os.close(self._master)
        os.close(self._slave)

    def _heard(self) -> None:
        self.sink(os.read(self._master, 4096))


class Phone:
    """The phone: its calls outlive the link to the hands-free unit."""

    def __init__(self, link: Path) -> None:
        self._link = link
        self._calls: list[hfp.CallInfo] = []
        self._channel: Channel | None = None
        self._gateway: hfp.AgProtocol | None = None
        self._shown: dict[Indicator, int] = {}
        self._ringing: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()

    # the far parties and the radio, as the test plays them -----------------------------------

    def do_link(self) -> None:
        """The radio link is up: a fresh channel under the same name."""
        self._channel = Channel()
        self._gateway = gateway = hfp.AgProtocol(self._channel, configuration())
        gateway.calls = self._calls
        self._shown = self._indicators()
        for state in gateway.ag_indicators:
            state.current_status = self._shown.get(state.indicator, 1)
        gateway.on(gateway.EVENT_ANSWER, self._answer)
        gateway.on(gateway.EVENT_HANG_UP, self._hang_up)
        gateway.on(gateway.EVENT_DIAL, self._dial)
        gateway.on(gateway.EVENT_CALL_HOLD, self._hold)
        self._link.symlink_to(self._channel.path)
        say(linked=self._channel.path)

    def do_unlink(self) -> None:
        """The radio link is lost; calls go on."""
        self._link.unlink()
        if self._channel is not None:
            self._channel.close()
        self._channel = self._gateway = None
        say(linked="")

    def do_ring(self, number: str) -> None:
        """Somebody calls; while a call is up, the new one waits."""
        waits = any(call.status in {Status.ACTIVE, Status.HELD} for call in self._calls)
        self._add(number, Status.WAITING if waits else Status.INCOMING)
        self._changed()
        if waits and self._gateway is not None:
            self._gateway.send_response(f'+CCWA: "{number}",{kind_of(number)}')
        self._ring()

    def do_talk(self, number: str) -> None:
        """A call is up already."""
        self._add(number, Status.ACTIVE)
        self._changed()

    def do_answer(self) -> None:
        """Whom the phone dialled picks up."""
        self._set(Status.ALERTING, Status.ACTIVE)
        self._changed()

    def do_end(self, number: str) -> None:
        """The far party of this number hangs up, gives up, or is busy."""
        self._drop(next(call for call in self._calls if call.number == number))

    # what the hands-free unit asks, carried out once it was told OK --------------------------

    def _answer(self) -> None:
        self._soon(lambda: self._set(Status.INCOMING, Status.ACTIVE))

    def _hang_up(self) -> None:
        order = (Status.INCOMING, Status.DIALING, Status.ALERTING, Status.ACTIVE)
        calls = [call for status in order for call in self._calls if call.status == status]
        if calls:
            self._loop.call_soon(self._drop, calls[0])

    def _dial(self, number: str) -> None:
        self._add(number.rstrip(";"), Status.DIALING, dialled=True)
        self._soon(lambda: None)
        self._loop.call_later(ALERTING_S, self._alert)

    def _alert(self) -> None:
        self._set(Status.DIALING, Status.ALERTING)
        self._changed()

    def _hold(self, operation: hfp.CallHoldOperation, index: int | None) -> None:
        self._soon(lambda: self._held(operation, index))

    def _held(self, operation: hfp.CallHoldOperation, index: int | None) -> None:
        """AT+CHLD (3GPP TS 22.030 6.5.5.1)."""
        active, held, waiting = (
            [call for call in self._calls if call.status == status]
            for status in (Status.ACTIVE, Status.HELD, Status.WAITING)
        )
        match operation:
            case Hold.RELEASE_ALL_HELD_CALLS:
                self._remove(waiting or held)
            case Hold.RELEASE_ALL_ACTIVE_CALLS:
                self._remove(active)
                put(waiting or held, Status.ACTIVE)
            case Hold.RELEASE_SPECIFIC_CALL:
                self._remove([call for call in self._calls if call.index == index])
            case Hold.HOLD_ALL_ACTIVE_CALLS:
                put(active, Status.HELD)
                put(waiting or held, Status.ACTIVE)
                self._shown.pop(Indicator.CALL_HELD, None)  # a swap is told, although the value is the same
            case Hold.HOLD_ALL_CALLS_EXCEPT:
                put([call for call in active if call.index != index], Status.HELD)
            case Hold.ADD_HELD_CALL:
                put(held, Status.ACTIVE)
                for call in active + held:
                    call.multi_party = hfp.CallInfoMultiParty.IN_CONFERENCE
            case Hold.CONNECT_TWO_CALLS:
                self._remove(active + held)

    # calls -----------------------------------------------------------------------------------

    def _add(self, number: str, status: Status, *, dialled: bool = False) -> None:
        free = min(set(range(1, 8)) - {call.index for call in self._calls})
        ways = hfp.CallInfoDirection
        way = ways.MOBILE_ORIGINATED_CALL if dialled else ways.MOBILE_TERMINATED_CALL
        alone, voice = hfp.CallInfoMultiParty.NOT_IN_CONFERENCE, hfp.CallInfoMode.VOICE
        self._calls.append(hfp.CallInfo(free, way, status, voice, alone, number, kind_of(number)))

    def _set(self, before: Status, after: Status) -> None:
        put([call for call in self._calls if call.status == before], after)

    def _remove(self, calls: list[hfp.CallInfo]) -> None:
        for call in calls:
            self._calls.remove(call)

    def _drop(self, call: hfp.CallInfo) -> None:
        self._remove([call])
        if not any(each.status in {Status.ACTIVE, Status.HELD} for each in self._calls):
            self._set(Status.WAITING, Status.INCOMING)
            self._ring()
        self._changed()

    def _soon(self, act: Callable[[], None]) -> None:
        self._loop.call_soon(lambda: (act(), self._changed()))

    def _changed(self) -> None:
        """Tell the hands-free unit by indicators, and the test by a line."""
        now = self._indicators()
        for indicator, value in now.items():
            if self._gateway is not None and self._shown.get(indicator) != value:
                self._gateway.update_ag_indicator(indicator, value)
        self._shown = now
        say(calls=[[call.number, call.status.name.lower()] for call in self._calls])

    def _indicators(self) -> dict[Indicator, int]:
        """Indicators are a function of the calls (HFP 1.8 4.8)."""
        found = {call.status for call in self._calls}
        setup = {Status.INCOMING: 1, Status.WAITING: 1, Status.DIALING: 2, Status.ALERTING: 3}
        held = 0 if Status.HELD not in found else 1 if Status.ACTIVE in found else 2
        return {
            Indicator.CALL: int(bool(found & {Status.ACTIVE, Status.HELD})),
            Indicator.CALL_SETUP: next((value for status, value in setup.items() if status in found), 0),
            Indicator.CALL_HELD: held,
        }

    def _ring(self) -> None:
        if self._ringing is not None:
            self._ringing.cancel()
        ringing = [call for call in self._calls if call.status == Status.INCOMING]
        if not ringing or self._gateway is None:
            return
        self._gateway.send_ring()
        number = ringing[0].number or ""
        self._gateway.send_cli_notification(hfp.CallLineIdentification(f'"{number}"', kind_of(number)))
        self._ringing = self._loop.call_later(RING_S, self._ring)


def put(calls: list[hfp.CallInfo], status: Status) -> None:
    """Bring calls to a status."""
    for call in calls:
        call.status = status


def kind_of(number: str) -> int:
    """The type of a number."""
    return INTERNATIONAL if number.startswith("+") else UNKNOWN


def say(**facts: object) -> None:
    """Tell the test."""
    print(json.dumps(facts), flush=True)


async def main() -> None:
    """Do what stdin says until it ends."""
    phone = Phone(Path(sys.argv[1]))
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    async for line in reader:
        asked = json.loads(line)
        getattr(phone, f"do_{asked.pop('do')}")(**asked)


logging.disable(logging.WARNING)
asyncio.run(main())
