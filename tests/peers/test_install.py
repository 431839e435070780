"""Installing peers, with a package manager of a few lines and a registry that is not there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.peers import install

APT = """#!/bin/sh
echo "$@" >> {folder}/asked
case "$*" in
*update*) touch {folder}/lists ;;
*) [ -e {folder}/lists ] && [ ! -e {folder}/offline ] || {{ echo "Unable to locate package" >&2; exit 100; }}
   touch {folder}/dpkg ;;
esac
"""
DPKG = """#!/bin/sh
[ -e {folder}/dpkg ] && printf installed
"""


@pytest.fixture(name="debian")
def _debian(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A machine of root's whose apt-get has no lists yet; its folder says what was asked."""
    for name, text in (("apt-get", APT), ("dpkg-query", DPKG)):
        program = tmp_path / name
        program.write_text(text.format(folder=tmp_path), encoding="ascii")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("os.getuid", lambda: 0)
    install._apt_failure.cache_clear()
    yield tmp_path
    install._apt_failure.cache_clear()


def asked(debian: Path) -> list[str]:
    """The verbs apt-get was given."""
    log = debian / "asked"
    lines = log.read_text(encoding="ascii").splitlines() if log.exists() else []
    return ["update" if " update " in f"{line} " else "install" for line in lines]


def test_a_fresh_machine_has_no_lists(debian: Path) -> None:
    install.apt("iaxmodem")
    assert asked(debian) == ["install", "update", "install"]


def test_what_is_there_is_not_installed_again(debian: Path) -> None:
    (debian / "dpkg").touch()
    install.apt("iaxmodem", "baresip-core")
    assert asked(debian) == []


def test_what_cannot_be_had_is_a_skip_with_the_reason_and_tried_once(debian: Path) -> None:
    (debian / "offline").touch()
    for _ in range(2):
        with pytest.raises(pytest.skip.Exception, match="needs iaxmodem: Unable to locate package"):
            install.apt("iaxmodem")
    assert asked(debian) == ["install", "update", "install"]


def test_only_root_installs(debian: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.getuid", lambda: 1000)
    with pytest.raises(pytest.skip.Exception, match="only root can apt-get install iaxmodem"):
        install.apt("iaxmodem")
    assert asked(debian) == []


def test_a_machine_without_apt(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("os.getuid", lambda: 0)
    with pytest.raises(pytest.skip.Exception, match="there is no apt-get"):
        install.apt("no-such-package")


def test_a_registry_out_of_reach_is_a_skip_and_leaves_nothing_whole(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(pytest.skip.Exception, match="needs callseat-no-such-package==1: "):
        install.pypi("callseat-no-such-package==1")
    assert not list(tmp_path.glob("*/*/whole"))


@pytest.mark.parametrize(
    ("environment", "place"),
    [
        ({"XDG_CACHE_HOME": "/c", "HOME": "/h"}, "/c/callseat-peers"),
        ({"XDG_CACHE_HOME": "", "HOME": "{home}"}, "{home}/.cache/callseat-peers"),
    ],
)
def test_where_environments_are_kept(
    environment: dict[str, str], place: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value.format(home=tmp_path))
    assert str(install.cache_folder()) == place.format(home=tmp_path)
