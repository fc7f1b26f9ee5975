/** The conversations of the gallery: fixed, so that two pictures of it can be compared. */
import type { Attachment, Cid, Conversation, Member, Message, Ms, Outgoing, Uid } from "../engine/api.js";
import { ANNE, CLAIRE, EVERYBODY, HUGO, KARIM, LEA, MANY, MARIE, PAUL, member } from "./people.js";

export const NOW: Ms = new Date(2026, 2, 10, 14, 40, 0).getTime();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const OWN = PAUL;
export const cid = (number: number): Cid => (0xc0 + number).toString(16).padStart(32, "0");
export const WOUND = cid(1);
export const TEAM = cid(2);
export const LAB = cid(3);
export const LONG = cid(4);

interface Told {
  readonly of: { readonly uid: Uid };
  readonly at: Ms;
  readonly text?: string;
}

export function told(where: Cid, seq: number, { of, at, text = "" }: Told, more: Partial<Message> = {}): Message {
  return {
    cid: where,
    seq,
    mid: `${where.slice(-4)}${seq.toString(16).padStart(28, "0")}`,
    uid: of.uid,
    did: "d".repeat(32),
    isMine: of.uid === OWN.uid,
    sentAtMs: at,
    depositedAtMs: at,
    type: "text",
    text,
    attachments: [],
    refused: "",
    isDeleted: false,
    deletedAtMs: null,
    urgent: false,
    mentions: [],
    editedAtMs: null,
    versions: [],
    reactions: [],
    quote: null,
    alarm: null,
    ...more,
  };
}

const PHOTO: Attachment = { mediaType: "image/jpeg", name: "photo.jpg", sizeBytes: 312_000, width: 1600, height: 1200 };
const TALL: Attachment = { ...PHOTO, width: 1200, height: 1600 };
const PDF: Attachment = { mediaType: "application/pdf", name: "Compte rendu de consultation de dermatologie – 10 mars 2026.pdf", sizeBytes: 1_240_000, width: null, height: null };

function wound(): readonly Message[] {
  const at = (ago: Ms): Ms => NOW - ago;
  return [
    told(WOUND, 1, { of: PAUL, at: at(DAY + 3 * HOUR), text: "Bonjour docteur, je vous écris pour la plaie du talon dont nous avons parlé. Elle ne cicatrise pas depuis trois semaines malgré la décharge." }),
    told(WOUND, 2, { of: PAUL, at: at(DAY + 3 * HOUR - MINUTE) }, { attachments: [PHOTO], text: "Ce matin, après détersion" }),
    told(WOUND, 3, { of: CLAIRE, at: at(DAY + 2 * HOUR), text: "Bonjour, merci. Y a-t-il un écoulement ? Une odeur ?" }),
    told(WOUND, 4, { of: PAUL, at: at(DAY + 2 * HOUR - 2 * MINUTE), text: "Un peu d’exsudat, pas d’odeur. Les berges sont rouges sur 1 cm." }, {
      quote: { seq: 3, uid: CLAIRE.uid, text: "Bonjour, merci. Y a-t-il un écoulement ? Une odeur ?", hasAttachments: false, isDeleted: false },
      reactions: [{ emoji: "👍", uids: [CLAIRE.uid] }],
      editedAtMs: at(DAY + 2 * HOUR - 5 * MINUTE),
      versions: [{ text: "Un peu d’exsudat, pas d’odeur.", writtenAtMs: at(DAY + 2 * HOUR - 2 * MINUTE) }],
    }),
    told(WOUND, 5, { of: CLAIRE, at: at(5 * HOUR) }, { isDeleted: true, deletedAtMs: at(4.9 * HOUR) }),
    told(WOUND, 6, { of: CLAIRE, at: at(4.8 * HOUR), text: "Changez pour un alginate et protégez les berges. La fiche : https://www.exemple.example/fiches/plaies-du-talon" }, { attachments: [PDF] }),
    told(WOUND, 7, { of: PAUL, at: at(2 * HOUR) }, { attachments: [TALL] }),
    told(WOUND, 8, { of: CLAIRE, at: at(20 * MINUTE), text: "C’est mieux. Rougeur à surveiller : si elle dépasse 2 cm ou s’il a de la fièvre, appelez-moi tout de suite." }, { urgent: true }),
    told(WOUND, 9, { of: CLAIRE, at: at(19 * MINUTE), text: "Je repasse le dossier demain matin." }),
  ];
}

