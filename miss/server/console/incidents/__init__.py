"""« Maintenance et travaux »: what is wrong, what is planned, who is told (a public page, a feed, mails, a banner)."""

from miss.server.console.incidents.model import Incident, Kind, Phase, Told
from miss.server.console.incidents.service import Incidents
from miss.server.console.incidents.subscriptions import Subscriptions

__all__ = ["Incident", "Incidents", "Kind", "Phase", "Subscriptions", "Told"]
