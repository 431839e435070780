"""A console beside a headset: its keys act on the call, and the headset that carries the sound follows."""

from __future__ import annotations

from callseat.app import App
from callseat.config import ConsoleConfig, HeadsetConfig
from callseat.core import Core
from callseat.simulated import SimulatedSeat
from callseat.simulated_acts import act_on
from state.ids import DeviceId
from state.settings import SeatSettings
from tests.callseat.runtime.seat_kit import HEADSET, LINE, config, run
from tests.virtual import passes

ME = DeviceId("k1")


def test_a_call_answered_and_muted_at_the_console_is_on_the_headset(tmp_path):
    seen = []

    async def main():
        settings = config(
            tmp_path,
            headsets=(HeadsetConfig(HEADSET),),
            consoles=(ConsoleConfig(ME),),
            seat=SeatSettings(language="en"),
        )
        simulated = SimulatedSeat(settings)
        app = App(settings, Core(settings.seat), simulated=simulated)
        console, headset = simulated.consoles[ME].model, simulated.headsets[HEADSET].model

        async def press(key):
            await act_on(simulated, {"act": "press", "device": "k1", "button": key})
            await passes(1)
            seen.append((sorted(console.lamps), headset.lamps.off_hook, headset.muted, console.rows[0]))

        async def script(app):
            await passes(1)
            simulated.phones[LINE].act(lambda phone, at: phone.ring_in("110", at))
            await passes(1)
            for key in ("hook", "mute", "mute"):
                await press(key)
            seen.append(app.core.snapshot().mute.value)

        await app.run(script)

    run(main())
    assert seen == [
        (["off_hook"], True, False, "signed out"),
        (["mute", "off_hook"], True, True, "!! MUTED"),
        (["off_hook"], True, False, "signed out"),
        "live",
    ]
