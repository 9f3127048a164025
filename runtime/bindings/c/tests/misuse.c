/* What a careless caller does: each gives an error or a denial, never an allow, and nothing leaks. Arguments: a folder of cases, the name of one that allows something. */
#include <pthread.h>

#include "cases.h"

static lf_bytes frame;
static lf_call allowed;
static lf_names who;

static lf_host *fresh(void) { return loaded((const char *)frame.data, frame.len); }

static lf_session opened(const lf_host *host) {
  lf_session session = 0;
  CHECK(lf_open(host, &who, 0, &session) == LF_OK && session != 0, lf_error_message());
  return session;
}

static bool invalid(lf_status status) { return status == LF_INVALID && strcmp(lf_error_code(), "invalid_argument") == 0; }

/* Whether the call is refused: by an error that gives out nothing, or by a denial. */
static bool refused(const lf_host *host, lf_call call) {
  lf_decision *decision = (lf_decision *)(uintptr_t)8;
  lf_status status = lf_decide(host, &call, &decision);
  bool no = status == LF_OK ? !lf_admitted(decision) && lf_decision_verdict(decision) == LF_DENY : decision == NULL;
  if (status == LF_OK) lf_decision_free(decision);
  return no;
}

static void loading(void) {
  lf_host *host = (lf_host *)(uintptr_t)8;
  lf_options strict = {0};
  CHECK(lf_load(frame, NULL, &host) == LF_REFUSED && host == NULL && strcmp(lf_error_code(), "LF0608") == 0, "unproven");
  CHECK(lf_load(frame, &strict, &host) == LF_REFUSED && host == NULL, "unproven");
  lf_options loose = {.accept_unproven = 1};
  CHECK(invalid(lf_load(frame, &loose, NULL)), "no place");
  lf_bytes nothing = {NULL, 0}, lie = {NULL, 7}, vast = {frame.data, SIZE_MAX};
  CHECK(invalid(lf_load(nothing, &loose, &host)) && host == NULL, "absent");
  CHECK(invalid(lf_load(lie, &loose, &host)) && host == NULL, "null with a length");
  CHECK(invalid(lf_load(vast, &loose, &host)) && host == NULL, "beyond memory");
  for (size_t len = 0; len < frame.len; len += 97) {
    lf_bytes cut_off = {frame.data, len};
    CHECK(lf_load(cut_off, &loose, &host) == LF_REFUSED && host == NULL, "cut off");
  }
  loose.accept_unproven = 2;
  CHECK(invalid(lf_load(frame, &loose, &host)) && host == NULL, "a flag that is neither");
  lf_key key = {.expires = 0};
  lf_options signed_only = {.accept_unproven = 1, .keys = &key, .keys_len = 1};
  memset(key.public_key, 7, sizeof key.public_key);
  CHECK(lf_load(frame, &signed_only, &host) == LF_REFUSED && host == NULL, "not signed");
  signed_only.keys = NULL;
  CHECK(invalid(lf_load(frame, &signed_only, &host)) && host == NULL, "no keys where there should be one");
  lf_host_free(NULL);
  CHECK(lf_host_digest(NULL) == NULL, "no host");
  CHECK(lf_abi() == LF_ABI && strlen(lf_version()) > 0, "versions");
}

