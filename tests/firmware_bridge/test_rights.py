"""Who may open a node: as acl(5) and group(5) say, from files a test brings."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest

from firmware_bridge.rights import (
    Accounts,
    Acl,
    NodeRights,
    person_of_account,
    person_of_process,
    read_accounts,
    read_acl,
    read_rights,
)

AUDIO, PLUGDEV = 29, 46
NOBODY: frozenset[int] = frozenset()


def _acl(*entries: tuple[int, int, int]) -> bytes:
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


def _accounts(folder: Path, passwd: str, group: str) -> Accounts:
    (folder / "passwd").write_text(passwd, encoding="utf-8")
    (folder / "group").write_text(group, encoding="utf-8")
    return read_accounts(folder)


@pytest.mark.parametrize(
    ("rights", "uid", "groups", "may"),
    [
        (NodeRights(0, 0, 0o600), 0, NOBODY, True),
        (NodeRights(0, 0, 0o600), 990, frozenset({PLUGDEV}), False),
        (NodeRights(0, PLUGDEV, 0o660), 990, frozenset({PLUGDEV}), True),
        (NodeRights(0, PLUGDEV, 0o660), 990, frozenset({AUDIO}), False),
        (NodeRights(0, PLUGDEV, 0o640), 990, frozenset({PLUGDEV}), False),
        (NodeRights(0, 0, 0o666), 990, NOBODY, True),
        (NodeRights(0, PLUGDEV, 0o606), 990, frozenset({PLUGDEV}), False),
        (NodeRights(990, 0, 0o600), 990, NOBODY, True),
        (NodeRights(990, 0, 0o066), 990, frozenset({0}), False),
        (NodeRights(0, 0, 0o660, Acl(((990, 6),))), 990, NOBODY, True),
        (NodeRights(0, 0, 0o660, Acl(((990, 4),))), 990, frozenset({0}), False),
        (NodeRights(0, 0, 0o600, Acl((), ((AUDIO, 6),))), 990, frozenset({AUDIO}), True),
    ],
)
def test_who_may_read_and_write(rights: NodeRights, uid: int, groups: frozenset[int], may: bool) -> None:
    assert rights.allows(uid, groups) is may


def test_the_groups_that_open_a_node_and_its_mode_in_words() -> None:
    rights = NodeRights(0, PLUGDEV, 0o660, Acl((), ((AUDIO, 6), (7, 4))))
    accounts = Accounts({0: "root"}, {PLUGDEV: "plugdev"}, {})
    assert rights.opening_groups() == (PLUGDEV, AUDIO)
    assert rights.text(accounts) == "crw-rw----+ root:plugdev"
    assert NodeRights(5, 6, 0o600).text(accounts) == "crw------- 5:6"


def test_an_acl_is_read_with_its_mask() -> None:
    whole = _acl((1, 6, 0xFFFFFFFF), (2, 6, 990), (4, 0, 0xFFFFFFFF), (8, 7, AUDIO), (0x10, 4, 0xFFFFFFFF))
    assert read_acl(whole) == Acl(((990, 4),), ((AUDIO, 4),), 0)
    assert read_acl(_acl((2, 6, 990))) == Acl(((990, 6),))


def test_an_acl_that_is_cut_or_of_another_version_says_less_and_never_raises() -> None:
    whole = _acl((2, 6, 990), (8, 6, AUDIO))
    for length in range(len(whole)):
        users, groups, _own = read_acl(whole[:length])
        assert users in ((), ((990, 6),))
        assert groups == ()
    assert read_acl(whole + b"\x01\x02") == read_acl(whole)
    assert read_acl(struct.pack("<I", 3) + whole[4:]) == Acl()


def test_the_rights_of_a_file_and_of_none(tmp_path: Path) -> None:
    node = tmp_path / "hidraw0"
    node.write_bytes(b"")
    node.chmod(0o640)
    found = read_rights(node)
    assert found is not None
    assert (found.uid, found.mode, found.acl) == (os.geteuid(), 0o640, Acl())
    assert read_rights(tmp_path / "hidraw1") is None


def test_accounts_list_primary_and_further_groups(tmp_path: Path) -> None:
    accounts = _accounts(
        tmp_path,
        "root:x:0:0::/root:/bin/sh\ncallseat:x:990:991::/:/bin/false\nbad:x:y:z::\n\nshort:x\n",
        "plugdev:x:46:tech,callseat\naudio:x:29:\nbad:x:n:callseat\n",
    )
    assert accounts.user(990) == "callseat"
    assert accounts.user(5) == "5"
    assert accounts.group(46) == "plugdev"
    assert accounts.group(5) == "5"
    assert accounts.uid("callseat") == 990
    assert accounts.uid("nobody") is None
    assert accounts.listed("callseat") == {46, 991}
    assert accounts.listed("stranger") == frozenset()


def test_a_system_without_accounts_has_none(tmp_path: Path) -> None:
    assert read_accounts(tmp_path) == Accounts({}, {}, {})


def test_a_process_has_the_groups_it_was_started_with(tmp_path: Path) -> None:
    accounts = _accounts(tmp_path, "callseat:x:990:990::/:/bin/false\n", "plugdev:x:46:callseat\n")
    (tmp_path / "7").mkdir()
    status = tmp_path / "7" / "status"
    status.write_text("Name:\tx\nUid:\t0\t990\t0\t0\nGid:\t0\t990\t0\t0\nGroups:\t29 29\n", encoding="utf-8")
    person = person_of_process(7, accounts, tmp_path)
    assert person is not None
    assert (person.name, person.uid) == ("callseat", 990)
    assert person.groups == {29, 990}
    assert person.listed == {46, 990}
    new = person_of_account("callseat", accounts)
    assert new is not None
    assert new.groups == {46, 990}


def test_a_process_that_is_gone_or_says_nothing_is_nobody(tmp_path: Path) -> None:
    accounts = Accounts({}, {}, {})
    assert person_of_process(7, accounts, tmp_path) is None
    (tmp_path / "7").mkdir()
    for text in ("", "Uid:\t1\n", "Uid:\ta\tb\nGid:\t1\t1\n"):
        (tmp_path / "7" / "status").write_text(text, encoding="utf-8")
        assert person_of_process(7, accounts, tmp_path) is None
    assert person_of_account("callseat", accounts) is None


def test_the_mask_of_an_acl_is_not_the_right_of_the_owning_group() -> None:
    """A node with uaccess alone: 0600 and a named user, whose mask `ls -l` shows where the group stands."""
    acl = read_acl(_acl((1, 6, 0xFFFFFFFF), (2, 6, 990), (4, 0, 0xFFFFFFFF), (0x10, 6, 0xFFFFFFFF)))
    rights = NodeRights(0, PLUGDEV, 0o660, acl)
    assert not rights.allows(991, frozenset({PLUGDEV}))
    assert rights.opening_groups() == ()
    assert rights.allows(990, NOBODY)
