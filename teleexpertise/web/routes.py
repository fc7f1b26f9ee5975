"""Every page of the service, under /teleexpertise."""

from starlette.routing import BaseRoute, Mount

from teleexpertise.web.after_pages import AfterPages
from teleexpertise.web.appointment_pages import AppointmentPages
from teleexpertise.web.availability_days import AvailabilityDays
from teleexpertise.web.availability_pages import AvailabilityPages
from teleexpertise.web.billing_pages import BillingPages
from teleexpertise.web.board_pages import BoardPages
from teleexpertise.web.calendar_pages import CalendarPages
from teleexpertise.web.clarify_pages import ClarifyPages
from teleexpertise.web.conflict_pages import ConflictPages
from teleexpertise.web.correction_pages import CorrectionPages
from teleexpertise.web.desk import HOME, Desk
from teleexpertise.web.draft_pages import DraftPages
from teleexpertise.web.expert_pages import ExpertPages
from teleexpertise.web.export_pages import ExportPages
from teleexpertise.web.form_pages import FormPages
from teleexpertise.web.glass_pages import GlassPages
from teleexpertise.web.pool_pages import PoolPages
from teleexpertise.web.requester_pages import RequesterPages
from teleexpertise.web.second_reading_pages import SecondReadingPages
from teleexpertise.web.shared_pages import SharedPages
from teleexpertise.web.steering_pages import SteeringPages
from teleexpertise.web.template_pages import TemplatePages


def routes(desk: Desk) -> list[BaseRoute]:
    """The service's routes; those with a fixed word come before those with a number in its place."""
    pages = [
        *AvailabilityPages(desk).routes(),
        *AvailabilityDays(desk).routes(),
        *CalendarPages(desk).routes(),
        *BoardPages(desk).routes(),
        *PoolPages(desk).routes(),
        *ConflictPages(desk).routes(),
        *SteeringPages(desk).routes(),
        *ExpertPages(desk).routes(),
        *FormPages(desk).routes(),
        *GlassPages(desk).routes(),
        *DraftPages(desk).routes(),
        *AfterPages(desk).routes(),
        *TemplatePages(desk).routes(),
        *BillingPages(desk).routes(),
        *ClarifyPages(desk).routes(),
        *CorrectionPages(desk).routes(),
        *SecondReadingPages(desk).routes(),
        *AppointmentPages(desk).routes(),
        *RequesterPages(desk).routes(),
        *ExportPages(desk).routes(),
        *SharedPages(desk).routes(),
    ]
    return [Mount(HOME, routes=pages)]
