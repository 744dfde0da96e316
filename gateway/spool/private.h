/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the spool share.
 *
 * Everything new is held in memory first and written by the next commit: the running batch and the refuge
 * from a failing disk are one list. Readers see that list and the database, so that an item can be delivered
 * whether or not the disk takes it. Only the main thread changes the list; readers pin items under
 * share.mutex. */
#ifndef ATALAYA_GATEWAY_SPOOL_PRIVATE_H
#define ATALAYA_GATEWAY_SPOOL_PRIVATE_H

#include <pthread.h>
#include <sqlite3.h>
#include <sys/queue.h>

#include "atalaya/gateway/spool.h"

enum {
    HELD_ROUTINE_MAX = 1024,
    HELD_URGENT_MAX = 64,
    HELD_PUTS_MAX = 512,
    TAKEN_MAX = 4096,  /* deliveries of one broker that are not yet on disk */
    TAKEN_EARLY = 256, /* then a batch is due: a longer one would keep a distress waiting */
    READ_MAX = 256,    /* items of one spool_reader_next */
    IN_FLIGHT_MAX = 4096,
    BROKER_PLACES = CONFIG_BROKERS_MAX,
    DAMAGED_PATH_MAX = CONFIG_PATH_MAX + 64,
    BUSY_WAIT_MS = 250,
    SPOOL_SCHEMA_VERSION = 2,
    SPOOL_APPLICATION_ID = 0x41544c59,
    ITEM_OVERHEAD_BYTES = 128, /* keys, claims and index of an item, when room is reckoned */
    STATE_BYTES_MAX = 8 << 20, /* routine states; distress states are never refused */
    HELD_ROUTINE_BYTES_MAX = 4 << 20,
    HELD_URGENT_BYTES_MAX = 4 << 20,
};

/* Any run gives less, and what is counted on from there does not overflow. */
#define SPOOL_ID_MAX (INT64_MAX - (INT64_C(1) << 32))

/* An item in memory. Unchanging but for claims (main thread, under the mutex), pins and taken (under the
 * mutex). */
struct held_item {
    TAILQ_ENTRY(held_item) next;
    struct spool_item item; /* topic and payload point into bytes */
    uint32_t claims;        /* bit b: broker b has not taken it */
    uint32_t taken;         /* bit b: broker b took it when there was no place to note that in the share */
    unsigned pins;
    bool urgent; /* committed alone and at once */
    bool gone;   /* out of the list, freed by the last pin */
    char bytes[];
};
TAILQ_HEAD(held_list, held_item);

struct held_put {
    TAILQ_ENTRY(held_put) next;
    const char *group, *key;
    const void *value; /* NULL = delete */
    size_t length;
    bool urgent;
    char bytes[];
};
TAILQ_HEAD(put_list, held_put);

struct taken {
    int64_t id;
    bool reported; /* by the main thread: the next commit writes it */
};

/* What writer and readers of one path have in common. Everything below the mutex is under it. */
struct share {
    struct share *next;
    unsigned users;
    char path[CONFIG_PATH_MAX];
    /* Held while the writer opens the file; and, where it could not, by the reader who reads it without a
     * lock of its own. Taken before the mutex. */
    pthread_mutex_t alone;
    pthread_mutex_t mutex;
    uint64_t generation; /* of the database file: readers open anew when it changes */
    bool unopened;       /* the writer cannot open it: readers leave nothing open that could bar its way */
    unsigned broker_count;
    char broker[BROKER_PLACES][CONFIG_NAME_MAX];
    struct held_list held;
    unsigned taken_count[BROKER_PLACES];
    struct taken taken[BROKER_PLACES][TAKEN_MAX];
    bool damage_seen; /* by a reader: the next commit looks into it */
};

struct share *share_get(const char *path);
void share_put(struct share *share);
void share_lock(struct share *share);
void share_unlock(struct share *share);
/* True: the writer could not open the file and will not before share_leave_alone. */
bool share_enter_alone(struct share *share);
void share_leave_alone(struct share *share);
/* -1 = no such broker. Lock held. */
int share_broker(const struct share *share, const char *name);
/* False when there is no place. Lock held. */
bool share_take(struct share *share, unsigned broker, int64_t id, bool reported);
/* Forgets ids [size: count], sorted. Lock held. */
void share_forget(struct share *share, unsigned broker, const int64_t *ids, size_t count);
void ids_sort(int64_t *ids, size_t count);
bool ids_contain(const int64_t *ids, size_t count, int64_t id); /* sorted */

