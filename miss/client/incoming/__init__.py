"""What comes in, and what becomes of it: opened, verified, stored, announced.

intake.py      envelopes to messages               effects.py     what a message does to others
logbook.py     one log for everybody, or an alarm   deletions.py   tombstones, and what is withheld
alarms.py      how far alarming results have come   markers.py     received and read
signals.py     frames that are no messages          expiry.py      messages past their time
claims.py      signed, too early to be judged       missed.py      deletions of other times
"""
