"""The demonstration: which of its figures are real, and which are invented.

units.csv
    Invented: province 99 "Tỉnh Minh Hoạ" and the six communes 99001 to 99006 with their
    hamlets (-T01 ...), schools (-MN, -TH, -CS) and health stations (-TYT). No commune of
    these names or codes exists; their kinds carry the word demo. The centre's own unit is
    99001; 99007 was merged into 99006 on 1/7/2026, so that figures by the boundaries of the
    time and of today can be seen. Their dossiers come from the sandbox one-stop system.
    Real: the communes, districts and provinces of the pilots, as they were at the time of
    their figures ("địa danh theo thời điểm số liệu"). The districts ended on 30/6/2025.
    Codes that begin with TD- are ours, made up once and kept, because the official code of
    the time is not known to us; 19, 37 and 40 are the official codes of provinces that
    stand today. A successor is named only where the public list of units shows it, so the
    communes have none. The two units of kind pilot_group stand for several communes that
    were reported in one figure.

pilot_facts.csv
    Real, all of it: what the pilots reported between 2020 and 2023, as observations, one
    line a figure. `note` holds the source's own words in «», then what a reader should
    know: bounds that are no measurements ("cận dưới"), and where the sources contradict
    themselves. `source_document` names the report; [003] is its number among the seeds.
    A figure is dated by the day, month or year its report names; "6 tháng đầu năm 2022"
    is the half-year 2022S1. Aims are no figures: they are dated targets in the catalogue.
"""
