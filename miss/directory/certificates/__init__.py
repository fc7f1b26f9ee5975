"""S/MIME certificates of people's secure-mail addresses: whose public key a mail to them is encrypted with."""

from miss.directory.certificates.current import CurrentCertificates
from miss.directory.certificates.errors import (
    CertificateExists,
    CertificateExpired,
    CertificateForOthers,
    CertificateIsAuthority,
    CertificateKeyWeak,
    CertificateMalformed,
    CertificateNotFound,
    CertificateRevoked,
    CertificateUntrusted,
    CertificateWrongUse,
    PrivateKeySent,
    TooManyCertificates,
    TrustUnusable,
)
from miss.directory.certificates.model import MAX_BYTES, Certificate, choose_current
from miss.directory.certificates.service import Certificates
from miss.directory.certificates.trust import Standing, Trust

__all__ = [
    "MAX_BYTES",
    "Certificate",
    "CertificateExists",
    "CertificateExpired",
    "CertificateForOthers",
    "CertificateIsAuthority",
    "CertificateKeyWeak",
    "CertificateMalformed",
    "CertificateNotFound",
    "CertificateRevoked",
    "CertificateUntrusted",
    "CertificateWrongUse",
    "Certificates",
    "CurrentCertificates",
    "PrivateKeySent",
    "Standing",
    "TooManyCertificates",
    "Trust",
    "TrustUnusable",
    "choose_current",
]
