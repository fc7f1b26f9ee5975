"""The photographs of a request, as a letter prints them."""

from collections.abc import Sequence

from miss.documents.pdf import LetterPhoto
from teleexpertise.attachments.service import JPEG
from teleexpertise.questionnaire.model import AttachmentRef
from teleexpertise.requests.content import RequestContent, response_of
from teleexpertise.requests.model import ExpertiseRequest
from teleexpertise.requests.parts import Parts


async def photographs_of(parts: Parts, request: ExpertiseRequest, content: RequestContent) -> Sequence[LetterPhoto]:
    """What was shown, each under the words of the item that it answers.  Raises BlobMissing, DataKeyDestroyed."""
    asked, form = response_of(content), parts.registry.find(request.canonical)
    if asked is None or form is None:
        return []
    found = [
        (form.find_item(link_id), value)
        for link_id, values in asked.answers.items()
        for value in values
        if isinstance(value, AttachmentRef) and value.mime == JPEG
    ]
    return [
        LetterPhoto(await parts.attachments.read(request.id, ref.ref), item.label.fr if item else "")
        for item, ref in found
    ]
