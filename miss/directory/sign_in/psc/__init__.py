"""Pro Santé Connect: the State's sign-in for health professionals (e-CPS), over OpenID Connect."""

from miss.directory.sign_in.psc.errors import PscAccountMissing, PscRefused, PscUnavailable
from miss.directory.sign_in.psc.model import PscSettings
from miss.directory.sign_in.psc.service import ProSanteConnect

__all__ = ["ProSanteConnect", "PscAccountMissing", "PscRefused", "PscSettings", "PscUnavailable"]
