"""Who runs the platform, as its pages, letters and declarations say."""

from pydantic import Field
from pydantic_settings import BaseSettings


class OperatorSettings(BaseSettings):
    """The part of `Settings` about the operator."""

    mail_domain: str = Field("miss.example", description="Domain of the platform's own addresses.")
    operator_name: str = Field("MiSS", description="Who runs this platform, as letters and attestations name them.")
    operator_address: str = Field("", description="Their postal address on letters; lines separated by a semicolon.")
    support_contact: str = Field(
        "", description="Whom people call or write to, on letters; empty: assistance@ and the mail domain."
    )
    accessibility_rate: float | None = Field(
        None, ge=0, le=100, description="Percentage of RGAA criteria that an audit found respected; empty: no audit."
    )
    accessibility_audit: str = Field("", description="Who audited the pages and when, for « Accessibilité ».")

    @property
    def support(self) -> str:
        """Whom people turn to."""
        return self.support_contact or f"assistance@{self.mail_domain}"
