"""What may be refused about appointments."""

from miss.base.errors import BadInput, Conflict, Forbidden, NotFound
from miss.base.text import Text


class ConversionNotAllowed(Forbidden):
    """The requester did not allow it, whatever else."""

    code = "appointment_not_allowed"
    text = Text(
        fr="Le demandeur n’a pas autorisé la conversion de la demande {number} en rendez-vous. Écrivez-le dans "
        "l’avis : il l’organisera avec le patient.",
        en="The requester did not allow request {number} to become an appointment. Say so in your answer: they will "
        "arrange it with the patient.",
    )


class ProposalIncomplete(BadInput):
    """Neither a slot nor a contact, too many slots, a slot that has passed."""

    code = "appointment_proposal"
    text = Text(
        fr="Proposez un à {most} créneaux à venir, ou un contact pour prendre rendez-vous.",
        en="Propose one to {most} slots ahead, or a contact for the appointment.",
    )


class AppointmentUnknown(NotFound):
    """No such proposal for this request."""

    code = "appointment_unknown"
    text = Text(fr="Cette proposition de rendez-vous n’existe pas.", en="There is no such proposal of an appointment.")


class AppointmentSettled(Conflict):
    """It was accepted, declined or replaced already."""

    code = "appointment_settled"
    text = Text(
        fr="Cette proposition de rendez-vous n’attend plus de réponse. Rechargez la page.",
        en="This proposal of an appointment waits for no answer any more. Reload the page.",
    )


class SlotGone(BadInput):
    """The slot chosen is not among those proposed, or has passed."""

    code = "appointment_slot"
    text = Text(
        fr="Choisissez l’un des créneaux proposés qui n’est pas encore passé.",
        en="Choose one of the proposed slots that has not passed yet.",
    )
