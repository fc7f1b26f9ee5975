"""What the chat's own doors refuse: requests that are not what they should be."""

from miss.base.errors import BadInput, TooLarge, TooMany, Unavailable
from miss.base.text import Text


class BadRequest(BadInput):
    """Not MessagePack, or not the fields that were asked for."""

    code = "bad_request"
    text = Text(
        fr="La demande du logiciel est illisible. Mettez MiSS à jour, puis recommencez.",
        en="The program's request cannot be read. Update MiSS, then try again.",
    )


class BodyTooLarge(TooLarge):
    """A request body over its cap."""

    code = "body_too_large"
    text = Text(
        fr="L'envoi dépasse la taille admise ({max_bytes} octets).",
        en="What was sent is over the size allowed ({max_bytes} bytes).",
    )


class SearchTooShort(BadInput):
    """Two letters would list half the register."""

    code = "search_too_short"
    text = Text(
        fr="Tapez au moins {min} caractères.",
        en="Type at least {min} characters.",
    )


class TooManyRequests(TooMany):
    """A device or an address asks more often than it may; `retry_after_s` says when to come back."""

    code = "too_many_requests"
    text = Text(
        fr="Trop de demandes à la fois. MiSS réessaiera dans {retry_after_s} s.",
        en="Too many requests at once. MiSS will try again in {retry_after_s} s.",
    )


class AddressFull(TooMany):
    """So many sockets are open from one address that it gets no more."""

    code = "address_full"
    text = Text(
        fr="Trop de connexions à MiSS sont ouvertes depuis votre réseau. MiSS réessaiera dans {retry_after_s} s ; si "
        "cela dure, prévenez votre service informatique.",
        en="Too many connections to MiSS are open from your network. MiSS will try again in {retry_after_s} s; if "
        "this goes on, tell your IT department.",
    )


class AccountFull(TooMany):
    """So many sockets are open for one account that it gets no more."""

    code = "account_full"
    text = Text(
        fr="Votre compte a déjà {max} connexions ouvertes. Fermez MiSS sur un appareil dont vous ne vous servez pas, "
        "et révoquez ceux que vous ne connaissez pas ; celui-ci réessaiera dans {retry_after_s} s.",
        en="Your account has {max} connections open already. Close MiSS on a device you are not using, and revoke "
        "those you do not know; this one will try again in {retry_after_s} s.",
    )


class TooManyOpenings(TooMany):
    """A device connects again and again."""

    code = "too_many_openings"
    text = Text(
        fr="Cet appareil s'est connecté trop souvent. MiSS réessaiera dans {retry_after_s} s.",
        en="This device has connected too often. MiSS will try again in {retry_after_s} s.",
    )


class ServerFull(Unavailable):
    """This process has as many sockets as it may."""

    code = "server_full"
    text = Text(
        fr="Le serveur MiSS est complet pour le moment ; rien n'est perdu. MiSS réessaiera dans {retry_after_s} s.",
        en="The MiSS server is full at the moment; nothing is lost. MiSS will try again in {retry_after_s} s.",
    )
