"""Why images were not sent, or are not shown."""

from miss.base.errors import BadInput, Conflict, NotFound, TooMany
from miss.base.text import Text


class SendingUnknown(NotFound):
    """No such sending, not this reader's, withdrawn or past its time: one answer for all of these."""

    code = "images_unknown"
    text = Text(
        fr="Cet envoi d’images n’existe pas, ou n’est plus à consulter. Si vous l’attendiez, demandez à votre "
        "correspondant de vous l’adresser de nouveau.",
        en="There are no such images, or they can no longer be seen. If you expected them, ask your correspondent to "
        "send them again.",
    )


class ImagesRefused(BadInput):
    """Something in what was to be sent was not taken."""


class ImagesMissing(ImagesRefused):
    """Nothing was chosen."""

    code = "images_missing"
    text = Text(
        fr="Aucune image n’est jointe. Choisissez-en une, ou prenez une photo.",
        en="No image is there. Choose one, or take a photograph.",
    )


class ImagesTooMany(ImagesRefused):
    """More images than one sending takes."""

    code = "images_too_many"
    text = Text(
        fr="Un envoi comporte au plus {limit} images. Gardez les plus parlantes, ou faites un second envoi.",
        en="One sending holds at most {limit} images. Keep the most telling ones, or send the others apart.",
    )


class ImageUnreadable(ImagesRefused):
    """The `rank`-th file does not decode."""

    code = "images_unreadable"
    text = Text(
        fr="L’image n° {rank} est illisible : le fichier est abîmé ou n’est pas une image. Reprenez la photo ou "
        "exportez-la en JPEG.",
        en="Image no. {rank} cannot be read: it is damaged or no picture. Take the photograph again or export it as "
        "JPEG.",
    )


class ImageFormat(ImagesRefused):
    """The `rank`-th file is of a kind that is not taken."""

    code = "images_format"
    text = Text(
        fr="Le format de l’image n° {rank} n’est pas accepté. Envoyez des photos en JPEG, PNG, WebP ou HEIC.",
        en="The format of image no. {rank} is not accepted. Send photographs as JPEG, PNG, WebP or HEIC.",
    )


class ImageTooLarge(ImagesRefused):
    """The `rank`-th file is over the limit, in bytes or in pixels."""

    code = "images_too_large"
    http_status = 413
    text = Text(
        fr="L’image n° {rank} est trop grande : {limit_mb} Mo et 80 millions de pixels au plus. Réduisez-la avant de "
        "l’envoyer.",
        en="Image no. {rank} is too large: at most {limit_mb} MB and 80 million pixels. Reduce it before you send it.",
    )


class SubjectMissing(ImagesRefused):
    """No subject."""

    code = "images_subject_missing"
    text = Text(
        fr="L’objet manque : quelques mots sans nom de patient, comme « Lésion du dos, avis ».",
        en="The subject is missing: a few words without a patient’s name, such as “Lesion of the back, advice”.",
    )


class SubjectNamesPatient(ImagesRefused):
    """The subject of a mail is read in lists and notifications: the name of the patient has no place there."""

    code = "images_subject_names_patient"
    text = Text(
        fr="L’objet nomme le patient. Retirez le nom de l’objet : le correspondant le lira dans le message.",
        en="The subject names the patient. Take the name out of it: your correspondent reads it in the message.",
    )


class PatientIncomplete(ImagesRefused):
    """Some of the patient's traits without the others."""

    code = "images_patient_incomplete"
    text = Text(
        fr="L’identité du patient est incomplète : indiquez nom, prénom et date de naissance, ou aucun des trois.",
        en="The patient’s identity is incomplete: give family name, given name and date of birth, or none of them.",
    )


class WordsTooLong(ImagesRefused):
    """More text than a letter to go with images."""

    code = "images_words_too_long"
    text = Text(
        fr="Le texte est trop long ({limit} caractères au plus). Raccourcissez-le.",
        en="The text is too long (at most {limit} characters). Shorten it.",
    )


class RecipientUnknown(ImagesRefused):
    """Neither a number nor an address of the directory."""

    code = "images_recipient_unknown"
    text = Text(
        fr="L’annuaire ne connaît pas ce correspondant. Vérifiez le numéro RPPS ou l’adresse, ou cherchez-le dans "
        "l’annuaire.",
        en="The directory does not know this correspondent. Check the RPPS number or the address, or look them up in "
        "the directory.",
    )


class RecipientSelf(ImagesRefused):
    """To oneself."""

    code = "images_recipient_self"
    text = Text(
        fr="Ce correspondant, c’est vous. Indiquez quelqu’un d’autre.", en="This is yourself. Name somebody else."
    )


class RecipientUnreachable(Conflict):
    """No mailbox of theirs is known."""

    code = "images_recipient_unreachable"
    text = Text(
        fr="Aucune messagerie sécurisée n’est connue pour ce correspondant : rien ne peut lui être envoyé.",
        en="No secure mailbox is known for this correspondent: nothing can be sent to them.",
    )


class RecipientNoMember(Conflict):
    """They have no account, so they could not open the page."""

    code = "images_recipient_no_member"
    text = Text(
        fr="Ce correspondant n’a pas de compte MiSS : il ne pourrait pas ouvrir la page des images. Invitez-le à "
        "s’inscrire, ou joignez-le autrement.",
        en="This correspondent has no MiSS account: they could not open the page of the images. Invite them to sign "
        "up, or reach them in another way.",
    )


class RecipientSetApart(Conflict):
    """The sender has blocked them."""

    code = "images_recipient_blocked_by_you"
    text = Text(
        fr="Vous bloquez ce correspondant. Débloquez-le dans « Mon compte » avant de lui écrire.",
        en="You block this correspondent. Unblock them in “My account” before you write to them.",
    )


class SendingsTooMany(TooMany):
    """More in a day than one person sends."""

    code = "images_sendings_too_many"
    text = Text(
        fr="Vous avez préparé {limit} envois d’images en 24 heures. Attendez avant d’en faire d’autres.",
        en="You have prepared {limit} sendings of images within 24 hours. Wait before you make others.",
    )
