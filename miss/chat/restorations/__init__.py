"""After a restore to an older point: the operator’s statements, and what people put back.  protocol §5, ADR 51"""
