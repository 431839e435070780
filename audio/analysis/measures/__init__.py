"""Speech measures of a call for a coach: who talked how much, when, how loud, how fast, at what pitch.

May not judge an agent: each figure carries how it is known, and whoever shows it decides what it means.
"""
