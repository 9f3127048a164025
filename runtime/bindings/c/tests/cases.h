/* What the tests share: files, fields of a step, checks that say where they failed. */
#ifndef CASES_H
#define CASES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "leverframe.h"

static unsigned checks, failures;

#define CHECK(condition, what)                                                  \
  do {                                                                          \
    checks++;                                                                   \
    if (!(condition)) {                                                         \
      failures++;                                                               \
      fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, what, #condition); \
    }                                                                           \
  } while (0)

/* A step's most fields. */
#define FIELDS 16

static inline void *room(size_t size) {
  void *place = calloc(1, size == 0 ? 1 : size);
  if (place == NULL) abort();
  return place;
}

/* A whole file, ended by a zero that does not count. */
static inline char *file(const char *folder, const char *name, const char *ending, size_t *len) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s%s", folder, name, ending);
  FILE *stream = fopen(path, "rb");
  if (stream == NULL) {
    fprintf(stderr, "%s cannot be read\n", path);
    exit(2);
  }
  fseek(stream, 0, SEEK_END);
  long size = ftell(stream);
  rewind(stream);
  char *bytes = room((size_t)size + 1);
  *len = fread(bytes, 1, (size_t)size, stream);
  fclose(stream);
  return bytes;
}

static inline unsigned digit(char c) { return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10); }

/* A text of a step, decoded where it stands; absent where it is `-`. */
static inline lf_bytes decoded(char *field) {
  lf_bytes bytes = {NULL, 0};
  if (field[0] != '=') return bytes;
  uint8_t *place = (uint8_t *)field;
  for (const char *from = field + 1; from[0] != '\0' && from[1] != '\0'; from += 2) {
    place[bytes.len++] = (uint8_t)(digit(from[0]) << 4 | digit(from[1]));
  }
  bytes.data = place;
  return bytes;
}

/* Cuts a text at a separator, in place; how many parts there are. */
static inline size_t cut(char *text, char separator, char **parts, size_t most) {
  size_t count = 0;
  while (text != NULL && count < most) {
    parts[count++] = text;
    text = strchr(text, separator);
    if (text != NULL) *text++ = '\0';
  }
  return count;
}

static inline bool same(lf_bytes bytes, const char *text) {
  return bytes.len == strlen(text) && memcmp(bytes.data, text, bytes.len) == 0;
}

static inline lf_host *loaded(const char *frame, size_t len) {
  /* A record is replayed whole, however long its pauses are. */
  lf_options options = {.accept_unproven = 1, .idle_ms = -1};
  lf_host *host = NULL;
  lf_bytes bytes = {(const uint8_t *)frame, len};
  if (lf_load(bytes, &options, &host) != LF_OK) {
    fprintf(stderr, "not loaded: %s %s\n", lf_error_code(), lf_error_message());
    exit(2);
  }
  return host;
}

#endif
