"""A real SIP call through the whole seat: sound is what the customer's ear recorded, only keys are simulated.

Times are monotonic seconds, which is the daemon's own base and the recorders' too.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median

import numpy as np
import pytest

from audio.wav import read_wav
from tests.peers.sip_seat import LOUD, RATE, SipSeat, last_sound_before, sip_seat
from tests.support import ROOT

RECORDINGS = ROOT / "tests/recordings"
OPENING = read_wav(RECORDINGS / "sentence_zh_2_16k.wav", RATE).samples
"""Mandarin speech of 3.2 s: longer than the second an utterance needs."""
REPLY = read_wav(RECORDINGS / "sentence_zh.wav", 8000).samples
WAIT_S = 5.0
"""[silent_call] wait_1_s and wait_2_s, the defaults."""
ON_TIME_S = 0.150
SILENT_RMS, HEARD_RMS = 0.001, 0.01
MUTES = 10
MUTED_MEDIAN_S, MUTED_WORST_S = 0.300, 0.500
WINDOW_S = 0.02


def played(folder: Path, script: Callable[[SipSeat], Awaitable[None]]) -> None:
    """Run a script at a seat of its own."""

    async def main() -> None:
        async with sip_seat(folder) as seat:
            await script(seat)

    asyncio.run(main())


def test_a_silent_caller_hears_stages_2_and_3_on_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    late: dict[str, float] = {}

    async def script(seat: SipSeat) -> None:
        await seat.call()
        began = time.monotonic()
        seat.agent_says(OPENING)
        due = {}
        for stage in ("stage_1", "stage_2"):
            told = await seat.desk.heard("silent_call.utterance")
            due[stage] = told["ended_at"] + WAIT_S
        last = await seat.desk.heard("silent_call.utterance")
        await seat.heard_until(last["ended_at"] + 1.0)
        said = last_sound_before(seat.to_line, began, due["stage_1"] - 1.0)
        assert abs(due["stage_1"] - WAIT_S - said) < 0.25, "the end of the opening was not where it was told"
        for stage, at in due.items():
            path_s = seat.path_s(at, at + 1.5)
            began = seat.prompt_began(seat.ear, at + path_s)
            late[f"after {stage}"] = began - path_s - at
            assert seat.ear.rms(began, began + 1.0) > HEARD_RMS
            print(f"the path then took {path_s * 1000:.0f} ms")
        await seat.desk.until(lambda now: [c["silent"] for c in now["calls"].values()] == ["may_hang_up"])
        await seat.desk.ask("call.hangup")
        await seat.desk.calls()

    played(tmp_path, script)
    with capsys.disabled():
        told = ", ".join(f"{name} {value * 1000:+.0f} ms" for name, value in late.items())
        print(f"\nSIP, prompts in the customer's ear, the path taken off: {told}")
    assert len(late) == 2
    assert all(abs(value) <= ON_TIME_S for value in late.values())


def test_a_caller_who_speaks_stops_the_script(tmp_path: Path) -> None:
    async def script(seat: SipSeat) -> None:
        await seat.call()
        seat.agent_says(OPENING)
        told = await seat.desk.heard("silent_call.utterance")
        seat.caller_says(REPLY, 8000)
        await seat.desk.heard("silent_call.conversation")
        await seat.heard_until(told["ended_at"] + WAIT_S + 2.0)
        assert seat.to_line.sound_after(told["ended_at"] + 0.5, LOUD) is None
        await seat.desk.ask("call.hangup")
        await seat.desk.calls()

    played(tmp_path, script)


def test_mute_at_the_headset_is_silence_at_the_far_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    took: list[float] = []

    async def script(seat: SipSeat) -> None:
        await seat.call()
        tone = 8000 * np.sin(2 * np.pi * 1000 * np.arange(RATE * 60) / RATE)
        seat.agent_says(tone.astype(np.int16))
        await asyncio.to_thread(seat.ear.await_sound, time.monotonic(), 10.0)
        for _ in range(MUTES):
            took.append(await muted_after(seat))
            await seat.desk.press("mute")
            await asyncio.to_thread(seat.ear.await_sound, time.monotonic() + 0.1, 5.0)

    played(tmp_path, script)
    with capsys.disabled():
        print(f"\nSIP, mute to silence: median {median(took) * 1000:.0f} ms, worst {max(took) * 1000:.0f} ms")
    assert median(took) <= MUTED_MEDIAN_S
    assert max(took) <= MUTED_WORST_S


async def muted_after(seat: SipSeat) -> float:
    """Press mute; how long until the customer hears nothing, and goes on hearing nothing."""
    await seat.desk.pause()
    pressed = time.monotonic()
    await seat.desk.ask("simulated.act", act="press", button="mute")
    await seat.heard_until(pressed + 1.0)
    steps = np.arange(0.0, 1.0, WINDOW_S)
    loud = [step for step in steps if seat.ear.rms(pressed + step, pressed + step + WINDOW_S) >= SILENT_RMS]
    return float(loud[-1] + WINDOW_S) if loud else 0.0


@pytest.mark.parametrize("by", ["agent", "customer"])
def test_hanging_up_ends_both_sides_and_the_record_is_right(tmp_path: Path, by: str) -> None:
    async def script(seat: SipSeat) -> None:
        call = await seat.call()
        seat.agent_says(OPENING)
        await seat.desk.heard("speech.stopped")
        seat.caller_says(REPLY, 8000)
        await seat.desk.heard("silent_call.conversation")
        await seat.desk.heard("speech.stopped")
        if by == "agent":
            await seat.desk.press()
        else:
            await asyncio.to_thread(seat.caller.do, "hangup")
        await seat.desk.calls()
        assert await asyncio.to_thread(seat.caller.calls) == []
        (row,) = (await seat.desk.ask("records.calls"))["calls"]
        assert row["call"] == call["call"]
        assert row["direction"] == "inbound"
        assert row["by"] == ("local" if by == "agent" else "remote")
        assert row["near_spoken_s"] > 2.0
        assert row["far_spoken_s"] > 1.0
        assert "caller" in row["number"]

    played(tmp_path, script)


def test_a_killed_daemon_adopts_the_call_it_had(tmp_path: Path) -> None:
    async def script(seat: SipSeat) -> None:
        call = await seat.call()
        record = call["record"]
        assert record
        await seat.desk.restart(signal.SIGKILL)
        (again,) = await seat.desk.calls("connected")
        assert again["record"] == record
        assert len(await asyncio.to_thread(seat.caller.calls)) == 1
        seat.agent_says(OPENING)
        await asyncio.to_thread(seat.ear.await_sound, time.monotonic(), 10.0)
        await asyncio.to_thread(seat.caller.do, "hangup")
        await seat.desk.calls()
        (row,) = (await seat.desk.ask("records.calls"))["calls"]
        assert row["record"] == record
        assert row["gap_s"] > 0

    played(tmp_path, script)
