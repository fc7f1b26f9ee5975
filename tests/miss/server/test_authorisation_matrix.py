"""Every route × every role, from the route table: a route without a row fails, and so does a row without a route.

A row says who may call a route; it is held against what the endpoint declares (`miss.server.web.access`) and against
what the server answers to each role.  Whose affairs a caller may touch is tried in `test_tenants.py`.
"""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest
import pytest_asyncio

from miss.base.clock import MovableClock
from miss.directory.roles import Principal, Role, pool_scope
from miss.directory.sign_in import Method
from miss.server.web.access import Access, Audience, access_of
from tests.miss.server.matrix import (
    MACHINE_DOORS,
    OWN_POOL,
    SIGNED_AND_PUBLIC,
    Callers,
    Stage,
    grant,
    open_stage,
    table,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

ANYONE = Access(Audience.ANYONE)
SIGNED_IN = Access(Audience.SIGNED_IN)
ENTRY = Access(Audience.SIGNED_IN, has_entry=True)
PRACTITIONERS = Access(Audience.SIGNED_IN, frozenset({Role.PRACTITIONER}))
EARLY = Access(Audience.SIGNED_IN, before_second_factor=True)
FRESH = Access(Audience.SIGNED_IN, fresh=True)
EARLY_FRESH = Access(Audience.SIGNED_IN, fresh=True, before_second_factor=True)
EXPERTS = Access(Audience.SIGNED_IN, frozenset({Role.EXPERT}))
COORDINATORS = Access(Audience.SIGNED_IN, frozenset({Role.POOL_COORDINATOR}))
RUNNERS = Access(Audience.SIGNED_IN, frozenset({Role.POOL_COORDINATOR, Role.TECHNICIAN}))
TECHNICIANS_AND_AUDITORS = Access(Audience.SIGNED_IN, frozenset({Role.TECHNICIAN, Role.AUDITOR}))
TECHNICIANS = Access(Audience.SIGNED_IN, frozenset({Role.TECHNICIAN}))
TECHNICIANS_FRESH = Access(Audience.SIGNED_IN, frozenset({Role.TECHNICIAN}), fresh=True)
EXPORTERS = Access(Audience.SIGNED_IN, frozenset({Role.ESTABLISHMENT_ADMINISTRATOR, Role.TECHNICIAN}), fresh=True)
KEEPERS = Access(Audience.SIGNED_IN, EXPORTERS.roles)
KEEPERS_FRESH = EXPORTERS
ADMINISTRATORS = Access(Audience.SIGNED_IN, frozenset({Role.ESTABLISHMENT_ADMINISTRATOR}))

ROWS = {
    "GET /": ANYONE,
    "GET /app": ANYONE,
    "GET /app/": ANYONE,
    "GET /app/{name:path}": ANYONE,
    "POST /langue/{language}": ANYONE,
    "GET /connexion": ANYONE,
    "POST /connexion": ANYONE,
    "POST /connexion/deverrouillage": ANYONE,
    "POST /connexion/cle/options": ANYONE,
    "POST /connexion/cle": ANYONE,
    "GET /connexion/second-facteur": ANYONE,
    "POST /connexion/second-facteur": ANYONE,
    "POST /deconnexion": ANYONE,
    "GET /activation": ANYONE,
    "POST /activation": ANYONE,
    "POST /mot-de-passe/estimation": ANYONE,
    "GET /mot-de-passe-oublie": ANYONE,
    "POST /mot-de-passe-oublie": ANYONE,
    "GET /mot-de-passe-oublie/nouveau": ANYONE,
    "POST /mot-de-passe-oublie/nouveau": ANYONE,
    "GET /connexion/psc": ANYONE,
    "GET /connexion/psc/retour": ANYONE,
    "GET /compte/confirmation/psc": EARLY,
    "POST /verrouillage": EARLY,
    "GET /compte": SIGNED_IN,
    "GET /compte/sessions": EARLY,
    "POST /compte/sessions/fin": EARLY,
    "POST /compte/sessions/partout": EARLY,
    "POST /compte/sessions/{session}/fin": EARLY,
    "GET /compte/securite": EARLY,
    "GET /compte/securite/mot-de-passe": EARLY,
    "POST /compte/securite/mot-de-passe": EARLY,
    "GET /compte/securite/application": EARLY_FRESH,
    "POST /compte/securite/application": EARLY_FRESH,
    "POST /compte/securite/application/retrait": FRESH,
    "POST /compte/securite/cles/options": EARLY_FRESH,
    "POST /compte/securite/cles": EARLY_FRESH,
    "POST /compte/securite/cles/{key}/retrait": FRESH,
    "POST /compte/securite/codes": FRESH,
    "GET /compte/confirmation": EARLY,
    "POST /compte/confirmation": EARLY,
    "POST /compte/confirmation/cle/options": EARLY,
    "POST /compte/confirmation/cle": EARLY,
    "GET /compte/fiche": ENTRY,
    "POST /compte/fiche": ENTRY,
    "POST /compte/fiche/retrait": ENTRY,
    "GET /compte/certificats": ENTRY,
    "POST /compte/certificats": FRESH,
    "POST /compte/certificats/{certificate}/retrait": FRESH,
    "GET /compte/notifications": SIGNED_IN,
    "POST /compte/notifications": SIGNED_IN,
    "GET /compte/blocages": SIGNED_IN,
    "POST /compte/blocages": SIGNED_IN,
    "POST /compte/blocages/{block}/retrait": SIGNED_IN,
    "GET /compte/absences": ENTRY,
    "POST /compte/absences": ENTRY,
    "POST /compte/absences/{absence}/retrait": ENTRY,
    "GET /compte/secretariat": PRACTITIONERS,
    "POST /compte/secretariat": PRACTITIONERS,
    "POST /compte/secretariat/mandat": PRACTITIONERS,
    "POST /compte/secretariat/mandat/fin": PRACTITIONERS,
    "POST /compte/secretariat/{invitation}/renvoi": PRACTITIONERS,
    "POST /compte/secretariat/{invitation}/retrait": PRACTITIONERS,
    "POST /compte/secretariat/{invitation}/fin": PRACTITIONERS,
    "GET /compte/mandats": SIGNED_IN,
    "POST /compte/mandats/choix": SIGNED_IN,
    "POST /compte/mandats/fin": SIGNED_IN,
    "GET /compte/preuves": SIGNED_IN,
    "POST /compte/preuves/abonnement": SIGNED_IN,
    "POST /compte/preuves/archive": SIGNED_IN,
    "POST /compte/preuves/{mail}": FRESH,
    "GET /images": ENTRY,
    "GET /images/envoi": ENTRY,
    "POST /images/envoi": ENTRY,
    "GET /images/{sending}": ENTRY,
    "GET /images/{sending}/images.zip": ENTRY,
    "GET /images/{sending}/{rank}": ENTRY,
    "POST /images/{sending}/envoi": ENTRY,
    "POST /images/{sending}/retrait": ENTRY,
    "GET /compte/donnees": SIGNED_IN,
    "POST /compte/donnees": FRESH,
    "GET /compte/consultations": SIGNED_IN,
    "GET /console/propositions": TECHNICIANS,
    "GET /console/propositions/{proposal}": TECHNICIANS,
    "POST /console/propositions/{proposal}/acceptation": TECHNICIANS,
    "POST /console/propositions/{proposal}/refus": TECHNICIANS,
    "GET /compte/appareils": ENTRY,
    "POST /compte/appareils/recuperation": FRESH,
    "GET /annuaire": SIGNED_IN,
    "GET /annuaire/resultats": SIGNED_IN,
    "GET /annuaire/exports": EXPORTERS,
    "GET /annuaire/{practitioner}": SIGNED_IN,
    "GET /annuaire/{practitioner}/carte.vcf": SIGNED_IN,
    "POST /annuaire/{practitioner}/signalement": SIGNED_IN,
    "GET /api/directory/v1/openapi.json": ANYONE,
    "GET /api/directory/v1/practitioners": SIGNED_IN,
    "GET /api/directory/v1/practitioners/{id}": SIGNED_IN,
    "GET /api/directory/v1/organizations": SIGNED_IN,
    "GET /api/directory/v1/organizations/{id}": SIGNED_IN,
    "GET /api/directory/v1/codings/{kind}": SIGNED_IN,
    "GET /api/directory/v1/export/{format}": EXPORTERS,
    "GET /api/directory/v1/changes": EXPORTERS,
    "GET /api/teleexpertise/v1/openapi.json": ANYONE,
    "GET /api/teleexpertise/v1/worklist": SIGNED_IN,
    "GET /api/teleexpertise/v1/requests": SIGNED_IN,
    "GET /api/teleexpertise/v1/requests/{number}": SIGNED_IN,
    "GET /api/teleexpertise/v1/requests/{number}/files/{ref}": SIGNED_IN,
    "GET /api/teleexpertise/v1/requests/{number}/fhir": SIGNED_IN,
    "GET /api/teleexpertise/v1/queues": COORDINATORS,
    "GET /api/teleexpertise/v1/pools/{pool}/figures": COORDINATORS,
    "GET /api/teleexpertise/v1/events": SIGNED_IN,
    "POST /api/teleexpertise/v1/requests/{number}/accept": SIGNED_IN,
    "POST /api/teleexpertise/v1/requests/{number}/decline": SIGNED_IN,
    "POST /api/teleexpertise/v1/requests/{number}/question": SIGNED_IN,
    "GET /api/teleexpertise/v1/requests/{number}/answer": SIGNED_IN,
    "PUT /api/teleexpertise/v1/requests/{number}/answer": SIGNED_IN,
    "POST /api/teleexpertise/v1/requests/{number}/answer/send": SIGNED_IN,
    "POST /api/teleexpertise/v1/requests": SIGNED_IN,
    "GET /api/teleexpertise/v1/requests/{number}/draft": SIGNED_IN,
    "PUT /api/teleexpertise/v1/requests/{number}/draft": SIGNED_IN,
    "POST /api/teleexpertise/v1/requests/{number}/draft/files": SIGNED_IN,
    "POST /api/teleexpertise/v1/requests/{number}/draft/send": SIGNED_IN,
    "POST /api/teleexpertise/v1/requests/{number}/words": SIGNED_IN,
    "GET /api/teleexpertise/v1/requests/{number}/question": SIGNED_IN,
    "POST /api/teleexpertise/v1/requests/{number}/call-off": SIGNED_IN,
    "POST /api/teleexpertise/v1/requests/{number}/cancel": SIGNED_IN,
    "POST /api/teleexpertise/v1/requests/{number}/informed": SIGNED_IN,
    "POST /api/teleexpertise/v1/requests/{number}/survey": SIGNED_IN,
    "POST /api/teleexpertise/v1/requests/{number}/referral": SIGNED_IN,
    "POST /api/teleexpertise/v1/requests/{number}/reply": SIGNED_IN,
    "GET /api/teleexpertise/v1/after-questions": SIGNED_IN,
    "POST /teleexpertise/demandes/{number}/repondre-question": SIGNED_IN,
    "POST /api/teleexpertise/v1/requests/{number}/answer/files": SIGNED_IN,
    "GET /api/teleexpertise/v1/requests/{number}/answer/preview": SIGNED_IN,
    "GET /api/teleexpertise/v1/requests/{number}/correction": SIGNED_IN,
    "PUT /api/teleexpertise/v1/requests/{number}/correction": SIGNED_IN,
    "POST /api/teleexpertise/v1/requests/{number}/correction/files": SIGNED_IN,
    "GET /api/teleexpertise/v1/requests/{number}/correction/preview": SIGNED_IN,
    "POST /api/teleexpertise/v1/requests/{number}/correction/send": SIGNED_IN,
    "POST /api/teleexpertise/v1/requests/{number}/correction/discard": SIGNED_IN,
    "GET /api/teleexpertise/v1/requests/{number}/second-readings": SIGNED_IN,
    "POST /api/teleexpertise/v1/requests/{number}/second-readings": SIGNED_IN,
    "GET /api/teleexpertise/v1/requests/{number}/appointments": SIGNED_IN,
    "POST /api/teleexpertise/v1/requests/{number}/appointments": SIGNED_IN,
    "POST /api/teleexpertise/v1/requests/{number}/appointments/{appointment}/accept": SIGNED_IN,
    "POST /api/teleexpertise/v1/requests/{number}/appointments/{appointment}/decline": SIGNED_IN,
    "GET /api/teleexpertise/v1/second-readings": SIGNED_IN,
    "GET /api/teleexpertise/v1/second-readings/{reading}": SIGNED_IN,
    "GET /api/teleexpertise/v1/second-readings/{reading}/photos/{rank}": SIGNED_IN,
    "POST /api/teleexpertise/v1/second-readings/{reading}/opinion": SIGNED_IN,
    "POST /api/teleexpertise/v1/second-readings/{reading}/decline": SIGNED_IN,
    "GET /api/teleexpertise/v1/requests/{number}/steering": COORDINATORS,
    "POST /api/teleexpertise/v1/requests/{number}/steering/give": COORDINATORS,
    "POST /api/teleexpertise/v1/requests/{number}/steering/move": COORDINATORS,
    "POST /api/teleexpertise/v1/requests/{number}/steering/take-back": COORDINATORS,
    "POST /api/teleexpertise/v1/requests/{number}/break-glass": COORDINATORS,
    "GET /console/signalements": TECHNICIANS,
    "POST /console/signalements/{mistake}": TECHNICIANS,
    "GET /inscription": ANYONE,
    "POST /inscription": ANYONE,
    "GET /inscription/recue": ANYONE,
    "GET /inscription/lien-perdu": ANYONE,
    "POST /inscription/lien-perdu": ANYONE,
    "GET /inscription/suivi/{token}": ANYONE,
    "POST /inscription/suivi/{token}/pieces": ANYONE,
    "POST /inscription/suivi/{token}/reponse": ANYONE,
    "GET /inscription/suivi/{token}/retrait": ANYONE,
    "POST /inscription/suivi/{token}/retrait": ANYONE,
    "GET /inscription/invitation/{token}": ANYONE,
    "POST /inscription/invitation/{token}": ANYONE,
    "GET /engagements": EARLY,
    "POST /engagements": EARLY,
    "GET /engagements/{document}": ANYONE,
    "GET /attestation": ANYONE,
    "GET /attestation/{number}": ANYONE,
    "GET /compte/attestation.pdf": ENTRY,
    "GET /console/inscriptions": TECHNICIANS,
    "GET /console/inscriptions/{registration}": TECHNICIANS,
    "GET /console/inscriptions/{registration}/pieces/{evidence}": TECHNICIANS,
    "POST /console/inscriptions/{registration}/prise-en-charge": TECHNICIANS,
    "POST /console/inscriptions/{registration}/complement": TECHNICIANS,
    "POST /console/inscriptions/{registration}/refus": TECHNICIANS,
    "GET /console/inscriptions/{registration}/reunion": TECHNICIANS,
    "POST /console/inscriptions/{registration}/reunion": TECHNICIANS,
    "GET /console/inscriptions/{registration}/approbation": TECHNICIANS_FRESH,
    "POST /console/inscriptions/{registration}/approbation": TECHNICIANS_FRESH,
    "POST /console/inscriptions/{registration}/lettre": TECHNICIANS_FRESH,
    "GET /compte/depart": ENTRY,
    "POST /compte/depart": FRESH,
    "POST /compte/depart/{retirement}/retrait": FRESH,
    "GET /console": TECHNICIANS,
    "GET /console/comptes/{uid}/adresses": TECHNICIANS,
    "POST /console/comptes/{uid}/adresses": TECHNICIANS_FRESH,
    "GET /console/comptes/{uid}/certificats": TECHNICIANS,
    "POST /console/comptes/{uid}/certificats": TECHNICIANS_FRESH,
    "POST /console/comptes/{uid}/certificats/{certificate}/retrait": TECHNICIANS_FRESH,
    "GET /console/flux": TECHNICIANS,
    "GET /console/courriels": TECHNICIANS,
    "GET /console/courriels/{mail}": TECHNICIANS,
    "POST /console/courriels/{mail}/contenu": TECHNICIANS_FRESH,
    "POST /console/courriels/{mail}/rejeu": TECHNICIANS_FRESH,
    "POST /console/courriels/{mail}/abandon": TECHNICIANS_FRESH,
    "GET /console/envois": TECHNICIANS,
    "GET /console/envois/{sent}": TECHNICIANS,
    "POST /console/envois/{sent}/representer": TECHNICIANS,
    "POST /console/envois/{sent}/abandonner": TECHNICIANS,
    "GET /console/engagements": TECHNICIANS,
    "GET /console/engagements.csv": TECHNICIANS,
    "GET /console/statistiques": TECHNICIANS_AND_AUDITORS,
    "GET /console/statistiques.csv": TECHNICIANS_AND_AUDITORS,
    "GET /console/comptes": TECHNICIANS,
    "GET /console/liste-rouge": TECHNICIANS,
    "POST /console/liste-rouge": TECHNICIANS,
    "GET /console/comptes/{uid}": TECHNICIANS,
    "POST /console/comptes/{uid}/code": TECHNICIANS_FRESH,
    "POST /console/comptes/{uid}/suspension": TECHNICIANS_FRESH,
    "POST /console/comptes/{uid}/reprise": TECHNICIANS_FRESH,
    "POST /console/comptes/{uid}/fermeture": TECHNICIANS_FRESH,
    "POST /console/comptes/{uid}/roles": TECHNICIANS_FRESH,
    "POST /console/comptes/{uid}/roles/retrait": TECHNICIANS_FRESH,
    "POST /console/comptes/{uid}/depart": TECHNICIANS_FRESH,
    "GET /console/departs": TECHNICIANS,
    "GET /console/departs/{retirement}": TECHNICIANS,
    "POST /console/departs/{retirement}/approbation": TECHNICIANS_FRESH,
    "POST /console/departs/{retirement}/retrait": TECHNICIANS_FRESH,
    "GET /console/incidents": TECHNICIANS,
    "POST /console/incidents": TECHNICIANS,
    "GET /console/incidents/{incident}": TECHNICIANS,
    "POST /console/incidents/{incident}": TECHNICIANS,
    "GET /accessibilite": ANYONE,
    "GET /incidents": ANYONE,
    "GET /incidents.atom": ANYONE,
    "POST /incidents/abonnement": ANYONE,
    "GET /incidents/abonnement/confirmation": ANYONE,
    "POST /incidents/abonnement/confirmation": ANYONE,
    "GET /incidents/abonnement/fin": ANYONE,
    "POST /incidents/abonnement/fin": ANYONE,
    "GET /etablissement": KEEPERS,
    "GET /etablissement/{organization}": KEEPERS,
    "GET /etablissement/{organization}/personnel.csv": KEEPERS,
    "GET /etablissement/{organization}/personnel/nouveau": KEEPERS,
    "POST /etablissement/{organization}/personnel/nouveau": KEEPERS,
    "POST /etablissement/{organization}/personnel/ensemble": KEEPERS,
    "GET /etablissement/{organization}/personnel/{member}": KEEPERS,
    "POST /etablissement/{organization}/personnel/{member}": KEEPERS,
    "POST /etablissement/{organization}/personnel/{member}/retrait": KEEPERS,
    "GET /etablissement/{organization}/fichier": KEEPERS,
    "GET /etablissement/{organization}/messagerie": KEEPERS,
    "POST /etablissement/{organization}/messagerie": KEEPERS,
    "GET /etablissement/{organization}/postes": KEEPERS,
    "POST /etablissement/{organization}/postes": KEEPERS,
    "GET /etablissement/{organization}/habillage": KEEPERS,
    "POST /etablissement/{organization}/habillage": KEEPERS,
    "GET /etablissement/{organization}/habillage/couleur.css": SIGNED_IN,
    "GET /etablissement/{organization}/habillage/logo": SIGNED_IN,
    "GET /etablissement/{organization}/depart": KEEPERS,
    "POST /etablissement/{organization}/depart": Access(
        Audience.SIGNED_IN, frozenset({Role.ESTABLISHMENT_ADMINISTRATOR}), fresh=True
    ),
    "POST /etablissement/{organization}/fichier": KEEPERS,
    "GET /etablissement/{organization}/fichier/{upload}": KEEPERS,
    "POST /etablissement/{organization}/fichier/{upload}/confirmation": KEEPERS,
    "POST /etablissement/{organization}/fichier/{upload}/abandon": KEEPERS,
    "GET /etablissement/{organization}/fiche": KEEPERS,
    "POST /etablissement/{organization}/fiche": KEEPERS,
    "GET /etablissement/{organization}/services": KEEPERS,
    "POST /etablissement/{organization}/services": KEEPERS,
    "POST /etablissement/{organization}/services/{unit}": KEEPERS,
    "POST /etablissement/{organization}/services/{unit}/retrait": KEEPERS,
    "GET /etablissement/{organization}/jetons": KEEPERS,
    "POST /etablissement/{organization}/jetons": KEEPERS_FRESH,
    "POST /etablissement/{organization}/jetons/{token}/revocation": KEEPERS_FRESH,
    "GET /etablissement/{organization}/acces": KEEPERS,
    "POST /etablissement/{organization}/acces": KEEPERS,
    "POST /etablissement/{organization}/acces/mandat": KEEPERS,
    "POST /etablissement/{organization}/acces/mandat/fin": KEEPERS,
    "POST /etablissement/{organization}/acces/mandat/praticien": KEEPERS,
    "POST /etablissement/{organization}/acces/{invitation}/renvoi": KEEPERS,
    "POST /etablissement/{organization}/acces/{invitation}/retrait": KEEPERS,
    "POST /etablissement/{organization}/acces/{invitation}/fin": KEEPERS,
    "GET /console/etablissements": TECHNICIANS,
    "POST /console/etablissements": TECHNICIANS,
    "GET /console/etablissements/{organization}": TECHNICIANS,
    "POST /console/etablissements/{organization}": TECHNICIANS,
    "POST /console/etablissements/{organization}/quotas": TECHNICIANS,
    "POST /console/etablissements/{organization}/administrateurs": TECHNICIANS_FRESH,
    "POST /console/etablissements/{organization}/administrateurs/{uid}/retrait": TECHNICIANS_FRESH,
    "GET /teleexpertise/": SIGNED_IN,
    "GET /teleexpertise/avis": SIGNED_IN,
    "GET /teleexpertise/avis/{number}/termine": SIGNED_IN,
    "GET /teleexpertise/coordination": COORDINATORS,
    "GET /teleexpertise/coordination/{pool}": COORDINATORS,
    "GET /teleexpertise/coordination/{pool}/{sheet}.csv": COORDINATORS,
    "GET /mouvements": ADMINISTRATORS,
    "GET /mouvements/{organization}": ADMINISTRATORS,
    "POST /mouvements/{organization}/fichier": ADMINISTRATORS,
    "POST /mouvements/{organization}/{movement}/medecin": ADMINISTRATORS,
    "POST /mouvements/{organization}/{movement}/rappel": ADMINISTRATORS,
    "POST /mouvements/{organization}/{movement}/classement": ADMINISTRATORS,
    "POST /mouvements/{organization}/{movement}/reprise": ADMINISTRATORS,
    "GET /teleexpertise/groupes": RUNNERS,
    "GET /teleexpertise/groupes/nouveau": TECHNICIANS,
    "POST /teleexpertise/groupes/nouveau": TECHNICIANS,
    "GET /teleexpertise/groupes/{pool}": RUNNERS,
    "POST /teleexpertise/groupes/{pool}": RUNNERS,
    "POST /teleexpertise/groupes/{pool}/membres": RUNNERS,
    "POST /teleexpertise/groupes/{pool}/membres/{practitioner}": RUNNERS,
    "POST /teleexpertise/groupes/{pool}/annuler": RUNNERS,
    "GET /teleexpertise/conflits": EXPERTS,
    "POST /teleexpertise/conflits": EXPERTS,
    "POST /teleexpertise/conflits/{practitioner}/retrait": EXPERTS,
    "POST /teleexpertise/demandes/{number}/confier": COORDINATORS,
    "POST /teleexpertise/demandes/{number}/transferer": COORDINATORS,
    "POST /teleexpertise/demandes/{number}/reprendre": COORDINATORS,
    "GET /teleexpertise/disponibilites": EXPERTS,
    "POST /teleexpertise/disponibilites/semaine": EXPERTS,
    "POST /teleexpertise/disponibilites/limites": EXPERTS,
    "POST /teleexpertise/disponibilites/absence": EXPERTS,
    "POST /teleexpertise/disponibilites/retour": EXPERTS,
    "POST /teleexpertise/disponibilites/annuler": EXPERTS,
    "GET /teleexpertise/disponibilites/jours": EXPERTS,
    "POST /teleexpertise/disponibilites/jours/conges": EXPERTS,
    "POST /teleexpertise/disponibilites/jours/conges/retrait": EXPERTS,
    "POST /teleexpertise/disponibilites/jours/exceptions": EXPERTS,
    "POST /teleexpertise/disponibilites/jours/exceptions/retrait": EXPERTS,
    "GET /teleexpertise/disponibilites/agendas": EXPERTS,
    "POST /teleexpertise/disponibilites/agendas/fichier": EXPERTS,
    "POST /teleexpertise/disponibilites/agendas/abonnement": EXPERTS,
    "POST /teleexpertise/disponibilites/agendas/adresse": EXPERTS,
    "POST /teleexpertise/disponibilites/agendas/adresse/retrait": EXPERTS,
    "POST /teleexpertise/disponibilites/agendas/{calendar}/retrait": EXPERTS,
    "POST /teleexpertise/disponibilites/agendas/{calendar}/relire": EXPERTS,
    "GET /teleexpertise/calendriers/{secret}.ics": ANYONE,
    "POST /teleexpertise/demandes/{number}/acces-exceptionnel": COORDINATORS,
    "GET /teleexpertise/formulaires": SIGNED_IN,
    "POST /teleexpertise/formulaires/essai": SIGNED_IN,
    "GET /teleexpertise/formulaires/{form}": SIGNED_IN,
    "GET /teleexpertise/formulaires/{form}/modele.txt": SIGNED_IN,
    "GET /teleexpertise/demandes": SIGNED_IN,
    "GET /teleexpertise/demandes/nouvelle": SIGNED_IN,
    "POST /teleexpertise/demandes/nouvelle": SIGNED_IN,
    "GET /teleexpertise/demandes/{number}": SIGNED_IN,
    "POST /teleexpertise/demandes/{number}/accepter": SIGNED_IN,
    "POST /teleexpertise/demandes/{number}/ajouter": SIGNED_IN,
    "POST /teleexpertise/demandes/{number}/annuler": SIGNED_IN,
    "GET /teleexpertise/demandes/{number}/apercu": SIGNED_IN,
    "GET /teleexpertise/demandes/{number}/completer": SIGNED_IN,
    "POST /teleexpertise/demandes/{number}/completer": SIGNED_IN,
    "GET /teleexpertise/demandes/brouillons": SIGNED_IN,
    "POST /teleexpertise/demandes/{number}/brouillon": SIGNED_IN,
    "POST /teleexpertise/demandes/{number}/brouillon/reprise": SIGNED_IN,
    "POST /teleexpertise/demandes/{number}/brouillon/suppression": SIGNED_IN,
    "POST /teleexpertise/demandes/{number}/de-nouveau": SIGNED_IN,
    "POST /teleexpertise/demandes/{number}/patient": SIGNED_IN,
    "POST /teleexpertise/demandes/{number}/decliner": SIGNED_IN,
    "POST /teleexpertise/demandes/{number}/envoyer": SIGNED_IN,
    "GET /teleexpertise/demandes/{number}/pieces/{ref}": SIGNED_IN,
    "POST /teleexpertise/demandes/{number}/annuler-envoi": SIGNED_IN,
    "GET /teleexpertise/demandes/{number}/preciser": SIGNED_IN,
    "POST /teleexpertise/demandes/{number}/preciser": SIGNED_IN,
    "GET /teleexpertise/demandes/{number}/corriger": SIGNED_IN,
    "POST /teleexpertise/demandes/{number}/corriger": SIGNED_IN,
    "GET /teleexpertise/demandes/{number}/corriger/apercu": SIGNED_IN,
    "POST /teleexpertise/demandes/{number}/corriger/envoyer": SIGNED_IN,
    "POST /teleexpertise/demandes/{number}/corriger/abandonner": SIGNED_IN,
    "POST /teleexpertise/demandes/{number}/rendez-vous": SIGNED_IN,
    "POST /teleexpertise/demandes/{number}/rendez-vous/{appointment}/accepter": SIGNED_IN,
    "POST /teleexpertise/demandes/{number}/rendez-vous/{appointment}/decliner": SIGNED_IN,
    "POST /teleexpertise/demandes/{number}/seconde-lecture": SIGNED_IN,
    "GET /teleexpertise/secondes-lectures": SIGNED_IN,
    "GET /teleexpertise/secondes-lectures/{reading}": SIGNED_IN,
    "GET /teleexpertise/secondes-lectures/{reading}/photos/{rank}": SIGNED_IN,
    "POST /teleexpertise/secondes-lectures/{reading}/rendre": SIGNED_IN,
    "POST /teleexpertise/secondes-lectures/{reading}/decliner": SIGNED_IN,
    "GET /teleexpertise/demandes/{number}/repondre": SIGNED_IN,
    "POST /teleexpertise/demandes/{number}/repondre": SIGNED_IN,
    "GET /teleexpertise/demandes/{number}/reponse.json": SIGNED_IN,
    "GET /teleexpertise/demandes/{number}/fhir.json": SIGNED_IN,
    "GET /teleexpertise/demandes/{number}/demande.pdf": SIGNED_IN,
    "GET /teleexpertise/demandes/{number}/IHE_XDM.ZIP": SIGNED_IN,
    "POST /teleexpertise/demandes/{number}/copie": SIGNED_IN,
    "GET /teleexpertise/cim10": SIGNED_IN,
    "GET /teleexpertise/cotations": SIGNED_IN,
    "GET /teleexpertise/cotations.csv": SIGNED_IN,
    "GET /teleexpertise/modeles": SIGNED_IN,
    "GET /teleexpertise/modeles/nouveau": SIGNED_IN,
    "POST /teleexpertise/modeles/nouveau": SIGNED_IN,
    "GET /teleexpertise/modeles/{template}": SIGNED_IN,
    "POST /teleexpertise/modeles/{template}": SIGNED_IN,
    "POST /teleexpertise/modeles/{template}/supprimer": SIGNED_IN,
    "POST /teleexpertise/modeles/{template}/retablir": SIGNED_IN,
    "GET /teleexpertise/demandes/{number}/cloture": SIGNED_IN,
    "POST /teleexpertise/demandes/{number}/cloture": SIGNED_IN,
    "POST /teleexpertise/demandes/{number}/questionnaire": SIGNED_IN,
    "GET /teleexpertise/demandes/{number}/suivi": SIGNED_IN,
    "POST /teleexpertise/demandes/{number}/suivi": SIGNED_IN,
    "GET /teleexpertise/demandes/{number}/serie": SIGNED_IN,
    "GET /teleexpertise/demandes/{number}/serie/{of}/{ref}": SIGNED_IN,
}
SIGN_OUT = {"POST /deconnexion", "POST /verrouillage", "POST /compte/sessions/partout"}
REFUSALS = {"sign_in_needed", "not_your_role", "step_up_needed", "second_factor_needed"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path_factory.mktemp("matrix")) as opened:
        yield opened


@pytest.fixture
def callers(stage: Stage) -> Iterator[Callers]:
    with stage.remembering():
        yield Callers(stage)


async def test_every_route_has_a_row_and_declares_what_the_row_says(stage: Stage) -> None:
    found = stage.pages()
    assert set(found) == set(ROWS), "a route without a row, or a row without a route"
    assert {row: access_of(route.endpoint) for row, route in found.items()} == ROWS


async def test_every_role_gets_through_where_its_row_says_so_and_nowhere_else(stage: Stage, callers: Callers) -> None:
    for row, access in ROWS.items():
        _, refused = await stage.ask(row)
        assert (refused == "sign_in_needed") is (access.audience is Audience.SIGNED_IN), row
        if access == ANYONE:
            continue
        for role, account in stage.people.items():
            status, code = await callers.ask(row, account)
            if access.roles and role not in access.roles:
                assert (status, code) == (403, "not_your_role"), (row, role)
            else:
                assert code not in REFUSALS, (row, role)
                assert status < 500 or (status, row.endswith("/psc")) == (503, True), (row, role, code)


async def test_sensitive_routes_ask_who_one_is_again(stage: Stage) -> None:
    clock = stage.server.house.clock
    assert isinstance(clock, MovableClock)
    tokens = {role: await stage.open(account) for role, account in stage.people.items()}
    leaving = {row: await stage.open(stage.people[Role.PRACTITIONER]) for row in SIGN_OUT}
    clock.advance(timedelta(minutes=10))
    for row, access in ROWS.items():
        token = leaving.get(row) or tokens[min(access.roles, default=Role.PRACTITIONER)]
        _, code = await stage.ask(row, token)
        assert (code == "step_up_needed") is access.fresh, row


async def test_before_the_second_factor_only_what_adds_one_is_open(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage.server.house.sign_in.sessions, "_second_factor_required", True)
    callers = Callers(stage, Method.PASSWORD)
    for row, access in ROWS.items():
        _, code = await callers.ask(row, stage.people[Role.PRACTITIONER])
        is_closed = access.audience is Audience.SIGNED_IN and not access.before_second_factor
        assert (code == "second_factor_needed") is is_closed, row


async def test_no_session_of_the_pages_opens_a_door_for_machines(stage: Stage) -> None:
    token = await stage.open(stage.people[Role.TECHNICIAN])
    tried = 0
    for row, _ in table(list(stage.server.app.routes)):
        if row.partition(" ")[2].startswith(MACHINE_DOORS) and row not in SIGNED_AND_PUBLIC:
            status, _ = await stage.ask(row, token)
            assert 400 <= status < 500, row
            tried += 1
    assert tried > 10


async def test_a_locked_session_is_no_session(stage: Stage) -> None:
    token = await stage.open(stage.people[Role.PRACTITIONER])
    await stage.server.house.sign_in.sessions.lock(token)
    for row, access in ROWS.items():
        if access.audience is Audience.SIGNED_IN:
            assert (await stage.ask(row, token))[1] == "sign_in_needed", row


async def test_a_role_that_is_taken_back_closes_its_pages_at_once(stage: Stage) -> None:
    coordinator, roles = stage.people[Role.POOL_COORDINATOR], stage.server.house.roles
    token = await stage.open(coordinator)
    assert (await stage.ask("GET /teleexpertise/coordination", token))[0] == 200
    actor = Principal(coordinator.uid, await roles.of(coordinator))
    await roles.take_back(actor, coordinator.uid, Role.POOL_COORDINATOR, pool_scope(OWN_POOL))
    assert (await stage.ask("GET /teleexpertise/coordination", token))[1] == "not_your_role"
    await grant(stage, Role.POOL_COORDINATOR)
