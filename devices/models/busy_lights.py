"""Busy lights of their own that a seat may light, by exact USB ids: no vendor is trusted as a whole.

May not hold behaviour. Ids and names as in the tables of JnyJny/busylight packages/busylight-core 2.5.0. Left
out of those: lights on a serial port (a phone's adapter has the ids of one of them, 10C4:EA60), 16C0:27DB
(V-USB gives it to everybody's HID device, USB-IDs-for-free.txt) and 1130:* (a chip's ids, and which of the
interfaces it is is not said).
"""

from __future__ import annotations

BUSY_LIGHTS: dict[tuple[int, int], str] = {
    (0x047F, 0xD005): "Plantronics Status Indicator",
    (0x04D8, 0xF372): "Luxafor",
    (0x04D8, 0xF848): "Kuando Busylight Alpha",
    (0x0E53, 0x2516): "Embrava Blynclight",
    (0x0E53, 0x2517): "Embrava Blynclight Mini",
    (0x0E53, 0x2519): "Embrava Blynclight Mini",
    (0x1395, 0x0074): "EPOS Busylight",
    (0x20A0, 0x41E5): "BlinkStick",
    (0x20A0, 0x42DA): "MuteMe",
    (0x20A0, 0x42DB): "MuteMe Mini",
    (0x27B8, 0x01ED): "ThingM blink(1)",
    (0x27BB, 0x3BCA): "Kuando Busylight Alpha",
    (0x27BB, 0x3BCB): "Kuando Busylight Alpha",
    (0x27BB, 0x3BCD): "Kuando Busylight Omega",
    (0x27BB, 0x3BCE): "Kuando Busylight Alpha",
    (0x27BB, 0x3BCF): "Kuando Busylight Omega",
    (0x2C0D, 0x0001): "Embrava Blynclight",
    (0x2C0D, 0x0002): "Embrava Blynclight Plus",
    (0x2C0D, 0x0003): "Embrava Blynclight Mini",
    (0x2C0D, 0x000A): "Embrava Blynclight Mini",
    (0x2C0D, 0x000C): "Embrava Blynclight",
    (0x2C0D, 0x0010): "Embrava Blynclight Plus",
    (0x340B, 0xF001): "VT DND Omega",
    (0x340B, 0xF002): "VT DND Alpha",
}
"""Two of them have the vendor id of headsets (047F, 1395)."""
