"""The settings of images that members send to correspondents (docs/mail.md, « Images »)."""

from pydantic import Field
from pydantic_settings import BaseSettings

from miss.base.retention import HOUSE


class ImageSettings(BaseSettings):
    """The part of `Settings` about images."""

    images_days: int = Field(
        HOUSE.days("mail.images"),
        ge=1,
        le=90,
        description="Days after which the page of images sent to a correspondent, and they, are gone.",
    )
    images_per_day: int = Field(30, ge=1, description="Sendings of images that a member may prepare in any 24 hours.")
    large_mail_domains: str = Field(
        "",
        description="Domains of mail operators that take mails of 10 MB, comma-separated: there images are attached "
        "instead of shown on a page, for recipients who open attachments.",
    )

    @property
    def large_mail_operators(self) -> frozenset[str]:
        """Those domains, in lower case."""
        return frozenset(filter(None, (one.strip().lower() for one in self.large_mail_domains.split(","))))
