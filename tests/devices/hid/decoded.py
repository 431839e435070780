"""A descriptor in the plain shape the reference decodings use: reports, bits, usages and flags as words.

May not be used by the product: it exists so that two independent decodings can be compared.
"""

from __future__ import annotations

from typing import Any

from devices.hid.fields import Descriptor, Field, Flags


def usage_word(usage: int) -> str:
    return f"{usage >> 16:04X}:{usage & 0xFFFF:04X}"


def flag_words(flags: Flags) -> str:
    words = [
        "Const" if flags & Flags.CONSTANT else "Data",
        "Var" if flags & Flags.VARIABLE else "Array",
        "Rel" if flags & Flags.RELATIVE else "Abs",
    ]
    words += ["NoPref"] if flags & Flags.NO_PREFERRED else []
    words += ["Null"] if flags & Flags.NULL_STATE else []
    return ",".join(words)


def field_shape(field: Field) -> dict[str, Any]:
    shape: dict[str, Any] = {"bit": field.bit, "size": field.size, "flags": flag_words(field.flags)}
    if field.array:
        first, last = field.usages[0].first, field.usages[-1].last
        shape["count"] = field.count
        shape["usages"] = f"{usage_word(first)}..{usage_word(last)}"
        shape["logical"] = [field.logical_min, field.logical_max]
        return shape
    shape["usage"] = usage_word(field.usage)
    if field.count > 1:
        shape["count"] = field.count
    return shape


def shape_of(descriptor: Descriptor) -> list[dict[str, Any]]:
    return [
        {
            "kind": layout.kind.value,
            "report_id": layout.report_id,
            "payload_bits": layout.bits,
            "top_collection": usage_word(layout.application),
            "fields": [field_shape(f) for f in descriptor.of_report(layout.kind, layout.report_id)],
        }
        for layout in descriptor.reports
    ]


def without_names(reports: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A reference decoding without its usage names: ids alone are compared."""
    plain = []
    for report in reports:
        fields = [dict(field) for field in report["fields"]]
        for field in fields:
            if field.get("usage"):
                field["usage"] = field["usage"].split(" ")[0]
            if "usages" in field:
                field["usages"] = "..".join(end.split(" ")[0] for end in field["usages"].split(".."))
        plain.append({**report, "top_collection": report["top_collection"].split(" ")[0], "fields": fields})
    return plain
