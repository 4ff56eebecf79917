// What a refusal means: the one table of widget and console. Each code of the desk (`src/protocol/codes.rs`) is of
// one kind, and the kind decides what the page does.
//
// | kind | what the page does |
// | --- | --- |
// | `again` | repeats it, after longer and longer waits, and stops in the end where it is not looked at |
// | `sign_in` | asks for another token, once; then for a log-in |
// | `not_allowed` | says so in words, and does not repeat it |
// | `gone` | says that it is not there (any more) |
// | `changed` | shows what was written meanwhile |
// | `wrong` | shows it where the request was made: repeated as it is, it would be refused each time |

const OF_CODE = {
  again: ['rate_limited', 'unavailable', 'overloaded', 'log_full', 'timed_out', 'internal', 'draining', 'unknown_outcome', 'unreachable'],
  sign_in: ['unauthenticated', 'wrong_credentials'],
  not_allowed: ['forbidden', 'forbidden_origin', 'inbox_disabled', 'identity_refused'],
  gone: ['not_found'],
  changed: ['already_claimed', 'not_claimed', 'resolved', 'conflict'],
  wrong: [
    'invalid', 'id_reuse', 'too_large', 'snooze_out_of_range', 'unsupported_part', 'message_too_long', 'too_many_tags', 'no_such_agent', 'bad_cursor',
    'method_not_allowed', 'taken', 'last_owner', 'not_yourself', 'role_in_use', 'in_use', 'too_many', 'not_redeliverable', 'leaves_a_hole',
    'address_too_long', 'unsupported_media', 'invalid_setting', 'no_reference', 'no_such_role', 'upgrade_required',
  ],
};

const KINDS = new Map(Object.entries(OF_CODE).flatMap(([kind, codes]) => codes.map((code) => [code, kind])));

/** Codes that stand for something else than their HTTP status says at first sight. */
const OF_STATUS = { 401: 'sign_in', 403: 'not_allowed', 404: 'gone', 408: 'again', 409: 'changed', 410: 'gone', 412: 'changed', 425: 'again', 429: 'again' };

/**
 * The kind of a refusal: `{code, status}`, each optional. A code that this page does not know goes by its status; no
 * answer at all (status 0) is `again`.
 */
export function kindOf({ code, status } = {}) {
  if (KINDS.has(code)) return KINDS.get(code);
  if (!status || status >= 500) return 'again';
  return OF_STATUS[status] ?? 'wrong';
}

/** Whether the same request may succeed later by itself. */
export const mayPass = (refusal) => kindOf(refusal) === 'again';
