/* SPDX-License-Identifier: Apache-2.0 */
/* The files of an audit log: <spool>.audit is written, <spool>.audit.1 is the one before it, .2 that before
 * .1. A kill while they move up leaves a gap in the numbers and never another order. */
#ifndef ATALAYA_LIFECYCLE_AUDIT_FILES_H
#define ATALAYA_LIFECYCLE_AUDIT_FILES_H

#include "audit.h"

enum {
    AUDIT_FILES = 8,                       /* the limit is so many of equal size */
    AUDIT_PLACES_MAX = 2 * AUDIT_FILES - 1 /* besides the one that is written */
};

/* path: of the file that is written. place 0 is that one. */
void audit_files_path(const char *path, unsigned place, char result[AUDIT_PATH_MAX]);
/* How many there are besides the one that is written, and the place of the oldest, 0 = none. */
unsigned audit_files_count(const char *path, unsigned *oldest);
/* Moves all up by one, as far as there is no gap, so that place 0 is free; on disk when it returns.
 * ATALAYA_E_FULL: no place is free. */
enum atalaya_result audit_files_shift(const char *path);
enum atalaya_result audit_files_remove(const char *path, unsigned place);
/* The last whole line of an open file of that size. *end: where the file ends behind its last line end; what
 * follows is half a line. mark->line stays 0 where that line is none of a log, or where there is none. */
enum atalaya_result audit_files_end(int fd, off_t size, off_t *end, struct audit_mark *mark);
/* The same of a file by its place. */
enum atalaya_result audit_files_last(const char *path, unsigned place, struct audit_mark *mark);

#endif
