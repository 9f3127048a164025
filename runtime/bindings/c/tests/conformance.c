/* Every conformance case through the C interface, byte for byte as `leverframe replay` decides it. Argument: the folder that the example `cases` wrote. */
#include "cases.h"

#define MOST 4096

typedef struct {
  lf_host *host;
  char *names[MOST]; /* of sessions that are open */
  lf_session sessions[MOST];
  size_t open;
  lf_bytes ids[MOST]; /* of calls whose results come later */
  lf_decision *kept[MOST];
  size_t keeping;
  lf_decision *last;
  const char *expected;
  unsigned decisions;
} run;

/* The session of a step's five names, opened at its first call. */
static lf_session session(run *own, int64_t at, char **names) {
  char key[2048];
  snprintf(key, sizeof key, "%s %s %s %s %s", names[0], names[1], names[2], names[3], names[4]);
  for (size_t i = 0; i < own->open; i++) {
    if (strcmp(own->names[i], key) == 0) return own->sessions[i];
  }
  lf_names who = {decoded(names[0]), decoded(names[1]), decoded(names[2]), decoded(names[3]), decoded(names[4])};
  if (own->open == MOST) abort();
  CHECK(lf_open(own->host, &who, at, &own->sessions[own->open]) == LF_OK, lf_error_message());
  own->names[own->open] = room(strlen(key) + 1);
  strcpy(own->names[own->open], key);
  return own->sessions[own->open++];
}

static void compare(run *own, const char *name, const lf_decision *decision) {
  lf_view view;
  CHECK(lf_decision_view(decision, &view) == LF_OK, name);
  CHECK(view.verdict == lf_decision_verdict(decision) && view.admitted == lf_admitted(decision), name);
  size_t len = strcspn(own->expected, "\n");
  bool equal = view.json.len == len && memcmp(view.json.data, own->expected, len) == 0;
  CHECK(equal, name);
  if (!equal) fprintf(stderr, "  got      %.*s\n  expected %.*s\n", (int)view.json.len, (const char *)view.json.data, (int)len, own->expected);
  own->expected += len + (own->expected[len] == '\n');
  own->decisions++;
}

static void take_call(run *own, const char *name, char **f) {
  lf_call call = {0};
  call.at = strtoll(f[1], NULL, 10);
  call.session = session(own, call.at, f + 2);
  call.tool = decoded(f[7]);
  call.args = decoded(f[8]);
  call.context = decoded(f[9]);
  call.id = decoded(f[10]);
  call.line = strtoull(f[11], NULL, 10);
  call.approved = f[13][0] == '-' ? LF_UNANSWERED : f[13][0] == '1' ? LF_APPROVED : LF_DISAPPROVED;
  lf_decision *decision = NULL;
  CHECK(lf_decide(own->host, &call, &decision) == LF_OK, lf_error_message());
  compare(own, name, decision);
  if (f[12][0] == '1') {
    if (own->keeping == MOST) abort();
    own->ids[own->keeping] = call.id;
    own->kept[own->keeping++] = decision;
  } else {
    lf_decision_free(own->last);
    own->last = decision;
  }
}

static lf_decision *of(run *own, lf_bytes id) {
  for (size_t i = 0; id.data != NULL && i < own->keeping; i++) {
    if (own->ids[i].len == id.len && memcmp(own->ids[i].data, id.data, id.len) == 0) return own->kept[i];
  }
  return own->last;
}

static void take_result(run *own, const char *name, char **f) {
  char *parts[64];
  lf_bytes labels[64];
  size_t count = f[6][0] == '-' ? 0 : cut(f[6], ',', parts, 64);
  for (size_t i = 0; i < count; i++) labels[i] = decoded(parts[i]);
  lf_result result = {
    .at = strtoll(f[1], NULL, 10),
    .ok = f[5][0] == '1',
    .content = decoded(f[3]),
    .structured = decoded(f[4]),
    .labels = labels,
    .labels_len = count,
  };
  lf_decision *decision = of(own, decoded(f[2]));
  lf_record *record = NULL;
  CHECK(lf_record_result(own->host, decision, &result, &record) == LF_OK, lf_error_message());
  lf_given given;
  CHECK(lf_record_view(record, &given) == LF_OK, name);
  CHECK(lf_admitted(decision) || given.withheld, name);
  CHECK(!given.withheld || given.content.data == NULL, name);
  lf_record_free(record);
}

static void take_event(run *own, char **f) {
  int64_t at = strtoll(f[1], NULL, 10);
  lf_session who = session(own, at, f + 2);
  CHECK(lf_report(own->host, who, decoded(f[7]), decoded(f[8]), at) == LF_OK, lf_error_message());
}

static void finish(run *own, const char *name) {
  CHECK(own->expected[0] == '\0', name);
  for (size_t i = 0; i < own->open; i++) {
    CHECK(lf_close(own->host, own->sessions[i]) == LF_OK, name);
    free(own->names[i]);
  }
  for (size_t i = 0; i < own->keeping; i++) lf_decision_free(own->kept[i]);
  lf_decision_free(own->last);
  lf_host_free(own->host);
}

static unsigned replay(const char *folder, const char *name) {
  size_t len;
  char *frame = file(folder, name, ".frame", &len);
  run *own = room(sizeof *own);
  own->host = loaded(frame, len);
  free(frame); /* a host keeps nothing of the bytes */
  char *steps = file(folder, name, ".steps", &len);
  char *expected = file(folder, name, ".jsonl", &len);
  own->expected = expected;
  for (char *line = steps, *next; line[0] != '\0'; line = next) {
    next = strchr(line, '\n');
    *next++ = '\0';
    char *fields[FIELDS];
    cut(line, '\t', fields, FIELDS);
    if (line[0] == 'c') take_call(own, name, fields);
    if (line[0] == 'r') take_result(own, name, fields);
    if (line[0] == 'e') take_event(own, fields);
  }
  finish(own, name);
  unsigned decisions = own->decisions;
  free(own);
  free(steps);
  free(expected);
  return decisions;
}

int main(int count, char **arguments) {
  if (count < 2) return 2;
  size_t len;
  unsigned decisions = 0, cases = 0;
  char *names = file(arguments[1], "names", ".txt", &len);
  for (char *name = names, *next; name[0] != '\0'; name = next) {
    next = strchr(name, '\n');
    *next++ = '\0';
    decisions += replay(arguments[1], name);
    cases++;
  }
  free(names);
  CHECK(cases >= 300 && decisions >= 1000, "cases");
  printf("%u cases, %u decisions, %u checks, %u failed\n", cases, decisions, checks, failures);
  return failures == 0 ? 0 : 1;
}
