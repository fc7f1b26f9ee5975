"""What `miss probe` needs of this service: a request of one fictive person, offered to the other, then forgotten.

    form.json   the form, which is offered to nobody else; a pool of its own on it: no expert's turn is touched
    upkeep.py   the pool; requests of probes are deleted whole, an hour later

The steps themselves are `teleexpertise.probe`.
"""
