"""Who may open a device node: its owner, group, mode and ACL, and the groups of a user or a process.

May not change anything or ask the name service: /etc/passwd, /etc/group and /proc are read as files,
so that a test can bring its own.
"""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

ACCOUNTS = Path("/etc")
PROCESSES = Path("/proc")

READ_WRITE = 0o6
"""A headset is read for its keys and written for its lamps."""
ACL_ATTRIBUTE = "system.posix_acl_access"
_ACL_HEAD = struct.Struct("<I")
_ACL_ENTRY = struct.Struct("<HHI")
ACL_VERSION = 2
"""POSIX_ACL_XATTR_VERSION, linux/posix_acl_xattr.h."""
ACL_USER, ACL_OWNING_GROUP, ACL_GROUP, ACL_MASK = 0x02, 0x04, 0x08, 0x10
"""Tags of named users, the owning group, named groups and the mask (linux/posix_acl.h)."""


class Acl(NamedTuple):
    """Named users and groups with their effective bits, and those of the owning group; None: the mode's."""

    users: tuple[tuple[int, int], ...] = ()
    groups: tuple[tuple[int, int], ...] = ()
    owning_group: int | None = None


NO_ACL = Acl()


@dataclass(frozen=True, slots=True)
class Accounts:
    """Names of users and groups by number, and who is listed in which group."""

    users: dict[int, str]
    groups: dict[int, str]
    members: dict[str, frozenset[int]]

    def user(self, uid: int) -> str:
        """The name of a user, else the number."""
        return self.users.get(uid, str(uid))

    def group(self, gid: int) -> str:
        """The name of a group, else the number."""
        return self.groups.get(gid, str(gid))

    def uid(self, user: str) -> int | None:
        """The number of a user, None where there is no such user here."""
        return next((uid for uid, name in self.users.items() if name == user), None)

    def listed(self, user: str) -> frozenset[int]:
        """The groups a new login or a restarted service of this user gets."""
        return self.members.get(user, frozenset())


@dataclass(frozen=True, slots=True)
class Person:
    """A user with the groups a process of theirs has now, and those a new one would get."""

    name: str
    uid: int
    groups: frozenset[int]
    listed: frozenset[int]


@dataclass(frozen=True, slots=True)
class NodeRights:
    """Owner, group, mode and named ACL entries of one node."""

    uid: int
    gid: int
    mode: int
    acl: Acl = NO_ACL

    def allows(self, uid: int, groups: frozenset[int]) -> bool:
        """Whether a process of this user with these groups may read and write (acl(5), access check)."""
        if uid == 0:
            return True
        if uid == self.uid:
            return self.mode >> 6 & READ_WRITE == READ_WRITE
        named = dict(self.acl.users)
        if uid in named:
            return named[uid] & READ_WRITE == READ_WRITE
        mine = [bits for gid, bits in self._group_entries() if gid in groups]
        if mine:
            return any(bits & READ_WRITE == READ_WRITE for bits in mine)
        return self.mode & READ_WRITE == READ_WRITE

    def _group_entries(self) -> tuple[tuple[int, int], ...]:
        """Every group with its bits; with an ACL the mode shows the mask in place of the owning group's."""
        own = self.mode >> 3 & 0o7 if self.acl.owning_group is None else self.acl.owning_group
        return ((self.gid, own), *self.acl.groups)

    def opening_groups(self) -> tuple[int, ...]:
        """The groups whose members may read and write."""
        return tuple(gid for gid, bits in self._group_entries() if bits & READ_WRITE == READ_WRITE)

    def text(self, accounts: Accounts) -> str:
        """As `ls -l` says it: mode, owner, group."""
        kind = stat.filemode(stat.S_IFCHR | self.mode)
        acl = "+" if self.acl.users or self.acl.groups else ""
        return f"{kind}{acl} {accounts.user(self.uid)}:{accounts.group(self.gid)}"


def read_rights(node: Path) -> NodeRights | None:
    """The rights of a node; None where it is not there."""
    try:
        found = node.stat()
    except OSError:
        return None
    return NodeRights(found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode), read_acl(_acl(node)))


def _acl(node: Path) -> bytes:
    try:
        return os.getxattr(node, ACL_ATTRIBUTE)
    except OSError:
        return b""


def read_acl(data: bytes) -> Acl:
    """A POSIX ACL as the kernel keeps it (linux/posix_acl_xattr.h); what cannot be read says nothing."""
    if len(data) < _ACL_HEAD.size or _ACL_HEAD.unpack_from(data)[0] != ACL_VERSION:
        return NO_ACL
    whole = _ACL_HEAD.size + (len(data) - _ACL_HEAD.size) // _ACL_ENTRY.size * _ACL_ENTRY.size
    entries = list(_ACL_ENTRY.iter_unpack(data[_ACL_HEAD.size : whole]))
    mask = next((bits for tag, bits, _ in entries if tag == ACL_MASK), 0o7)

    def named(wanted: int) -> tuple[tuple[int, int], ...]:
        return tuple((number, bits & mask) for tag, bits, number in entries if tag == wanted)

    own = next((bits for _, bits in named(ACL_OWNING_GROUP)), None)
    return Acl(named(ACL_USER), named(ACL_GROUP), own)


def read_accounts(folder: Path = ACCOUNTS) -> Accounts:
    """Users and groups of this system, from passwd(5) and group(5); a missing file has none."""
    users: dict[int, str] = {}
    members: dict[str, set[int]] = {}
    for name, _, number, gid, *_rest in _lines(folder / "passwd", 4):
        if number.isdigit() and gid.isdigit():
            users.setdefault(int(number), name)
            members.setdefault(name, set()).add(int(gid))
    groups: dict[int, str] = {}
    for name, _, number, listed, *_rest in _lines(folder / "group", 4):
        if not number.isdigit():
            continue
        groups.setdefault(int(number), name)
        for member in filter(None, listed.split(",")):
            members.setdefault(member, set()).add(int(number))
    return Accounts(users, groups, {user: frozenset(gids) for user, gids in members.items()})


def _lines(path: Path, fields: int) -> Iterator[list[str]]:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    for line in text.splitlines():
        parts = line.split(":")
        if len(parts) >= fields:
            yield parts


def person_of_process(pid: int, accounts: Accounts, proc: Path = PROCESSES) -> Person | None:
    """The user of a process and the groups it has now; None for one that is gone."""
    try:
        lines = (proc / str(pid) / "status").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    told = {name: value.split() for name, _, value in (line.partition(":") for line in lines)}
    try:
        uid, gid = int(told["Uid"][1]), int(told["Gid"][1])
    except (KeyError, IndexError, ValueError):
        return None
    groups = frozenset(int(each) for each in told.get("Groups", ()) if each.isdigit())
    name = accounts.user(uid)
    return Person(name, uid, groups | {gid}, accounts.listed(name))


def person_of_account(user: str, accounts: Accounts) -> Person | None:
    """A user as a new process of theirs would be; None where there is no such user."""
    uid = accounts.uid(user)
    if uid is None:
        return None
    listed = accounts.listed(user)
    return Person(user, uid, listed, listed)
