"""The client at work, in a thread of its own with an asyncio loop: facts come out, calls go in.  Knows no Qt.

core.py       the thread            enrolment.py   an account comes to this machine
account.py    one open account      describe.py    what the client has, as the values of `state`
pump.py       events, gathered      calls/         what a person asks for, one module a subject
"""