/* What is on disk, kept beside it so that no append has to ask. */
struct usage {
    uint64_t items[SPOOL_CLASS_COUNT], bytes[SPOOL_CLASS_COUNT];
    uint64_t state_bytes;
    uint64_t dropped[SPOOL_CLASS_COUNT];
    uint64_t delivered, replaced;
};

/* The statements of the writer: one row each in statements.def. */
enum statement {
#define SPOOL_STATEMENT(name, sql) STATEMENT_##name,
#include "spool/statements.def"
#undef SPOOL_STATEMENT
    STATEMENT_COUNT
};

struct database {
    sqlite3 *handle;
    sqlite3_stmt *statement[STATEMENT_COUNT];
    int64_t broker_row[BROKER_PLACES + 1];
    unsigned broker_rows;        /* the configured ones; with none, the place-holder "" */
    int wal_pages, folded_pages; /* of the log: in all; when it was folded in last */
};

struct spool {
    char path[CONFIG_PATH_MAX];
    char set_aside[DAMAGED_PATH_MAX]; /* what is to be taken over when the new one is open; "": nothing */
    unsigned broker_count;
    char broker[BROKER_PLACES][CONFIG_NAME_MAX];
    uint64_t limit_bytes, reserve_bytes;
    int64_t batch_ns;
    int lock_fd;
    struct share *share;
    struct database db; /* handle NULL = not open; every commit tries again */
    bool begun;         /* boot counter and brokers of this run are on disk */
    uint64_t boot;
    uint64_t witness; /* number of the last run, as the lock file has it; 0 = it has none */
    int64_t next_id;
    struct usage usage;
    bool meta_dirty;
    struct put_list puts;
    unsigned put_count, held_count[2]; /* [urgent] */
    uint64_t held_bytes[2], put_bytes;
    uint64_t held_class_items[SPOOL_CLASS_COUNT], held_class_bytes[SPOOL_CLASS_COUNT];
    uint64_t appended, delivered_held, replaced_held;
    unsigned reported;               /* deliveries waiting for a commit */
    int64_t batch_due_ns, retry_ns;  /* monotonic; 0 = none */
    bool failing, unfolded, damaged; /* commits fail; the log cannot be folded in; a file was set aside */
    char error[SPOOL_ERROR_MAX];     /* of failing and unfolded: the last one */
    char lock_error[SPOOL_ERROR_MAX], damage[SPOOL_ERROR_MAX];
    int open_errno; /* of the last opening that failed */
    int64_t scratch[BROKER_PLACES][TAKEN_MAX];
    size_t scratch_count[BROKER_PLACES];
};

/* database.c: SQLite result codes throughout. */
enum { DATABASE_NEWER = -1, DATABASE_FOREIGN = -2 };
int database_open(struct spool *spool);
void database_close(struct database *db);
/* Read-only, where nobody else has it open: no file beside it need be made or written, and no lock taken, for
 * the index of its log stands in memory. vfs: one that takes no locks; NULL = SQLite's own. */
int database_open_alone(const char *path, const char *vfs, sqlite3 **handle);
void database_make_folders(const char *path); /* 0700 */
int database_check(sqlite3 *handle);
int database_number(sqlite3 *handle, const char *sql, int64_t *value);
int database_execute(sqlite3 *handle, const char *sql);
bool database_is_damage(int code);

/* schema.c */
int schema_prepare(sqlite3 *handle); /* makes the tables of a new file, brings old ones up to date, refuses
                                        foreign and newer ones */
int schema_begin_run(struct spool *spool);                  /* boot counter and brokers, one transaction */
int schema_load(struct spool *spool);                       /* once after opening: usage, next id, dropped */
int schema_count(struct spool *spool, struct usage *usage); /* items and bytes */

/* boot.c */
void boot_read_witness(struct spool *spool);
void boot_write_witness(struct spool *spool); /* that it fails is no harm */
uint64_t boot_after(const struct spool *spool, uint64_t last);
void boot_miss(struct spool *spool); /* a database without a last run: says so where there was one */

