"""Requests for advice: their states, what they say, and everything that happens to them until the answer.

`model` holds the states and the moves between them, `service` what people do, `reading` what each may see.  What was
asked and answered is sealed at rest under a key for each request (ADR 8).  `intake` is the door, `answers` the end.
"""
