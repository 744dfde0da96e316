/* SPDX-License-Identifier: Apache-2.0 */
/* What has been heard and not yet delivered, on disk (SQLite, WAL). One writer, the main thread; every link
 * thread reads through a reader of its own and reports what a broker has taken back to the main thread.
 *
 * Distress commits alone with synchronous=FULL before spool_append returns; the rest in batches. Routine
 * messages may use limit_bytes, distress reserve_bytes more; when routine room is full the oldest of the
 * least important class goes first, counted. A database that cannot be read is set aside as
 * <path>.damaged-<time>, reported, and service goes on with a new one. */
#ifndef ATALAYA_GATEWAY_SPOOL_H
#define ATALAYA_GATEWAY_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atalaya/gateway/config.h"
#include "atalaya/result.h"

/* Delivery order: lower goes first; within a class first in, first out. */
enum spool_class {
    SPOOL_DISTRESS,
    SPOOL_MESSAGE,
    SPOOL_POSITION,
    SPOOL_UNIT,
    SPOOL_STATS,
    SPOOL_CLASS_COUNT
};
const char *spool_class_text(enum spool_class class);

enum { SPOOL_TOPIC_MAX = 256, SPOOL_PAYLOAD_MAX = 65536 };

struct spool_item {
    int64_t id; /* set by append; increases */
    enum spool_class class;
    const char *topic;   /* below the prefix */
    const void *payload; /* JSON; "" with retain clears a retained topic */
    size_t length;
    bool retain;
    bool replace;            /* an older waiting item of the same topic is not worth sending any more */
    uint32_t expiry_s;       /* MQTT message expiry, 0 = none */
    int64_t created_utc_ns;  /* set by append */
    int64_t created_mono_ns; /* meaningful within the same boot only */
    uint64_t boot;           /* spool_boot() when it was appended */
};

struct spool_counts {
    uint64_t waiting[SPOOL_CLASS_COUNT]; /* items that at least one broker has not taken */
    uint64_t bytes;                      /* payload and topics waiting */
    uint64_t appended, delivered;        /* since open */
    uint64_t dropped[SPOOL_CLASS_COUNT]; /* for want of room, since the spool was made */
    int64_t oldest_utc_ns;               /* 0 = empty */
    bool damaged;                        /* a damaged database was set aside at open */
    bool failing; /* the last write failed (disk full, I/O error): items are held in memory */
};

struct spool;

/* Opens or makes the database for the brokers named in config; brokers no longer there lose their claims. */
enum atalaya_result spool_open(const struct config *config, struct spool **spool);
uint64_t
spool_boot(const struct spool *spool); /* counts openings: (boot, seq) orders everything a site ever said */
/* Stores for every broker. For SPOOL_DISTRESS it is on disk when this returns ATALAYA_OK; for the others
 * after the next spool_commit, which falls due batch_s after the first. On I/O errors the item is kept in
 * memory, bounded, and written when the disk is well again; ATALAYA_E_IO says so. */
enum atalaya_result spool_append(struct spool *spool, struct spool_item *item);
enum atalaya_result spool_commit(struct spool *spool);
bool spool_commit_due(const struct spool *spool, int64_t now_mono_ns, int64_t *due_mono_ns);
/* A broker (index in config) took these. Joins the running batch. */
enum atalaya_result spool_delivered(struct spool *spool, unsigned broker, const int64_t *ids, size_t count);
void spool_counts(struct spool *spool, struct spool_counts *counts);

/* Small state that must survive: the distress objects, last known positions. Same durability as the class
 * given: SPOOL_DISTRESS on disk on return. value NULL deletes. Keys are grouped so that they can be listed.
 */
enum atalaya_result spool_put(struct spool *spool, enum spool_class class, const char *group, const char *key,
                              const void *value, size_t length);
typedef void spool_each(void *context, const char *key, const void *value, size_t length);
enum atalaya_result spool_list(struct spool *spool, const char *group, spool_each *each, void *context);
/* spool_put of one state and spool_append of items, all or nothing, on disk on return: a distress step. */
enum atalaya_result spool_step(struct spool *spool, const char *group, const char *key, const void *value,
                               size_t length, struct spool_item *items, size_t count);
void spool_close(struct spool *spool); /* commits */

/* A link thread's view. */
struct spool_reader;
enum atalaya_result spool_reader_open(const char *path, const char *broker, struct spool_reader **reader);
/* The next items for this broker in delivery order, skipping ids in flight [size: in_flight_count]; at most
 * max. Calls `each` for each; strings last for that call. Returns how many through *count. */
typedef void spool_item_sink(void *context, const struct spool_item *item);
enum atalaya_result spool_reader_next(struct spool_reader *reader, const int64_t *in_flight,
                                      size_t in_flight_count, size_t max, spool_item_sink *each,
                                      void *context, size_t *count);
void spool_reader_close(struct spool_reader *reader);

/* For `atalaya spool`: read-only, works beside a running gateway. */
enum atalaya_result spool_inspect(const char *path, spool_item_sink *each, void *context,
                                  struct spool_counts *counts);

#endif
