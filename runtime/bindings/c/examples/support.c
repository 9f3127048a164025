/* A support agent's calls through the policy `runtime/bindings/example/support.lever`. Argument: its frame. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "leverframe.h"

static lf_host *host;
static lf_session session;
static int64_t now = 1795428000000;

/* Calls a tool if the policy lets it: what the tool said (JSON) goes on only as far as it may. */
static void call(const char *tool, const char *args, int32_t approved, const char *said) {
  lf_call asked = {.session = session, .at = ++now, .approved = approved, .tool = lf_text(tool), .args = lf_text(args)};
  lf_decision *decision = NULL;
  lf_view view;
  if (lf_decide(host, &asked, &decision) != LF_OK || lf_decision_view(decision, &view) != LF_OK) {
    printf("%s: not called: %s\n", tool, lf_error_message());
    lf_decision_free(decision);
    return;
  }
  printf("%.*s\n", (int)view.json.len, (const char *)view.json.data);
  if (view.admitted) {
    /* Here the tool is called, with `view.args` where that is there. */
    lf_result result = {.at = ++now, .ok = 1, .content = lf_text(said)};
    lf_record *record = NULL;
    lf_given given;
    if (lf_record_result(host, decision, &result, &record) == LF_OK && lf_record_view(record, &given) == LF_OK && !given.withheld) {
      printf("  to the agent: %.*s\n", (int)given.content.len, (const char *)given.content.data);
    }
    lf_record_free(record);
  }
  lf_decision_free(decision);
}

/* The bytes of a file; the process ends where there are none. */
static lf_bytes read_file(const char *path) {
  FILE *file = fopen(path, "rb");
  long size = file != NULL && fseek(file, 0, SEEK_END) == 0 ? ftell(file) : 0;
  uint8_t *bytes = size > 0 ? malloc((size_t)size) : NULL;
  if (bytes == NULL || fseek(file, 0, SEEK_SET) != 0 || fread(bytes, 1, (size_t)size, file) != (size_t)size) {
    fprintf(stderr, "%s cannot be read\n", path);
    exit(2);
  }
  fclose(file);
  return (lf_bytes){bytes, (size_t)size};
}

int main(int count, char **arguments) {
  if (count != 2 || lf_abi() != LF_ABI) return 2;
  lf_bytes frame = read_file(arguments[1]);
  if (lf_load(frame, NULL, &host) != LF_OK) {
    fprintf(stderr, "%s: %s\n", lf_error_code(), lf_error_message());
    return 2;
  }
  free((void *)frame.data);
  lf_names names = {.session = lf_text("s1"), .persona = lf_text("support"), .principal = lf_text("u7")};
  if (lf_open(host, &names, now, &session) != LF_OK) return 2;
  call("mail.send", "{\"to\":\"a@example.com\",\"body\":\"we look into it\"}", LF_UNANSWERED, "\"sent\"");
  call("payments.refund", "{\"amount\":80}", LF_UNANSWERED, "\"paid\"");
  call("payments.refund", "{\"amount\":80}", LF_APPROVED, "\"paid\"");
  call("tickets.read", "{\"id\":\"t1\"}", LF_UNANSWERED, "\"my token is tok_12345678\"");
  call("mail.send", "{\"to\":\"a@example.com\",\"body\":\"tok_12345678\"}", LF_UNANSWERED, "\"sent\"");
  lf_close(host, session);
  lf_host_free(host);
  return 0;
}
