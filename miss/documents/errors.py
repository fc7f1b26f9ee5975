"""What `documents` refuses.  The parameters name fields, lines and limits, never the value that was refused."""

from miss.base.errors import BadInput
from miss.base.text import Text


class IdentifierRefused(BadInput):
    """A national identifier whose form, month or key is wrong: `field`, and the check's `verdict`."""

    code = "identifier_refused"
    text = Text(
        fr="L’identifiant « {field} » est refusé. Vérifiez chaque caractère, clé comprise, puis ressaisissez-le.",
        en="The identifier “{field}” is refused. Check every character, key included, then enter it again.",
    )


class InsOidRefused(BadInput):
    """An OID that does not announce an INS: unknown, or that of the social-security number."""

    code = "ins_oid_refused"
    text = Text(
        fr="L’OID {oid} n’est pas celui d’une identité nationale de santé. Le numéro de sécurité sociale seul n’est "
        "pas un INS : interrogez le téléservice INSi.",
        en="The OID {oid} is not that of a national health identity. A social-security number alone is not an INS: "
        "query the INSi service.",
    )


class IdentityIncomplete(BadInput):
    """A patient identity lacks a trait that its status requires, or holds one in the wrong form: `field`."""

    code = "identity_incomplete"
    text = Text(
        fr="L’identité du patient est incomplète ou mal formée : champ « {field} ». Complétez-le puis renvoyez.",
        en="The patient’s identity is incomplete or malformed: field “{field}”. Complete it and send again.",
    )


class LetterIncomplete(BadInput):
    """A letter lacks a part without which no reader can file it: `field`."""

    code = "letter_incomplete"
    text = Text(
        fr="Le courrier ne peut pas être établi : « {field} » manque. Complétez-le puis recommencez.",
        en="The letter cannot be written: “{field}” is missing. Complete it and try again.",
    )


class HprimCodeRefused(BadInput):
    """A code that the HPRIM header cannot carry: over `limit` characters, or not letters, digits, `-`, `_`, `/`."""

    code = "hprim_code_refused"
    text = Text(
        fr="Le code « {field} » ne tient pas dans un en-tête HPRIM : au plus {limit} caractères, lettres sans accent, "
        "chiffres, « - », « _ » ou « / ».",
        en="The code “{field}” does not fit an HPRIM header: at most {limit} characters, unaccented letters, digits, "
        "“-”, “_” or “/”.",
    )


class NotHprim(BadInput):
    """No HPRIM header was found: `reason` says, for the log, which landmark is missing."""

    code = "not_hprim"
    text = Text(
        fr="Aucun en-tête HPRIM lisible n’a été trouvé. Renvoyez le message avec ses douze lignes d’en-tête : le nom "
        "est attendu en ligne 2, la date de naissance en ligne 7.",
        en="No readable HPRIM header was found. Send the message again with its twelve header lines: the name is "
        "expected on line 2, the birth date on line 7.",
    )


class HprimDateUnreadable(BadInput):
    """A header date that no reading gives: `field` and its `line` (1 to 13)."""

    code = "hprim_date_unreadable"
    text = Text(
        fr="L’en-tête HPRIM porte une date illisible : ligne {line}. Écrivez-la JJ/MM/AAAA puis renvoyez.",
        en="The HPRIM header holds an unreadable date: line {line}. Write it DD/MM/YYYY and send again.",
    )


class HprimSeveralPatients(BadInput):
    """A file that holds `count` records where one patient was asked for."""

    code = "hprim_several_patients"
    text = Text(
        fr="Le message HPRIM contient {count} dossiers. Envoyez un message par patient.",
        en="The HPRIM message holds {count} records. Send one message per patient.",
    )


class XmlRefused(BadInput):
    """XML that is not read: `reason` is `size`, `encoding`, `doctype`, `markup`, `depth` or `syntax`."""

    code = "xml_refused"
    text = Text(
        fr="Le document XML est refusé : il doit être bien formé, en UTF-8, sans DOCTYPE ni entité, et de "
        "taille raisonnable. Renvoyez-le tel que votre logiciel le produit.",
        en="The XML document is refused: it must be well-formed, in UTF-8, without DOCTYPE or entity, and "
        "of reasonable size. Send it again as your software writes it.",
    )


class LetterPhotoRefused(BadInput):
    """A photograph that cannot stand in a letter: the `rank`-th is no JPEG that decodes."""

    code = "letter_photo_refused"
    text = Text(
        fr="La photographie n° {rank} du courrier est illisible. Retirez-la, ou exportez-la en JPEG puis recommencez.",
        en="Photograph no. {rank} of the letter cannot be read. Remove it, or export it as JPEG and try again.",
    )
