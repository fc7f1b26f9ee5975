"""What is shown, as frozen values, and what each fact makes of it.  Knows neither Qt nor asyncio.

model.py     the values               facts.py     what happens
reduce.py    state and fact → state   listing.py   the list: order, filter, jump, what was missed
reading.py   the lines of a conversation, receipts, alarms     notices.py   what a notification may say
"""
