"""A lesson at a simulated headset behind a transport, in virtual time: prompts in, presses out.

May not know the lesson: it does what a prompt says.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from callseat.loops import VirtualTimeLoop
from callseat.runtime.headsets import HidSystem
from devices.hid.lesson import Answer, Prompt, PromptKind
from devices.models import ModelRegistry
from devices.models.record import ModelRecord
from devices.simulated.headset import SimulatedHeadset
from firmware_bridge.inventory import HidNode
from firmware_bridge.simulated import SimulatedPort
from state.engine import Step
from state.errors import TransportError, TransportReason
from state.words import Button
from tests.devices.hid.descriptors import JABRA, load

READS_S = 0.7
Press = Callable[[SimulatedHeadset, float], Step]


def node_of(stem: str = JABRA, number: int = 0, **changed: Any) -> HidNode:
    device = load(stem)
    facts: dict[str, Any] = {
        "path": Path(f"/dev/hidraw{number}"),
        "bus": 3,
        "vendor_id": device.vendor_id,
        "product_id": device.product_id,
        "name": device.name,
        "serial": "A1",
        "place": f"1-1.{number + 1}",
        "interface": 3,
        "descriptor": device.descriptor,
    }
    return HidNode(**facts | changed)


@dataclass
class Room:
    """One simulated headset, one technician."""

    node: HidNode = field(default_factory=node_of)
    truth: ModelRecord | None = None
    others: tuple[HidNode, ...] = ()
    denied: bool = False
    pull_at: str = ""
    prompts: list[Prompt] = field(default_factory=list)
    leased: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.headset = SimulatedHeadset(self.node.descriptor, model=self.truth)
        self.port: SimulatedPort[SimulatedHeadset] = SimulatedPort(
            "headset", self.headset, feed=lambda model, data, via, at: model.feed(data, at, via)
        )
        self.answers: asyncio.Queue[Answer] = asyncio.Queue()
        self.system = HidSystem(
            list_nodes=lambda: (self.node, *self.others),
            open_node=self._open,
            registry=ModelRegistry(()),
        )

    async def _open(self, node: HidNode) -> Any:
        assert node == self.node
        if self.denied:
            raise TransportError(TransportReason.DENIED, f"{node.path}: Permission denied")
        return await self.port.open()

    @asynccontextmanager
    async def lease(self, node: HidNode) -> AsyncIterator[None]:
        self.leased.append(f"held {node.identity}")
        yield
        self.leased.append("let go")

    def tell(self, prompt: Prompt) -> None:
        """Read a prompt, and do it a moment later."""
        self.prompts.append(prompt)
        loop = asyncio.get_running_loop()
        if prompt.step == self.pull_at:
            loop.call_later(READS_S, self.port.unplug)
        elif prompt.kind is PromptKind.ASK:
            loop.call_later(READS_S, self.answers.put_nowait, Answer.YES)
        elif prompt.kind is PromptKind.DO:
            press = self._press(prompt.step)
            loop.call_later(READS_S, self.port.act, press)

    def _press(self, step: str) -> Press:
        name, _, what = step.partition("_")
        presses: dict[str, Press] = {
            "answer": lambda model, at: model.press_hook(at),
            "hang": lambda model, at: model.press_hook(at),
            "unacked": lambda model, at: model.press_hook(at),
            "mute": lambda model, at: model.press_mute(at),
            "boom": lambda model, at: model.set_boom(what == "up", at),
            "flash": lambda model, at: model.press(Button.FLASH, at, long=what == "long"),
            "reject": lambda model, at: model.press(Button.REJECT, at),
            "key": lambda model, at: model.press(Button(what), at),
            "digit": lambda model, at: model.press_digit(what, at),
        }
        return presses[name]


def in_virtual_time(main: Any) -> Any:
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main)
