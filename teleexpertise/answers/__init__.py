"""The expert's answer: prepared as a sealed draft, previewed as the requester will read it, then sent."""
