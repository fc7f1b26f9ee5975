"""The log: envelopes in, acks and pages out, markers.  protocol §3, §4, §7"""
