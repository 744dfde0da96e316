/* SPDX-License-Identifier: Apache-2.0 */
#include "shown.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/gateway/json.h"
#include "atalaya/gateway/log.h"
#include "lifecycle/centres.h"
#include "resident.h"

static const char group[] = "shown";

struct entry {
    char unit[CONFIG_TEXT_MAX];
    bool known;
    uint8_t brokers; /* that were sent it */
    uint8_t finer;   /* of these: when less was made coarse there than is now */
};
_Static_assert(CONFIG_BROKERS_MAX <= 8, "a bit for each broker");

struct shown {
    struct spool *spool;
    const struct config *config;
    unsigned count, next;
    struct entry entry[SHOWN_UNITS_MAX];
};

static struct entry *find(struct shown *shown, const char *unit)
{
    for (unsigned i = 0; i < shown->count; i++)
        if (strcmp(shown->entry[i].unit, unit) == 0)
            return &shown->entry[i];
    return NULL;
}

/* Brokers by name, as another start may count them otherwise; each with the size of its cells. */
static void keep(struct shown *shown, const struct entry *entry)
{
    json_t *object = json_object(), *brokers = json_object();
    for (unsigned b = 0; b < shown->config->broker_count; b++)
        if (entry->brokers & 1U << b)
            json_object_set_new(brokers, shown->config->broker[b].name,
                                json_real(shown->config->broker[b].position_precision_m));
    json_object_set_new(object, "known", json_boolean(entry->known));
    json_object_set_new(object, "brokers", brokers);
    char *text = json_dumps(object, JSON_LINE_FLAGS);
    if (text)
        (void)spool_put(shown->spool, SPOOL_UNIT, group, entry->unit, text,
                        strlen(text)); /* reports itself */
    free(text);
    json_decref(object);
}

static void forget(struct shown *shown, struct entry *entry)
{
    (void)spool_put(shown->spool, SPOOL_UNIT, group, entry->unit, NULL, 0); /* reports its own failures */
    *entry = shown->entry[--shown->count];
}

static void load(void *context, const char *key, const void *value, size_t length)
{
    struct shown *shown = context;
    json_t *object = json_loadb(value, length, 0, NULL);
    const json_t *brokers = json_object_get(object, "brokers");
    if (json_is_object(brokers) && shown->count < SHOWN_UNITS_MAX && strlen(key) < CONFIG_TEXT_MAX) {
        struct entry *entry = &shown->entry[shown->count++];
        *entry = (struct entry){.known = json_is_true(json_object_get(object, "known"))};
        snprintf(entry->unit, sizeof entry->unit, "%s", key);
        for (unsigned b = 0; b < shown->config->broker_count; b++) {
            const json_t *precision_m = json_object_get(brokers, shown->config->broker[b].name);
            if (!precision_m)
                continue;
            entry->brokers |= (uint8_t)(1U << b);
            if (json_number_value(precision_m) < shown->config->broker[b].position_precision_m)
                entry->finer |= (uint8_t)(1U << b);
        }
    }
    json_decref(object);
}

enum atalaya_result shown_create(struct spool *spool, const struct config *config, struct shown **shown)
{
    struct shown *made = resident_calloc(sizeof *made);
    if (!made)
        return ATALAYA_E_MEMORY;
    made->spool = spool;
    made->config = config;
    enum atalaya_result result = spool_list(spool, group, load, made);
    if (result == ATALAYA_E_IO) { /* the disk fails, and says so: what is retained expires within a day */
        made->count = 0;
        result = ATALAYA_OK;
    }
    if (result != ATALAYA_OK) {
        free(made);
        return result;
    }
    *shown = made;
    return ATALAYA_OK;
}

static struct entry *make_room(struct shown *shown)
{
    if (shown->count < SHOWN_UNITS_MAX)
        return &shown->entry[shown->count++];
    struct entry *first = &shown->entry[shown->next++ % SHOWN_UNITS_MAX];
    (void)spool_put(shown->spool, SPOOL_UNIT, group, first->unit, NULL, 0); /* reports its own failures */
    return first;
}

void shown_note(struct shown *shown, const char *unit, bool known, uint32_t brokers)
{
    struct entry *entry = find(shown, unit);
    uint8_t more = (uint8_t)brokers;
    if (!more)
        return;
    if (entry && entry->known == known && (entry->brokers | more) == entry->brokers && !(entry->finer & more))
        return;
    if (!entry) {
        entry = make_room(shown);
        memset(entry, 0, sizeof *entry);
        snprintf(entry->unit, sizeof entry->unit, "%s", unit);
    }
    entry->known = known;
    entry->brokers |= more;
    entry->finer &= (uint8_t)~more;
    keep(shown, entry);
}

static bool is_in_registry(const struct config *config, const char *unit)
{
    for (unsigned i = 0; i < config->unit_count; i++)
        if (strcmp(config->unit[i].name, unit) == 0)
            return true;
    return false;
}

/* Who was a stranger then has a name of the registry by now, or is one still, and the list is off. */
static bool may_stay(const struct shown *shown, const struct units *units, const struct entry *entry)
{
    struct unit_identity who;
    if (is_in_registry(shown->config, entry->unit))
        return true;
    units_identify_radio(units, entry->unit, &who);
    return !entry->known && !who.known && !shown->config->site.allow_list;
}

/* Only where it was shown: elsewhere its topic would tell the name. It replaces what waits to be sent, unless
 * others are to have that still. */
static void take_back(const struct shown *shown, const char *unit, uint8_t brokers, bool replace)
{
    char topic[SPOOL_TOPIC_MAX];
    struct spool_item nothing = {.class = SPOOL_UNIT,
                                 .topic = topic,
                                 .payload = "",
                                 .retain = true,
                                 .replace = replace,
                                 .brokers = brokers};
    snprintf(topic, sizeof topic, "site/%s/unit/%s", shown->config->site.id, unit);
    if (brokers && spool_append(shown->spool, &nothing) != ATALAYA_OK)
        log_error("what brokers retain of a unit could not be taken back: it expires within a day");
}

/* Centres' filters may have become narrower. */
static uint8_t wanted_by(const struct shown *shown, const struct entry *entry)
{
    const struct centre_subject subject = {.kind = "unit", .unit = entry->unit};
    return (uint8_t)centres_route(shown->config, &subject);
}

void shown_review(struct shown *shown, const struct units *units)
{
    unsigned taken_back = 0;
    for (unsigned i = 0; i < shown->count;) {
        struct entry *entry = &shown->entry[i];
        bool stays = may_stay(shown, units, entry);
        uint8_t brokers = stays ? entry->finer | (entry->brokers & ~wanted_by(shown, entry)) : entry->brokers;
        taken_back += brokers != 0;
        take_back(shown, entry->unit, brokers, !stays);
        entry->brokers &= (uint8_t)~brokers;
        entry->finer = 0;
        if (!entry->brokers)
            forget(shown, entry);
        else {
            if (brokers)
                keep(shown, entry);
            i++;
        }
    }
    if (taken_back)
        log_notice("what brokers retain of %u units is taken back: they are not on the list any more, have "
                   "another name, or are not for all of them, or not so exactly, any more",
                   taken_back);
}

void shown_destroy(struct shown *shown)
{
    free(shown);
}
