"""Encrypted attachments: uploaded before the envelope that names them, readable by whoever may read that envelope.
protocol §3, §4
"""
