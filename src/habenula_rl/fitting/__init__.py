"""Recorded choices and how probable they are under an agent's own rules.

Begin with `likelihood`; `choice_data` reads a table of choices, `coding` what the codes in its columns mean.
"""
