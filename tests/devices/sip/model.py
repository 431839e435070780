"""A baresip to test against, in virtual time: what 1.0.0 and 1.1.0 (Debian 12, 13) say and do, with quirks.

May not import the engine it is a partner of: it frames, names and lists by itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

ABOUT = "|                      \x1b[34;1mbare\x1b[31;1msip\x1b[;m {version:<10}                    |\n"


@dataclass
class Leg:
    """One call in baresip."""

    key: str
    peer: str
    incoming: bool
    line: int
    state: str
    on_hold: bool = False
    muted: bool = False


@dataclass
class FakeBaresip:
    """Bytes in, bytes out; `said` collects what goes to the host. The last leg is the current one."""

    version: str = "1.0.0"
    legs: list[Leg] = field(default_factory=list)
    said: list[bytes] = field(default_factory=list)
    heard: list[dict[str, Any]] = field(default_factory=list)
    deaf: bool = False
    """Answers nothing any more."""
    before: dict[str, Callable[[], None]] = field(default_factory=dict)
    """What happens just before a command of that name is carried out: another call comes, say."""
    broken: dict[str, str] = field(default_factory=dict)
    """Commands that are answered with this and do nothing."""
    digits: str = ""
    count: int = 0

    # the wire --------------------------------------------------------------------------------

    def feed(self, data: bytes) -> None:
        while data:
            length, _, rest = data.partition(b":")
            message, data = rest[: int(length)], rest[int(length) + 1 :]
            self._command(json.loads(message))

    def _say(self, fields: dict[str, Any]) -> None:
        data = json.dumps(fields).encode()
        self.said.append(b"%d:%s," % (len(data), data))

    def event(self, kind: str, leg: Leg, param: str = "") -> None:
        named = {"class": "call", "type": kind, "id": leg.key, "peeruri": leg.peer, "param": param}
        self._say({"event": True, "direction": "incoming" if leg.incoming else "outgoing"} | named)

    # the far end -----------------------------------------------------------------------------

    def ring(self, peer: str, key: str = "") -> Leg:
        leg = self._open(peer, incoming=True, state="INCOMING", key=key)
        self.event("CALL_INCOMING", leg, peer)
        return leg

    def alert(self, leg: Leg) -> None:
        leg.state = "RINGING"
        self.event("CALL_RINGING", leg, leg.peer)

    def connect(self, leg: Leg) -> None:
        leg.state = "ESTABLISHED"
        self.event("CALL_ESTABLISHED", leg, leg.peer)

    def close(self, leg: Leg, why: str = "Connection reset by peer", *, quietly: bool = False) -> None:
        if not quietly:
            self.event("CALL_CLOSED", leg, why)
        self.legs.remove(leg)
        if self.old:  # 1.0.0 takes the call that was held last back by itself
            for other in reversed(self.legs):
                if other.on_hold:
                    other.on_hold = False
                    break

    def transfer_failed(self, leg: Leg, why: str) -> None:
        self.event("TRANSFER_FAILED", leg, why)
        self.legs.remove(leg)

    @property
    def old(self) -> bool:
        return self.version == "1.0.0"

    @property
    def current(self) -> Leg | None:
        return self.legs[-1] if self.legs else None

    def _open(self, peer: str, *, incoming: bool, state: str, key: str = "") -> Leg:
        self.count += 1
        line = next(n for n in range(1, 99) if all(leg.line != n for leg in self.legs))
        leg = Leg(key or f"{self.count:016x}", peer, incoming, line, state)
        self.legs.append(leg)
        return leg

    # commands --------------------------------------------------------------------------------

    def _command(self, fields: dict[str, Any]) -> None:
        self.heard.append(fields)
        name, params = fields["command"], fields.get("params", "")
        if self.deaf:
            return
        self.before.pop(name, lambda: None)()
        if name in self.broken:
            text = self.broken[name]
        else:
            act = getattr(self, f"_do_{name}", None)
            text = act(params) if act is not None else f"!command not found ({name})\n"
        ok = not text.startswith("!")
        self._say({"response": True, "ok": ok, "data": text.removeprefix("!"), "token": fields["token"]})

    def _do_about(self, _params: str) -> str:
        return ABOUT.format(version=self.version)

    def _do_listcalls(self, _params: str) -> str:
        rows = "".join(
            f"{'>' if leg is self.current else ' '} [line {leg.line}{'' if self.old else f', id {leg.key}'}]"
            f"  0:00:01  {leg.state:>9}  {'(on hold)' if leg.on_hold else '         '}  {leg.peer}\n"
            for leg in sorted(self.legs, key=lambda leg: leg.line)
        )
        head = "" if self.old else "\nUser-Agent: agent@127.0.0.1"
        return f"{head}\n--- Active calls ({len(self.legs)}) ---\n{rows}\n"

    def _do_callstat(self, _params: str) -> str:
        leg = self.current
        if leg is None:
            return "\n(no active calls)\n"
        way = "Incoming" if leg.incoming else "Outgoing"
        return (
            f"\n===== Call debug ({leg.state}) =====\n local_uri:  <sip:agent@127.0.0.1>\n"
            f" peer_uri:   <{leg.peer}>\n af=AF_INET id={leg.key}\n direction: {way}\nSDP session\n"
        )

    def _select(self, leg: Leg | None, text: str) -> str:
        if leg is None:
            return ("" if self.old else "!") + "call not found\n"
        self.legs.remove(leg)
        self.legs.append(leg)
        return f"setting current call: {text}\n"

    def _do_line(self, params: str) -> str:
        return self._select(
            next((leg for leg in self.legs if str(leg.line) == params), None), f"line {params}"
        )

    def _do_callfind(self, params: str) -> str:
        return self._select(next((leg for leg in self.legs if leg.key == params), None), params)

    def _meant(self, params: str) -> Leg | None:
        if self.old or not params:
            return self.current
        return next((leg for leg in self.legs if leg.key == params), None)

    def _do_accept(self, params: str) -> str:
        leg = self._meant(params)
        if leg is None or leg.state != "INCOMING":
            return "" if self.old else "!could not answer call (Invalid argument)\n"
        self.connect(leg)
        return "sip:agent@127.0.0.1: Answering incoming call\n" if self.old else ""

    def _do_hangup(self, params: str) -> str:
        leg = self._meant(params)
        if leg is None:
            return "" if self.old else "!no active call\n"
        self.close(leg, "Connection reset by user")
        return ""

    def _do_hold(self, params: str) -> str:
        leg = self._meant(params)
        if leg is None:
            return "!Invalid argument"
        leg.on_hold = True
        return "" if leg.state == "ESTABLISHED" else "!Invalid argument"

    def _do_resume(self, params: str) -> str:
        leg = self._meant(params)
        if leg is None:
            return "!Invalid argument"
        leg.on_hold = False
        return "" if self.old else "!Invalid argument"  # 1.1.0 says no where no other call is up, and does it

    def _do_mute(self, params: str) -> str:
        leg = self.current
        if leg is None:
            return "\ncall muted\n"
        leg.muted = params == "true" if self.version >= "3.19" and params else not leg.muted
        return f"\ncall {'' if leg.muted else 'un-'}muted\n"

    def _do_sndcode(self, params: str) -> str:
        self.digits += params
        return ""

    def _do_transfer(self, _params: str) -> str:
        return ""

    def _do_dial(self, params: str) -> str:
        uri = params if params.startswith("sip:") else f"sip:{params}@127.0.0.1"
        leg = self._open(uri, incoming=False, state="OUTGOING")
        return "" if self.old else f"call id: {leg.key}\n"

    def _do_atransferstart(self, params: str) -> str:
        if self.current is not None:
            self.current.on_hold = True
        self._open(params, incoming=False, state="OUTGOING")
        return ""

    def _do_atransferexec(self, _params: str) -> str:
        return ""
