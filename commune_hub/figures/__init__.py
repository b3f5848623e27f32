"""Figures: what presses and visits come to. Pure: rows and times go in, frozen structs come out.

Every figure is defined in docs/reports.md with its formula and its source.
"""
