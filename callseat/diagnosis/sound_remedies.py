"""What a technician does about a fault of the sound: a remedy for each channel and fault, in both languages.

May not know evidence or thresholds: the same remedy whatever was measured. What the agent is told in a
call is the phrasebook's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from state.words import AudioFault, Channel


@dataclass(frozen=True, slots=True)
class Remedy:
    """What to do next, in Chinese and in English."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        """The words; `language` is zh or en."""
        return self.zh if language == "zh" else self.en


_NEAR: Mapping[AudioFault, Remedy] = {
    AudioFault.DIGITAL_ZERO: Remedy(
        "检查静音键、麦克风臂和插头；再用 `callseat audio devices` 核对 headset_in 是不是这副耳机",
        "look at mute key, boom arm and plug; then compare headset_in with `callseat audio devices`",
    ),
    AudioFault.FROZEN: Remedy(
        "拔下耳机再插上；仍然如此就换一个 USB 口，再换耳机",
        "unplug the headset and plug it in again; still so: another USB port, then another headset",
    ),
    AudioFault.TOO_QUIET: Remedy(
        "把麦克风移到嘴角下方两指处，调高采集音量 (`pactl set-source-volume`)",
        "bring the microphone two fingers below the corner of the mouth, raise its volume "
        "(`pactl set-source-volume`)",
    ),
    AudioFault.POOR_SNR: Remedy(
        "麦克风靠近嘴，离开噪声源；换用降噪耳机",
        "bring the microphone closer, move away from the noise; use a noise-cancelling headset",
    ),
    AudioFault.CLIPPING: Remedy(
        "调低采集音量，关掉麦克风增益 (mic boost)，麦克风离嘴远一点",
        "lower the microphone's volume, switch its boost off, move it away from the mouth",
    ),
    AudioFault.OFFSET: Remedy(
        "声卡或转接头有直流偏移：换一个声卡或转接头",
        "the sound card or adapter adds an offset: use another card or adapter",
    ),
    AudioFault.HUM: Remedy(
        "换 USB 口，远离电源适配器；模拟耳机检查接地和线缆",
        "another USB port, away from power supplies; with an analogue headset look at earth and cable",
    ),
    AudioFault.LOUD_BACKGROUND: Remedy(
        "关窗、请邻座小声，或换用降噪耳机",
        "close the window, ask the neighbours to speak lower, or use a noise-cancelling headset",
    ),
    AudioFault.BREATH_POPS: Remedy(
        "麦克风放到左嘴角下方，不要正对嘴；套上防风罩",
        "put the microphone below the left corner of the mouth, not in front of it; use its wind shield",
    ),
    AudioFault.GAPS: Remedy(
        "换线、换 USB 口，不用无源集线器；看 `callseat api call server.info` 里 sound 的 missing",
        "another cable, another port, no unpowered hub; see `missing` under sound in "
        "`callseat api call server.info`",
    ),
    AudioFault.HANDS_FREE: Remedy(
        "坐席像在用免提：改用耳机麦克风，核对 headset_in",
        "it sounds like a hands-free device: use the headset's microphone, look at headset_in",
    ),
    AudioFault.WRONG_DEVICE: Remedy(
        "采集的不是坐席的麦克风：用 `callseat audio devices` 找到耳机，写进 headset_in",
        "this is not the agent's microphone: find it in `callseat audio devices`, write it into headset_in",
    ),
    AudioFault.ONE_WAY: Remedy(
        "客户在说话而坐席没有声音：`callseat doctor audio` 检查麦克风这一路",
        "the customer talks and the agent is not heard: `callseat doctor audio` for the microphone's way",
    ),
    AudioFault.COUPLING: Remedy(
        "麦克风听到了耳机里的声音：调低耳机音量，不用扬声器，麦克风离耳罩远一点",
        "the microphone hears the ear: lower the ear's volume, no loudspeaker, microphone away from the ear",
    ),
    AudioFault.ECHO: Remedy(
        "坐席的声音里有自己的回声：关掉侧音或监听，检查混音设置",
        "the agent's own voice comes back within near: switch sidetone or monitoring off, look at the mixer",
    ),
    AudioFault.SPEAKING_WHILE_MUTED: Remedy(
        "静音时在说话：请坐席取消静音",
        "somebody talks into a muted microphone: un-mute",
    ),
}
_FAR: Mapping[AudioFault, Remedy] = {
    AudioFault.DIGITAL_ZERO: Remedy(
        "线路没有声音：核对该线路的 audio_in，检查话机或软电话的输出和静音",
        "the line delivers no sound: look at the line's audio_in, and at volume and mute of the softphone",
    ),
    AudioFault.FROZEN: Remedy(
        "线路的输入卡住了：重新插拔适配器，或重启软电话",
        "the line's input is stuck: unplug the adapter and plug it in again, or restart the softphone",
    ),
    AudioFault.TOO_QUIET: Remedy(
        "请客户大声一点；所有来电都小声就调高线路音量 (`pactl set-source-volume`)",
        "ask the customer to speak up; if every caller is quiet, raise the line's volume "
        "(`pactl set-source-volume`)",
    ),
    AudioFault.POOR_SNR: Remedy(
        "请客户换到安静处或换一部电话；所有来电都如此就检查线路",
        "ask the customer for a quieter place or another phone; if every caller is so, look at the line",
    ),
    AudioFault.CLIPPING: Remedy(
        "调低话机或适配器送来的音量",
        "lower the level that the phone or adapter sends",
    ),
    AudioFault.OFFSET: Remedy(
        "线路适配器有直流偏移：换一个适配器",
        "the line's adapter adds an offset: use another one",
    ),
    AudioFault.HUM: Remedy(
        "检查电话线和适配器的接地，远离电源；用隔离变压器",
        "look at earth and cable of phone and adapter, away from power; use an isolating transformer",
    ),
    AudioFault.LOUD_BACKGROUND: Remedy(
        "请客户换到安静处，或换一部电话",
        "ask the customer for a quieter place, or for another phone",
    ),
    AudioFault.BREATH_POPS: Remedy(
        "请客户把话筒拿远一点",
        "ask the customer to hold the phone farther from the mouth",
    ),
    AudioFault.GAPS: Remedy(
        "声音断续：检查网络丢包和抖动，请客户换到信号好的地方",
        "the sound breaks up: look at packet loss and jitter, ask the customer for a place with signal",
    ),
    AudioFault.HANDS_FREE: Remedy(
        "请客户关掉免提",
        "ask the customer to switch the speaker-phone off",
    ),
    AudioFault.WRONG_DEVICE: Remedy(
        "听到的不是线路：核对该线路的 audio_in",
        "this is not the line: look at the line's audio_in",
    ),
    AudioFault.ONE_WAY: Remedy(
        "坐席在说话而客户没有声音：检查线路的接收方向 (NAT、编码、话机听筒一路)",
        "the agent talks and the customer is not heard: look at the line's receiving side (NAT, codec)",
    ),
    AudioFault.COUPLING: Remedy(
        "线路听到了自己播放的声音：audio_in 不能是 audio_out 的监听",
        "the line hears what is played into it: audio_in must not be the monitor of audio_out",
    ),
    AudioFault.ECHO: Remedy(
        "坐席的声音从客户一侧传回：请客户关免提或换电话；所有来电都如此就检查线路的回声抵消",
        "the agent's voice comes back from the customer's side: speaker-phone off, or another phone; "
        "if every call is so, look at the line's echo canceller",
    ),
    AudioFault.SPEAKING_WHILE_MUTED: Remedy(
        "客户在自己静音时说话是听不到的：检查线路的静音设置",
        "a customer's own mute is not heard here: look at the line's mute setting",
    ),
}

REMEDIES: Mapping[tuple[Channel, AudioFault], Remedy] = {
    (channel, fault): remedy
    for channel, remedies in ((Channel.NEAR, _NEAR), (Channel.FAR, _FAR))
    for fault, remedy in remedies.items()
}
"""Every channel and fault."""
