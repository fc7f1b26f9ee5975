/**
 * What a QR code for pairing says: `miss:pair?s=<server URL, percent-encoded>&c=<code>`.  protocol §5
 *
 * The address is taken apart here, by hand: what `URL` and Python's `urlsplit` make of odd ones differs, what
 * `URLSearchParams` does depends on who wrote it, and a code is good on both sides or on neither.
 */

import { unhex } from "./bytes.js";
import { formatCode, SPACE } from "./codes.js";
import { BadPairingUri } from "./errors.js";
import { parsePairingCode } from "./pairing.js";

const MAX_URI = 2048;
const OUTER_SPACE = new RegExp(`^[${SPACE}]+|[${SPACE}]+$`, "gu");
/** Scheme, host and port (with whatever stands before an @), path, query, fragment. */
const ADDRESS = /^ *(?:([a-z][a-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/isu;
const HOST_AND_PORT = /^(?:(\[[0-9a-f.:]+\])|([^:[\]]*))(?::([0-9]*))?$/iu;
const MAX_PORT = 65_535;

/** What a QR code says. */
export interface Invitation {
  readonly serverUrl: string;
  /** 26 characters, canonical. */
  readonly code: string;
}

/** The text of the QR code.  Throws BadPairingCode, BadPairingUri. */
export function composePairingUri(serverUrl: string, code: string): string {
  const uri = `miss:pair?s=${quote(serverUrl)}&c=${formatCode(parsePairingCode(code))}`;
  parsePairingUri(uri);
  return uri;
}

/** What a scanned text invites to.  Throws BadPairingUri, BadPairingCode. */
export function parsePairingUri(text: string): Invitation {
  const uri = text.replace(OUTER_SPACE, "");
  if ([...uri].length > MAX_URI) throw new BadPairingUri({ reason: "too_long" });
  const [scheme = ""] = uri.split("?", 1);
  if (scheme.toLowerCase() !== "miss:pair") throw new BadPairingUri({ reason: "scheme" });
  const fields = uri.slice(scheme.length + 1).split("&").map(field);
  const [serverUrl, code] = ["s", "c"].map((wanted) => fields.find(([name]) => name === wanted)?.[1]);
  if (serverUrl === undefined || code === undefined || fields.length > 2) {
    throw new BadPairingUri({ reason: "fields" });
  }
  checkServer(serverUrl);
  return { serverUrl, code: parsePairingCode(code) };
}

/** Percent-encoding of everything but letters, digits and `_.-~`. */
function quote(text: string): string {
  const rest = /[!'()*]/g;
  return encodeURIComponent(text).replace(rest, (found) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Name and value of one field, a value there is. */
function field(raw: string): [string, string] {
  const [, name, value] = /^([^=]*)=(.+)$/s.exec(raw) ?? [];
  if (name === undefined || value === undefined) throw new BadPairingUri({ reason: "fields" });
  return [unquote(name), unquote(value)];
}

/** As a form is decoded: bytes that are not UTF-8 become U+FFFD, a percent sign that escapes nothing stays. */
function unquote(raw: string): string {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  return raw
    .replaceAll("+", " ")
    .replace(/(?:%[0-9a-f]{2})+/gi, (run) => decoder.decode(unhex(run.replaceAll("%", "").toLowerCase())));
}

/** Throws BadPairingUri unless `url` is the plain address of a server. */
function checkServer(url: string): void {
  const [, scheme = "", authority = "", , query = "", fragment = ""] = ADDRESS.exec(url) ?? [];
  const [, inBrackets, name, port = ""] = HOST_AND_PORT.exec(authority.slice(authority.lastIndexOf("@") + 1)) ?? [];
  const host = inBrackets ?? name;
  if (host === undefined || Number(port) > MAX_PORT || hidesADelimiter(authority)) {
    throw new BadPairingUri({ reason: "fields" });
  }
  const printable = !/[\p{C}\p{Z}]/u.test(url.replaceAll(" ", ""));
  const plain = query === "" && fragment === "" && !authority.includes("@") && printable;
  const isWeb = ["https", "http"].includes(scheme.toLowerCase());
  if (!isWeb || host === "" || (port !== "" && Number(port) === 0) || !plain) {
    throw new BadPairingUri({ reason: "server" });
  }
}

/** True for a host with a character that becomes a delimiter when it is looked up (NFKC), « ℀ » for instance. */
function hidesADelimiter(authority: string): boolean {
  return /[/?#@:]/.test(authority.replace(/[@:#?]/g, "").normalize("NFKC"));
}
