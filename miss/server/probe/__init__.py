"""A deployment that examines itself from outside: a message and a request through the doors that everybody uses.

    model.py      steps, their times, what a run amounts to
    errors.py     what keeps a probe from running
    devices.py    the two devices: made once, opened for each run
    door.py       the HTTP of one of them, for what services try
    service.py    one run, step by step
    said.py       the run in words, in JSON, for Prometheus

It runs as a program of its own (`miss probe`), needs no access to databases, and may stand on another machine.  The
two people are fictive (`miss.directory.practitioners.probes`); what they say is the time, and nothing clinical.
"""
