"""What is refused of keys, certificates and links.  protocol §2, §3"""

from miss.base.text import Text
from miss.protocol.errors.base import ProtocolError


class BadKey(ProtocolError):
    """Bytes that are no key of the wanted kind."""

    code = "bad_key"
    text = Text(
        fr="Une clé ({kind}) est illisible. Reliez à nouveau cet appareil depuis un appareil qui fonctionne.",
        en="A key ({kind}) cannot be read. Link this device again from one that works.",
    )


class BadSealed(ProtocolError):
    """A sealed box that this key does not open."""

    code = "bad_sealed"
    text = Text(
        fr="Une clé partagée avec cet appareil ne s’ouvre pas. Demandez-la de nouveau depuis un autre appareil.",
        en="A key shared with this device does not open. Ask for it again from another device.",
    )


class BadOpCert(ProtocolError):
    """Not an operator's certificate, or not signed by the pinned root."""

    code = "bad_opcert"
    text = Text(
        fr="Le certificat de l’opérateur n’est pas valable ({reason}). Ne continuez pas ; prévenez l’opérateur.",
        en="The operator's certificate is not valid ({reason}). Do not go on; tell the operator.",
    )


class OpCertRefused(ProtocolError):
    """A genuine certificate, used outside its purpose or its dates."""

    code = "opcert_refused"
    text = Text(
        fr="Le certificat de l’opérateur ne convient pas à cet usage ou à cette date ({reason}).",
        en="The operator's certificate does not fit this purpose or date ({reason}).",
    )


class LinkError(ProtocolError):
    """A person's chain of devices does not hold."""

    code = "link"
    text = Text(
        fr="La liste des appareils de ce correspondant n’a pas pu être vérifiée. N’écrivez pas avant vérification.",
        en="This contact's list of devices could not be verified. Do not write before checking with them.",
    )


class BadLink(LinkError):
    """Not a link."""

    code = "bad_link"


class LinkOutOfOrder(LinkError):
    """The link does not follow the last one: another person, number or previous hash."""

    code = "link_out_of_order"


class LinkForged(LinkError):
    """A signature of a device is missing, wrong or from a device that does not count."""

    code = "link_forged"
    text = Text(
        fr="Un appareil a été ajouté ou retiré sans l’accord vérifiable de ce correspondant. Appelez-le d’abord.",
        en="A device was added or removed without this contact's verifiable consent. Call them before writing.",
    )


class LinkNotCountersigned(LinkError):
    """The operator's signature is missing or wrong."""

    code = "link_not_countersigned"
    text = Text(
        fr="L’identité de ce correspondant n’est pas attestée par l’opérateur. N’écrivez pas avant vérification.",
        en="The operator has not certified this contact's identity. Do not write before checking with them.",
    )


class LinkNotAllowed(LinkError):
    """Well signed, but against a rule; `rule` names it."""

    code = "link_not_allowed"
    text = Text(
        fr="Ce changement d’appareil n’est pas permis ({rule}).", en="This change of device is not allowed ({rule})."
    )


class UnknownLinkHead(LinkError):
    """The chain at hand does not contain that head: it is older, or another one."""

    code = "unknown_link_head"


class RestorationError(ProtocolError):
    """The server's word that it was restored to an older point does not hold."""

    code = "restoration"
    text = Text(
        fr="Le serveur dit avoir été restauré, et son opérateur ne l’atteste pas. Rien n’est changé ici ; prévenez "
        "l’opérateur.",
        en="The server says that it was restored, and its operator does not certify it. Nothing is changed here; tell "
        "the operator.",
    )


class BadRestoration(RestorationError):
    """Not a statement of a restore."""

    code = "bad_restoration"


class RestorationForged(RestorationError):
    """Not signed by the pinned root."""

    code = "restoration_forged"


class RestorationOutOfOrder(RestorationError):
    """Does not follow the statement before it: another number, another hash, or reversed dates."""

    code = "restoration_out_of_order"
