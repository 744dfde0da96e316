/* SPDX-License-Identifier: Apache-2.0 */
#include "command/opened.h"

#include <stdio.h>
#include <stdlib.h>

bool opened_look(const struct reader_key *key, const void *payload, size_t length, struct opened *opened,
                 const char **why)
{
    *opened = (struct opened){.payload = payload, .length = length};
    *why = "";
    switch (seal_open(key, payload, length, &opened->text, &opened->length)) {
    case SEAL_NONE:
        opened->length = length;
        return true;
    case SEAL_OPENED:
        opened->payload = opened->text;
        return true;
    case SEAL_OTHERS:
        *why = key ? "sealed to others" : "sealed: --reader-key opens it";
        return false;
    case SEAL_BROKEN:
        *why = "sealed to a key of this name, and does not open with it";
        return false;
    }
    return false;
}

void opened_drop(struct opened *opened)
{
    free(opened->text);
    *opened = (struct opened){0};
}

bool opened_key(const char *command, const char *path, struct reader_key **key)
{
    char why[160];
    *key = NULL;
    if (!path || !path[0])
        return true;
    *key = reader_key_load(path, why, sizeof why);
    if (!*key)
        fprintf(stderr, "atalaya %s: %s\n", command, why);
    return *key != NULL;
}
