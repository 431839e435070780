"""The parts of the lab that run on the host, tried without a host's tools."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tests.kernel.guest.boot import MARK
from tests.kernel.guest.cache import KEPT, cache_folder, in_use, make_folder, prune, remove
from tests.kernel.guest.distributions import copy_distributions
from tests.kernel.guest.host import LabError, output_of
from tests.kernel.guest.lab import PROJECT, main, parse


def folders(cache: Path, count: int) -> list[Path]:
    """Whole folders, the oldest first."""
    made = []
    for number in range(count):
        folder = cache / f"key{number}"
        make_folder(folder, lambda place: place.joinpath("image").touch())
        os.utime(folder, (number, number))
        made.append(folder)
    return made


def test_pytest_gets_the_whole_suite_unless_a_file_is_named() -> None:
    assert parse([]).command.endswith(" tests/kernel")
    assert parse(["--fresh", "--", "-k", "a b"]).command.endswith(" -k 'a b' tests/kernel")
    assert parse(["--", "tests/kernel/test_uhid.py"]).command.endswith(" tests/kernel/test_uhid.py")
    assert parse(["shell", "echo 'a'; id"]).command == "echo 'a'; id"


@pytest.mark.parametrize(
    "wrong", [["run"], ["shell"], ["shell", "a", "b"], ["shell", "a", "--", "b"], ["--no"]]
)
def test_a_wrong_command_line_ends_with_2(wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parse(wrong)
    assert caught.value.code == 2


def test_without_qemu_and_apt_it_says_so_and_ends_with_77(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("shutil.which", lambda _program: None)
    umask = os.umask(0o022)
    try:
        assert main([]) == 77
    finally:
        os.umask(umask)
    assert capsys.readouterr().err == "lab: no QEMU here, and no apt to install it with\n"


def test_a_folder_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    def fail(place: Path) -> None:
        place.joinpath("half").touch()
        raise LabError("no more disk")

    with pytest.raises(LabError):
        make_folder(tmp_path / "key", fail)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "left.making").mkdir()
    (folder,) = folders(tmp_path, 1)
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]


def test_old_folders_are_removed_but_for_one_and_those_in_use(tmp_path: Path) -> None:
    made = folders(tmp_path, 5)
    with in_use(made[0]):
        os.utime(made[0], (0, 0))
        prune(made[4])
        assert sorted(tmp_path.iterdir()) == [made[0], made[3], made[4]]
        with pytest.raises(BlockingIOError):
            remove(made[0], how=4)
    prune(made[4])
    assert len(list(tmp_path.iterdir())) == KEPT


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"CALLSEAT_LAB_CACHE": "a", "XDG_CACHE_HOME": "b", "HOME": "c"}, "a"),
        ({"XDG_CACHE_HOME": "b", "HOME": "c"}, "b/callseat-lab"),
        ({"HOME": "c"}, "c/.cache/callseat-lab"),
    ],
)
def test_the_cache_is_where_it_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: dict[str, str], expected: str
) -> None:
    for name in ("CALLSEAT_LAB_CACHE", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in settings.items():
        (tmp_path / value).mkdir()
        monkeypatch.setenv(name, str(tmp_path / value))
    assert cache_folder() == tmp_path / expected
    assert stat.S_IMODE((tmp_path / expected).stat().st_mode) == 0o700


def test_a_cache_that_cannot_be_written_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("CALLSEAT_LAB_CACHE", str(tmp_path / "file"))
    with pytest.raises(LabError, match="set CALLSEAT_LAB_CACHE"):
        cache_folder()


def test_distributions_are_copied_with_what_they_need(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """transitions needs six; nothing needs numpy here."""
    monkeypatch.setattr("tests.kernel.guest.distributions.ALSO", ("iniconfig",))
    (tmp_path / "pyproject.toml").write_text("[project]\ndependencies = ['transitions>=0.9']\n")
    copy_distributions(tmp_path, tmp_path / "target")
    names = {path.name for path in (tmp_path / "target").iterdir() if not path.name.endswith(".dist-info")}
    assert names == {"iniconfig", "six.py", "transitions"}


def test_a_distribution_that_is_not_installed_is_named(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\ndependencies = ['no-such-thing>=1']\n")
    with pytest.raises(LabError, match="no-such-thing: run script/setup"):
        copy_distributions(tmp_path, tmp_path / "target")


def test_a_failing_program_is_told_with_its_words() -> None:
    with pytest.raises(LabError, match="there is no program"):
        output_of("no-such-program")
    with pytest.raises(LabError, match="ended with 3: gone wrong"):
        output_of("sh", "-c", "echo gone wrong >&2; exit 3")


def test_the_scripts_inside_know_the_mark() -> None:
    service = (PROJECT / "tests/kernel/guest/inside/service").read_text(encoding="utf-8")
    assert MARK == b"\036"
    assert [word for word in ("READY", "STATUS", "FAILED") if rf"'\036{word} " not in service] == []
