"""Utterances whose syllables are known: recordings by their texts, sentences to be spoken by a synthesiser.

Chinese: one syllable to a character. English: counted as a careful speaker says it.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from audio.wav import Recording, read_wav
from tests.audio.sounds import recording
from tests.support import shared_data


@dataclass(frozen=True)
class Utterance:
    """Something said."""

    name: str
    language: str
    syllables: int
    sound: Recording


KEPT = {"sentence_zh_2_16k.wav": ("zh", 12)}
"""Recordings in tests/recordings: AISHELL-1 BAC009S0724W0121, 广州市房地产中介协会分析."""

DIGITS = {"digits.wav": ("en", 17)}
"""Free Spoken Digit Dataset: 5 3 9 0 0 5 8 7 1 6 6 3 8 2, each by itself; zero and seven have two."""

LARGER = {
    "prompt_en_demo-thanks": ("en", 18),
    "prompt_en_conf-onlyperson": ("en", 15),
    "prompt_en_vm-nobodyavail": ("en", 16),
    "zh_ali1": ("zh", 65),
}
"""Items of the larger test data of at least eight syllables whose text is published with them."""

ZH = (
    "您好，这里是客户服务中心，请问有什么可以帮您？",
    "请您稍等一下，我马上为您查询订单的状态。",
    "非常抱歉给您带来不便，我们会尽快处理这个问题。",
    "您的快递已经到达北京，预计明天下午送到。",
    "请问您的电话号码是多少？",
    "如果您还有其他问题，欢迎随时再打电话给我们。",
    "麻烦您再说一遍，刚才的声音不太清楚。",
    "感谢您的来电，祝您生活愉快，再见。",
    "我已经把您的意见记录下来，明天会有专人联系您。",
    "他昨天晚上坐火车从上海回到了广州。",
)

EN = {
    "Good morning, thank you for calling customer services, how can I help?": 18,
    "Please hold the line for a moment while I look up your order.": 15,
    "I am very sorry for the delay, we will deal with it today.": 17,
    "Your parcel has arrived and will be delivered by noon.": 14,
    "Could you please tell me your telephone number?": 11,
    "If you have any other questions, please do not hesitate to call us.": 18,
    "Could you say that again, the line is not very clear.": 13,
    "Thank you for your call, have a nice day and goodbye.": 12,
    "I have made a note of it and somebody will ring you back tomorrow.": 18,
    "Last night he took the slow train from London back to Leeds.": 13,
}

VOICES = {
    "zh": (("cmn-latn-pinyin", 160), ("cmn-latn-pinyin+f2", 185), ("cmn-latn-pinyin+m3", 210)),
    "en": (("en", 165), ("en+f2", 150), ("en-us+m3", 190)),
}
"""Voices of espeak-ng and words a minute. Voice `cmn` of version 1.51 reads pinyin and tones as English."""


def characters(text: str) -> int:
    """Chinese characters in a text."""
    return len(re.findall(r"[\u4e00-\u9fff]", text))


def sentences(language: str) -> dict[str, int]:
    """Sentences of a language and their syllables."""
    return {text: characters(text) for text in ZH} if language == "zh" else EN


def recorded() -> Iterator[Utterance]:
    """What is here: tests/recordings, and the larger data where it is."""
    for name, (language, count) in KEPT.items():
        yield Utterance(name, language, count, recording(name))
    data = shared_data()
    for name, (language, count) in LARGER.items():
        path = data / "vad" / "wav16" / f"{name}.wav" if data is not None else None
        if path is not None and path.is_file():
            yield Utterance(name, language, count, read_wav(path))


def can_speak() -> bool:
    """Whether espeak-ng is installed."""
    return shutil.which("espeak-ng") is not None


@cache
def spoken(language: str) -> tuple[Utterance, ...]:
    """Every sentence of a language in every voice."""
    found = []
    with TemporaryDirectory() as folder:
        for number, (text, count) in enumerate(sentences(language).items()):
            for voice, pace in VOICES[language]:
                path = Path(folder) / "speech.wav"
                command = ["espeak-ng", "-v", voice, "-s", str(pace), "-w", str(path), "--stdin"]
                subprocess.run(command, input=text.encode(), check=True, timeout=20)
                found.append(Utterance(f"{language} {number} {voice}", language, count, read_wav(path)))
    return tuple(found)
