"""The prompts room: which words, when they may be said, what a display shows.

May not read a clock, a file or a device: times, facts and a centre's own phrases are handed in.
"""
