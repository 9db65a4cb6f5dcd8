"""The source systems, simulated over real HTTP and files, with faults on demand.

    python -m connectors sandbox [--port 8061] [--seed 7] [--fault kind:probability]

    one_stop/       the provincial one-stop system (see its own page)
    health/         a DHIS2-shaped server and the health stations' forms
    faults.py       what goes wrong when asked to; POST /faults, or --fault
    procedures.yaml what one may apply for;  invented.yaml: names of people who do not exist
    inbox.py        files dropped into the centre's inbox: the pilots' real figures
    starts.py       when it was started; keeps the history the same over restarts
    server.py, __main__.py

Simulated dossiers belong to invented communes only (99001-99007). The same seed at the
same moment gives the same answers; IOC_NOW makes the clock stand still. Figures move
at any hour: by the working day, a little in the evenings and at weekends, and in the
hour after each start one more dossier comes every three minutes (one_stop/welcome.py).
"""
