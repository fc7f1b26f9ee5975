"""Who really wrote a mail: a signature, an operator's certificate, or what a relay that we believe has checked."""
