/** What is refused of commits and their boxes.  protocol §3, §4 */

import { ProtocolError } from "./base.js";

/** A change of a conversation's members or keys does not hold. */
export class CommitError extends ProtocolError {
  static override readonly code: string = "commit";
}

/** Not a commit, or its parts do not fit together; `reason` says which. */
export class BadCommit extends CommitError {
  static override readonly code = "bad_commit";
}

/** Does not follow the commit it is compared with. */
export class CommitOutOfOrder extends CommitError {
  static override readonly code = "commit_out_of_order";
}

/** Not signed by a device of the member it names. */
export class CommitForged extends CommitError {
  static override readonly code = "commit_forged";
}

/** Well signed, but the author may not do that; `rule` names it. */
export class CommitNotAllowed extends CommitError {
  static override readonly code = "commit_not_allowed";
}

/** Names devices or keys of a member that are older than those already seen. */
export class CommitStale extends CommitError {
  static override readonly code = "commit_stale";
}

/** The commit holds no box for that person, or only its digest. */
export class BoxMissing extends CommitError {
  static override readonly code = "box_missing";
}

/** The box is there and does not open. */
export class BoxUnreadable extends CommitError {
  static override readonly code = "box_unreadable";
}

/** The box is sealed to another generation of the user key; `wanted` says which. */
export class WrongUserKey extends CommitError {
  static override readonly code = "wrong_user_key";
}

/** The box opened, but its secret is not the one the commit confirms. */
export class WrongConfirmation extends CommitError {
  static override readonly code = "wrong_confirmation";
}
