"""AT voice control (3GPP TS 27.007 on V.250): lexer, grammar, profiles, queue, calls, engine, transcripts.

May not open a port, read a clock or keep a thread: bytes and time are handed in.
"""
