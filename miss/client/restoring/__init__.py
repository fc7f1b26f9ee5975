"""After the server was restored to an older point: believed on ROOT's signature only.  protocol §5, ADR 51

notices.py      the operator's statements: fetched, verified, pinned
links.py        what the server forgot of people's devices, given back to it
groups.py       commits it forgot: given back, or gone on without
logs.py         how far both logs are the same; what lies beyond is kept apart
resending.py    messages and signed wishes of one's own, to be sent again
reconciling.py  one conversation after the other
"""