static void sessions(void) {
  lf_host *host = fresh();
  lf_session session = 77;
  CHECK(strncmp(lf_host_digest(host), "sha256:", 7) == 0, "a digest");
  lf_names nobody = {0}, broken = who;
  broken.session = lf_text("\xff");
  CHECK(invalid(lf_open(host, &nobody, 0, &session)) && session == 0, "no names");
  CHECK(invalid(lf_open(host, &broken, 0, &session)) && session == 0, "no UTF-8");
  CHECK(invalid(lf_open(host, NULL, 0, &session)) && session == 0, "null");
  CHECK(invalid(lf_open(host, &who, 0, NULL)), "no place");
  CHECK(invalid(lf_open(NULL, &who, 0, &session)), "no host");
  CHECK(lf_close(host, 5) == LF_REFUSED && strcmp(lf_error_code(), "unknown_session") == 0, "unknown");
  session = opened(host);
  lf_call call = allowed;
  call.session = session;
  CHECK(!refused(host, call), "it is allowed as it is");
  CHECK(lf_close(host, session) == LF_OK && lf_close(host, session) == LF_REFUSED, "closed once");
  CHECK(refused(host, call), "closed");
  for (uint64_t number = 0; number < 64; number++) {
    call.session = number;
    CHECK(refused(host, call), "no session");
    call.session = UINT64_MAX - number;
    CHECK(refused(host, call), "no session");
  }
  CHECK(lf_sweep(host, 0) == LF_OK && invalid(lf_sweep(NULL, 0)), "sweep");
  lf_host_free(host);
}

static void expiry(void) {
  lf_options options = {.accept_unproven = 1, .idle_ms = 1000};
  lf_host *host = NULL;
  CHECK(lf_load(frame, &options, &host) == LF_OK, lf_error_message());
  lf_call call = allowed;
  call.session = opened(host);
  call.at = 5000;
  lf_decision *decision = NULL;
  CHECK(lf_decide(host, &call, &decision) == LF_OK && !lf_admitted(decision), "expired");
  lf_view view;
  CHECK(lf_decision_view(decision, &view) == LF_OK && same(view.code, "state_unavailable") && view.unavailable.len > 0, "expired");
  lf_decision_free(decision);
  lf_session session;
  CHECK(lf_open(host, &who, 5000, &session) == LF_REFUSED && session == 0, "it does not begin anew");
  lf_host_free(host);
}

static void calls(void) {
  lf_host *host = fresh();
  lf_call call = allowed;
  call.session = opened(host);
  lf_decision *decision = NULL;
  CHECK(invalid(lf_decide(NULL, &call, &decision)) && decision == NULL, "no host");
  CHECK(invalid(lf_decide(host, NULL, &decision)) && decision == NULL, "no call");
  CHECK(invalid(lf_decide(host, &call, NULL)), "no place");
  lf_call other = call;
  other.tool = lf_text("\xc3(");
  CHECK(refused(host, other), "a tool that is no UTF-8");
  other.tool = lf_text(NULL);
  CHECK(refused(host, other), "no tool");
  other.tool = lf_text("no such tool");
  CHECK(refused(host, other), "an unknown tool");
  other = call;
  const char *texts[] = {NULL, "", "{", "{\"a\":\xff}", "null", "[]", "{} {}", "{\"a\":1,\"a\":1}"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    other.args = lf_text(texts[i]);
    CHECK(refused(host, other), "arguments");
  }
  other = call;
  other.approved = 3;
  CHECK(refused(host, other), "an answer without meaning");
  CHECK(invalid(lf_report(host, call.session, lf_text(NULL), lf_text("{}"), 0)), "no event");
  CHECK(lf_report(host, call.session, lf_text("no such event"), lf_text("{}"), 0) == LF_REFUSED, "an unknown event");
  CHECK(lf_report(host, 999, lf_text("no such event"), lf_text("{}"), 0) == LF_REFUSED, "an unknown session");
  lf_host_free(host);
}

/* What is no object holds nothing: where the policy reads it, the call is denied. */
static void contexts(const char *folder) {
  size_t size, len;
  char *bytes = file(folder, "perm-context", ".frame", &size), *steps = file(folder, "perm-context", ".steps", &len), *fields[FIELDS];
  lf_host *host = loaded(bytes, size);
  *strchr(steps, '\n') = '\0'; /* its first call is allowed for its context */
  cut(steps, '\t', fields, FIELDS);
  lf_names names = {decoded(fields[2]), decoded(fields[3]), decoded(fields[4]), decoded(fields[5]), decoded(fields[6])};
  lf_call call = {.tool = decoded(fields[7]), .args = decoded(fields[8]), .context = decoded(fields[9])};
  CHECK(lf_open(host, &names, 0, &call.session) == LF_OK, lf_error_message());
  CHECK(!refused(host, call), "it is allowed as it is");
  const char *texts[] = {NULL, "", "{", "[]", "null", "\xff", "{}"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    call.context = lf_text(texts[i]);
    CHECK(refused(host, call), "a context");
  }
  lf_host_free(host);
  free(bytes);
  free(steps);
}

