"""What is refused as the certificate of somebody's address."""

from pathlib import Path

from miss.base.errors import BadInput, Conflict, MissError, NotFound
from miss.base.text import Text


class CertificateMalformed(BadInput):
    """Not exactly one X.509 certificate, as PEM or DER."""

    code = "certificate_malformed"
    text = Text(
        fr="Ce fichier n’est pas un certificat X.509. Envoyez le certificat seul, au format PEM ou DER "
        "(.pem, .crt, .cer), sans la chaîne de l’autorité.",
        en="This file is no X.509 certificate. Send the certificate alone, as PEM or DER (.pem, .crt, .cer), without "
        "the authority’s chain.",
    )


class PrivateKeySent(BadInput):
    """The file holds a private key: it has left its owner's hands."""

    code = "certificate_private_key"
    text = Text(
        fr="Ce fichier contient une clé privée, qui ne doit jamais quitter votre poste. Rien n’a été conservé. "
        "Envoyez le certificat seul et, par prudence, faites révoquer celui-ci par votre autorité.",
        en="This file holds a private key, which must never leave your machine. Nothing was kept. Send the "
        "certificate alone and, to be safe, have your authority revoke this one.",
    )


class CertificateForOthers(BadInput):
    """It names no address that the directory knows as this person's; `named`: those that it names."""

    code = "certificate_for_others"
    text = Text(
        fr="Ce certificat est établi pour {named}, qui n’est pas une adresse de cette personne dans l’annuaire. "
        "Faites d’abord connaître l’adresse, ou demandez un certificat pour l’une de ses adresses.",
        en="This certificate was made for {named}, which is no address of this person in the directory. Have the "
        "address entered first, or ask for a certificate for one of their addresses.",
    )


class CertificateIsAuthority(BadInput):
    """It may sign certificates; nobody's mail is encrypted to it."""

    code = "certificate_authority"
    text = Text(
        fr="C’est le certificat d’une autorité de certification, non celui d’une personne. Envoyez le vôtre.",
        en="This is the certificate of an authority, not a person’s. Send your own.",
    )


class CertificateWrongUse(BadInput):
    """Not for encrypting mail."""

    code = "certificate_wrong_use"
    text = Text(
        fr="Ce certificat n’est pas prévu pour chiffrer des messages (usage de la clé). Demandez à votre autorité un "
        "certificat S/MIME de chiffrement.",
        en="This certificate is not for encrypting messages (key usage). Ask your authority for an S/MIME encryption "
        "certificate.",
    )


class CertificateKeyWeak(BadInput):
    """`key`: its key or signature, in the words of the field."""

    code = "certificate_key_weak"
    text = Text(
        fr="La clé ou la signature de ce certificat ({key}) n’est plus sûre ou n’est pas utilisable. Il faut RSA de "
        "2048 bits au moins ou une courbe de 256 bits au moins (P-256), signés avec SHA-256 au moins.",
        en="The key or the signature of this certificate ({key}) is no longer safe or cannot be used. RSA of at least "
        "2048 bits or a curve of at least 256 bits (P-256) is needed, signed with SHA-256 at least.",
    )


class CertificateExpired(BadInput):
    """Its validity is over; `day`: the last one."""

    code = "certificate_expired"
    text = Text(
        fr="Ce certificat a expiré le {day}. Demandez-en un nouveau à votre autorité.",
        en="This certificate expired on {day}. Ask your authority for a new one.",
    )


class CertificateExists(Conflict):
    """Kept already, or withdrawn: what was withdrawn does not come back."""

    code = "certificate_exists"
    text = Text(
        fr="Ce certificat est déjà enregistré, ou il a été retiré : un certificat retiré ne revient pas.",
        en="This certificate is kept already, or was withdrawn: what was withdrawn does not come back.",
    )


class TooManyCertificates(Conflict):
    """Over `limit` that can still be used."""

    code = "certificates_full"
    text = Text(
        fr="Cette personne a déjà {limit} certificats. Retirez ceux qui ne servent plus.",
        en="This person has {limit} certificates already. Withdraw those that are no longer of use.",
    )


class CertificateNotFound(NotFound):
    """Withdrawn, or somebody else's."""

    code = "certificate_not_found"
    text = Text(
        fr="Ce certificat n’existe plus. Rechargez la page.",
        en="This certificate is no longer there. Reload the page.",
    )


class CertificateUntrusted(BadInput):
    """Nobody whom the operator trusts issued it; `issuer`: its distinguished name."""

    code = "certificate_untrusted"
    text = Text(
        fr="Ce certificat a été émis par « {issuer} », qui n’est pas une autorité reconnue ici. Demandez-en un à une "
        "autorité reconnue (par exemple l’IGC-Santé), ou adressez-vous à l’assistance.",
        en="This certificate was issued by {issuer}, which is no authority recognised here. Ask a recognised one for "
        "another (IGC-Santé for example), or turn to support.",
    )


class CertificateRevoked(BadInput):
    """Its authority took it back."""

    code = "certificate_revoked"
    text = Text(
        fr="Ce certificat a été révoqué par son autorité : personne ne doit plus chiffrer avec lui. Demandez-en un "
        "nouveau.",
        en="This certificate was revoked by its authority: nobody may encrypt with it any more. Ask for a new one.",
    )


class TrustUnusable(MissError):
    """The folder of authorities, or a file in it, cannot be used: `path`, `reason`."""

    code = "certificate_trust_unusable"
    text = Text(
        fr="Les autorités de certification « {path} » sont inutilisables : {reason}.",
        en="The certificate authorities {path} cannot be used: {reason}.",
    )

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path=str(path), reason=reason)
        self.path, self.reason = str(path), reason
