"""What writing and reading CDA refuses."""

from miss.base.errors import BadInput
from miss.base.text import Text


class ActRefused(BadInput):
    """An act that the volet of the year does not admit: its `act` code and the `volet`."""

    code = "cda_act_refused"
    text = Text(
        fr="L’acte {act} n’est pas admis par le volet de télémédecine {volet}. Choisissez un acte de télémédecine de "
        "la NGAP.",
        en="The act {act} is not admitted by the telemedicine volet {volet}. Choose a telemedicine act of the NGAP.",
    )


class NotCda(BadInput):
    """Well-formed XML that is no ClinicalDocument, or lacks what every one has: `field`."""

    code = "not_cda"
    text = Text(
        fr="Le document XML n’est pas un document CDA lisible : « {field} » manque ou ne se lit pas. Renvoyez-le tel "
        "que votre logiciel le produit.",
        en="The XML document is no readable CDA document: “{field}” is missing or unreadable. Send it again as your "
        "software writes it.",
    )


class CdaContentRefused(BadInput):
    """An enclosed file that cannot be taken: not base64, or no PDF."""

    code = "cda_content_refused"
    text = Text(
        fr="Le fichier contenu dans le document CDA ne se lit pas : un PDF en base64 est attendu. Renvoyez le document "
        "ou joignez le PDF à part.",
        en="The file inside the CDA document cannot be read: a PDF in base64 is expected. Send the document again, or "
        "attach the PDF apart.",
    )
