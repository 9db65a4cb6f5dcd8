"""The schools, simulated: OneRoster over HTTP, attendance, lists and monthly reports as files.

schools.py     who is in which class of which year; when school is held
attendance.py  who is absent, day by day
rosters.py     the OneRoster zip;  api.py serves it
exports.py     what people export for Excel;  drops.py puts it into the inbox when it is due
words.yaml     calendar, sizes, seasons, words
"""
