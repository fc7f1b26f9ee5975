"""Every page of the service, under /teleexpertise."""

from starlette.routing import BaseRoute, Mount

from teleexpertise.web.desk import HOME, Desk
from teleexpertise.web.expert_pages import ExpertPages
from teleexpertise.web.requester_pages import RequesterPages
from teleexpertise.web.shared_pages import SharedPages


def routes(desk: Desk) -> list[BaseRoute]:
    """The service's routes; those with a fixed word come before those with a number in its place."""
    pages = [*ExpertPages(desk).routes(), *RequesterPages(desk).routes(), *SharedPages(desk).routes()]
    return [Mount(HOME, routes=pages)]
