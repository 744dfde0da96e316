/* SPDX-License-Identifier: Apache-2.0 */
/* A disk that remembers: everything this program does to the files of one folder, in order, so that the
 * states can be rebuilt in which a power cut may leave them. Stands before the C library's calls, so it sees
 * what SQLite does too. */
#ifndef ATALAYA_TEST_RECORDER_H
#define ATALAYA_TEST_RECORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RECORDER_FILES_MAX = 12, RECORDER_OPS_MAX = 4096, RECORDER_FILE_MAX = 1 << 20, SECTOR = 512 };

/* OP_SYNC of RECORDER_FILES_MAX: of a folder, which makes sure of names that came and went. */
enum op_kind { OP_CREATE, OP_WRITE, OP_TRUNCATE, OP_UNLINK, OP_SYNC, OP_RENAME };

struct op {
    enum op_kind kind;
    unsigned file, to; /* of a renaming: what it is called then */
    int64_t at;        /* of a write; size of a truncation */
    size_t length;
    unsigned char *data;
};

struct image {
    bool exists;
    size_t size;
    unsigned char *bytes; /* [size: RECORDER_FILE_MAX] */
};

extern struct recorder {
    size_t count;
    struct op op[RECORDER_OPS_MAX];
    unsigned files;
    char name[RECORDER_FILES_MAX][64]; /* below the folder */
    int64_t wall_ahead_ns;             /* the wall clock of this program is so much ahead */
} recorder;

/* folder: without a slash at its end. NULL: records no more. While it does not record, no sync costs
 * anything. */
void recorder_watch(const char *folder);
/* Applies an operation, of a write only the octets from `first` to before `last`. */
void recorder_apply(struct image images[static RECORDER_FILES_MAX], const struct op *op, size_t first,
                    size_t last);
/* What of an operation reaches the disk: octets [first, last) of a write, all or nothing of others. */
struct part {
    bool applied;
    size_t first, last;
};
/* The files after the operations before `cut`, as far as they reached the disk. */
void recorder_build(struct image images[static RECORDER_FILES_MAX],
                    const struct part part[static RECORDER_OPS_MAX], size_t cut);
/* Those before `cut` that no sync has made sure of, the last one first. */
size_t recorder_pending(size_t cut, size_t pending[static RECORDER_OPS_MAX]);
/* Writes the files into a folder and takes away those that do not exist. */
void recorder_restore(const struct image images[static RECORDER_FILES_MAX], const char *folder);

#endif
