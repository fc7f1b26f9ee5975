"""An establishment leaves with all of its own: an archive in open formats, sealed to its key (ADR 55)

`age` is the sealing, `archive` what the archive is and how it is checked, `house` what the house puts in, `service`
gathers it (services add theirs by `Installed.leaving`), `taking` takes one in.
"""
