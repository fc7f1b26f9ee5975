"""The parts of the French health nomenclatures (NOS) that structured documents name: codes, OIDs, labels.

Small tables with their source and date.  A code outside of them is refused or replaced by its parent, never invented.
"""
