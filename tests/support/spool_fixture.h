/* SPDX-License-Identifier: Apache-2.0 */
/* A spool in a folder of its own, and what its readers see. */
#ifndef ATALAYA_TEST_SPOOL_FIXTURE_H
#define ATALAYA_TEST_SPOOL_FIXTURE_H

#include "atalaya/gateway/spool.h"

enum { FIXTURE_SEEN_MAX = 4096 };

struct spool_fixture {
    char folder[128]; /* holds a space */
    struct config config;
    struct spool *spool;
};

/* What a reader's sink collected. */
struct seen {
    size_t count;
    int64_t id[FIXTURE_SEEN_MAX];
    enum spool_class class[FIXTURE_SEEN_MAX];
    char topic[FIXTURE_SEEN_MAX][64];
    char payload[FIXTURE_SEEN_MAX][64];
};

struct spool_fixture *fixture_create(unsigned brokers);
void fixture_destroy(struct spool_fixture *fixture);
/* Set-up and tear-down of a test: one for two brokers, open, is its state. */
int fixture_set_up(void **state);
int fixture_tear_down(void **state);
/* Asserts that it opens. */
void fixture_open(struct spool_fixture *fixture);
void fixture_close(struct spool_fixture *fixture);

/* A printed payload. Returns what spool_append returned; id through *id unless NULL. */
enum atalaya_result fixture_append(struct spool_fixture *fixture, enum spool_class class, const char *topic,
                                   const char *payload, int64_t *id);
/* What `broker` would be sent now, by a reader of its own. */
void fixture_read(struct spool_fixture *fixture, const char *broker, struct seen *seen);
/* Removes what lies in its folder. */
void fixture_empty(const struct spool_fixture *fixture);
/* What that says of the database, which nobody has open. */
int64_t fixture_number(const char *path, const char *sql);
spool_item_sink seen_add; /* context: struct seen */

#endif
