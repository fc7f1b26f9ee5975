"""Requests for advice: their one way in, their states, and everything that happens to them until the answer.

`model` holds the states and the moves between them; `intake` is the only door, for mail and for pages; `service`
drives what follows.  What was asked and answered is sealed at rest under a key for each request (ADR 8).
"""
