"""Web Push: a device that is not connected is told to wake up, and nothing else (ADR 52).

wire/         one wake-up as it leaves: keys, signature, encryption, the request    RFC 8030, 8188, 8291, 8292
presence.py   which devices are connected, told to every process by the database
causes.py     from what was deposited to the devices that should hear of it
wakeups.py    sends what is due
service.py    `Push`: registers, tests, wires the rest
"""
