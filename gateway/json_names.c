/* SPDX-License-Identifier: Apache-2.0 */
#include "json_names.h"

#include <pthread.h>
#include <stddef.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char names[JSON_NAMES_MAX][JSON_NAME_SIZE];
static size_t used;

static const char *name_keep_locked(const char *name)
{
    for (size_t i = 0; i < used; i++)
        if (strcmp(names[i], name) == 0)
            return names[i];
    if (used == JSON_NAMES_MAX)
        return NULL;
    strcpy(names[used], name);
    return names[used++];
}

const char *json_name_keep(const char *name)
{
    if (strlen(name) >= JSON_NAME_SIZE)
        return NULL;
    pthread_mutex_lock(&lock);
    const char *kept = name_keep_locked(name);
    pthread_mutex_unlock(&lock);
    return kept;
}