/* fault.c */
void fault_of_file(const char *name, int error, char why[static SPOOL_ERROR_MAX]);
void fault_describe(struct spool *spool, int code); /* into its error; code of SQLite, or DATABASE_... */
const char *fault_advice(int code);

/* damage.c: renames the database and its companions; keeps the newest three sets. The name it has now is
 * remembered until its contents are taken over. */
bool damage_set_aside(struct spool *spool);
/* Remembers what an earlier run set aside and did not take over to its end. SQLite code: not OK while files
 * of it may lie in the way of a new one. */
int damage_remember(struct spool *spool);

/* salvage.c: what can be read of a database that was set aside, into the one that is open. Code of that one.
 */
int salvage_execute(struct spool *spool, const char *damaged);

/* pending.c: how far a database that was set aside under this name is taken over. False: the disk does not
 * take it; without a mark all is well. */
enum { PENDING_STAGES = 5 };
#define PENDING_TAIL "-pending"
enum pending { PENDING_GO, PENDING_DONE, PENDING_GIVEN_UP, PENDING_FAILED };
bool pending_create(const char *name); /* before the first file is moved; false: errno says why */
bool pending_again(
    const char *name); /* the new one went bad, too: all stages, but no more often than before */
enum pending pending_begin(const char *name, unsigned stage);
bool pending_end(const char *name, unsigned stage, bool done);
bool pending_remove(const char *name);

/* store.c: rows, inside a transaction. */
sqlite3_stmt *store_bind(struct database *db, enum statement which, const char *kinds, ...);
int store_run(struct database *db, enum statement which, const char *kinds, ...);
int store_item_row(struct database *db, const struct spool_item *item); /* without claims, not counted */
int store_item(struct database *db, const struct held_item *held, struct usage *usage);
int store_taken(struct database *db, unsigned broker, int64_t id, struct usage *usage);
int store_put(struct database *db, const struct held_put *put, struct usage *usage);
int store_drop_oldest(struct database *db, enum spool_class class, struct usage *usage, bool *dropped);
void store_read_item(sqlite3_stmt *row, struct spool_item *item);
/* The columns store_read_item expects, in its order. */
#define STORE_ITEM_COLUMNS                                                                                   \
    "item.id, item.class, item.topic, item.payload, item.retain, item.expiry_s, item.created_utc_ns, "       \
    "item.created_mono_ns, item.boot"

/* held.c: main thread. */
struct held_item *held_create(const struct spool_item *item, uint32_t claims, bool urgent);
void held_add(struct spool *spool, struct held_item *held);
void held_remove(struct spool *spool, struct held_item *held); /* lock held */
void held_drop_replaced(struct spool *spool, const struct spool_item *item);
bool held_fits(const struct spool *spool, const struct spool_item *items, size_t count, bool urgent);
bool held_make_room(struct spool *spool, size_t size); /* drops routine items from memory, counted */
void held_unpin(struct held_item *held);               /* lock held */
enum atalaya_result put_add(struct spool *spool, bool urgent, const char *group, const char *key,
                            const void *value, size_t length);
void put_remove(struct spool *spool, struct held_put *put);
struct held_put *put_find(struct spool *spool, const char *group, const char *key);
size_t item_size(const struct spool_item *item);

/* commit.c */
enum atalaya_result commit_urgent(struct spool *spool);
enum atalaya_result commit_batch(struct spool *spool);
/* Something waits for the batch. patient: it may wait SPOOL_PATIENCE times as long as a text. */
void commit_batch_begins(struct spool *spool, bool patient);
int commit_open(struct spool *spool); /* database open and run begun; SQLite code */
void commit_failed(struct spool *spool, int code);
/* room.c: drops routine items until routine fits in limit_bytes, and everything in reserve_bytes more. Inside
 * a transaction. */
int room_shed(struct spool *spool, struct usage *usage);
void room_report(const struct spool *spool, const struct usage *after);
bool room_for_distress(const struct spool *spool, size_t items, size_t bytes);
/* inspect.c: the small state of a database that cannot be opened to be written, and that nobody else has
 * open. A file that is not there has none. */
enum atalaya_result inspect_unwritable(const char *path, const char *group, spool_each *each, void *context);

#endif
