/* SPDX-License-Identifier: Apache-2.0 */
/* What has been heard and not yet delivered, on disk (SQLite, WAL). One writer, the main thread; every link
 * thread reads through a reader of its own and reports what a broker has taken back to the main thread.
 *
 * Distress commits alone with synchronous=FULL before spool_append returns; the rest in batches: a text waits
 * at most batch_s for its own, what the next of its kind replaces, and deliveries, SPOOL_PATIENCE times as
 * long. Routine messages may use limit_bytes, distress reserve_bytes more; when routine room is full the
 * oldest of the least important class goes first, counted. A damaged database is set aside as
 * <path>.damaged-<time>, reported, and service goes on with a new one, into which goes what can be read of
 * the old one, by the next run if this one ends meanwhile. */
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

enum {
    SPOOL_TOPIC_MAX = 256, /* with the terminating zero; also of groups and keys */
    SPOOL_PAYLOAD_MAX = 65536,
    SPOOL_PATIENCE = 10, /* a card lives by it: each batch is some ten pages, however little is in it */
    SPOOL_STEP_MAX = 8,  /* items of one spool_step */
    SPOOL_ERROR_MAX = 2 * CONFIG_PATH_MAX + 256
};

struct spool_item {
    int64_t id; /* set by append; increases */
    enum spool_class class;
    const char *topic;   /* below the prefix */
    const void *payload; /* JSON; "" with retain clears a retained topic */
    size_t length;
    bool retain;
    bool replace;            /* an older waiting item of the same topic is not worth sending any more */
    uint32_t brokers;        /* for these alone: bit b is the b-th of the configuration; 0 = for all */
    uint32_t expiry_s;       /* MQTT message expiry, 0 = none */
    int64_t created_utc_ns;  /* set by append */
    int64_t created_mono_ns; /* meaningful within the same boot only */
    uint64_t boot;           /* spool_boot() when it was appended */
};

struct spool_counts {
    uint64_t waiting[SPOOL_CLASS_COUNT]; /* items that at least one broker has not taken */
    uint64_t bytes;                      /* payload and topics waiting */
    uint64_t appended, delivered;        /* since open */
    uint64_t replaced; /* since open: a newer one of its topic came before each broker had taken it */
    uint64_t dropped[SPOOL_CLASS_COUNT]; /* for want of room, since the spool was made */
    int64_t oldest_utc_ns;               /* 0 = empty */
    bool damaged; /* the database was damaged and set aside, or the one of the last run is gone */
    /* The last write failed (disk full, I/O error): items are held in memory; or the log could not be folded
     * into the database, and grows. */
    bool failing;
    /* Which file is the matter and why, with what to do; "" = all is well. Also of a lock that cannot be had
     * while all else can be written. */
    char error[SPOOL_ERROR_MAX];
};

struct spool;

/* Opens or makes the database for the brokers named in config. Brokers no longer there lose their claims,
 * except that when none of the former brokers is left the new ones inherit what waited; a site without
 * brokers keeps everything, within its limits, for the first one. ATALAYA_E_DENIED: another gateway uses this
 * spool. ATALAYA_E_UNSUPPORTED: made by a newer version, or not a spool. A disk that cannot be written is not
 * an error here: service starts from memory, counts.failing says so. */
enum atalaya_result spool_open(const struct config *config, struct spool **spool);
/* Grows with each opening, and never comes twice, not even when the database is lost: (boot, seq) names and
 * orders everything a site ever said. */
uint64_t spool_boot(const struct spool *spool);
/* Stores for every broker. For SPOOL_DISTRESS it is on disk when this returns ATALAYA_OK; for the others
 * after the next spool_commit, which falls due as said above. Either way readers see it at once. On
 * I/O errors the item is kept in memory, bounded, delivered from there, and written when the disk is well
 * again; ATALAYA_E_IO says so. ATALAYA_E_FULL: not kept. */
enum atalaya_result spool_append(struct spool *spool, struct spool_item *item);
enum atalaya_result spool_commit(struct spool *spool);
/* True = spool_commit is due now. *due_mono_ns is when it will be, INT64_MAX when nothing waits for it. */
bool spool_commit_due(const struct spool *spool, int64_t now_mono_ns, int64_t *due_mono_ns);
/* A broker (index in config) took these. Joins the running batch; the broker's readers pass over them from
 * now on. Ids no longer known are ignored. */
enum atalaya_result spool_delivered(struct spool *spool, unsigned broker, const int64_t *ids, size_t count);
void spool_counts(struct spool *spool, struct spool_counts *counts);

/* Small state that must survive: the distress objects, last known positions. Same durability as the class
 * given: SPOOL_DISTRESS on disk on return. value NULL deletes. Keys are grouped so that they can be listed.
 * Results as for spool_append; `each` must not write to the spool. */
enum atalaya_result spool_put(struct spool *spool, enum spool_class class, const char *group, const char *key,
                              const void *value, size_t length);
typedef void spool_each(void *context, const char *key, const void *value, size_t length);
enum atalaya_result spool_list(struct spool *spool, const char *group, spool_each *each, void *context);
/* spool_put of one state and spool_append of items, all or nothing, on disk on return: a distress step. */
enum atalaya_result spool_step(struct spool *spool, const char *group, const char *key, const void *value,
                               size_t length, struct spool_item *items, size_t count);
void spool_close(struct spool *spool); /* commits */
/* Which folder or file of the spool at this path the user who runs this may not write, why, and what to do.
 * False: none. Any thread. */
bool spool_is_forbidden(const char *path, char why[static SPOOL_ERROR_MAX]);

/* A link thread's view; one thread at a time. In the writer's own process it shows memory and disk, given the
 * same path. */
struct spool_reader;
enum atalaya_result spool_reader_open(const char *path, const char *broker, struct spool_reader **reader);
/* The next items for this broker in delivery order, skipping ids in flight [size: in_flight_count, at most
 * 4096] and those taken; at most max (and 256). Calls `each` for each; strings last for that call. Returns
 * how many through *count, which is right on ATALAYA_E_IO (the disk cannot be read, memory was) too. */
typedef void spool_item_sink(void *context, const struct spool_item *item);
enum atalaya_result spool_reader_next(struct spool_reader *reader, const int64_t *in_flight,
                                      size_t in_flight_count, size_t max, spool_item_sink *each,
                                      void *context, size_t *count);
/* The broker took these: they will not be shown again, even before spool_delivered has told the writer. Call
 * it when the acknowledgement arrives, before the ids leave the in-flight list. Same thread as the reader. */
void spool_reader_taken(struct spool_reader *reader, const int64_t *ids, size_t count);
void spool_reader_close(struct spool_reader *reader);

/* For `atalaya spool`: read-only, works beside a running gateway; shows what is on disk, in delivery order.
 * each may be NULL. ATALAYA_E_UNSUPPORTED: not a spool, or a newer one; ATALAYA_E_FORMAT: damaged. */
enum atalaya_result spool_inspect(const char *path, spool_item_sink *each, void *context,
                                  struct spool_counts *counts);
/* The same for the small state of one group. */
enum atalaya_result spool_inspect_state(const char *path, const char *group, spool_each *each, void *context);

#endif
