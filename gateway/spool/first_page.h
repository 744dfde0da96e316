/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a database as if its first page were whole. Main thread. */
#ifndef ATALAYA_GATEWAY_SPOOL_FIRST_PAGE_H
#define ATALAYA_GATEWAY_SPOOL_FIRST_PAGE_H

#include <sqlite3.h>
#include <stdint.h>

enum { FIRST_PAGE_BYTES = 4096 };

/* Zeroed before it is opened; stays where it is until it is closed. */
struct first_page {
    sqlite3_vfs vfs;
    uint8_t page[FIRST_PAGE_BYTES];
};

/* Read-only, as database_open_alone. SQLite code; closed in any case. */
int first_page_open(struct first_page *first, const char *path, sqlite3 **handle);
void first_page_close(struct first_page *first, sqlite3 *handle);

#endif
