/** Fictive people of the gallery; numbers are test values. */
import type { DirectoryEntry, Member, Role, Uid, Who } from "../engine/api.js";

const uid = (number: number): Uid => number.toString(16).padStart(32, "0");

interface Person extends Who {
  readonly uid: Uid;
  readonly specialty: string;
  readonly town: string;
}

function person(number: number, given: string, family: string, profession: string, specialty: string, town: string): Person {
  return { uid: uid(number), rpps: `999000000${String(number).padStart(2, "0")}`, given, family, profession, specialty, town };
}

export const PAUL = person(11, "Paul", "Exemple", "Infirmier", "", "Saint-Julien-Molin-Molette");
export const CLAIRE = person(12, "Claire", "Témoin", "Médecin", "Dermatologie", "Annonay");
export const HUGO = person(13, "Hugo", "Spécimen", "Médecin", "Biologie médicale", "Saint-Étienne");
export const MARIE = person(14, "Marie-Amélie", "Épreuve de La Rochefoucauld-Modèle", "Médecin", "Médecine générale", "Bourg-Argental");
export const KARIM = person(15, "Karim", "Essai", "Pharmacien", "", "Annonay");
export const ANNE = person(16, "Anne", "Modèle", "Médecin", "Cardiologie", "Lyon");
export const LEA = person(17, "Léa", "Factice", "Sage-femme", "", "Vienne");
export const EVERYBODY: readonly Person[] = [PAUL, CLAIRE, HUGO, MARIE, KARIM, ANNE, LEA];

/** More people than any list shows at once. */
export const MANY: readonly Person[] = Array.from({ length: 24 }, (_, at) => person(40 + at, `Camille ${at + 1}`, "Homonyme", "Infirmière", "", "Vienne"));

export function member(someone: Person, role: Role = "member"): Member {
  const { rpps, family, given, profession } = someone;
  return { uid: someone.uid, role, who: { rpps, family, given, profession } };
}

export const DIRECTORY: readonly DirectoryEntry[] = [
  ...[...EVERYBODY, ...MANY].map((someone) => ({ ...someone, successor: null, awayUntil: someone === ANNE ? "2026-03-22" : "" })),
  {
    uid: null,
    rpps: "99900000021",
    family: "Ancien",
    given: "Bernard",
    profession: "Médecin",
    specialty: "Dermatologie",
    town: "Annonay",
    successor: { uid: CLAIRE.uid, family: CLAIRE.family, given: CLAIRE.given, untilMs: Date.UTC(2026, 8, 1) },
    awayUntil: "",
  },
  { uid: null, rpps: "99900000022", family: "Futur", given: "Inès", profession: "Infirmière", specialty: "", town: "Davézieux", successor: null, awayUntil: "" },
];
