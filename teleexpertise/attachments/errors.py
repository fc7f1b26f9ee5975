"""Why one file of a request was not taken."""

from miss.base.errors import BadInput
from miss.base.text import Text


class AttachmentRefused(BadInput):
    """One file of a request was not taken: the `rank`-th.  Its name stays out of the log: it may be a patient's."""

    def __init__(self, *, rank: int, **params: object) -> None:
        super().__init__(rank=rank, **params)


class PhotoUnreadable(AttachmentRefused):
    """A picture that does not decode."""

    code = "photo_unreadable"
    text = Text(
        fr="La pièce n° {rank} est illisible : le fichier est abîmé ou n’est pas une image. Reprenez la photo ou "
        "exportez-la en JPEG.",
        en="Attachment no. {rank} cannot be read: it is damaged or not a picture. Take the photograph again or export "
        "it as JPEG.",
    )


class PhotoTooManyPixels(AttachmentRefused):
    """A picture that would not fit in memory once decoded: a scan, or an attack."""

    code = "photo_too_many_pixels"
    text = Text(
        fr="L’image de la pièce n° {rank} compte trop de pixels (80 millions au plus). Réduisez-la avant de l’envoyer.",
        en="The picture in attachment no. {rank} has too many pixels (at most 80 million). Reduce it before you "
        "send it.",
    )


class AttachmentFormat(AttachmentRefused):
    """A kind of file that the platform does not take."""

    code = "attachment_format"
    text = Text(
        fr="Le format de la pièce n° {rank} n’est pas accepté. Envoyez les photos en JPEG, PNG, WebP ou HEIC, les "
        "documents en PDF.",
        en="The format of attachment no. {rank} is not accepted. Send photographs as JPEG, PNG, WebP or HEIC, "
        "documents as PDF.",
    )


class AttachmentTooLarge(AttachmentRefused):
    """Over the limit for one file."""

    code = "attachment_too_large"
    http_status = 413
    text = Text(
        fr="La pièce n° {rank} dépasse {limit_mb} Mo. Réduisez-la avant de l’envoyer.",
        en="Attachment no. {rank} is over {limit_mb} MB. Reduce it before you send it.",
    )


class TooManyAttachments(AttachmentRefused):
    """More files than a request takes: the `rank`-th and those after it were left out."""

    code = "too_many_attachments"
    http_status = 413
    text = Text(
        fr="Une demande comporte au plus {limit} pièces : la pièce n° {rank} et les suivantes n’ont pas été prises. "
        "Gardez les plus parlantes.",
        en="A request holds at most {limit} files: attachment no. {rank} and those after it were not taken. Keep the "
        "most telling ones.",
    )


class AttachmentNoRoom(AttachmentRefused):
    """The writer's establishment keeps as many bytes of attachments as it may."""

    code = "attachment_no_room"
    http_status = 409
    text = Text(
        fr="La pièce n° {rank} n’a pas été prise : votre établissement garde déjà toutes les pièces que son quota "
        "permet ({limit_mb} Mo). Demandez à son administrateur de faire relever ce quota, puis renvoyez-la.",
        en="Attachment no. {rank} was not taken: your establishment already keeps as many files as its quota allows "
        "({limit_mb} MB). Ask its administrator to have the quota raised, then send it again.",
    )


class PdfHoldsScript(AttachmentRefused):
    """A PDF with a script in it."""

    code = "pdf_script"
    text = Text(
        fr="La pièce n° {rank} n’a pas été prise : ce PDF contient un script (JavaScript). "
        "Imprimez-le en PDF (« Imprimer > Enregistrer au format PDF »), puis envoyez ce nouveau fichier.",
        en="Attachment no. {rank} was not taken: this PDF holds a script (JavaScript). "
        "Print it to PDF (“Print > Save as PDF”), then send that new file.",
    )


