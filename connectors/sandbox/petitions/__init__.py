"""The simulated petition system ("Công dân số" style): invented communes and people.

words.yaml   categories, their weights, standing phrases
cases.py     petitions as a function of the seed, seen as they stand at a moment
api.py       the same over HTTP, page by page, with a bearer token
"""
