/* SPDX-License-Identifier: Apache-2.0 */
/* What the files share that take a damaged database over. Main thread. */
#ifndef ATALAYA_GATEWAY_SPOOL_SALVAGE_H
#define ATALAYA_GATEWAY_SPOOL_SALVAGE_H

#include "spool/first_page.h"
#include "spool/private.h"

enum { FORMER_BROKERS_MAX = 64 };

struct salvage {
    struct database *to;
    sqlite3 *from;  /* as it is, or with a first page that was put in its place */
    sqlite3 *pages; /* always with that one: for leaf pages. NULL: cannot be opened */
    struct first_page first, again;
    int code; /* of the new database */
    bool partly;
    int64_t end_ns;
    struct former_broker {
        int64_t id;
        char name[CONFIG_NAME_MAX];
    } broker[FORMER_BROKERS_MAX];
    unsigned broker_count;
    sqlite3_stmt *claim; /* NULL: who has still to take an item is not known */
    sqlite3_stmt *index; /* names distress and units beside their claims. NULL: not known */
    bool lost_pages;     /* rows come from pages to which nothing leads */
    unsigned items, distress, states, stages; /* of this run */
};

/* Takes a row over. */
typedef void salvage_row(struct salvage *salvage, sqlite3_stmt *row);

bool salvage_goes_on(const struct salvage *salvage);

/* salvage_rows.c. Items have STORE_ITEM_COLUMNS, states a number, group, key and value. What is there already
 * stays as it is. */
void salvage_brokers(struct salvage *salvage, const struct spool *spool);
salvage_row salvage_item, salvage_state;

/* leaves.c: rows of every leaf page of a table, whatever leads to it: `columns` of c0 to c8 that satisfy
 * `where`. */
void leaves_scan(struct salvage *salvage, const char *columns, const char *where, salvage_row *take);

#endif
