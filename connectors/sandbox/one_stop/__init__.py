"""The simulated provincial one-stop system: invented communes, invented people.

    procedures.py   what one may apply for (procedures.yaml)
    communes.py     the invented communes and their characters
    office.py       office hours as one straight axis of seconds
    arrivals.py     how many dossiers come on a day, when and how
    course.py       the course of one dossier, planned when it comes
    register.py     one commune's dossiers, as they stand at a moment
    record.py       a dossier in the words of the national format
    one_stop.py     the communes together: what was changed since a moment
    api.py          the same over HTTP

All moments in here are naive local times of the province (Asia/Ho_Chi_Minh), as the
real systems send them. A dossier is a function of the seed and its code; what is seen
of it is a function of that and the clock.
"""
