"""Extractions of the national register at any size, of nobody: streamed, repeatable, with realistic proportions.

Professions, specialties and large towns follow orders of magnitude of the French demography of health professions;
family names are made of syllables under Zipf's law beside a few dozen common ones, so that homonyms, compound names,
particles and accents all occur.  RPPS numbers begin with 999 and their keys are right, as are those of ADELI and
FINESS; mail domains end in `.example`; telephone numbers are those that ARCEP keeps for works of fiction.
"""

import random
from bisect import bisect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from tests.miss.directory.extractions import (
    COLUMNS_2021,
    COLUMNS_2026,
    COLUMNS_WITHOUT_SKILLS,
    MAILBOX_COLUMNS,
    QUALIFICATION_COLUMNS,
    SKILL_COLUMNS,
)

TOWNS: tuple[tuple[str, str, str, int], ...] = (
    ("Paris 13e Arrondissement", "75013", "75113", 600),
    ("Paris 15e Arrondissement", "75015", "75115", 600),
    ("Marseille 5e Arrondissement", "13005", "13205", 480),
    ("Lyon 3e Arrondissement", "69003", "69383", 420),
    ("Toulouse", "31000", "31555", 400),
    ("Nice", "06000", "06088", 300),
    ("Nantes", "44000", "44109", 280),
    ("Montpellier", "34000", "34172", 300),
    ("Strasbourg", "67000", "67482", 260),
    ("Bordeaux", "33000", "33063", 300),
    ("Lille", "59000", "59350", 280),
    ("Rennes", "35000", "35238", 200),
    ("Reims", "51100", "51454", 140),
    ("Saint-Étienne", "42000", "42218", 140),
    ("Le Havre", "76600", "76351", 110),
    ("Toulon", "83000", "83137", 130),
    ("Grenoble", "38000", "38185", 140),
    ("Dijon", "21000", "21231", 120),
    ("Angers", "49000", "49007", 120),
    ("Nîmes", "30000", "30189", 110),
    ("Villeurbanne", "69100", "69266", 90),
    ("Saint-Denis", "93200", "93066", 80),
    ("Saint-Denis", "97400", "97411", 90),
    ("Aix-en-Provence", "13100", "13001", 100),
    ("Le Mans", "72000", "72181", 90),
    ("Clermont-Ferrand", "63000", "63113", 120),
    ("Brest", "29200", "29019", 110),
    ("Tours", "37000", "37261", 120),
    ("Amiens", "80000", "80021", 110),
    ("Limoges", "87000", "87085", 90),
    ("Annecy", "74000", "74010", 70),
    ("Perpignan", "66000", "66136", 80),
    ("Metz", "57000", "57463", 90),
    ("Besançon", "25000", "25056", 90),
    ("Orléans", "45000", "45234", 90),
    ("Rouen", "76000", "76540", 110),
    ("Mulhouse", "68100", "68224", 70),
    ("Caen", "14000", "14118", 100),
    ("Nancy", "54000", "54395", 100),
    ("Roubaix", "59100", "59512", 50),
    ("Tourcoing", "59200", "59599", 50),
    ("Dunkerque", "59140", "59183", 50),
    ("Valenciennes", "59300", "59606", 50),
    ("Avignon", "84000", "84007", 70),
    ("Poitiers", "86000", "86194", 80),
    ("Pau", "64000", "64445", 60),
    ("La Rochelle", "17000", "17300", 60),
    ("Bayonne", "64100", "64102", 50),
    ("Ajaccio", "20000", "2A004", 40),
    ("Bastia", "20200", "2B033", 35),
    ("Fort-de-France", "97200", "97209", 50),
    ("Les Abymes", "97139", "97101", 30),
    ("Cayenne", "97300", "97302", 25),
    ("Saint-Pierre", "97410", "97416", 30),
)
"""Name, postcode, INSEE code of the commune, weight."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


DEPARTMENTS = (
    *(f"{number:02}" for number in (*range(1, 20), *range(21, 96))),
    *("2A", "2B", "971", "972", "973", "974", "976"),
)

PROFESSIONS: tuple[tuple[str, str, int, str], ...] = (
    ("10", "Médecin", 300, "DR"),
    ("21", "Pharmacien", 100, "DR"),
    ("26", "Audioprothésiste", 6, ""),
    ("28", "Opticien-Lunetier", 45, ""),
    ("31", "Assistant dentaire", 20, ""),
    ("40", "Chirurgien-Dentiste", 60, "DR"),
    ("50", "Sage-Femme", 35, ""),
    ("60", "Infirmier", 640, ""),
    ("69", "Infirmier psychiatrique", 6, ""),
    ("70", "Masseur-Kinésithérapeute", 120, ""),
    ("80", "Pédicure-Podologue", 20, ""),
    ("81", "Orthoprothésiste", 3, ""),
    ("86", "Technicien de laboratoire médical", 50, ""),
    ("91", "Orthophoniste", 30, ""),
    ("92", "Orthoptiste", 6, ""),
    ("93", "Psychologue", 80, ""),
    ("94", "Ergothérapeute", 16, ""),
    ("95", "Diététicien", 15, ""),
    ("96", "Psychomotricien", 17, ""),
    ("98", "Manipulateur ERM", 40, ""),
)
"""Code (TRE_G15), label, weight, practice civility."""

SPECIALTIES: tuple[tuple[str, str, int], ...] = (
    ("SM54", "Médecine générale", 430),
    ("SM26", "Qualifié en Médecine Générale", 200),
    ("SM42", "Psychiatrie", 60),
    ("SM02", "Anesthésie-réanimation", 55),
    ("SM44", "Radio-diagnostic", 45),
    ("SM40", "Pédiatrie", 45),
    ("SM04", "Cardiologie et maladies vasculaires", 40),
    ("SM38", "Ophtalmologie", 30),
    ("SM15", "Dermatologie et vénéréologie", 20),
    ("SM20", "Gynécologie-obstétrique", 28),
    ("SM24", "Gastro-entérologie et hépatologie", 22),
    ("SM41", "Pneumologie", 18),
    ("SM32", "Neurologie", 17),
    ("SM39", "Oto-rhino-laryngologie", 16),
    ("SM46", "Rhumatologie", 15),
    ("SM16", "Endocrinologie et métabolisme", 14),
    ("SM35", "Néphrologie", 11),
    ("SM49", "Santé publique et médecine sociale", 10),
    ("SM29", "Médecine du travail", 26),
    ("SM03", "Biologie médicale", 15),
    ("SM09", "Chirurgie orthopédique et traumatologie", 22),
    ("SM05", "Chirurgie générale", 16),
    ("SM30", "Médecine interne", 12),
    ("SM18", "Gériatrie", 14),
    ("SM43", "Oncologie option radiothérapie", 6),
    ("SM01", "Anatomie et cytologie pathologiques", 8),
    ("SM25", "Génétique médicale", 2),
    ("SM28", "Hématologie", 5),
    ("SM36", "Neurochirurgie", 3),
    ("SM52", "Urologie", 6),
)

FAMILIES = _words(
    "MARTIN BERNARD THOMAS PETIT ROBERT RICHARD DURAND DUBOIS MOREAU LAURENT SIMON MICHEL LEFEBVRE LEROY ROUX DAVID "
    "BERTRAND MOREL FOURNIER GIRARD BONNET DUPONT LAMBERT FONTAINE ROUSSEAU VINCENT MULLER LEFEVRE FAURE ANDRE "
    "MERCIER BLANC GUERIN BOYER GARNIER CHEVALIER FRANCOIS LEGRAND GAUTHIER GARCIA PERRIN ROBIN CLEMENT MORIN NICOLAS "
    "HENRY ROUSSEL MATHIEU GAUTIER MASSON MARCHAND DUVAL DENIS DUMONT MARIE LEMAIRE NOEL MEYER DUFOUR MEUNIER BRUN "
    "BLANCHARD GIRAUD JOLY RIVIERE LUCAS BRUNET GAILLARD BARBIER ARNAUD MARTINEZ GERARD ROCHE RENARD SCHMITT ROY "
    "LEROUX COLIN VIDAL CARON PICARD ROGER FABRE AUBERT LEMOINE RENAUD DUMAS LACROIX OLIVIER PHILIPPE BOURGEOIS "
    "PIERRE BENOIT REY LECLERC PAYET ROLLAND LECLERCQ GUILLAUME LECOMTE LOPEZ JEAN DUPUY GUILLOT HUBERT BERGER "
    "LEFÈVRE NOËL BESNARD HÉBERT PÉREZ LÉVÊQUE GUÉRIN D'HŒUR LE&GALL DE&LA&TOUR"
)
GIVEN = _words(
    "Marie Jean Pierre Michel Philippe Nathalie Isabelle Sylvie Catherine Martine Christine Françoise Anne Sophie "
    "Julie Camille Léa Manon Chloé Emma Thomas Nicolas Julien Alexandre Antoine Maxime Guillaume Sébastien Frédéric "
    "Laurent Stéphane Olivier Christophe Patrick Éric Pascal Valérie Sandrine Véronique Stéphanie Céline Aurélie "
    "Émilie Élodie Laura Marine Pauline Mathilde Clara Sarah Inès Hélène Agnès Brigitte Monique Jacqueline Karim "
    "Mohamed Fatima Yasmine Amélie Charlotte Louise Alice Jeanne Lucie Claire Élise Gaëlle Maëlle Anaïs Noémie "
    "Jean-Noël Jean-Pierre Jean-Luc Marie-Claude Marie-Hélène Anne-Sophie Paul Louis Hugo Lucas Arthur Jules Gabriel "
    "Raphaël Adam Mathis Nathan Théo Enzo Rémi Benoît Cédric Loïc Yann Gwenaël Xavier Vincent Bruno Hervé Denis"
)
_ONSETS = _words("b bl br c ch cl cr d dr f fl fr g gl gr h j l m n p ph pl pr qu r s t tr v w z")
_VOWELS = _words("a a e e é i o u ai au eau ei eu ou an en in on oi")
_ENDS = _words("c ch d l lle n ne r rd rt s sse t tte x ult ier ot et in ard aud eau ez y")

LIBERAL, EMPLOYED = ("L", "Libéral, indépendant, artisan, commerçant"), ("S", "Salarié")


def with_key(digits: str) -> str:
    """`digits` and the Luhn key that makes them right."""
    total = 0
    for rank, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 - rank % 2)
        total += value - 9 if value > 9 else value
    return f"{digits}{-total % 10}"


def rpps_of(number: int) -> str:
    """The RPPS number of the person `number` (under ten million)."""
    return with_key(f"999{number:07}")


@dataclass(frozen=True)
class Person:
    """What every file says of one person."""

    number: int
    national_id: str
    family: str
    given: str
    civility: tuple[str, str]
    profession: tuple[str, str, int, str]
    specialty: tuple[str, str]

    @property
    def identifiers(self) -> str:
        return f"{self.national_id[0]}|{self.national_id[1:]}|{self.national_id}"


@dataclass(frozen=True)
class Synthetic:
    """A whole register; the same `seed` and `people` give the same bytes."""

    people: int
    seed: int = 20261122
    roles_per_person: float = 1.2
    families: int = 250_000
    adeli_share: float = 0.02
    """ADELI numbers are being retired."""

    @cached_property
    def _names(self) -> tuple[list[str], list[float]]:
        rng = random.Random(self.seed)
        made = dict.fromkeys(FAMILIES)
        wanted = max(len(FAMILIES), min(self.families, self.people))
        while len(made) < wanted:
            syllables = "".join(rng.choice(_ONSETS) + rng.choice(_VOWELS) for _ in range(rng.choice((1, 2, 2, 3))))
            made[f"{syllables}{rng.choice(_ENDS)}".upper()] = None
        names = [name.replace("&", " ") for name in made]
        return names, list(accumulate(1 / (rank + 25) for rank in range(len(names))))

    @cached_property
    def _towns(self) -> tuple[list[tuple[str, str, str]], list[float]]:
        rng = random.Random(self.seed + 1)
        names, _ = self._names
        towns = [(name, postcode, code) for name, postcode, code, _ in TOWNS]
        weights: list[float] = [weight for *_, weight in TOWNS]
        for department in DEPARTMENTS:
            for number in range(900, 980):
                saint = rng.choice(names[:5_000]).title()
                towns.append((f"Saint-{saint}-Fictif", f"{department[:2]}{number:03}"[:5], f"{department}{number}"[:5]))
                weights.append(1.2)
        return towns, list(accumulate(weights))

    @cached_property
    def _sites(self) -> tuple[list[str], list[str]]:
        """Parts of lines from the SIRET number to the department: hospitals (many people each) and surgeries."""
        rng = random.Random(self.seed + 2)
        hospitals = [self._site(rng, number, is_hospital=True) for number in range(max(4, self.people // 400))]
        surgeries = [self._site(rng, number, is_hospital=False) for number in range(max(8, self.people // 3))]
        return hospitals, surgeries

    def _site(self, rng: random.Random, number: int, *, is_hospital: bool) -> str:
        towns, weights = self._towns
        town, postcode, code = towns[bisect(weights, rng.random() * weights[-1])]
        department = code[:3] if code.startswith("97") else code[:2]
        name = self._names[0][number % len(self._names[0])].title()
        phone = f"0{rng.choice(('19900', '26191', '35301', '46571', '53649', '63998'))}{number % 10_000:04}"
        if is_hospital:
            # Two characters of the department, the digits 9 that mark a fiction, then a number.
            finess = with_key(f"{department[:2].replace('A', '0').replace('B', '0')}9{number % 100_000:05}")
            ids, names = f"||{finess}||F{finess}", f"CH fictif {name}|"
        else:
            ids, names = f"||||R999{number:09}", f"Cabinet {name} {number}|"
        street = f"{number % 120 + 1}||R|Rue|de l'{rng.choice(('Exemple', 'Essai', 'Étude', 'Hôpital'))}"
        return (
            f"{ids}|{names}|||{street}||{postcode} {town.upper()}|{postcode}|{code}|{town}|99000|France|"
            f"{phone}|||{'accueil@ch-fictif.example' if is_hospital else ''}|{department}|Département fictif"
        )

    def persons(self) -> Iterator[Person]:
        """Everybody, in the order of their numbers."""
        rng = random.Random(self.seed + 3)
        names, weights = self._names
        last = weights[-1]
        professions = random.Random(self.seed + 4).choices(
            PROFESSIONS, [weight for *_, weight, _ in PROFESSIONS], k=min(self.people, 100_000)
        )
        specialties = random.Random(self.seed + 5).choices(
            SPECIALTIES, [weight for *_, weight in SPECIALTIES], k=min(self.people, 50_000)
        )
        for number in range(self.people):
            chance = rng.random()
            family = names[bisect(weights, rng.random() * last)]
            if chance < 0.04:
                family = f"{family}-{names[bisect(weights, rng.random() * last)]}"
            given = GIVEN[int(rng.random() ** 1.6 * len(GIVEN))]
            profession = professions[number % len(professions)]
            national_id = f"8{rpps_of(number)}"
            if chance > 1 - self.adeli_share:
                national_id = f"0{with_key(f'599{number % 100_000:05}')}" if number < 100_000 else national_id
            specialty = specialties[number % len(specialties)][:2] if profession[0] == "10" else ("", "")
            civility = ("MME", "Madame") if number % 5 < 3 else ("M", "Monsieur")
            yield Person(number, national_id, family, given, civility, profession, specialty)

    def _sites_of(self, person: Person, rng: random.Random) -> Sequence[tuple[str, tuple[str, str]]]:
        hospitals, surgeries = self._sites
        count = 1 + (rng.random() < self.roles_per_person - 1)
        found = []
        for _ in range(count):
            if rng.random() < 0.55:
                found.append((hospitals[int(rng.random() ** 2 * len(hospitals))], EMPLOYED))
            else:
                found.append((surgeries[int(rng.random() * len(surgeries))], LIBERAL))
        return found

    def register(self, columns: tuple[str, ...] = COLUMNS_2026) -> Iterator[bytes]:
        """The lines of PS_LibreAcces_Personne_activite, in one of the three column sets."""
        yield "".join(f"{column}|" for column in columns).encode() + b"\n"
        rng = random.Random(self.seed + 6)
        has_skills = columns is not COLUMNS_WITHOUT_SKILLS
        end = "|||SA00|Secteur fictif|||"
        if columns is not COLUMNS_2021:
            end += "||GENR01|Activité standard de soin|"
        for person in self.persons():
            profession, label, _, practice = person.profession
            docteur = "Docteur" if practice else ""
            skill = ""
            if has_skills:
                code, specialty = person.specialty
                skill = f"{'S|Spécialité ordinale' if code else '|'}|{code}|{specialty}|"
            start = (
                f"{person.identifiers}|{practice}|{docteur}|{person.civility[0]}|{person.civility[1]}|"
                f"{person.family}|{person.given}|{profession}|{label}|C|Civil|{skill}"
            )
            for site, (mode, mode_label) in self._sites_of(person, rng):
                yield f"{start}{mode}|{mode_label}|{site}{end}\n".encode()

    def skills(self) -> Iterator[bytes]:
        """The lines of PS_LibreAcces_SavoirFaire."""
        yield "".join(f"{column}|" for column in SKILL_COLUMNS).encode() + b"\n"
        for person in self.persons():
            if person.specialty[0]:
                code, label = person.specialty
                yield (
                    f"{person.identifiers}|{person.family}|{person.given}|{person.profession[0]}|"
                    f"{person.profession[1]}|C|Civil|S|Spécialité ordinale|{code}|{label}|\n"
                ).encode()

    def qualifications(self) -> Iterator[bytes]:
        """The lines of PS_LibreAcces_Dipl_AutExerc."""
        yield "".join(f"{column}|" for column in QUALIFICATION_COLUMNS).encode() + b"\n"
        for person in self.persons():
            yield (
                f"{person.identifiers}|{person.family}|{person.given}|DE|Diplôme d'État français|"
                f"DE{person.profession[0]}|DE de {person.profession[1]}|||||\n"
            ).encode()

    def mailboxes(self, share: float = 0.3) -> Iterator[bytes]:
        """The lines of Extraction_Correspondance_MSSante: one in `share` has a box; one in fifty is a service's."""
        yield "".join(f"{column}|" for column in MAILBOX_COLUMNS).encode() + b"\n"
        every = max(1, round(1 / share))
        end = "|" * (len(MAILBOX_COLUMNS) - 5) + "\n"
        for person in self.persons():
            if person.number % every == 0:
                yield f"PER|p{person.number}@medecin.mssante.example|{person.identifiers}|{end}".encode()
            if person.number % (50 * every) == 0:
                yield f"ORG|service{person.number}@ch-fictif.mssante.example||||{end}".encode()


def in_mixed_encodings(lines: Iterator[bytes], every: int = 7) -> Iterator[bytes]:
    """Every so many lines in CP1252 instead of UTF-8, as a file patched by hand is."""
    return _mapped(lines, every, lambda line: line.decode().encode("cp1252", "replace"))


def damaged(lines: Iterator[bytes], every: int = 11) -> Iterator[bytes]:
    """Every so many lines cut short."""
    return _mapped(lines, every, lambda line: line[: len(line) // 2] + b"\n")


def _mapped(lines: Iterator[bytes], every: int, change: Callable[[bytes], bytes]) -> Iterator[bytes]:
    yield next(lines)
    for number, line in enumerate(lines, start=1):
        yield change(line) if number % every == 0 else line
