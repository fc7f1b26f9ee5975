"""What `miss check` looks at in a deployment, one module a subject; each answers with findings and changes nothing.

model.py         a finding: how grave, what was seen, what to do next, in French and English
databases.py     reachable, schema, version, durability, clock
clocks.py        whether somebody keeps the clock right, whether it is behind what was written
keys.py          key files, their permissions, the age of the master key
certificates.py  how long certificates still hold: the operator's, the mail's, the public address's
mail.py          relays, what the DNS says of the mail domain
machine.py       disk, broker, backups
"""
