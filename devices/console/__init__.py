"""A self-built console on a serial line: framing, messages, face and engine (docs/console-protocol.md).

May not open a port, read a clock or keep a thread: bytes and time are handed in.
"""
