"""Pieces of the running daemon that `callseat.app` puts together.

May not decide anything about calls: decisions are the core's.
"""
