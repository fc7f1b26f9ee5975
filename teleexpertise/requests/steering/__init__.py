"""What a coordinator does with a request by hand, with a reason, on the record (teleexpertise.md §4)."""

from teleexpertise.requests.steering.model import STEER_LABELS, SteerReason
from teleexpertise.requests.steering.service import Steering

__all__ = ["STEER_LABELS", "SteerReason", "Steering"]
