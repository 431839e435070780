"""The sound endpoints of the composite headset: one packet each millisecond, answered in batches.

May not read a clock. A thousand requests a second arrive for the microphone, one packet each: to answer each
by itself is too slow under emulation, so what is due is answered together, at most BATCH_S late.
"""

from __future__ import annotations

import array
import functools
import heapq
import math
from collections.abc import Iterator

from tests.kernel.kit.usb_control import Control
from tests.kernel.kit.usb_descriptors import CHANNELS, MICROPHONE, SAMPLE_BYTES
from tests.kernel.kit.usbip import Submit, filled, packet_lengths, submitted

PACKET_S = 0.001
"""A full-speed frame, USB 2.0 chapter 5."""
BATCH_S = 0.004
CATCH_UP_S = 0.02
"""So much lateness of our own is made good; more is a gap, as on a real bus."""
TONE_HZ = 1000
AMPLITUDE = 10000
_IN = 0x80


class Sound:
    """Both streams of one plugged headset."""

    def __init__(self, control: Control) -> None:
        self.stalled = False
        self.tone = False
        self.counts = dict.fromkeys(
            ("microphone_packets", "speaker_packets", "speaker_bytes", "speaker_loud_packets"), 0
        )
        self._control = control
        self._waiting: list[tuple[float, int, Submit]] = []
        self._next: dict[int, float] = {}

    def submit(self, request: Submit, at: float) -> None:
        """One request of the host: due when the packets before it and its own have passed."""
        packets = len(packet_lengths(request.packets))
        due = max(self._next.get(request.address, at), at - CATCH_UP_S) + packets * PACKET_S
        self._next[request.address] = due
        heapq.heappush(self._waiting, (due, request.sequence, request))

    def forget(self, sequence: int) -> bool:
        """The host gave up on a request; whether it was waiting here."""
        left = [entry for entry in self._waiting if entry[1] != sequence]
        if len(left) == len(self._waiting):
            return False
        self._waiting = left
        heapq.heapify(self._waiting)
        for address in list(self._next):
            if not any(entry[2].address == address for entry in left):
                del self._next[address]
        return True

    def next_deadline(self) -> float | None:
        """When a batch is due; a stalled card never answers."""
        return self._waiting[0][0] + BATCH_S if self._waiting and not self.stalled else None

    def advance(self, at: float) -> Iterator[bytes]:
        """Answers to everything that is due."""
        while self._waiting and not self.stalled and self._waiting[0][0] <= at:
            _due, _sequence, request = heapq.heappop(self._waiting)
            yield self._record(request) if request.address & _IN else self._play(request)

    def _record(self, request: Submit) -> bytes:
        """Packets of the microphone, each a millisecond of samples."""
        samples = self._control.rates[MICROPHONE] // 1000
        room = packet_lengths(request.packets)
        data = (packet(samples) if self.tone else bytes(samples * SAMPLE_BYTES)) * len(room)
        self.counts["microphone_packets"] += len(room)
        packets = filled(request.packets, [samples * SAMPLE_BYTES * CHANNELS[MICROPHONE]] * len(room))
        return submitted(request, data=data, packets=packets)

    def _play(self, request: Submit) -> bytes:
        lengths = packet_lengths(request.packets)
        self.counts["speaker_packets"] += len(lengths)
        self.counts["speaker_bytes"] += len(request.data)
        self.counts["speaker_loud_packets"] += len(lengths) if any(request.data) else 0
        return submitted(request, length=len(request.data), packets=filled(request.packets, lengths))


@functools.cache
def packet(count: int) -> bytes:
    """A millisecond of the tone in `count` samples: one whole period, so that packets join."""
    step = 2 * math.pi * TONE_HZ * PACKET_S / count
    return array.array("h", (int(AMPLITUDE * math.sin(step * n)) for n in range(count))).tobytes()
