"""What a `Client` can be asked, one module a subject; `client.Client` is all of them and the life of the device.

conversations.py  who is in them, under which rules       reading.py   messages as they stand here
writing.py        messages on their way                   files.py     photos and PDF files, both ways
alarms.py         results that wait for an answer         presence.py  who is there, who is writing
people.py         the directory and certified identities
"""
