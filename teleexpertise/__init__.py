"""Tele-expertise: requests for advice over secure mail and the web, given in turn to available experts.

A service that plugs into the house (ADR 10): it stands above `miss`, and `miss` never imports it.
"""
