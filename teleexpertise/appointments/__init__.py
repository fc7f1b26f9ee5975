"""A request that becomes an appointment, where the requester allowed it beforehand (teleexpertise.md §5).

The expert proposes up to three slots, or whom to call; the requester accepts or declines for the patient.  The request
itself goes on: its answer is still due.
"""
