"""What a device can do for an agent, as points and as one sentence a person can act on.

May not read a descriptor: it judges controls that were read. Whether a device controls calls is
`devices.hid.controls`' verdict; the score orders devices, and none that cannot comes before one that can.
"""

from __future__ import annotations

from dataclasses import dataclass

from devices.hid.controls import Controls
from devices.hid.usages import LED, MIRRORS


@dataclass(frozen=True, slots=True)
class Ability:
    """One thing a device may be able to do: its feature's name, its points, and what people call it."""

    feature: str
    points: int
    words: str


ABILITIES: tuple[Ability, ...] = (
    Ability("hook", 20, "hook switch"),
    Ability("mute", 10, "phone mute"),
    Ability("mute_level", 3, "true mute state"),
    Ability("reject", 8, "reject key"),
    Ability("flash", 6, "flash key"),
    Ability("redial", 2, "redial key"),
    Ability("keypad", 4, "dial pad"),
    Ability("volume", 4, "volume keys"),
    Ability("lamp_off_hook", 12, "off-hook lamp"),
    Ability("lamp_ring", 8, "ring lamp"),
    Ability("lamp_mute", 7, "mute lamp"),
    Ability("lamp_hold", 4, "hold lamp"),
    Ability("lamp_microphone", 2, "microphone lamp"),
    Ability("lamp_message_waiting", 1, "message lamp"),
    Ability("ringer", 4, "ringer"),
    Ability("display", 3, "display"),
    Ability("busy_light", 2, "busy light"),
)
"""Points by what a call needs: to take and end it (hook, and the lamp that acknowledges it), to be heard or
not, to refuse it, to park it; comfort last (ours). A true mute state counts beside its key: from an edge the
state is only inferred. They add up to 100."""

UNUSABLE_MAX = 20
"""Most points of a device that cannot control a call: a hook with anything to acknowledge by has more."""

BUSY_LIGHTS = frozenset({0x08, 0x2C})
"""LED page ids that tell others: Do Not Disturb, Busy."""

WANTED = ("mute", "reject", "flash", "lamp_mute", "lamp_ring")
"""What an agent misses; named where it is not there."""


@dataclass(frozen=True, slots=True)
class Capability:
    """What a device can do, and whether that is enough for calls."""

    call_control: bool
    score: int
    why: str
    abilities: tuple[Ability, ...]


def capability(controls: Controls, more: frozenset[str] = frozenset()) -> Capability:
    """Judge a device; `more` are features its descriptor does not name (a display of its own protocol)."""
    features = controls.features | more | (_lights(controls))
    abilities = tuple(each for each in ABILITIES if each.feature in features)
    points = sum(each.points for each in abilities)
    usable = controls.verdict.usable
    score = points if usable else min(points, UNUSABLE_MAX)
    return Capability(usable, score, _why(controls, features), abilities)


def _lights(controls: Controls) -> frozenset[str]:
    led_page = MIRRORS.get(controls.page, LED)
    busy = {led_page << 16 | number for number in BUSY_LIGHTS}
    shown = {indicator.usage for indicator in controls.indicators}
    return frozenset({"busy_light"}) if busy & shown else frozenset()


def _why(controls: Controls, features: frozenset[str]) -> str:
    """The verdict, then what to know or do about it."""
    reason = controls.verdict.reason
    if not controls.verdict.usable:
        return f"not for call control: {reason}; use it for sound and another device for calls"
    words = {each.feature: each.words for each in ABILITIES}
    missing = [words[name] for name in WANTED if name not in features]
    lack = f"; it has no {', no '.join(missing)}" if missing else ""
    instead = ", so reject calls from the app" if "reject" not in features else ""
    return f"controls calls: {reason}{lack}{instead}"
