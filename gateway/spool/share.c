/* SPDX-License-Identifier: Apache-2.0 */
/* The meeting place of one writer and its readers, found by path. */
#include "spool/private.h"

#include <stdlib.h>
#include <string.h>

#include "resident.h"

static pthread_mutex_t registry_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct share *registry;

static struct share *share_create(const char *path)
{
    struct share *share = resident_calloc(sizeof *share);
    if (!share)
        return NULL;
    if (pthread_mutex_init(&share->mutex, NULL) != 0) {
        free(share);
        return NULL;
    }
    if (pthread_mutex_init(&share->alone, NULL) != 0) {
        pthread_mutex_destroy(&share->mutex);
        free(share);
        return NULL;
    }
    strcpy(share->path, path);
    TAILQ_INIT(&share->held);
    share->next = registry;
    registry = share;
    return share;
}

struct share *share_get(const char *path)
{
    if (strlen(path) >= CONFIG_PATH_MAX)
        return NULL;
    pthread_mutex_lock(&registry_mutex);
    struct share *share = registry;
    while (share && strcmp(share->path, path) != 0)
        share = share->next;
    if (!share)
        share = share_create(path);
    if (share)
        share->users++;
    pthread_mutex_unlock(&registry_mutex);
    return share;
}

void share_put(struct share *share)
{
    if (!share)
        return;
    pthread_mutex_lock(&registry_mutex);
    if (--share->users == 0) {
        struct share **place = &registry;
        while (*place != share)
            place = &(*place)->next;
        *place = share->next;
        pthread_mutex_destroy(&share->alone);
        pthread_mutex_destroy(&share->mutex);
        free(share);
    }
    pthread_mutex_unlock(&registry_mutex);
}

void share_lock(struct share *share)
{
    pthread_mutex_lock(&share->mutex);
}

void share_unlock(struct share *share)
{
    pthread_mutex_unlock(&share->mutex);
}

bool share_enter_alone(struct share *share)
{
    pthread_mutex_lock(&share->alone);
    share_lock(share);
    bool unopened = share->unopened;
    share_unlock(share);
    if (!unopened)
        pthread_mutex_unlock(&share->alone);
    return unopened;
}

void share_leave_alone(struct share *share)
{
    pthread_mutex_unlock(&share->alone);
}

int share_broker(const struct share *share, const char *name)
{
    for (unsigned b = 0; b < share->broker_count; b++)
        if (strcmp(share->broker[b], name) == 0)
            return (int)b;
    return -1;
}

bool share_take(struct share *share, unsigned broker, int64_t id, bool reported)
{
    struct taken *taken = share->taken[broker];
    unsigned count = share->taken_count[broker];
    for (unsigned i = count; i-- > 0;) /* the newest are asked for again, so from the end */
        if (taken[i].id == id) {
            taken[i].reported |= reported;
            return true;
        }
    if (count == TAKEN_MAX)
        return false;
    taken[count] = (struct taken){.id = id, .reported = reported};
    share->taken_count[broker]++;
    return true;
}

void share_forget(struct share *share, unsigned broker, const int64_t *ids, size_t count)
{
    struct taken *taken = share->taken[broker];
    unsigned kept = 0;
    for (unsigned i = 0; i < share->taken_count[broker]; i++)
        if (!ids_contain(ids, count, taken[i].id))
            taken[kept++] = taken[i];
    share->taken_count[broker] = kept;
}

static int compare(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

void ids_sort(int64_t *ids, size_t count)
{
    if (count > 1)
        qsort(ids, count, sizeof *ids, compare);
}

bool ids_contain(const int64_t *ids, size_t count, int64_t id)
{
    return count > 0 && bsearch(&id, ids, count, sizeof *ids, compare) != NULL;
}
