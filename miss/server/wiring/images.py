"""Images for a correspondent, built for the composition root: the room, its pages, its part of the export."""

from datetime import timedelta

from starlette.routing import BaseRoute

from miss.mail.images import Album, Correspondents, ImageRules, ImageSendings
from miss.photos import PhotoSandbox
from miss.server.house import House
from miss.server.web.front import Front
from miss.server.web.images import IMAGES_PATH, ImagePages, OwnImages
from miss.server.web.zones import PAGE_ZONE


def build_images(house: House) -> ImageSendings:
    """The room; its job and its start are the caller's to register.  Raises AddressMalformed."""
    settings, people = house.settings, house.practitioners
    return ImageSendings(
        house.db,
        house.clock,
        house.random_bytes,
        Correspondents(house.db, people, house.accounts, house.own.blocking, house.retirements),
        house.accounts,
        Album(house.blobs, house.keystore, PhotoSandbox()),
        house.outbox,
        house.audit,
        house.jobs,
        ImageRules(
            domain=settings.mail_domain,
            pages=f"{settings.public_origin}{IMAGES_PATH}",
            zone=PAGE_ZONE,
            shown_for=timedelta(days=settings.images_days),
            per_day=settings.images_per_day,
            large_mail_domains=settings.large_mail_operators,
        ),
    )


def image_routes(house: House, front: Front, images: ImageSendings) -> list[BaseRoute]:
    """« Envois d’images »; what somebody sent and received becomes part of their export."""
    house.own.data.add(OwnImages(images).gather)
    return ImagePages(front, images, house.practitioners).routes()
