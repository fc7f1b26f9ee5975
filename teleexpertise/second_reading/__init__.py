"""A second pair of eyes on a request: a colleague of the pool reads a blinded copy and gives a short opinion.

`blinding` makes the copy, `model` holds the states, `service` the acts.  The opinion is for the expert who answers; the
requester learns that there was one, and the reader's name only if the reader wants it (teleexpertise.md §5).
"""
