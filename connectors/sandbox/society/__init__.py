"""Society, simulated: the forms that communes hand in each month, and the civil register.

    words.yaml    titles, headers and lines of the forms
    figures.py    a commune's figures of a month, as a function of the seed
    forms.py      the figures as the workbooks that people drop into the centre's inbox
    register.py   births, deaths and marriages in a SQLite database, one line per event

99004 has stopped handing in; 99005 hands in with mistakes.
"""