static void looking(void) {
  lf_view view;
  memset(&view, 0xff, sizeof view);
  CHECK(invalid(lf_decision_view(NULL, &view)) && view.verdict == LF_DENY && !view.admitted && view.json.data == NULL, "null");
  CHECK(!lf_admitted(NULL) && lf_decision_verdict(NULL) == LF_DENY, "null");
  lf_given given;
  memset(&given, 0, sizeof given);
  CHECK(invalid(lf_record_view(NULL, &given)) && given.withheld, "null");
  CHECK(invalid(lf_decision_view(NULL, NULL)) && invalid(lf_record_view(NULL, NULL)), "null");
  lf_decision_free(NULL);
  lf_record_free(NULL);
}

static void results(void) {
  lf_host *host = fresh(), *other = fresh();
  lf_call call = allowed;
  call.session = opened(other);
  CHECK(refused(host, call), "another host's session");
  call.session = opened(host);
  lf_decision *decision = NULL;
  CHECK(lf_decide(host, &call, &decision) == LF_OK && lf_admitted(decision), "allowed");
  lf_record *record = (lf_record *)(uintptr_t)8;
  lf_bytes unknown = lf_text("no such label"), broken = lf_text("\xff");
  lf_result result = {.ok = 1, .content = lf_text("\"a\",\"structuredContent\":{}")};
  CHECK(lf_record_result(host, decision, &result, &record) == LF_REFUSED && record == NULL, "no JSON");
  result.content = lf_text("\"a\"");
  result.labels = &unknown;
  result.labels_len = 1;
  CHECK(lf_record_result(host, decision, &result, &record) == LF_REFUSED && strcmp(lf_error_code(), "unknown_label") == 0, "a label");
  result.labels = &broken;
  CHECK(invalid(lf_record_result(host, decision, &result, &record)), "a label that is no UTF-8");
  result.labels_len = SIZE_MAX;
  CHECK(invalid(lf_record_result(host, decision, &result, &record)), "beyond memory");
  result.labels_len = 0;
  result.ok = 9;
  CHECK(invalid(lf_record_result(host, decision, &result, &record)), "a flag that is neither");
  result.ok = 1;
  CHECK(invalid(lf_record_result(NULL, decision, &result, &record)), "no host");
  CHECK(invalid(lf_record_result(host, NULL, &result, &record)) && invalid(lf_record_result(host, decision, NULL, &record)), "null");
  CHECK(lf_record_result(host, decision, &result, &record) == LF_OK, lf_error_message());
  lf_given given;
  CHECK(lf_record_view(record, &given) == LF_OK && !given.withheld && same(given.content, "\"a\""), "given on");
  lf_record_free(record);
  CHECK(lf_record_result(host, decision, &result, &record) == LF_REFUSED && strcmp(lf_error_code(), "recorded_before") == 0 && record == NULL, "once");
  lf_decision_free(decision);
  CHECK(lf_decide(host, &call, &decision) == LF_OK, "again");
  CHECK(lf_record_result(other, decision, &result, &record) == LF_REFUSED && record == NULL, "another host's");
  lf_decision_free(decision);
  lf_host_free(host);
  lf_host_free(other);
}

#define BATCH 50

