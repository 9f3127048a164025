/* Leverframe's runtime for C. Made by cbindgen from runtime/bindings/c/src; `LEVERFRAME_HEADER=write cargo test -p leverframe-c` makes it anew. */

#ifndef LEVERFRAME_H
#define LEVERFRAME_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>


/*
 The version of this interface: it changes when something in the header changes its meaning.
 */
#define LF_ABI 1

/*
 Nobody has answered an ask.
 */
#define LF_UNANSWERED 0

/*
 A human has approved the call, for exactly these arguments.
 */
#define LF_APPROVED 1

/*
 A human has refused the call.
 */
#define LF_DISAPPROVED 2

/*
 What was decided.
 */
typedef enum {
  /*
   The call must not happen.
   */
  LF_DENY = 0,
  /*
   A human is asked; the call may happen only if `admitted`.
   */
  LF_ASK = 1,
  /*
   The call may happen.
   */
  LF_ALLOW = 2,
} lf_verdict;

/*
 How a function came out. Whatever is not `LF_OK` has given out nothing.
 */
typedef enum {
  /*
   It did what it says.
   */
  LF_OK = 0,
  /*
   An argument is none: a null pointer, text that is not UTF-8, a number without meaning. `lf_error_code` is `invalid_argument`.
   */
  LF_INVALID = 1,
  /*
   It was refused; `lf_error_code` says by what.
   */
  LF_REFUSED = 2,
  /*
   It broke off: a defect of this library. `lf_error_code` is `panic`. The sessions that it was at deny from now on.
   */
  LF_PANIC = 3,
} lf_status;

/*
 A decision. Recording its result changes it, so that must not be done by two threads at once.
 */
typedef struct lf_decision lf_decision;

/*
 A policy with its sessions. May be used by many threads at once.
 */
typedef struct lf_host lf_host;

/*
 What of a result may be given on.
 */
typedef struct lf_record lf_record;

/*
 Bytes or UTF-8 text, not ended by a zero. `data` null and `len` 0: absent, which is not the same as empty.
 */
typedef struct {
  /*
   The first byte.
   */
  const uint8_t *data;
  /*
   How many there are.
   */
  size_t len;
} lf_bytes;

/*
 A decision, to look at. Its bytes live as long as the decision.
 */
typedef struct {
  /*
   What was decided.
   */
  lf_verdict verdict;
  /*
   Whether the call may go on: allowed, or asked and approved.
   */
  bool admitted;
  /*
   Its time in milliseconds since 1970.
   */
  int64_t at;
  /*
   The number of the call in its session, from 1; 0 where there is none.
   */
  uint64_t step;
  /*
   Why: `rule`, or what kept the rules from being asked.
   */
  lf_bytes code;
  /*
   The deciding rule, or absent.
   */
  lf_bytes rule;
  /*
   The deciding rule's why, or absent.
   */
  lf_bytes message;
  /*
   The arguments to go on with, where a scan has taken something out of them; absent: as they were.
   */
  lf_bytes args;
  /*
   Why the session's states could not be had, for the operator; or absent.
   */
  lf_bytes unavailable;
  /*
   The decision as one line of JSON (`lang-spec/traces.md`, [trace.decision]), without a line's end.
   */
  lf_bytes json;
} lf_view;

/*
 The number of an open session; 0 is none's.
 */
typedef uint64_t lf_session;

/*
 A call to decide.
 */
typedef struct {
  /*
   Whose call it is; a number that is no open session's is denied.
   */
  lf_session session;
  /*
   When, in milliseconds since 1970.
   */
  int64_t at;
  /*
   The number that the decision's JSON line names; 0: how many this host has decided.
   */
  uint64_t line;
  /*
   `LF_UNANSWERED`, `LF_APPROVED` or `LF_DISAPPROVED`.
   */
  int32_t approved;
  /*
   The tool's name; needed.
   */
  lf_bytes tool;
  /*
   The arguments, raw JSON. Whatever is wrong with them is denied, their absence too.
   */
  lf_bytes args;
  /*
   What the host knows and the agent cannot choose: raw JSON of an object, or absent.
   */
  lf_bytes context;
  /*
   What the caller names the call by, or absent.
   */
  lf_bytes id;
} lf_call;

