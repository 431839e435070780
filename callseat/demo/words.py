"""What the demo's timeline says of each mark, in Chinese and in English, and its labels.

May not hold the seat's own phrases: those come from the phrasebook through the seat.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from callseat.scenario.timeline import Entry


@dataclass(frozen=True, slots=True)
class Said:
    """One line of the timeline: who it is about, in words, and how loud it is shown."""

    who: str
    zh: str
    en: str
    style: str = ""
    beside: str = ""
    """Beside the Chinese instead of the English."""


AGENT, CUSTOMER, SEAT, LINE = "agent", "customer", "seat", "line"
WHO: Mapping[str, tuple[str, str]] = {
    AGENT: ("坐席", "agent"),
    CUSTOMER: ("客户", "customer"),
    SEAT: ("callseat", "callseat"),
    LINE: ("线路", "line"),
}

_TEXTS: Mapping[str, Said] = {
    "call.originated": Said(AGENT, "拨号 {number}", "dials {number}"),
    "call.delivered ringing": Said(LINE, "来电 {number} {name}", "rings: {number} {name}", "bold"),
    "call.delivered ringback": Said(LINE, "对方振铃", "ringing at the far end"),
    "call.established": Said(LINE, "通话接通", "connected", "bold green"),
    "call.cleared": Said(LINE, "通话结束（{by}）", "call over (by {by})", "bold"),
    "call.failed": Said(LINE, "未接通：{cause}", "never connected: {cause}", "bold"),
    "call.hang_up_held": Said(SEAT, "暂缓挂机", "hang-up held back", "yellow"),
    "device.hookswitch True": Said(AGENT, "按耳机键：摘机", "headset key: off-hook"),
    "device.hookswitch False": Said(AGENT, "按耳机键：挂机", "headset key: on-hook"),
    "event:MuteRequested True": Said(AGENT, "按静音键：静音", "mute key: muted", "red"),
    "event:MuteRequested False": Said(AGENT, "按静音键：取消静音", "mute key: live"),
    "agent:speaks": Said(AGENT, "说话", "speaks"),
    "customer:speaks": Said(CUSTOMER, "说话", "speaks"),
    "cue.given": Said(SEAT, "提示：{text}", "cue: {text}", "bold cyan", "{cue}"),
    "silence.cause": Said(SEAT, "无声原因：{cause}", "silence because: {cause}", "magenta"),
    "silent_call.utterance": Said(SEAT, "第 {stage} 句已说完", "utterance {stage} heard", "cyan"),
    "silent_call.conversation": Said(
        SEAT, "听到客户说话：转入正常通话，不走静默流程", "customer heard: conversation, no script", "green"
    ),
    "promise.made": Said(SEAT, "记下承诺：回电 {number}", "promise: call back {number}", "yellow"),
    "device.removed": Said(SEAT, "设备断开：{device}", "device gone: {device}", "red"),
    "device.added": Said(SEAT, "设备接入：{device}", "device there: {device}"),
    "line.out_of_service": Said(LINE, "线路中断", "out of service", "red"),
    "line.in_service": Said(LINE, "线路可用", "in service"),
    "effect.failed": Said(SEAT, "命令失败：{target}", "failed: {target}", "red"),
}
"""By mark, or by mark and the one word of its data that makes the difference."""

_UNTOLD = {"cause": "customer_silent"}
"""The usual silence: each cue says it in its "why"."""
_VARIANT = {
    "call.delivered": "state",
    "device.hookswitch": "off_hook",
    "event:MuteRequested": "muted",
}
BY: Mapping[str, str] = {"local": "本端", "remote": "对方", "network": "网络", "unknown": "不明"}
CAUSES: Mapping[str, str] = {
    "customer_silent": "客户没有说话",
    "agent_muted": "坐席已静音",
    "agent_mic_dead": "话筒没有信号",
    "agent_mic_too_quiet": "坐席声音太小",
    "headset_unplugged": "耳机已断开",
    "line_audio_dead": "线路没有声音",
    "music_or_tone": "音乐或提示音",
    "unknown": "不明",
    "call_cancelled": "主叫放弃",
}

LABELS: Mapping[str, tuple[str, str]] = {
    "title": ("一个坐席的上午", "a morning at one seat"),
    "second": ("可在第二个终端运行", "in a second terminal"),
    "watch": ("实时查看", "watch"),
    "answer": ("抢先接听", "answer before the agent does"),
    "timeline": ("时间线", "timeline"),
    "lamps": ("耳机灯", "headset lamps"),
    "display": ("显示屏", "display"),
    "cue": ("当前提示", "cue now"),
    "why": ("为什么", "why"),
    "say": ("可以说", "you may say"),
    "none": ("无", "none"),
    "levels": ("电平 dBFS", "levels dBFS"),
    "near": ("坐席话筒", "agent's microphone"),
    "far": ("客户声音", "customer"),
    "records": ("通话记录", "records"),
    "promises": ("待办承诺", "promises"),
    "sounds": ("可试听的录音", "what was heard, as WAV files"),
    "ear": ("坐席听到的", "in the agent's ear"),
    "line": ("送往线路的", "sent to the line"),
    "call": ("第 {n}/{of} 通", "call {n} of {of}"),
    "off_hook": ("摘机", "off-hook"),
    "ring": ("振铃", "ring"),
    "mute": ("静音", "mute"),
    "hold": ("保持", "hold"),
    "microphone": ("话筒", "mic"),
}


def label(key: str, language: str, **values: object) -> str:
    """A label: in English, or in both for a Chinese seat."""
    zh, en = (text.format(**values) for text in LABELS[key])
    return en if language == "en" else f"{zh} {en}"


def line_of(entry: Entry) -> Said | None:
    """What the timeline says of an entry, its blanks filled; None: nothing."""
    variant = _VARIANT.get(entry.mark)
    said = _TEXTS.get(entry.mark if variant is None else f"{entry.mark} {entry.data.get(variant)}")
    if said is None or any(entry.data.get(key) == word for key, word in _UNTOLD.items()):
        return None
    en = {key: str(value) for key, value in entry.data.items()}
    zh = en | {"cause": CAUSES.get(en.get("cause", ""), ""), "by": BY.get(en.get("by", ""), "")}
    return Said(
        said.who,
        said.zh.format(**zh).strip(),
        said.en.format(**en).strip(),
        said.style,
        (said.beside or said.en).format(**en).strip(),
    )
