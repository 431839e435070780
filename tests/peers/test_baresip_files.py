"""The files shipped for baresip: the real one starts with them, and the unit keeps what it must."""

from __future__ import annotations

import pytest

from callseat.config.model import BARESIP_CONTROL
from devices.sip.listing import version
from tests.peers.baresip import Baresip
from tests.peers.install import apt
from tests.support import ROOT

CONFIG, ACCOUNTS = ROOT / "udev/callseat-baresip.config", ROOT / "udev/callseat-baresip.accounts"


def _settings() -> dict[str, list[str]]:
    """The configuration's keys and their values, in order; comments are none of it."""
    found: dict[str, list[str]] = {}
    for line in CONFIG.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            key, value, *_ = line.split()
            found.setdefault(key, []).append(value)
    return found


def test_the_control_channel_is_where_callseat_looks_and_nowhere_else() -> None:
    assert _settings()["ctrl_tcp_listen"] == [BARESIP_CONTROL]


def test_sound_goes_through_the_names_of_the_sound_set_up() -> None:
    settings = _settings()
    names = (ROOT / "sound/asound-callseat.conf").read_text("utf-8")
    for key, name in (("audio_source", "callseat_to_line_monitor"), ("audio_player", "callseat_from_line")):
        assert settings[key] == [f"alsa,{name}"]
        assert f"pcm.{name} {{" in names


def test_the_unit_is_a_process_of_its_own_and_throws_keyed_digits_away() -> None:
    unit = (ROOT / "udev/callseat-baresip.service").read_text("utf-8").splitlines()
    assert "StandardOutput=null" in unit
    assert "StandardError=null" in unit
    assert "Restart=always" in unit
    assert not [line for line in unit if line.startswith(("BindsTo=", "PartOf=", "Requires="))]
    assert any(line.startswith("After=callseat-sound.service") for line in unit)


def test_the_example_account_answers_to_callseat_only() -> None:
    (account,) = [line for line in ACCOUNTS.read_text("utf-8").splitlines() if "<sip:" in line]
    assert account.startswith("#")
    assert ";answermode=manual" in account
    assert ";call_transfer=no" in account


@pytest.mark.parametrize("module", ["g711.so", "opus.so", "alsa.so", "srtp.so"])
def test_what_is_loaded_is_in_debians_package(module: str) -> None:
    assert module in _settings()["module"]


def test_the_real_baresip_starts_with_the_shipped_files() -> None:
    apt("baresip-core")
    template = CONFIG.read_text("utf-8")
    (account,) = [line for line in ACCOUNTS.read_text("utf-8").splitlines() if "<sip:" in line]

    def fill(one: Baresip) -> None:
        text = template.replace(BARESIP_CONTROL, one.address).replace("0.0.0.0:5060", f"127.0.0.1:{one.sip}")
        (one.folder / "config").write_text(text, encoding="utf-8")
        here = (
            account.lstrip("#")
            .replace("pbx.example", f"127.0.0.1:{one.sip}")
            .replace("regint=600", "regint=0")
        )
        (one.folder / "accounts").write_text(here + "\n", encoding="utf-8")

    one = Baresip("template", configure=fill)
    try:
        one.join()
        assert version(one.do("about")) >= (1, 0, 0)
        assert "User Agents (1)" in one.do("reginfo")
        out = (one.folder / "out").read_text(errors="replace")
        assert [name for name in ("PCMU/8000", "PCMA/8000", "opus/48000") if name not in out] == []
        assert "could not load" not in out.lower()
        assert "fail" not in out.lower()
    finally:
        one.close()
