"""Polycom CX300 and phones of its make: two lines, presence lamp and keepalive on the Microsoft page FF99.

May not know a report: where things are says the descriptor. Facts: OE4AMW/cx300-control CX300Display.java,
tSIP-plugin-PhonePolycomCX300, probonopd/OpenPhone cx300.py, and SJM7/agent-phone docs, tried at a live phone.
"""

from __future__ import annotations

from devices.hid.display_page import Area
from devices.hid.teams_display import AWAY, BUSY, ONLINE, Manner, Screen, Stage

FEATURES = frozenset({"lamp_ring", "lamp_mute", "lamp_message_waiting"})
"""Lamps of the page that the descriptor's own LEDs lack: presence, the mute key's, the voice mail key's."""
ENGLISH = 0x0409
KEEPALIVE_S = 25.0
"""Without it the phone shows after about 30 s that its host is gone, and asks for an upgrade."""
TWO_LINES = Screen(2, (Area.CALL_STATUS, Area.NUMBER))
"""Top and bottom line. What other screens show where is known of none (agent-phone tried 3 to 7)."""

CX300 = Manner(
    screens=dict.fromkeys(Stage, TWO_LINES),
    presence={Stage.IDLE: ONLINE, Stage.RINGING: AWAY, Stage.TALKING: BUSY, Stage.HELD: BUSY},
    language=(ENGLISH, 0x0201),
    awake_s=KEEPALIVE_S,
    believed=False,
    icons_are_lamps=True,
    screen_first=True,
)
"""Not asked: of its feature report 12 only 02 30 ff is known, 48 columns where 24 to 28 are to be seen."""