static void batches(void) {
  lf_host *host = fresh(), *one_by_one = fresh();
  lf_session session = opened(host);
  lf_session other = opened(one_by_one);
  CHECK(session != other, "no number twice");
  lf_call calls[BATCH];
  for (size_t i = 0; i < BATCH; i++) {
    calls[i] = allowed;
    calls[i].session = i % 7 == 3 ? UINT64_MAX : session;
    calls[i].at = (int64_t)i;
    if (i % 5 == 2) calls[i].tool = lf_text("no such tool");
  }
  lf_decision *many[BATCH];
  CHECK(lf_decide_many(host, calls, BATCH, many) == LF_OK, lf_error_message());
  size_t admitted = 0;
  for (size_t i = 0; i < BATCH; i++) {
    lf_decision *single = NULL;
    if (calls[i].session == session) calls[i].session = other;
    CHECK(lf_decide(one_by_one, &calls[i], &single) == LF_OK, lf_error_message());
    lf_view a, b;
    CHECK(lf_decision_view(many[i], &a) == LF_OK && lf_decision_view(single, &b) == LF_OK, "views");
    CHECK(a.json.len == b.json.len && memcmp(a.json.data, b.json.data, a.json.len) == 0, "the same line");
    admitted += a.admitted;
    lf_decision_free(many[i]);
    lf_decision_free(single);
  }
  CHECK(admitted > 0 && admitted < BATCH, "some of them");
  calls[BATCH - 1].approved = 7;
  memset(many, 0xff, sizeof many);
  CHECK(invalid(lf_decide_many(host, calls, BATCH, many)), "one that is none");
  for (size_t i = 0; i < BATCH; i++) CHECK(many[i] == NULL, "all or none");
  CHECK(invalid(lf_decide_many(host, NULL, BATCH, many)) && invalid(lf_decide_many(host, calls, BATCH, NULL)), "null");
  CHECK(invalid(lf_decide_many(host, calls, SIZE_MAX, many)), "beyond memory");
  CHECK(lf_decide_many(host, NULL, 0, NULL) == LF_OK, "none at all");
  lf_host_free(host);
  lf_host_free(one_by_one);
}

static void *decide_often(void *host) {
  lf_call call = allowed;
  if (lf_open(host, &who, 0, &call.session) != LF_OK) return NULL;
  for (size_t i = 0; i < 200; i++) {
    lf_decision *decision = NULL;
    lf_result result = {.ok = 1};
    if (lf_decide(host, &call, &decision) == LF_OK) lf_record_result(host, decision, &result, NULL);
    lf_decision_free(decision);
  }
  return NULL;
}

static void threads(void) {
  lf_host *host = fresh();
  pthread_t running[4];
  for (size_t i = 0; i < 4; i++) CHECK(pthread_create(&running[i], NULL, decide_often, host) == 0, "a thread");
  for (size_t i = 0; i < 4; i++) pthread_join(running[i], NULL);
  lf_call call = allowed;
  call.session = opened(host);
  lf_decision *decision = NULL;
  lf_view view;
  CHECK(lf_decide(host, &call, &decision) == LF_OK && lf_decision_view(decision, &view) == LF_OK && view.step == 801, "none is lost");
  lf_decision_free(decision);
  lf_host_free(host);
}

int main(int count, char **arguments) {
  if (count < 3) return 2;
  size_t len;
  char *bytes = file(arguments[1], arguments[2], ".frame", &len);
  frame = (lf_bytes){(const uint8_t *)bytes, len};
  char *steps = file(arguments[1], arguments[2], ".steps", &len), *fields[FIELDS];
  *strchr(steps, '\n') = '\0'; /* its first call is one that is allowed */
  cut(steps, '\t', fields, FIELDS);
  who = (lf_names){lf_text("s"), decoded(fields[3]), decoded(fields[4]), decoded(fields[5]), decoded(fields[6])};
  allowed.tool = decoded(fields[7]);
  allowed.args = decoded(fields[8]);
  loading();
  sessions();
  expiry();
  calls();
  contexts(arguments[1]);
  looking();
  results();
  batches();
  threads();
  free(bytes);
  free(steps);
  printf("%u checks, %u failed\n", checks, failures);
  return failures == 0 ? 0 : 1;
}
