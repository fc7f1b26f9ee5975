/** What any part of the protocol may refuse: objects of another version.  The wire stands elsewhere. */

export type Params = Readonly<Record<string, string | number>>;

export type ErrorClass = new (params?: Params) => ProtocolError;

/** Bytes, keys or signatures that the protocol does not accept. */
export class ProtocolError extends Error {
  static readonly code: string = "protocol";
  readonly code: string;
  readonly params: Params;

  constructor(params: Params = {}) {
    super([new.target.code, ...Object.entries(params).map(([name, value]) => `${name}=${value}`)].join(" "));
    this.name = new.target.name;
    this.code = new.target.code;
    this.params = params;
  }
}

/** An object of a version this program does not know. */
export class UnsupportedVersion extends ProtocolError {
  static override readonly code = "unsupported_version";
}

/** An object made with cryptography this program does not know, or other than the conversation's. */
export class UnsupportedSuite extends ProtocolError {
  static override readonly code = "unsupported_suite";
}
