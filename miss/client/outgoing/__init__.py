"""What goes out, durable before it is tried.

sending.py     the outbox, drained                  uploads.py     files, in parts that go on after a cut
statements.py  deletions and acknowledgements        reports.py     how far this device has come
departures.py  members who leave are taken out
"""
