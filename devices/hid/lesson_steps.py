"""The steps of a lesson as a table: what to do, what the host shows meanwhile, and for how long.

May not hold behaviour: `devices.hid.lesson` walks the table.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from devices.hid.controls import Controls, Digit, Meaning, Special
from devices.hid.usages import Lamp
from state.commands import Lamps
from state.words import Button


class Act(StrEnum):
    """What a step waits for."""

    WATCH = "watch"
    """Nobody touches the headset for the whole time."""
    PRESS = "press"
    """The technician does something; the step ends when the headset has been quiet for a while."""
    ASK = "ask"
    """The technician answers yes or no."""


IDLE = Lamps()
RINGING = Lamps(ring=True)
IN_CALL = Lamps(off_hook=True)
MUTED = Lamps(off_hook=True, mute=True)

PRESS_S = 20.0
"""Long enough to read the line and find the key."""
QUIET_S = 1.2
"""Beyond the longest echo window of mute (0.7 s) and hook bounce, so that a step hears its own echoes."""
MUTE_ACK_S = 0.3
"""A mute key repeats within 50 ms (WICG/webhid issue 61): what comes before the lamp is no echo of it."""


@dataclass(frozen=True, slots=True)
class Task:
    """One step. `lamps` are shown as it begins; `ack` is shown `ack_s` after the first touch.

    `after`: left out when that step heard nothing; `hook_up`: only while the headset still says off-hook;
    `again_from`: where a repetition has to begin, so that the headset is as it was.
    """

    id: str
    zh: str
    en: str
    act: Act = Act.PRESS
    limit_s: float = PRESS_S
    quiet_s: float = QUIET_S
    lamps: Lamps = IDLE
    ack: Lamps | None = None
    ack_s: float = 0.0
    meaning: Meaning | None = None
    after: str = ""
    hook_up: bool = False
    again_from: str = ""


REST = Task("rest", "请把耳机放好，两秒钟不要碰它", "Leave the headset alone for two seconds", Act.WATCH, 2.0)
HOOK_TASKS = (
    Task(
        "answer", "振铃灯亮：请按一下通话键接听", "It rings: press the call key once to answer",
        lamps=RINGING, ack=IN_CALL, meaning=Special.HOOK,
    ),
    Task(
        "hang_up", "请再按一下通话键挂断", "Press the call key once more to hang up",
        lamps=IN_CALL, ack=IDLE, meaning=Special.HOOK, again_from="answer",
    ),
    Task(
        "unacked", "请按一下通话键，然后不要再碰：主机不应答",
        "Press the call key once, then wait: no answer comes",
        quiet_s=4.0, meaning=Special.HOOK,
    ),
    Task("reset_on", "请稍候", "Please wait", Act.WATCH, 2.0, lamps=IN_CALL, hook_up=True),
    Task("reset_off", "请稍候", "Please wait", Act.WATCH, 2.0, after="reset_on"),
    Task(
        "host_off_hook", "不要碰耳机：主机自己摘机", "Do not touch it: the host goes off-hook by itself",
        Act.WATCH, 3.0, lamps=IN_CALL,
    ),
)  # fmt: skip
MUTE_TASKS = (
    Task(
        "mute_on", "麦克风臂放下，请按一下静音键", "Boom arm down: press the mute key once",
        lamps=IN_CALL, ack=MUTED, ack_s=MUTE_ACK_S, meaning=Special.MUTE,
    ),
    Task(
        "mute_off", "请再按一下静音键", "Press the mute key once more",
        lamps=MUTED, ack=IN_CALL, ack_s=MUTE_ACK_S, meaning=Special.MUTE,
        again_from="mute_on",
    ),
    Task(
        "host_mute", "不要碰耳机：主机静音", "Do not touch it: the host mutes",
        Act.WATCH, 2.0, lamps=MUTED,
    ),
    Task(
        "host_unmute", "不要碰耳机：主机取消静音", "Do not touch it: the host un-mutes",
        Act.WATCH, 2.0, lamps=IN_CALL,
    ),
    Task(
        "boom_up", "有麦克风臂的，请抬起；没有请按回车", "Raise the boom arm; Enter if there is none",
        lamps=IN_CALL, ack=MUTED, ack_s=MUTE_ACK_S,
    ),
    Task(
        "boom_locked", "麦克风臂保持抬起：主机取消静音", "Keep the boom arm up: the host un-mutes",
        Act.WATCH, 2.0, lamps=IN_CALL, after="boom_up",
    ),
    Task(
        "boom_down", "请放下麦克风臂", "Lower the boom arm",
        lamps=MUTED, ack=IN_CALL, ack_s=MUTE_ACK_S, after="boom_up", again_from="boom_up",
    ),
)  # fmt: skip
FLASH_TASKS = (
    Task(
        "flash_short", "请短按保持（闪断）键", "Press the hold (flash) key briefly",
        lamps=IN_CALL, meaning=Button.FLASH,
    ),
    Task(
        "flash_long", "请按住保持（闪断）键两秒再放开", "Hold the hold (flash) key for two seconds",
        quiet_s=3.0, lamps=IN_CALL, meaning=Button.FLASH,
    ),
)  # fmt: skip
ON_HOOK = Task(
    "host_on_hook", "不要碰耳机：主机挂机", "Do not touch it: the host goes on-hook", Act.WATCH, 2.0
)
REJECT = Task(
    "reject", "振铃灯亮：请按拒接键（或厂家规定的手势）；没有请按回车",
    "It rings: reject the call as its maker says (a key, a gesture); Enter if it cannot",
    quiet_s=1.5, lamps=RINGING, meaning=Button.REJECT,
)  # fmt: skip
KEY_WORDS: dict[Button, tuple[str, str]] = {
    Button.REDIAL: ("重拨", "redial"),
    Button.VOICE_MAIL: ("语音信箱", "voice mail"),
    Button.SPEED_DIAL: ("速拨", "speed dial"),
    Button.LINE: ("线路", "line"),
    Button.PROGRAMMABLE: ("可编程", "programmable"),
    Button.DELETE: ("删除", "delete"),
    Button.VOLUME_UP: ("音量加", "volume up"),
    Button.VOLUME_DOWN: ("音量减", "volume down"),
}
LESSON_DIGITS = "150#"
"""First, middle and last of the pad, and the 0, which some pads have before the 1."""
LAMP_WORDS: dict[Lamp, tuple[str, str, Lamps]] = {
    Lamp.RING: ("振铃", "ring", RINGING),
    Lamp.OFF_HOOK: ("通话", "off-hook", IN_CALL),
    Lamp.MUTE: ("静音", "mute", MUTED),
    Lamp.HOLD: ("保持", "hold", Lamps(off_hook=True, hold=True)),
    Lamp.MICROPHONE: ("麦克风", "microphone", Lamps(off_hook=True, microphone=True)),
    Lamp.MESSAGE_WAITING: ("留言", "message waiting", Lamps(message_waiting=True)),
}
"""Ring comes first: a hook echo of another lamp step would be a report without hook while it rings."""
ASK_S = 30.0
SETTLE = Task("settle", "请稍候", "Please wait", Act.WATCH, 2.0)
"""Between the calls of the lamp steps and whatever follows."""


def tasks_for(controls: Controls) -> tuple[Task, ...]:
    """The steps of a lesson for a device: what it has no control for is left out."""
    return tuple(_tasks(controls))


def _tasks(controls: Controls) -> Iterable[Task]:
    has = controls.find
    yield REST
    if has(Special.HOOK):
        yield from HOOK_TASKS
    if has(Special.MUTE):
        yield from MUTE_TASKS
    if has(Button.FLASH):
        yield from FLASH_TASKS
    yield ON_HOOK
    yield REJECT
    for button, (zh, en) in KEY_WORDS.items():
        if has(button):
            yield Task(f"key_{button}", f"请按{zh}键", f"Press the {en} key", meaning=button)
    for digit in LESSON_DIGITS:
        if has(Digit(digit)):
            yield Task(f"digit_{digit}", f"请按 {digit}", f"Press {digit}", meaning=Digit(digit))
    for lamp, (zh, en, lamps) in LAMP_WORDS.items():
        if lamp in controls.lamps:
            words = f"{zh}灯亮了吗？", f"Is the {en} lamp lit?"
            yield Task(f"lamp_{lamp}", *words, Act.ASK, ASK_S, lamps=lamps)
    yield SETTLE
