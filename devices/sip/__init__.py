"""A SIP line on baresip's control channel: framing, messages, lists, calls, plans, engine, transcripts.

May not open a socket, read a clock or start baresip: bytes and time are handed in.
"""
