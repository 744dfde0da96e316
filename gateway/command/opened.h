/* SPDX-License-Identifier: Apache-2.0 */
/* What a broker hands to a program of a dispatcher, opened where it is sealed to the dispatcher's reader key.
 */
#ifndef ATALAYA_COMMAND_OPENED_H
#define ATALAYA_COMMAND_OPENED_H

#include "outlet/seal.h"

struct opened {
    const void *payload; /* what to read */
    size_t length;
    char *text; /* of opened_drop */
};

/* false: it is sealed and cannot be opened; `why` is set to a few words about it. key NULL: none. */
bool opened_look(const struct reader_key *key, const void *payload, size_t length, struct opened *opened,
                 const char **why);
void opened_drop(struct opened *opened);

/* The key that an option names; path "" or NULL: none, and *key is NULL. false: said on standard error. */
bool opened_key(const char *command, const char *path, struct reader_key **key);

#endif
