"""How it comes in: connectors, field maps, the pull and its scheduler.

Imports nothing, so that the process a workbook is read in (confined.py) starts at once.
"""
