/* SPDX-License-Identifier: Apache-2.0 */
/* What can still be read of a damaged database goes into the new one: brokers, what waits for them, states.
 * Rows that a bad page hides are looked for on their own pages. Distress comes first, and all of it has an
 * end in time, for the main thread does it. */
#include "spool/salvage.h"

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/log.h"

enum { ROWS_OF_A_PAGE = 64, STEPS_OF_A_LOOK = 10000 };
static const int64_t most_ns = INT64_C(4000000000);

bool salvage_goes_on(const struct salvage *salvage)
{
    return salvage->code == SQLITE_OK && clock_mono_ns() < salvage->end_ns;
}

/* Pages that lead to themselves may hold rows without end, none of which is asked for. */
static int is_late(void *context)
{
    return clock_mono_ns() >= ((const struct salvage *)context)->end_ns;
}

/* Rows behind ?1 by the number in their first column. Where one cannot be read, the search goes on farther
 * and farther behind the last that could. */
static void scan(struct salvage *salvage, const char *sql, salvage_row *take)
{
    sqlite3_stmt *row = NULL;
    int64_t last = 0, gap = 0;
    int code = sqlite3_prepare_v2(salvage->from, sql, -1, &row, NULL);
    while (row && code != SQLITE_DONE && gap < INT64_MAX / 2 - last && salvage_goes_on(salvage)) {
        sqlite3_reset(row);
        sqlite3_bind_int64(row, 1, last + gap);
        while (salvage_goes_on(salvage) && (code = sqlite3_step(row)) == SQLITE_ROW) {
            if (sqlite3_column_int64(row, 0) <= last) /* pages that lead back */
                break;
            last = sqlite3_column_int64(row, 0);
            gap = 0;
            take(salvage, row);
        }
        salvage->partly |= code != SQLITE_DONE;
        gap = gap < ROWS_OF_A_PAGE ? gap + 1 : 2 * gap;
    }
    sqlite3_finalize(row);
    salvage->partly |= code != SQLITE_DONE;
}

static void take_distress(struct salvage *salvage)
{
    scan(salvage,
         "SELECT " STORE_ITEM_COLUMNS " FROM item NOT INDEXED WHERE id > ?1 AND class = 0 ORDER BY id",
         salvage_item);
}

static void take_states(struct salvage *salvage)
{
    scan(salvage, "SELECT rowid, grp, key, value FROM state NOT INDEXED WHERE rowid > ?1 ORDER BY rowid",
         salvage_state);
}

#define LEAF_ITEM_COLUMNS "rowid, c1, c2, c3, c4, c5, c6, c7, c8"
#define LEAF_IS_ITEM                                                                                         \
    "c0 IS NULL AND typeof(c1) = 'integer' AND typeof(c2) = 'text' AND typeof(c3) = 'blob' AND "             \
    "typeof(c8) = 'integer'"

static void take_lost_urgent(struct salvage *salvage)
{
    leaves_scan(salvage, LEAF_ITEM_COLUMNS, LEAF_IS_ITEM " AND c1 = 0", salvage_item);
    leaves_scan(salvage, "rowid, c0, c1, c2",
                "typeof(c0) = 'text' AND typeof(c1) = 'text' AND typeof(c2) = 'blob' AND c3 IS NULL",
                salvage_state);
}

static void take_routine(struct salvage *salvage)
{
    scan(salvage,
         "SELECT " STORE_ITEM_COLUMNS " FROM item NOT INDEXED WHERE id > ?1 AND class > 0 ORDER BY id",
         salvage_item);
}

static void take_lost_routine(struct salvage *salvage)
{
    leaves_scan(salvage, LEAF_ITEM_COLUMNS, LEAF_IS_ITEM " AND c1 > 0", salvage_item);
}

/* As it is; where that does not even show its tables, with a first page put in the place of its own. */
static void begin(struct salvage *salvage, const char *path)
{
    int64_t tables = 0;
    int code = database_open_alone(path, NULL, &salvage->from);
    if (code == SQLITE_OK)
        code = database_number(salvage->from,
                               "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN "
                               "('item', 'broker', 'claim', 'state')",
                               &tables);
    if (code != SQLITE_OK || tables < 4) {
        sqlite3_close(salvage->from);
        salvage->partly = true;
        if (first_page_open(&salvage->first, path, &salvage->from) != SQLITE_OK)
            log_warning("spool: %s cannot be opened to be read", path);
    }
    if (first_page_open(&salvage->again, path, &salvage->pages) != SQLITE_OK)
        log_warning("spool: the pages of %s cannot be read one by one", path);
    sqlite3 *const handles[] = {salvage->from, salvage->pages};
    for (int i = 0; i < 2; i++) {
        if (!handles[i])
            continue;
        database_execute(handles[i], "PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF");
        sqlite3_progress_handler(handles[i], STEPS_OF_A_LOOK, is_late, salvage);
    }
}

static void end(struct salvage *salvage)
{
    sqlite3_finalize(salvage->claim);
    sqlite3_finalize(salvage->index);
    salvage->claim = salvage->index = NULL;
    first_page_close(&salvage->first, salvage->from);
    first_page_close(&salvage->again, salvage->pages);
    salvage->from = salvage->pages = NULL;
}

/* Each stage is a transaction of its own, and opens the file anew: what kills it there is its doing alone. */
static void execute_stage(struct salvage *salvage, const struct spool *spool, const char *damaged,
                          unsigned stage)
{
    static void (*const take[PENDING_STAGES])(struct salvage *) = {
        take_distress, take_states, take_lost_urgent, take_routine, take_lost_routine};
    salvage->code = store_run(salvage->to, STATEMENT_BEGIN, "");
    if (salvage->code != SQLITE_OK)
        return;
    begin(salvage, damaged);
    salvage_brokers(salvage, spool);
    if (salvage->code == SQLITE_OK)
        take[stage](salvage);
    end(salvage);
    if (salvage->code == SQLITE_OK)
        salvage->code = store_run(salvage->to, STATEMENT_COMMIT, "");
}

static void report(const struct salvage *salvage, const char *damaged)
{
    if (salvage->items + salvage->states == 0 && salvage->stages == PENDING_STAGES)
        log_error("spool: nothing that waited or was open could be read in %s", damaged);
    else
        log_warning("spool: taken over from %s: %u items (%u of distress), %u states%s", damaged,
                    salvage->items, salvage->distress, salvage->states,
                    salvage->partly ? "; more may have been there" : "");
}

int salvage_execute(struct spool *spool, const char *damaged)
{
    struct salvage salvage = {.to = &spool->db, .end_ns = clock_mono_ns() + most_ns};
    for (unsigned stage = 0; stage < PENDING_STAGES; stage++) {
        enum pending pending = pending_begin(damaged, stage);
        if (pending == PENDING_FAILED)
            return SQLITE_IOERR;
        salvage.partly |= pending == PENDING_GIVEN_UP;
        if (pending == PENDING_GIVEN_UP)
            log_error("spool: taking over %s ended this program again and again: a part of it is left out",
                      damaged);
        if (pending != PENDING_GO)
            continue;
        salvage.stages++;
        execute_stage(&salvage, spool, damaged, stage);
        if (!pending_end(damaged, stage, salvage.code == SQLITE_OK) && salvage.code == SQLITE_OK)
            salvage.code = SQLITE_IOERR;
        if (salvage.code != SQLITE_OK)
            return salvage.code;
    }
    report(&salvage, damaged);
    return pending_remove(damaged) ? SQLITE_OK : SQLITE_IOERR;
}
