"""Health of the invented communes: a DHIS2-shaped server and the stations' own forms.

    stations.py   the six stations and how they report
    weeks.py      communicable diseases by week: seasons, two outbreaks, Tết
    months.py     a station's monthly report and its immunisation table
    system.py     what has been reported by a moment, by DHIS2's codes
    dhis2.py      GET /dhis2/api/analytics, /dataValueSets, /organisationUnits
    forms.py      the reports as xlsx, as clerks fill them in
    drop.py       forms dropped into the centre's inbox when they are due

Every figure follows from the seed, the station and the period; the outbreaks are placed
before the sandbox first started. All of it is invented; sizes follow domain.md 4.
"""
