"""docs/headset-models.md, drawn from the registry.

May not write a file: `script/generate` does.
"""

from __future__ import annotations

from collections.abc import Iterable

from devices.models.record import ModelRecord, deviations
from devices.models.registry import ModelRegistry
from devices.models.toml_form import TABLES, usage_key

_HEAD = """\
# Headset models

This page is made from `devices/models` by `script/generate`. A headset that is not on it works too: what it
can do is read from its own report descriptor. A record is there for what the descriptor does not say, with
the source of every word. How to add one, for everybody or for one site, is in
[adding-a-device.md](adding-a-device.md).

## Rights and keys

A headset is a `/dev/hidraw` node, which belongs to root until a rule says otherwise. On the seat, once:

```sh
sudo cp udev/70-callseat.rules /etc/udev/rules.d/
sudo cp udev/70-callseat.hwdb /etc/udev/hwdb.d/
sudo systemd-hwdb update
sudo udevadm control --reload
sudo udevadm trigger
```

- `70-callseat.rules` gives every USB node with the Telephony page to the group `plugdev`, which the daemon is
  in, and to whoever sits at the machine.
- `70-callseat.hwdb` takes the mute key of USB headsets from the desktop, which would mute the sound card
  behind the agent's back.
"""

_MODELS = """\
## Models with a record

Call control is judged by the descriptor unless said. Manners are the fields of `devices/models/record.py`
that differ from the defaults.

| model | USB id | call control | manners | known from |
|---|---|---|---|---|
"""

_DECOYS = """\
## No call control

Their descriptor, or their vendor, suggests a headset. They are left alone.

| model | USB id | why, and known from |
|---|---|---|
"""


def page(registry: ModelRegistry) -> str:
    """The whole page."""
    used = [record for record in registry.records if record.call_control is not False]
    decoys = [record for record in registry.records if record.call_control is False]
    return "\n".join((_HEAD, _MODELS + _rows(map(_model, used)), _DECOYS + _rows(map(_decoy, decoys))))


def _model(record: ModelRecord) -> tuple[str, ...]:
    judged = "by descriptor" if record.call_control is None else "yes"
    manners = (_manner(record, name) for name in deviations(record) if name != "call_control")
    return record.name, _ids(record), judged, ", ".join(manners), "; ".join(record.evidence.values())


def _decoy(record: ModelRecord) -> tuple[str, ...]:
    return record.name, _ids(record), "; ".join(record.evidence.values())


def _manner(record: ModelRecord, name: str) -> str:
    if name in TABLES:
        keys = (f"{usage_key(usage)} is {key or 'no key'}" for usage, key in record.usages.items())
        return f"`{name}`: {', '.join(keys)}"
    return f"`{name}` {getattr(record, name)}"


def _ids(record: ModelRecord) -> str:
    return f"`{record.vendor_id:04x}:{record.product_id:04x}`"


def _rows(cells: Iterable[tuple[str, ...]]) -> str:
    return "".join(f"| {' | '.join(_plain(cell) for cell in row)} |\n" for row in cells)


def _plain(cell: str) -> str:
    """A cell: a bar would end it, an angle bracket would begin markup."""
    return cell.replace("|", "\\|").replace("<", "&lt;")