/*
 A public key that frames may be signed with.
 */
typedef struct {
  /*
   The ed25519 public key.
   */
  uint8_t public_key[32];
  /*
   Whether it expires: 0 never, 1 at `expires_ms`.
   */
  uint8_t expires;
  /*
   When it expires, in milliseconds since 1970.
   */
  int64_t expires_ms;
} lf_key;

/*
 How strict loading and keeping sessions is. All zero is the strict choice.
 */
typedef struct {
  /*
   1: a frame that the checker has not proved is accepted.
   */
  uint8_t accept_unproven;
  /*
   1: a frame without a certificate is refused.
   */
  uint8_t require_certificate;
  /*
   1: `now_ms` says what time it is, which keys that expire need.
   */
  uint8_t has_now;
  /*
   In milliseconds since 1970.
   */
  int64_t now_ms;
  /*
   The keys of which one must have signed the frame; none: no signature is asked for.
   */
  const lf_key *keys;
  /*
   How many there are.
   */
  size_t keys_len;
  /*
   32 secret bytes of the deployment, under which values of variables are told apart; null: zeros.
   */
  const uint8_t *value_key;
  /*
   Milliseconds of idleness after which a session expires; 0: a day; less: never.
   */
  int64_t idle_ms;
  /*
   Sessions known at once; 0: a million.
   */
  size_t sessions;
} lf_options;

/*
 Whose calls a session's are.
 */
typedef struct {
  /*
   The session's own name; needed.
   */
  lf_bytes session;
  /*
   Whose rules judge it; needed. One that the policy does not know is denied.
   */
  lf_bytes persona;
  /*
   On whose behalf it acts, or absent.
   */
  lf_bytes principal;
  /*
   Which agent, or absent.
   */
  lf_bytes agent;
  /*
   Which tenant, or absent.
   */
  lf_bytes tenant;
} lf_names;

/*
 What came of a call.
 */
typedef struct {
  /*
   When, in milliseconds since 1970.
   */
  int64_t at;
  /*
   1: it succeeded.
   */
  uint8_t ok;
  /*
   Its content as JSON (text, or MCP content parts), or absent.
   */
  lf_bytes content;
  /*
   Its structured content as JSON, or absent.
   */
  lf_bytes structured;
  /*
   Names of labels that it carries beside those that its tool declares and scans find.
   */
  const lf_bytes *labels;
  /*
   How many there are.
   */
  size_t labels_len;
} lf_result;

/*
 What of a result may be given on. Its bytes live as long as the record.
 */
typedef struct {
  /*
   Whether nothing may be.
   */
  bool withheld;
  /*
   The content as JSON without what scans took out, or absent.
   */
  lf_bytes content;
  /*
   The structured content as JSON without what scans took out, or absent.
   */
  lf_bytes structured;
} lf_given;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/*
 Whether the call may go on: allowed, or asked and approved. Null: no.

 # Safety
 `decision` is null or a decision that was not freed.
 */
bool lf_admitted(const lf_decision *decision);

/*
 The verdict. Null: denied.

 # Safety
 `decision` is null or a decision that was not freed.
 */
lf_verdict lf_decision_verdict(const lf_decision *decision);

/*
 All that a decision says. Where this fails, `out` says a denial.

 # Safety
 `decision` is null or a decision that was not freed; `out` may be written to.
 */
lf_status lf_decision_view(const lf_decision *decision, lf_view *out);

/*
 Frees a decision; null is fine.

 # Safety
 `decision` is null or a decision that was not freed and that nobody uses.
 */
void lf_decision_free(lf_decision *decision);

/*
 Decides a call. The decision is freed with `lf_decision_free`.

 # Safety
 `host` is null or a host that was not freed; pointers are null or lead to what they say; `out` may be written to.
 */
lf_status lf_decide(const lf_host *host, const lf_call *call, lf_decision **out);

