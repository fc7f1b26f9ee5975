"""Frames, their codec, close codes.  protocol §7"""
