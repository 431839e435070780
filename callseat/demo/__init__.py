"""The demo: a morning of calls at a simulated seat, on one running daemon.

May not decide anything about calls: it plays scenarios and shows what the seat does.
"""