class PdfActive(AttachmentRefused):
    """A PDF that starts a program, opens another file or sends what is typed into it."""

    code = "pdf_active"
    text = Text(
        fr="La pièce n° {rank} n’a pas été prise : ce PDF lance un programme, ouvre un autre fichier ou envoie des "
        "données. Imprimez-le en PDF (« Imprimer > Enregistrer au format PDF »), puis envoyez ce nouveau fichier.",
        en="Attachment no. {rank} was not taken: this PDF starts a program, opens another file or sends data. "
        "Print it to PDF (“Print > Save as PDF”), then send that new file.",
    )


class PdfDynamicForm(AttachmentRefused):
    """A PDF whose pages are a dynamic form (XFA)."""

    code = "pdf_dynamic_form"
    text = Text(
        fr="La pièce n° {rank} n’a pas été prise : ce PDF est un formulaire dynamique (XFA), que peu de logiciels "
        "affichent. Imprimez-le en PDF (« Imprimer > Enregistrer au format PDF »), puis envoyez ce nouveau fichier.",
        en="Attachment no. {rank} was not taken: this PDF is a dynamic form (XFA), which few programs show. "
        "Print it to PDF (“Print > Save as PDF”), then send that new file.",
    )


class PdfHoldsMedia(AttachmentRefused):
    """A PDF with sound, film or a three-dimensional scene."""

    code = "pdf_media"
    text = Text(
        fr="La pièce n° {rank} n’a pas été prise : ce PDF contient du son, un film ou un objet 3D. "
        "Imprimez-le en PDF (« Imprimer > Enregistrer au format PDF »), puis envoyez ce nouveau fichier.",
        en="Attachment no. {rank} was not taken: this PDF holds sound, a film or a 3D object. "
        "Print it to PDF (“Print > Save as PDF”), then send that new file.",
    )


class PdfHoldsFiles(AttachmentRefused):
    """A PDF with other files in it."""

    code = "pdf_files"
    text = Text(
        fr="La pièce n° {rank} n’a pas été prise : ce PDF contient d’autres fichiers. "
        "Envoyez-les à part, en PDF ou en photos, et imprimez celui-ci en PDF avant de le renvoyer.",
        en="Attachment no. {rank} was not taken: this PDF holds other files. "
        "Send them on their own, as PDF or photographs, and print this one to PDF before you send it again.",
    )


class PdfEncrypted(AttachmentRefused):
    """A PDF that asks for a password."""

    code = "pdf_encrypted"
    text = Text(
        fr="La pièce n° {rank} n’a pas été prise : ce PDF est protégé par un mot de passe, personne ne pourrait "
        "l’ouvrir. Enregistrez-le sans protection, puis renvoyez-le.",
        en="Attachment no. {rank} was not taken: this PDF is protected by a password, nobody could open it. "
        "Save it without protection, then send it again.",
    )


class PdfUnreadable(AttachmentRefused):
    """A PDF that is cut short, has no page, or was not read whole within the limits."""

    code = "pdf_unreadable"
    text = Text(
        fr="La pièce n° {rank} n’a pas été prise : ce PDF est abîmé ou incomplet. "
        "Ouvrez-le, imprimez-le en PDF, puis envoyez ce nouveau fichier ; à défaut, photographiez la page.",
        en="Attachment no. {rank} was not taken: this PDF is damaged or incomplete. "
        "Open it, print it to PDF and send that new file; failing that, photograph the page.",
    )


class WinmailFile(AttachmentRefused):
    """Outlook's own envelope (TNEF), which holds the text and the files in a form that few programs read."""

    code = "attachment_winmail"
    text = Text(
        fr="La pièce n° {rank} (winmail.dat) est l’enveloppe propre à Outlook : le texte mis en forme et vos pièces y "
        "sont enfermés. Renvoyez le message au format HTML ou texte brut (Outlook : onglet « Format du texte », ou "
        "Fichier > Options > Courrier), avec ses pièces jointes.",
        en="Attachment no. {rank} (winmail.dat) is Outlook’s own envelope: the formatted text and your files are shut "
        "in it. Send the message again as HTML or plain text (Outlook: the “Format Text” tab, or File > Options > "
        "Mail), with its attachments.",
    )
