"""Which devices a configuration's endpoints accept."""

from __future__ import annotations

import asyncio
import json

import pytest

from callseat.config import HeadsetBackend, HeadsetConfig
from callseat.runtime.backends import endpoints
from callseat.simulated import SimulatedSeat
from state.errors import TransportError, TransportReason
from tests.callseat.runtime.seat_kit import HEADSET, config, run
from tests.support import ROOT

DECOY = ROOT / "tests/data/hid/046d-0944_logitech_mx_brio.json"


def test_a_webcam_with_a_hook_usage_is_refused_in_words(tmp_path):
    descriptor = tmp_path / "mx_brio.bin"
    descriptor.write_bytes(bytes.fromhex(json.loads(DECOY.read_text())["report_descriptor_hex"]))
    headset = HeadsetConfig(HEADSET, HeadsetBackend.SIMULATED, descriptor=descriptor)
    settings = config(headsets=(headset,))

    async def main():
        (endpoint,) = [e for e in endpoints(settings, SimulatedSeat(settings)) if e.name == HEADSET]
        with pytest.raises(TransportError, match="cannot control calls") as refused:
            await endpoint.connect()
        await asyncio.sleep(0)
        return refused.value

    assert run(main()).reason is TransportReason.DENIED
