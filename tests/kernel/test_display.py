"""Desk phones with a display, on their real descriptors: kept awake, and the silent call told in text."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from devices.hid.cx300 import KEEPALIVE_S
from devices.hid.display_text import PAGE_S, columns
from devices.hid.teams_display import WIDTH
from devices.simulated.headset_models import HEADSETS
from tests.kernel.box import PLACE, PLUGGED_S, SeatSocket, pause
from tests.kernel.kit.client import Event
from tests.kernel.kit.headsets import VirtualHeadset
from tests.kernel.kit.waiting import await_until
from tests.kernel.test_seat import await_lamp, ring
from tests.support import ROOT

KEEPALIVE = bytes.fromhex("1709040102")
RINGING = bytes.fromhex("160530")
NUMBER = "13800138000"
SENTENCE = PLACE / "sentence.wav"
SILENCE_S = 40.0
"""The opening is asked for after 2 s, the next utterance 5 s after it; the guest is slow."""


def rows(phone: VirtualHeadset) -> list[str]:
    """What is to be read on it."""
    lines: list[str] = phone.state["display"]
    return lines


def await_row(phone: VirtualHeadset, part: str, what: str) -> None:
    await_until(lambda: any(part in row for row in rows(phone)), what=f"{what}: {part} on the display")


@pytest.fixture(name="agent")
def _agent(seat: SeatSocket) -> Iterator[str]:
    """Somebody is signed in and ready: without one no display shows a number."""
    seat.call("agent.sign_in", agent="1001")
    seat.call("agent.set_state", state="ready")
    yield "1001"
    seat.end_calls()
    seat.call("agent.sign_out")


def keepalives(phone: VirtualHeadset) -> list[Event]:
    return [event for event in phone.reports if event.data["hex"] == KEEPALIVE.hex()]


def await_cue(seat: SeatSocket, phone: VirtualHeadset, prefix: str) -> str:
    """The words of the first cue of this kind, once they begin on the display."""

    def shown() -> str | None:
        cue = seat.snapshot().get("cue")
        if cue is None or not cue["id"].startswith(prefix):
            return None
        text: str = cue["text"]
        return text if any(row and text.startswith(row) for row in rows(phone)) else None

    return await_until(shown, SILENCE_S, f"a cue {prefix} on the display")


def speak(seat: SeatSocket) -> None:
    """The agent says a sentence, which is taken for the opening; the customer stays silent."""
    shutil.copyfile(ROOT / "tests/recordings/sentence_zh_16k.wav", SENTENCE)
    SENTENCE.chmod(0o644)
    seat.call("simulated.act", act="speak", file=str(SENTENCE))


def test_a_silent_call_on_the_display_of_a_desk_phone(seat: SeatSocket, agent: str) -> None:
    with VirtualHeadset(HEADSETS["polycom_cx300"]) as phone:
        phone.plug()
        added = seat.await_told("device.added")
        phone.await_report(KEEPALIVE, via="feature")
        assert phone.reports[0].data["hex"] == KEEPALIVE.hex()
        await_row(phone, agent, "signed in")
        pause(PLUGGED_S)
        ring(seat)
        phone.await_report(RINGING)
        await_row(phone, NUMBER, "ringing")
        phone.press_hook()
        seat.await_told("call.established")
        await_lamp(phone, "off_hook", lit=True)
        await_row(phone, NUMBER, "connected")
        opening = await_cue(seat, phone, "opening")
        speak(seat)
        silent = await_cue(seat, phone, "silent")
        assert opening != silent
        assert all(columns(row) <= WIDTH for row in rows(phone))
        assert not any(event.data["outcome"] != "none" for event in phone.reports)

        phone.unplug()
        removed = seat.await_told("device.removed")
        since, before = len(seat.told), len(keepalives(phone))
        phone.plug()
        seat.await_told("device.added", since=since, device=added.params["device"])
        assert removed.params["device"] == added.params["device"]
        await_until(lambda: len(keepalives(phone)) > before, what="the keepalive after the re-plug")
        await_lamp(phone, "off_hook", lit=True)
        await_until(lambda: any(rows(phone)), what="the call on the display again")
        assert [call["state"] for call in seat.snapshot()["calls"].values()] == ["connected"]

        pause(PLUGGED_S)
        since = len(seat.told)
        phone.press_hook()  # the handset is put down: too early for a silent call, so it is asked for again
        seat.await_told("call.hang_up_held", since=since)
        await_cue(seat, phone, "silent.hang_up_too_early")
        await_until(lambda: phone.state["off_hook"], what="the phone to be off-hook again")
        pause()
        phone.press_hook()
        seat.await_told("call.cleared")
        await_lamp(phone, "off_hook", lit=False)
        await_until(lambda: not any(NUMBER in row for row in rows(phone)), what="the customer to be gone")

        await_until(lambda: len(keepalives(phone)) > before + 1, KEEPALIVE_S + 10.0, "one more keepalive")
        first, second = keepalives(phone)[before : before + 2]
        assert abs(second.at - first.at - KEEPALIVE_S) < PAGE_S


def test_a_base_with_a_teams_display_is_asked_and_filled(seat: SeatSocket, agent: str) -> None:
    with VirtualHeadset(HEADSETS["yealink_wh66"]) as base:
        base.plug()
        seat.await_told("device.added")
        (device,) = seat.snapshot()["devices"].values()
        assert "display" in device["features"]
        asked = base.await_event("asked", via="feature", report_id=0x12)
        woken = base.await_event("report", via="feature")
        assert asked.at < woken.at
        await_until(lambda: base.state["screen"] == 1, what="the home screen")
        await_row(base, agent, "signed in")
        ring(seat)
        await_until(lambda: base.state["screen"] == 4, what="the screen of an incoming call")
        await_row(base, NUMBER, "ringing")
        base.press_hook()
        seat.await_told("call.established")
        await_until(lambda: base.state["screen"] == 5, what="the screen of a call")
