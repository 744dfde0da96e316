/* SPDX-License-Identifier: Apache-2.0 */
#include "whereabouts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/json.h"
#include "atalaya/gateway/log.h"
#include "resident.h"

static const char group[] = "whereabouts";

struct entry {
    char unit[CONFIG_TEXT_MAX]; /* "" = free */
    bool known;                 /* in the registry when it was heard last */
    struct whereabout where;
};

struct whereabouts {
    struct spool *spool;
    unsigned count;
    struct entry entry[WHEREABOUTS_UNITS_MAX];
};

static struct entry *find(const struct whereabouts *w, const char *unit)
{
    for (unsigned i = 0; i < w->count; i++)
        if (strcmp(w->entry[i].unit, unit) == 0)
            return (struct entry *)(uintptr_t)&w->entry[i];
    return NULL;
}

/* Anybody can fill the table with names; who calls for help without a place is one of ours most likely. */
static bool goes_before(const struct entry *a, const struct entry *b)
{
    return a->known != b->known ? b->known : a->where.utc_ns < b->where.utc_ns;
}

static struct entry *make_room(struct whereabouts *w)
{
    if (w->count < WHEREABOUTS_UNITS_MAX)
        return &w->entry[w->count++];
    struct entry *oldest = &w->entry[0];
    for (unsigned i = 1; i < w->count; i++)
        if (goes_before(&w->entry[i], oldest))
            oldest = &w->entry[i];
    (void)spool_put(w->spool, SPOOL_UNIT, group, oldest->unit, NULL,
                    0); /* the spool reports its own failures */
    return oldest;
}

static void load(void *context, const char *key, const void *value, size_t length)
{
    struct whereabouts *w = context;
    json_t *object = json_loadb(value, length, 0, NULL);
    struct whereabout where;
    if (w->count < WHEREABOUTS_UNITS_MAX && strlen(key) < CONFIG_TEXT_MAX &&
        whereabout_from_json(object, &where)) {
        struct entry *entry = &w->entry[w->count++];
        snprintf(entry->unit, sizeof entry->unit, "%s", key);
        entry->where = where;
        entry->known = json_is_true(json_object_get(object, "known"));
    }
    json_decref(object);
}

enum atalaya_result whereabouts_create(struct spool *spool, struct whereabouts **whereabouts)
{
    struct whereabouts *w = resident_calloc(sizeof *w);
    if (!w)
        return ATALAYA_E_MEMORY;
    w->spool = spool;
    enum atalaya_result result = spool_list(spool, group, load, w);
    if (result == ATALAYA_E_IO) { /* the disk fails: what comes from now on is known */
        log_error("where units were last cannot be read: a call without a position has none until its unit "
                  "tells one");
        result = ATALAYA_OK;
    }
    if (result != ATALAYA_OK) {
        free(w);
        return result;
    }
    *whereabouts = w;
    return ATALAYA_OK;
}

void whereabouts_update(struct whereabouts *w, const char *unit, bool known, const struct whereabout *where)
{
    struct entry *entry = find(w, unit);
    if (!entry) {
        entry = make_room(w);
        snprintf(entry->unit, sizeof entry->unit, "%s", unit);
    }
    entry->where = *where;
    entry->known = known;
    json_t *object = whereabout_to_json(where, true, where->utc_ns);
    json_object_set_new(object, "known", json_boolean(known));
    char *text = json_dumps(object, JSON_LINE_FLAGS);
    if (text)
        (void)spool_put(w->spool, SPOOL_UNIT, group, unit, text, strlen(text)); /* reports its own failures */
    free(text);
    json_decref(object);
}

const struct whereabout *whereabouts_find(const struct whereabouts *w, const char *unit)
{
    const struct entry *entry = find(w, unit);
    return entry ? &entry->where : NULL;
}

void whereabouts_rename(struct whereabouts *w, const char *from, const char *to)
{
    const struct entry *old = find(w, from), *now = find(w, to);
    if (!old || strcmp(from, to) == 0 || (now && now->where.utc_ns >= old->where.utc_ns))
        return;
    const struct whereabout where = old->where;
    whereabouts_update(w, to, true, &where);
}

void whereabouts_configured(struct whereabouts *w, const struct units *units)
{
    unsigned count = w->count;
    for (unsigned i = 0; i < count; i++) {
        char name[CONFIG_TEXT_MAX];
        struct unit_identity who;
        memcpy(name, w->entry[i].unit, sizeof name);
        units_identify_radio(units, name, &who); /* of a unit there is no radio of that name */
        if (who.known)
            whereabouts_rename(w, name, who.name);
    }
}

void whereabouts_destroy(struct whereabouts *w)
{
    free(w);
}
