"""The demonstration: fictive people use a real server through its real doors, and a report says what happened.

    photos.py         pictures as a phone takes them
    member.py         one member of the care team: a program of its own, told what to do over standard input
    cast.py           starts, tells, kills and restarts those programs
    browser.py        a person at the pages: cookies, forms, nothing else
    chat_story.py     three practitioners, a conversation, a photo, one away, one killed
    request_story.py  three requests for advice by mail, answered on the web
    report.py         what every step did, and the files it produced
    story.py          all of it, in order

It reaches every room through its door: sockets, SMTP, HTTP.  Only accounts and activation codes are made on the
inside, as an operator does with `miss operator`.
"""
