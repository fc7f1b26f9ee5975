"""What every act of this API shares: the request as its caller may see it, and its line afterwards."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from miss.base.ids import PractitionerId
from miss.server.web.pages import language_of
from teleexpertise.api import models
from teleexpertise.api.bodies import answer_json
from teleexpertise.house import Teleexpertise
from teleexpertise.requests.errors import RequestUnknown
from teleexpertise.requests.model import ExpertiseRequest
from teleexpertise.requests.reading import Reader, View


@dataclass(frozen=True, slots=True)
class Counter:
    """Where requests are handed over to programs."""

    service: Teleexpertise

    async def view(self, path: models.NumberPath, who: PractitionerId, *readers: Reader) -> View:
        """The request, for these readers only; the reading is recorded.  Raises RequestUnknown."""
        view = await self.service.reading.view(path.number, who)
        if view.reader not in readers:
            raise RequestUnknown
        return view

    async def own(self, path: models.NumberPath, who: PractitionerId) -> ExpertiseRequest:
        """For its requester.  Raises RequestUnknown."""
        return (await self.view(path, who, Reader.REQUESTER)).request

    async def held(self, path: models.NumberPath, who: PractitionerId) -> ExpertiseRequest:
        """For its holder.  Raises RequestUnknown."""
        return (await self.view(path, who, Reader.HOLDER)).request

    async def coordinated(self, path: models.NumberPath, who: PractitionerId) -> ExpertiseRequest:
        """For the coordinator of its pool.  Raises RequestUnknown."""
        return (await self.view(path, who, Reader.COORDINATOR)).request

    def say(self, request: Request, done: ExpertiseRequest) -> Response:
        """Where the request stands now."""
        return answer_json(request, self.line(request, done))

    def line(self, request: Request, done: ExpertiseRequest) -> models.RequestLine:
        """The same, as a part of an answer."""
        return models.line_of(done, self.service.parts.form_name(done.canonical), language_of(request))
