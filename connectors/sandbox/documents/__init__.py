"""The simulated provincial document system: the registers of the invented communes.

    communes.py       how many documents a commune gets, how it works them
    course.py         the course of one document, planned when it comes
    system.py         all documents together: messages since a moment, rows of the register
    message.py        edXML of QCVN 102:2016: documents and their states
    api.py            the messages over HTTP
    register_file.py  the register as a workbook, dropped into the inbox every working day

Commune 99001 is asked for messages; the others hand over the daily file, so that no
document is counted twice. A few documents are secret, so that refusing them is real.
"""
