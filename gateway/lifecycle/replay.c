/* SPDX-License-Identifier: Apache-2.0 */
#include "lifecycle/replay.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/gateway/log.h"

static const char group[] = "command";
static const int64_t keep_ns = REPLAY_KEEP_S * INT64_C(1000000000);

struct replay {
    struct spool *spool;
    unsigned count;
    struct memory {
        char name[REPLAY_NAME_MAX];
        int64_t expires_utc_ns;
    } memory[REPLAY_MAX];
};

static void load(void *context, const char *key, const void *value, size_t length)
{
    struct replay *replay = context;
    char text[32];
    if (replay->count == REPLAY_MAX || strlen(key) >= REPLAY_NAME_MAX || length >= sizeof text)
        return;
    memcpy(text, value, length);
    text[length] = '\0';
    struct memory *memory = &replay->memory[replay->count++];
    memory->expires_utc_ns = strtoll(text, NULL, 10);
    strcpy(memory->name, key);
}

enum atalaya_result replay_create(struct spool *spool, struct replay **replay)
{
    struct replay *made = calloc(1, sizeof *made);
    if (!made)
        return ATALAYA_E_MEMORY;
    made->spool = spool;
    enum atalaya_result result = spool_list(spool, group, load, made);
    if (result == ATALAYA_E_IO) { /* the disk fails: what comes from now on is remembered in memory */
        log_error("which commands came before cannot be read: those that have not expired could be repeated");
        result = ATALAYA_OK;
    }
    *replay = made;
    if (result != ATALAYA_OK)
        free(made);
    return result;
}

/* What had expired at before_utc_ns. */
static void forget_old(struct replay *replay, int64_t before_utc_ns)
{
    for (unsigned i = 0; i < replay->count;) {
        struct memory *memory = &replay->memory[i];
        if (memory->expires_utc_ns > before_utc_ns) {
            i++;
            continue;
        }
        /* routine: a row too many does no harm */
        (void)spool_put(replay->spool, SPOOL_STATS, group, memory->name, NULL, 0);
        *memory = replay->memory[--replay->count];
    }
}

static void name_it(const char *who, const char *id, char name[REPLAY_NAME_MAX])
{
    snprintf(name, REPLAY_NAME_MAX, "%.32s/%.64s", who, id);
}

static bool is_known(const struct replay *replay, const char *name)
{
    for (unsigned i = 0; i < replay->count; i++)
        if (strcmp(replay->memory[i].name, name) == 0)
            return true;
    return false;
}

bool replay_knows(const struct replay *replay, const char *who, const char *id)
{
    char name[REPLAY_NAME_MAX];
    name_it(who, id, name);
    return is_known(replay, name);
}

enum atalaya_result replay_remember(struct replay *replay, const char *who, const char *id,
                                    int64_t expires_utc_ns, int64_t now_utc_ns)
{
    char name[REPLAY_NAME_MAX], value[32];
    name_it(who, id, name);
    if (is_known(replay, name))
        return ATALAYA_E_DENIED;
    if (now_utc_ns != INT64_MIN)
        forget_old(replay, now_utc_ns - keep_ns);
    if (now_utc_ns != INT64_MIN && replay->count == REPLAY_MAX)
        forget_old(replay, now_utc_ns);
    if (replay->count == REPLAY_MAX)
        return ATALAYA_E_FULL;
    int length = snprintf(value, sizeof value, "%" PRId64, expires_utc_ns);
    enum atalaya_result result = spool_put(replay->spool, SPOOL_DISTRESS, group, name, value, (size_t)length);
    if (result != ATALAYA_OK &&
        result != ATALAYA_E_IO) /* E_IO: in memory, written when the disk is well again */
        return result;
    struct memory *memory = &replay->memory[replay->count++];
    strcpy(memory->name, name);
    memory->expires_utc_ns = expires_utc_ns;
    return ATALAYA_OK;
}

void replay_destroy(struct replay *replay)
{
    free(replay);
}
