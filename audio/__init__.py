"""Sound: recordings, analysis of both directions of a call, mixing of prompts, speech rendering.

May not be imported by state, devices or prompts.
"""
