"""Calendars of other software: read for the hours that they take, subscribed to, and one of our own to subscribe to.

Only when somebody is busy leaves the file: titles, places and guests may name patients, stay in the sealed copy and
are shown to nobody.  Sources: RFC 5545 (iCalendar), RFC 7953 (VAVAILABILITY), ADR 38.
"""