/*
 Decides `len` calls, one after the other, into `len` places at `out`: all of them, or none. No result of one is known to another; each decision is freed
 with `lf_decision_free`.

 # Safety
 `host` is null or a host that was not freed; pointers are null or lead to what they say; `len` places at `out` may be written to.
 */
lf_status lf_decide_many(const lf_host *host,
                         const lf_call *calls,
                         size_t len,
                         lf_decision **out);

/*
 Reports a host event of a session. `args` is raw JSON of an object, or absent.

 # Safety
 `host` is null or a host that was not freed; pointers are null or lead to what they say.
 */
lf_status lf_report(const lf_host *host, lf_session session, lf_bytes event, lf_bytes args, int64_t at_ms);

/*
 The code of this thread's last error: `LFxxxx`, or a word; empty if there was none. It stays until the thread's next error.
 */
const char *lf_error_code(void);

/*
 The words of this thread's last error, in UTF-8; empty if there was none. They stay until the thread's next error.
 */
const char *lf_error_message(void);

/*
 This library's version.
 */
const char *lf_version(void);

/*
 The version of this library's interface; compare it with `LF_ABI` of the header that was compiled.
 */
uint32_t lf_abi(void);

/*
 Loads a frame. `options` may be null: the strict ones. The host is freed with `lf_host_free`.

 # Safety
 Pointers are null or lead to what they say; `out` may be written to.
 */
lf_status lf_load(lf_bytes frame, const lf_options *options, lf_host **out);

/*
 The digest of the frame, as `sha256:…`; it lives as long as the host. Null where the host is null.

 # Safety
 `host` is null or a host that was not freed.
 */
const char *lf_host_digest(const lf_host *host);

/*
 Frees a host; null is fine. No decision of it may be recorded afterwards; decisions themselves are freed on their own.

 # Safety
 `host` is null or a host that was not freed and that nobody uses.
 */
void lf_host_free(lf_host *host);

/*
 Opens a session by its names, at a time. The same names may be opened more than once, also with keys that were not known before: it is one session.

 # Safety
 `host` is null or a host that was not freed; pointers are null or lead to what they say; `out` may be written to.
 */
lf_status lf_open(const lf_host *host,
                  const lf_names *names,
                  int64_t now_ms,
                  lf_session *out);

/*
 Closes a session's number: it denies from now on. The history stays, under the session's name.

 # Safety
 `host` is null or a host that was not freed.
 */
lf_status lf_close(const lf_host *host, lf_session session);

/*
 Lets sessions go that have expired; to be called now and then.

 # Safety
 `host` is null or a host that was not freed.
 */
lf_status lf_sweep(const lf_host *host, int64_t now_ms);

/*
 Records what came of a call, once. `out` may be null where nothing is given on; else it is freed with `lf_record_free`. Where this fails nothing of the result
 may be given on; if the result itself was at fault (`malformed_result`, `unknown_label`, `invalid_argument`), another may be recorded.

 # Safety
 `host` is null or a host that was not freed; `decision` is null or a decision that was not freed and that no other thread uses; pointers are null or lead to
 what they say; `out` is null or may be written to.
 */
lf_status lf_record_result(const lf_host *host,
                           lf_decision *decision,
                           const lf_result *result,
                           lf_record **out);

/*
 What of a result may be given on. Where this fails, `out` says that it is withheld.

 # Safety
 `record` is null or a record that was not freed; `out` may be written to.
 */
lf_status lf_record_view(const lf_record *record, lf_given *out);

/*
 Frees a record; null is fine.

 # Safety
 `record` is null or a record that was not freed and that nobody uses.
 */
void lf_record_free(lf_record *record);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* LEVERFRAME_H */

#ifndef LEVERFRAME_TEXT_H
#define LEVERFRAME_TEXT_H

/* Bytes of a text that ends with a zero; null is absent. */
static inline lf_bytes lf_text(const char *text) {
  lf_bytes bytes = {(const uint8_t *)text, text == NULL ? 0 : strlen(text)};
  return bytes;
}

#endif  /* LEVERFRAME_TEXT_H */
