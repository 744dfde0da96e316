/* SPDX-License-Identifier: Apache-2.0 */
#include "lifecycle/replay.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/gateway/log.h"

static const char group[] = "command", open_word[] = " open";
enum { REPLAY_VALUE_MAX = 40 };
static const int64_t keep_ns = REPLAY_KEEP_S * INT64_C(1000000000);

struct replay {
    struct spool *spool;
    unsigned count;
    struct memory {
        char name[REPLAY_NAME_MAX];
        int64_t expires_utc_ns;
        bool open, lost; /* lost: it was open when an earlier run ended */
    } memory[REPLAY_MAX];
};

static void load(void *context, const char *key, const void *value, size_t length)
{
    struct replay *replay = context;
    char text[REPLAY_VALUE_MAX];
    if (replay->count == REPLAY_MAX || strlen(key) >= REPLAY_NAME_MAX || length >= sizeof text)
        return;
    memcpy(text, value, length);
    text[length] = '\0';
    struct memory *memory = &replay->memory[replay->count++];
    memory->expires_utc_ns = strtoll(text, NULL, 10);
    memory->open = false;
    memory->lost = strstr(text, open_word) != NULL;
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

static struct memory *find(struct replay *replay, const char *name)
{
    for (unsigned i = 0; i < replay->count; i++)
        if (strcmp(replay->memory[i].name, name) == 0)
            return &replay->memory[i];
    return NULL;
}

bool replay_knows(struct replay *replay, const char *who, const char *id)
{
    char name[REPLAY_NAME_MAX];
    name_it(who, id, name);
    const struct memory *memory = find(replay, name);
    return memory && !memory->lost;
}

static enum atalaya_result write_down(struct replay *replay, enum spool_class class,
                                      const struct memory *memory)
{
    char value[REPLAY_VALUE_MAX];
    int length =
        snprintf(value, sizeof value, "%" PRId64 "%s", memory->expires_utc_ns, memory->open ? open_word : "");
    return spool_put(replay->spool, class, group, memory->name, value, (size_t)length);
}

enum atalaya_result replay_remember(struct replay *replay, const struct replay_entry *entry,
                                    int64_t now_utc_ns)
{
    struct memory made = {.expires_utc_ns = entry->expires_utc_ns, .open = entry->open};
    name_it(entry->who, entry->id, made.name);
    if (replay_knows(replay, entry->who, entry->id))
        return ATALAYA_E_DENIED;
    if (now_utc_ns != INT64_MIN)
        forget_old(replay, now_utc_ns - keep_ns);
    if (now_utc_ns != INT64_MIN && replay->count == REPLAY_MAX)
        forget_old(replay, now_utc_ns);
    struct memory *memory = find(replay, made.name);
    if (!memory && replay->count == REPLAY_MAX)
        return ATALAYA_E_FULL;
    enum atalaya_result result = write_down(replay, SPOOL_DISTRESS, &made);
    if (result != ATALAYA_OK &&
        result != ATALAYA_E_IO) /* E_IO: in memory, written when the disk is well again */
        return result;
    if (!memory)
        memory = &replay->memory[replay->count++];
    *memory = made;
    return ATALAYA_OK;
}

void replay_settle(struct replay *replay, const char *id)
{
    for (unsigned i = 0; i < replay->count; i++) {
        struct memory *memory = &replay->memory[i];
        const char *slash = strchr(memory->name, '/');
        if (!memory->open || !slash || strcmp(slash + 1, id) != 0)
            continue;
        memory->open = false;
        (void)write_down(replay, SPOOL_STATS, memory); /* else it may be said once more: no harm */
    }
}

void replay_destroy(struct replay *replay)
{
    free(replay);
}
