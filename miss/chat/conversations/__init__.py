"""Conversations: who is in them from which epoch and message on, and the commits that say so.  protocol §3, §4"""