function team(): readonly Message[] {
  const at = (ago: Ms): Ms => NOW - ago;
  return [
    told(TEAM, 1, { of: MARIE, at: at(3 * DAY), text: "Équipe plaies et cicatrisation – secteur nord" }, { type: "name" }),
    told(TEAM, 2, { of: MARIE, at: at(3 * DAY - MINUTE), text: "Bonjour à tous, ce groupe remplace les appels du matin. Merci d’y mettre les changements de pansement de la tournée." }, {
      reactions: [{ emoji: "👍", uids: [PAUL.uid, KARIM.uid, LEA.uid] }, { emoji: "🙏", uids: [ANNE.uid] }],
    }),
    told(TEAM, 3, { of: KARIM, at: at(2 * DAY), text: "Les compresses 10×10 sont en rupture jusqu’à jeudi, j’ai l’équivalent en 7,5." }),
    told(TEAM, 4, { of: LEA, at: at(2 * DAY - 2 * MINUTE) }, { type: "leave" }),
    told(TEAM, 5, { of: PAUL, at: at(6 * HOUR), text: `@Marie-Amélie ÉPREUVE DE LA ROCHEFOUCAULD-MODÈLE la tournée de demain commence à 7 h.` }, { mentions: [MARIE.uid] }),
    told(TEAM, 6, { of: MARIE, at: at(3 * HOUR), text: "Parfait." }),
    told(TEAM, 7, { of: ANNE, at: at(40 * MINUTE) }, { refused: "bad_signature" }),
    told(TEAM, 8, { of: ANNE, at: at(30 * MINUTE), text: "Qui voit la patiente de la rue Haute cet après-midi ?" }),
    told(TEAM, 9, { of: KARIM, at: at(25 * MINUTE) }, { type: "poll" }),
  ];
}

function lab(): readonly Message[] {
  const at = (ago: Ms): Ms => NOW - ago;
  return [
    told(LAB, 1, { of: HUGO, at: at(DAY), text: "Potassium 6,1 mmol/L, prélèvement non hémolysé." }, {
      alarm: { ackByMs: at(DAY) + HOUR, nextUids: [MARIE.uid], state: "acknowledged", asked: null, acknowledgedBy: MARIE.uid, acknowledgedAtMs: at(DAY - 12 * MINUTE) },
    }),
    told(LAB, 2, { of: MARIE, at: at(DAY - 14 * MINUTE), text: "Vu, je l’appelle." }),
    told(LAB, 3, { of: HUGO, at: at(18 * MINUTE), text: "Hémoculture positive à cocci Gram + en amas, patient de la tournée de ce matin." }, {
      alarm: { ackByMs: at(-12 * MINUTE), nextUids: [PAUL.uid, MARIE.uid], state: "waiting", asked: null, acknowledgedBy: null, acknowledgedAtMs: null },
    }),
  ];
}

const PHRASES = [
  "Bien reçu, merci.",
  "Le pansement a été refait ce matin, plaie propre, bourgeonnement en cours. Le patient se plaint moins.",
  "Pouvez-vous confirmer la dose ?",
  "Oui : un comprimé matin et soir pendant sept jours, puis on réévalue avec la biologie de contrôle. Merci de me prévenir si la créatinine dépasse 120.",
  "D’accord.",
  "Rendez-vous pris jeudi à 14 h 30 avec l’infirmière de coordination. La famille est prévenue, le transport est demandé.",
];

/** A history of `count` messages, two an hour. */
export function history(count: number): readonly Message[] {
  const authors = [PAUL, CLAIRE, MARIE, KARIM];
  return Array.from({ length: count }, (_, index) => {
    const seq = index + 1;
    const of = authors[Math.floor((index * 7) / 3) % authors.length] ?? PAUL;
    const more: Partial<Message> = index % 97 === 0 ? { attachments: [PHOTO] } : index % 41 === 0 ? { reactions: [{ emoji: "👍", uids: [PAUL.uid] }] } : {};
    return told(LONG, seq, { of, at: NOW - (count - index) * 29 * MINUTE, text: `${PHRASES[(index * 5) % PHRASES.length]} (${seq})` }, more);
  });
}

