"""Critical results: a message that asks to be acknowledged, and whom the server asks if nobody does.  protocol §7"""
