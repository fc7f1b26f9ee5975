"""The mails of a request, as values: acknowledgement, what is missing, offer, question, answer.

Pure: a letter is composed from what is passed in, and sending it is the outbox's.  Mails to the requester and the
answer may say what was asked, as they go from secure mailbox to secure mailbox; notices to experts and coordinators
carry a number, a specialty and a link, nothing clinical.
"""
