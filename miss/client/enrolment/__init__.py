"""How an installation becomes a device of its owner.

linking.py     by the operator's letter: the first device, or a fresh start (reset)
pairing.py     by another device
recovering.py  by the recovery key
pending.py     what they share: stored first, the same link again after a crash
"""

from miss.client.enrolment.linking import link_device, reset_device
from miss.client.enrolment.pairing import pair_device
from miss.client.enrolment.recovering import recover_device

__all__ = ["link_device", "pair_device", "recover_device", "reset_device"]
