/* SPDX-License-Identifier: Apache-2.0 */
/* Leaf pages of tables, one by one. A row is found by the pages that lead to its own; each batch writes those
 * anew, and with one of them go all the rows below. But every leaf page is a whole table of one page: SQLite
 * is told that such a table begins there ("imposter table", as its own extension RBU has them), and reads it
 * with all its care for damage, overflow pages and the log. It is a test control: a library without it makes
 * a real table of it, which a file that is read only refuses.
 *
 * Dead pages: SQLite fills them with zeroes when it frees them (secure_delete, database.c), and a page's
 * leftovers are in no list of its cells. The octets of an overflow page are nobody's page: it begins with the
 * number of the next one, the first octet of which is no kind of page below 32 GiB. */
#include <limits.h>
#include <stdio.h>

#include "spool/salvage.h"

enum {
    TABLES = 64,           /* known at a time: to forget them takes as long as to read a page */
    ROWS_OF_A_PAGE = 1024, /* more than a leaf page holds: of one that leads to others not all below it */
};

static sqlite3_stmt *prepare_leaf(sqlite3 *handle, int page, const char *columns, const char *where)
{
    char text[600];
    sqlite3_stmt *row = NULL;
    unsigned place = (unsigned)page % TABLES;
    if (place == 0) /* forgets */
        sqlite3_test_control(SQLITE_TESTCTRL_IMPOSTER, handle, "main", 0, 1);
    snprintf(text, sizeof text, "CREATE TABLE leaf%u(c0, c1, c2, c3, c4, c5, c6, c7, c8)", place);
    sqlite3_test_control(SQLITE_TESTCTRL_IMPOSTER, handle, "main", 1, page);
    int code = database_execute(handle, text);
    sqlite3_test_control(SQLITE_TESTCTRL_IMPOSTER, handle, "main", 0, 0);
    snprintf(text, sizeof text, "SELECT %s FROM leaf%u WHERE %s LIMIT %d", columns, place, where,
             ROWS_OF_A_PAGE);
    if (code == SQLITE_OK)
        sqlite3_prepare_v2(handle, text, -1, &row, NULL);
    return row;
}

void leaves_scan(struct salvage *salvage, const char *columns, const char *where, salvage_row *take)
{
    int64_t pages = 0;
    if (!salvage->pages || database_number(salvage->pages, "PRAGMA page_count", &pages) != SQLITE_OK)
        return;
    salvage->lost_pages = true;
    for (int page = 2; page <= pages && page < INT_MAX && salvage_goes_on(salvage); page++) {
        sqlite3_stmt *row = prepare_leaf(salvage->pages, page, columns, where);
        while (row && salvage_goes_on(salvage) && sqlite3_step(row) == SQLITE_ROW)
            take(salvage, row);
        sqlite3_finalize(row);
    }
    salvage->lost_pages = false;
    salvage->partly |= !salvage_goes_on(salvage);
}
