"""How long the guided forms take: every form walked through in a real browser, estimated by a keystroke-level model."""
