"""A year of tele-expertise on a virtual clock: the service's own rules, people who behave as people do.

Nothing is stored and nothing waits: `dispatch.choose`, the calendars, the deadlines and the moves of a request are the
very functions that the service calls; only the people and the hours at which they act are drawn at random.
"""
