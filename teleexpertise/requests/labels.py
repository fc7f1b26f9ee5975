"""States, refusals and facts in the words that people read."""

from collections.abc import Mapping

from miss.base.text import Text
from teleexpertise.dispatch.attempts.model import DeclineReason
from teleexpertise.requests.model import FactKind, State

STATE_LABELS: Mapping[State, Text] = {
    State.DRAFT: Text(fr="À compléter", en="To complete"),
    State.READY: Text(fr="En attente d’un expert", en="Waiting for an expert"),
    State.ASSIGNED: Text(fr="Proposée à un expert", en="Offered to an expert"),
    State.IN_PROGRESS: Text(fr="Prise en charge", en="In progress"),
    State.ON_HOLD: Text(fr="Précisions demandées", en="Clarification asked for"),
    State.ANSWERED: Text(fr="Répondue", en="Answered"),
    State.REVOKED: Text(fr="Annulée", en="Withdrawn"),
    State.CLOSED: Text(fr="Close sans précisions", en="Closed, unclarified"),
    State.IN_ERROR: Text(fr="Envoyée par erreur", en="Sent by mistake"),
    State.INFORMED: Text(fr="Clôturée : patient informé", en="Closed: patient informed"),
}

DECLINE_LABELS: Mapping[DeclineReason, Text] = {
    DeclineReason.SCOPE: Text(fr="Hors de mon champ", en="Outside my field"),
    DeclineReason.INSUFFICIENT: Text(fr="Données insuffisantes", en="Not enough data"),
    DeclineReason.IN_PERSON: Text(fr="Présentiel nécessaire", en="Has to be seen in person"),
    DeclineReason.EMERGENCY: Text(fr="Urgence : appeler le 15", en="Emergency: call 15"),
    DeclineReason.CONFLICT: Text(fr="Lien ou conflit d’intérêts", en="Conflict of interest"),
}

FACT_LABELS: Mapping[FactKind, Text] = {
    FactKind.RECEIVED_INCOMPLETE: Text(fr="Enregistrée, à compléter", en="Kept, to be completed"),
    FactKind.SUBMITTED: Text(fr="Demande enregistrée", en="Request registered"),
    FactKind.ASSIGNED: Text(fr="Proposée à un expert", en="Offered to an expert"),
    FactKind.NOBODY_IN_TIME: Text(
        fr="Aucun créneau avant l’échéance : coordinateur prévenu", en="No slot before the deadline: coordinator told"
    ),
    FactKind.ACCEPTED: Text(fr="Prise en charge", en="Accepted"),
    FactKind.DECLINED: Text(fr="Déclinée par l’expert", en="Declined by the expert"),
    FactKind.EXPIRED: Text(fr="Délai de prise en charge dépassé", en="Not accepted in time"),
    FactKind.CLARIFICATION_ASKED: Text(fr="Précisions demandées", en="Clarification asked for"),
    FactKind.CLARIFIED: Text(fr="Précisions apportées", en="Clarification given"),
    FactKind.ANSWERED: Text(fr="Avis rendu", en="Answered"),
    FactKind.REVOKED: Text(fr="Annulée par le demandeur", en="Withdrawn by the requester"),
    FactKind.ASKED_AFTER: Text(fr="Question du demandeur sur l’avis", en="Question of the requester on the answer"),
    FactKind.REPLIED_AFTER: Text(fr="Réponse de l’expert à cette question", en="The expert's reply to that question"),
    FactKind.ADDED: Text(fr="Complément du demandeur", en="Addition by the requester"),
    FactKind.DUPLICATE_DIFFERS: Text(
        fr="Reçue une seconde fois avec un autre contenu", en="Received again with other content"
    ),
    FactKind.REMINDED: Text(fr="Rappel envoyé", en="Reminder sent"),
    FactKind.OVERDUE: Text(
        fr="Échéance dépassée : coordinateur et demandeur prévenus", en="Overdue: coordinator and requester told"
    ),
    FactKind.CLOSED: Text(fr="Close : précisions jamais reçues", en="Closed: the clarification never came"),
    FactKind.REOPENED: Text(fr="Rouverte par le demandeur", en="Opened again by the requester"),
    FactKind.REASSIGNED: Text(fr="Reprise par le coordinateur", en="Taken back by the coordinator"),
    FactKind.IN_ERROR: Text(fr="Envoi annulé par le demandeur", en="Called off by the requester"),
    FactKind.REORIENTED: Text(fr="Réorientée vers un autre groupe", en="Referred to another pool"),
    FactKind.CORRECTED: Text(fr="Avis corrigé : annule et remplace", en="Answer corrected: annuls and replaces"),
    FactKind.SECOND_READING_ASKED: Text(fr="Seconde lecture demandée", en="Second reading asked for"),
    FactKind.GLASS_BROKEN: Text(fr="Contenu ouvert par le coordinateur", en="Opened by the coordinator"),
    FactKind.SECOND_READING_GIVEN: Text(fr="Seconde lecture rendue", en="Second reading given"),
    FactKind.APPOINTMENT_PROPOSED: Text(fr="Rendez-vous proposé", en="Appointment proposed"),
    FactKind.APPOINTMENT_ACCEPTED: Text(fr="Rendez-vous accepté", en="Appointment accepted"),
    FactKind.APPOINTMENT_DECLINED: Text(fr="Rendez-vous décliné", en="Appointment declined"),
    FactKind.PATIENT_INFORMED: Text(fr="Patient informé", en="Patient informed"),
    FactKind.FOLLOW_UP_DUE: Text(fr="Suivi photo attendu : rappel envoyé", en="Photo follow-up due: reminder sent"),
    FactKind.FOLLOW_UP_STARTED: Text(fr="Suivi commencé", en="Follow-up begun"),
    FactKind.FELL_BACK: Text(fr="Transmise à un groupe de secours", en="Passed to a fallback pool"),
    FactKind.MOVED: Text(fr="Transmise à un autre groupe par le coordinateur", en="Moved to another pool by hand"),
    FactKind.GIVEN_BY_HAND: Text(fr="Expert choisi par le coordinateur", en="Expert chosen by the coordinator"),
    FactKind.DRAFT_RESTORED: Text(fr="Brouillon repris", en="Draft taken back"),
}
