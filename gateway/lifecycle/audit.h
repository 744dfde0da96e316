/* SPDX-License-Identifier: Apache-2.0 */
/* What happened to every distress, a line each, in a file beside the spool that is only ever appended to.
 * Each line is a JSON object whose last member is the SHA-256 of the bytes before that member, and which
 * names the hash of the line before: no line can be changed, taken out or put in without it showing. Cutting
 * off the end shows because the spool, and every distress document that a centre received, name the last line
 * and its hash: whoever can rewrite file and spool still cannot rewrite those.
 *
 *     {"n":2,"prev":"<64 hex>","time":...,"distress":"S-1-7","event":"received","by":"yuma",...,"hash":"<64
 * hex>"}
 *
 * A file that is full becomes <spool>.audit.1, and so on: the chain goes on in the next one. The oldest goes
 * when there are too many of them, and a line says up to which line that was, and its hash. Lines of open
 * incidents stay, until the log has become twice as long as it should.
 *
 * Main thread, but for audit_check. */
#ifndef ATALAYA_LIFECYCLE_AUDIT_H
#define ATALAYA_LIFECYCLE_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/spool.h"
#include "atalaya/result.h"

enum { AUDIT_LINE_MAX = 4096, AUDIT_HASH_MAX = 65, AUDIT_PATH_MAX = CONFIG_PATH_MAX + 12 };

/* A line and its hash: a witness of all before it. */
struct audit_mark {
    uint64_t line; /* 0 = none yet */
    char hash[AUDIT_HASH_MAX];
};

struct audit_entry {
    const char *distress, *incident, *unit, *event, *by, *through, *detail; /* "" or NULL = nothing to say */
    bool test;
    int64_t utc_ns;
    struct clock_quality clock;
};

struct audit;

/* <spool>.audit */
void audit_path(const char *spool_path, char path[AUDIT_PATH_MAX]);
/* Opens or makes the file beside that spool. A line that a power cut has left unfinished is taken away: what
 * it would have told was not done yet. */
enum atalaya_result audit_open(struct spool *spool, const struct config_spool *config, struct audit **audit);
/* Lines from this one on are needed: they belong to incidents that are open. */
void audit_keep_from(struct audit *audit, uint64_t line);
/* On disk when it returns. ATALAYA_E_IO, ATALAYA_E_FULL: not written; the next line that is written says how
 * many were lost. *mark is the last line written in any case. */
enum atalaya_result audit_append(struct audit *audit, const struct audit_entry *entry,
                                 struct audit_mark *mark);
/* Why it cannot be written; NULL = it can. Tries it, where the last time failed: a line then tells how many
 * were lost. */
const char *audit_failure(struct audit *audit);
/* The last line written. */
struct audit_mark audit_last(const struct audit *audit);
void audit_close(struct audit *audit);

/* line: its place in the log, counted on from the number of the first that is there; 0 = the log as a whole.
 * fault: NULL, or what is wrong there, for a person. text: the line without its end [length]. */
typedef void audit_sink(void *context, uint64_t line, const char *text, size_t length, const char *fault);
/* Reads the files beside a spool, beside a running gateway or without one, and judges every line, then the
 * marks that the spool keeps. Returns how often `each` was called with a fault. */
uint64_t audit_check(const char *spool_path, audit_sink *each, void *context);

/* Shared by writer and checker: the hash of text [length] in hex. */
void audit_hash(const void *text, size_t length, char hash[AUDIT_HASH_MAX]);
/* The number and hash that a line says it has; false: it is no such line. *hashed: the bytes that hash
 * covers. */
bool audit_read_mark(const char *text, size_t length, struct audit_mark *mark, size_t *hashed);
bool audit_mark_of_json(const void *json, size_t length, struct audit_mark *mark);

#endif
