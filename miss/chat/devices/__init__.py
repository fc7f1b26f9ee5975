"""People's devices: their chains of links, how a device is linked, how it proves itself.  protocol §2, §3, §7"""