export interface Seed {
  readonly conversation: Conversation;
  readonly messages: readonly Message[];
  readonly outgoing: readonly Outgoing[];
}

function seed(where: Cid, name: string, members: readonly Member[], messages: readonly Message[], more: Partial<Conversation> = {}): Seed {
  const last = messages.at(-1) ?? null;
  const lastSeq = last?.seq ?? 0;
  const readSeq = more.readSeq ?? lastSeq;
  const conversation: Conversation = {
    cid: where,
    name,
    members,
    policy: { ttlS: 0, history: "nothing", owner: "" },
    epoch: 1,
    lastSeq,
    readSeq,
    unread: messages.filter((message) => message.seq > readSeq && !message.isMine).length,
    isMember: true,
    isLeaving: false,
    last,
    draft: null,
    waiting: 0,
    failed: 0,
    lost: 0,
    pinned: false,
    muted: false,
    activeAtMs: last?.depositedAtMs ?? NOW - 30 * DAY,
    ...more,
  };
  return { conversation, messages, outgoing: [] };
}

function waiting(where: Cid, number: number, text: string, failed: string, attachments: readonly Attachment[] = []): Outgoing {
  return { mid: `0${number}`.padStart(32, "e"), cid: where, text, type: "text", attempts: 1, failed, failedParams: {}, attachments, urgent: false, writtenAtMs: NOW - 2 * MINUTE };
}

/** Everything of the gallery; `long`: how many messages the long history has. */
export function seeds(long: number): readonly Seed[] {
  const own = member(PAUL, "admin");
  const everybody = EVERYBODY.map((someone) => member(someone, someone === MARIE || someone === PAUL ? "admin" : "member"));
  const trio = [own, member(CLAIRE), member(HUGO), member(MARIE)];
  const wounds = seed(WOUND, "", [own, member(CLAIRE)], wound(), { readSeq: 7, pinned: true });
  return [
    wounds,
    seed(TEAM, "Équipe plaies et cicatrisation – secteur nord de l’agglomération stéphanoise", everybody, team(), {
      readSeq: 9,
      muted: true,
      policy: { ttlS: 90 * 86_400, history: "everything", owner: "990000019" },
    }),
    seed(LAB, "Résultats – laboratoire", trio, lab(), { readSeq: 2 }),
    seed(LONG, "Cellule de coordination gériatrique", [own, member(CLAIRE), member(MARIE), member(KARIM)], history(long)),
    seed(cid(5), "", [own, member(MARIE)], [told(cid(5), 1, { of: PAUL, at: NOW - 2 * DAY, text: "Je vous tiens au courant." })], {
      draft: { text: "Madame, suite à votre appel", reply: null, mentions: [], urgent: false },
    }),
    {
      ...seed(cid(6), "", [own, member(KARIM)], [told(cid(6), 1, { of: KARIM, at: NOW - 5 * DAY, text: "L’ordonnance est prête." })], { failed: 1, waiting: 3, activeAtMs: NOW - 2 * MINUTE }),
      outgoing: [
        waiting(cid(6), 1, "Merci, je passe à 18 h.", "correspondent_blocked"),
        waiting(cid(6), 2, "", "", [PHOTO]),
        waiting(cid(6), 3, "Avec le renouvellement.", ""),
      ],
    },
    seed(cid(7), "", [own, member(ANNE)], [told(cid(7), 1, { of: ANNE, at: NOW - 40 * DAY }, { attachments: [PDF] })], { isMember: false }),
    seed(cid(8), "Tournée du dimanche", [own, member(LEA), member(KARIM)], [], {}),
  ];
}

/** More than any list shows at once: conversations that all wait, and members. */
export function crowd(): readonly Seed[] {
  const members = [PAUL, ...MANY].map((someone) => member(someone));
  const sectors = ["Nord", "Sud", "Est", "Ouest", "Centre", "Vallée", "Plateau", "Gare", "Lac"];
  return sectors.map((name, at) =>
    seed(cid(20 + at), `Secteur ${name}`, members, [told(cid(20 + at), 1, { of: MANY[at] ?? CLAIRE, at: NOW - at * HOUR, text: "À relire." })], { readSeq: 0 }),
  );
}
