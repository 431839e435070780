"""A real core and executor with the lines of apps, in virtual time: what apps tell is decided at once.

May not know a socket: clients are names, what they are told is kept.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from callseat import clock
from callseat.app_lines.switch import AppLines
from callseat.core import Core
from callseat.executor import Executor, Ports
from callseat.journal.codec import encode_event
from state.commands import Answer, Command, HangUp, SetMute
from state.effects import PlayPrompt, PreparePrompt, Publish, Reply, StopPrompt
from state.events import ClientLeft, CommandRequested, Event
from state.ids import LineId, RequestId
from state.settings import SeatSettings
from state.words import Basis
from tests.callseat.app_lines.kit import LINE, asked


class _Silence:
    """Nobody speaks: prompts are shown only."""

    def play(self, effect: PlayPrompt) -> None: ...

    def ready(self, effect: PreparePrompt) -> None: ...

    def stop(self, effect: StopPrompt) -> None: ...


class LineSeat:
    """Clients call `serve` and `left`; `commands` is what each was asked, `replies` what requesters got."""

    def __init__(self, configured: tuple[LineId, ...] = (LINE,), taken: tuple[str, ...] = ("desk",)) -> None:
        self.core = Core(SeatSettings())
        self.commands: dict[str, list[dict[str, Any]]] = {}
        self.replies: list[Reply] = []
        self.topics: list[str] = []
        self.journal: list[Mapping[str, Any]] = []
        self.deaf: set[str] = set()
        self._waiting: deque[Event] = deque()
        self._deciding = False
        ports = Ports()
        self._executor = Executor(ports, self.post, prompts=_Silence(), public=self)
        self.lines = AppLines(configured, taken, post=self.post, tell=self._tell, ports=ports)
        self.lines.start()

    def serve(self, client: str, method: str, **params: Any) -> Mapping[str, object]:
        """What the socket does with a `line.*` request."""
        return self.lines.ask(asked(method, **params), client)

    def left(self, client: str) -> None:
        """What the socket does when a client is gone."""
        self.lines.left(client)
        self.post(ClientLeft(clock.now(), client))

    def ask(self, command: Command, request: str = "r") -> None:
        """Another app, or a key, asks the seat for something."""
        self.post(CommandRequested(clock.now(), "client-0", command, Basis.APP, RequestId(request)))

    def press(self, command: str) -> None:
        """What a headset's key would ask for, by the word an app is told."""
        kinds: dict[str, Command] = {"answer": Answer(), "hang_up": HangUp(), "set_mute": SetMute(True)}
        self.ask(kinds[command])

    def post(self, event: Event) -> None:
        """Decide it, after whatever is being decided."""
        self._waiting.append(event)
        if self._deciding:
            return
        self._deciding = True
        while self._waiting:
            event = self._waiting.popleft()
            self.journal.append(encode_event(event))
            self._executor.perform(self.core.advance(event.at))
            self._executor.perform(self.core.handle(event))
        self._deciding = False

    def _tell(self, client: str, params: Mapping[str, object]) -> bool:
        if client in self.deaf:
            return False
        self.commands.setdefault(client, []).append(dict(params))
        return True

    # the public side of the executor ---------------------------------------------------------------

    def publish(self, effect: Publish) -> None:
        self.topics.append(effect.topic)

    def reply(self, effect: Reply) -> None:
        self.replies.append(effect)

    def show(self, snapshot: object) -> None: ...

    # the picture -----------------------------------------------------------------------------------

    def line(self, name: str = LINE) -> Any:
        return next((line for line in self.core.snapshot().lines if line.line == name), None)

    def states(self) -> dict[str, str]:
        """Every call and its state."""
        return {call.call: call.state.value for call in self.core.snapshot().calls}
