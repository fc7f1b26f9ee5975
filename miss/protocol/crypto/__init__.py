"""Keys and signed objects, one small module each.  protocol §2 – §5"""
