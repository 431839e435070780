"""The command line: arguments in, one call of a room or of the daemon, readable text or JSON out.

May not decide anything about calls, and imports what a command needs only when it runs.
"""
