"""What the acts of the access log are called, for whom they are about.

One sentence each, of somebody who is named beside it.  Services and rooms may bring acts that are not here: they are
shown under their own name rather than left out.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from miss.base.text import Text

ACT_NAMES: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "account.open": Text(fr="a ouvert votre compte", en="opened your account"),
        "account.verify": Text(fr="a vérifié votre identité", en="verified your identity"),
        "account.suspend": Text(fr="a suspendu votre compte", en="suspended your account"),
        "account.revoke": Text(fr="a fermé votre compte", en="closed your account"),
        "account.read": Text(fr="a consulté votre compte", en="looked at your account"),
        "account.code_issued": Text(fr="a émis un code d’activation", en="issued an activation code"),
        "account.code_wrong": Text(fr="a donné un code d’activation inexact", en="gave a wrong activation code"),
        "account.code_used": Text(fr="a utilisé un code d’activation", en="used an activation code"),
        "account.password_chosen": Text(fr="a choisi un mot de passe", en="chose a password"),
        "account.signed_in": Text(fr="s’est connecté à votre compte", en="signed in to your account"),
        "account.sign_in_refused": Text(fr="n’a pas pu se connecter", en="could not sign in"),
        "account.signed_out": Text(fr="s’est déconnecté", en="signed out"),
        "account.unlocked": Text(fr="a déverrouillé une session", en="unlocked a session"),
        "account.confirmed": Text(fr="a confirmé son identité", en="confirmed who they are"),
        "account.session_revoked": Text(fr="a mis fin à une session", en="ended a session"),
        "account.second_factor_added": Text(fr="a ajouté un second facteur", en="added a second factor"),
        "account.second_factor_removed": Text(fr="a retiré un second facteur", en="removed a second factor"),
        "account.recovery_codes_made": Text(fr="a fait des codes de secours", en="made recovery codes"),
        "account.reset_asked": Text(fr="a demandé un nouveau mot de passe", en="asked for a new password"),
        "account.role_granted": Text(fr="vous a attribué un rôle", en="granted you a role"),
        "account.role_taken_back": Text(fr="vous a retiré un rôle", en="took a role back from you"),
        "account.device_linked": Text(fr="a relié un appareil", en="linked a device"),
        "account.device_revoked": Text(fr="a révoqué un appareil", en="revoked a device"),
        "account.device_recovered": Text(
            fr="est revenu avec la clé de récupération", en="came back with the recovery key"
        ),
        "account.user_key_changed": Text(fr="a renouvelé la clé du compte", en="renewed the account’s key"),
        "account.recovery_made": Text(fr="a fait une clé de récupération", en="made a recovery key"),
        "account.recovery_changed": Text(fr="a changé la clé de récupération", en="changed the recovery key"),
        "account.recovery_tested": Text(fr="a essayé la clé de récupération", en="tried the recovery key"),
        "account.identity_reset": Text(fr="a réinitialisé vos appareils", en="started your devices over"),
        "account.agreement_accepted": Text(
            fr="a accepté la charte ou les conditions générales", en="accepted the charter or the general conditions"
        ),
        "account.attestation_issued": Text(fr="a établi une attestation", en="issued an attestation"),
        "account.retirement_asked": Text(fr="a demandé votre départ", en="asked for your departure"),
        "account.retirement_approved": Text(fr="a approuvé votre départ", en="approved your departure"),
        "account.retirement_withdrawn": Text(fr="a annulé votre départ", en="cancelled your departure"),
        "account.retirement_begun": Text(
            fr="a commencé la redirection de votre courrier", en="began redirecting your mail"
        ),
        "address.give": Text(fr="vous a donné une adresse", en="gave you an address"),
        "address.replace": Text(fr="a donné une adresse à votre nouveau nom", en="gave your new name an address"),
        "mail.headers_read": Text(
            fr="a consulté les en-têtes d’un courriel de vous, mis à l’écart",
            en="looked at the headers of a mail of yours that was set aside",
        ),
        "mail.content_opened": Text(
            fr="a ouvert un courriel de vous, mis à l’écart, avec un motif",
            en="opened a mail of yours that was set aside, for a reason",
        ),
        "mail.replayed": Text(
            fr="a fait traiter de nouveau un courriel de vous", en="had a mail of yours processed again"
        ),
        "mail.discarded": Text(fr="a abandonné un courriel de vous", en="discarded a mail of yours"),
        "retirement.read": Text(fr="a consulté votre dossier de départ", en="looked at your departure"),
        "mail.proofs_downloaded": Text(fr="a téléchargé des preuves d’envoi", en="downloaded proofs of sending"),
        "mail.proof_downloaded": Text(
            fr="a téléchargé une preuve d’envoi et son courriel", en="downloaded a proof of sending and its mail"
        ),
        "images.sent": Text(fr="a envoyé des images à un correspondant", en="sent images to a correspondent"),
        "images.opened": Text(fr="a ouvert un envoi d’images", en="opened images that were sent"),
        "images.image_read": Text(fr="a vu une image d’un envoi", en="saw one of the images that were sent"),
        "images.downloaded": Text(fr="a téléchargé un envoi d’images", en="downloaded images that were sent"),
        "images.withdrawn": Text(fr="a retiré un envoi d’images", en="withdrew images that were sent"),
        "agreements.exported": Text(
            fr="a exporté les conditions générales acceptées", en="exported who accepted the general conditions"
        ),
        "directory.read": Text(fr="a consulté votre fiche", en="looked at your entry"),
        "directory.red_list_read": Text(
            fr="vous a trouvé par votre nom en liste rouge", en="found you by your name on the red list"
        ),
        "directory.card": Text(fr="a téléchargé votre carte de visite", en="downloaded your card"),
        "staff.added": Text(
            fr="vous a ajouté au personnel d’un établissement", en="added you to an establishment’s staff"
        ),
        "staff.changed": Text(
            fr="a modifié votre place dans un établissement", en="changed your place in an establishment"
        ),
        "staff.moved": Text(fr="vous a changé de service", en="moved you to another department"),
        "staff.published": Text(
            fr="a publié votre place dans un établissement", en="published your place in an establishment"
        ),
        "staff.hidden": Text(fr="a masqué votre place dans un établissement", en="hid your place in an establishment"),
        "staff.removed": Text(
            fr="vous a retiré du personnel d’un établissement", en="took you off an establishment’s staff"
        ),
        "proposal.read": Text(fr="a consulté votre proposition de changement", en="looked at the change you proposed"),
        "proposal.made": Text(fr="a proposé un changement de fiche", en="proposed a change of the entry"),
        "proposal.withdrawn": Text(fr="a retiré la proposition de changement", en="withdrew the proposed change"),
        "proposal.accepted": Text(fr="a accepté la proposition de changement", en="accepted the proposed change"),
        "proposal.refused": Text(fr="a refusé la proposition de changement", en="refused the proposed change"),
        "blocking.added": Text(fr="a bloqué un correspondant", en="blocked a correspondent"),
        "blocking.removed": Text(fr="a débloqué un correspondant", en="unblocked a correspondent"),
        "absence.added": Text(fr="a déclaré une absence", en="declared an absence"),
        "absence.removed": Text(fr="a retiré une absence", en="removed an absence"),
        "preferences.notification": Text(
            fr="a changé le niveau des notifications", en="changed the notification level"
        ),
        "certificate.added": Text(
            fr="a publié un certificat pour vos adresses", en="published a certificate for your addresses"
        ),
        "certificate.withdrawn": Text(
            fr="a retiré un certificat de vos adresses", en="withdrew a certificate of your addresses"
        ),
        "export.made": Text(fr="a exporté les données du compte", en="exported the account’s data"),
    }
)


def name_act(act: str) -> Text:
    """The sentence of an act."""
    return ACT_NAMES.get(act) or Text(fr=f"autre acte : {verbatim(act)}", en=f"another act: {verbatim(act)}")


def verbatim(word: str) -> str:
    """`word` inside a `Text`, whose braces are placeholders."""
    return word.replace("{", "{{").replace("}", "}}")
