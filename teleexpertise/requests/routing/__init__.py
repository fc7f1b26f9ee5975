"""Which pool a request goes to, whom it asks first, and which pool helps (teleexpertise.md §4)."""

from teleexpertise.requests.routing.model import Route
from teleexpertise.requests.routing.needs import Needs
from teleexpertise.requests.routing.relief import Relief, Reliefs
from teleexpertise.requests.routing.service import Plan, Routing

__all__ = ["Needs", "Plan", "Relief", "Reliefs", "Route", "Routing"]
