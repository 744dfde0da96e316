/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/feed_health.h"

#include <string.h>

#include "mqtt/document.h"
#include "mqtt/line.h"

enum { NAME_MOST = 40, REASON_MOST = 160, TEXT_MOST = 200, CAUSES_MAX = 900, KEY_MAX = CAUSES_MAX + 32 };

static void put_text(struct line *line, const json_t *object, const char *key, unsigned most)
{
    const json_t *value = json_object_get(object, key);
    line_put_foreign(line, json_string_value(value) ? json_string_value(value) : "?",
                     json_string_value(value) ? json_string_length(value) : 1, most);
}

/* Not when it is compared with what was said before: it may have figures that never rest. */
static void put_reason(struct line *line, const json_t *entry, bool words)
{
    if (!words || json_string_length(json_object_get(entry, "error")) == 0)
        return;
    line_put(line, ": ");
    put_text(line, entry, "error", REASON_MOST);
}

static void put_sources(struct line *line, const json_t *health, bool words)
{
    const json_t *sources = json_object_get(health, "sources"), *entry;
    size_t i;
    json_array_foreach (sources, i, entry) {
        if (!document_says(entry, "state", "gone") && !document_says(entry, "state", "hangs") &&
            !document_says(entry, "state", "ended"))
            continue;
        line_put(line, "  source ");
        put_text(line, entry, "name", NAME_MOST);
        line_put(line, " ");
        put_text(line, entry, "state", NAME_MOST);
        put_reason(line, entry, words);
    }
}

static bool refuses_something(const json_t *link)
{
    return document_says(link, "state", "up") && json_integer_value(json_object_get(link, "set_aside")) > 0;
}

/* A site that begins, or has just come back, says of its only link that it is not up: but here it is. */
static void put_links(struct line *line, const json_t *health, bool words)
{
    const json_t *links = json_object_get(health, "links"), *entry;
    bool any = false;
    size_t i;
    json_array_foreach (links, i, entry) {
        any = any || document_says(entry, "state", "up");
    }
    json_array_foreach (links, i, entry) {
        bool up = document_says(entry, "state", "up");
        if (up ? !refuses_something(entry) && !json_object_get(entry, "error") : !any)
            continue;
        line_put(line, "  broker ");
        put_text(line, entry, "name", NAME_MOST);
        line_put(line, "%s",
                 !up                        ? " not reached"
                 : refuses_something(entry) ? " refuses what it is sent"
                                            : "");
        put_reason(line, entry, words);
    }
}

static bool all_up(const json_t *health)
{
    const json_t *links = json_object_get(health, "links"), *entry;
    size_t i;
    json_array_foreach (links, i, entry) {
        if (!document_says(entry, "state", "up"))
            return false;
    }
    return true;
}

static void put_spool(struct line *line, const json_t *health, bool words)
{
    const json_t *spool = json_object_get(health, "spool");
    if (json_is_true(json_object_get(spool, "failing")))
        line_put(line, "  its disk fails");
    else if (json_is_true(json_object_get(spool, "damaged")))
        line_put(line, "  its spool was damaged");
    else if (json_object_get(spool, "error"))
        line_put(line, "  its spool");
    else
        return;
    put_reason(line, spool, words);
}

static void put_senders(struct line *line, const json_t *health, bool words)
{
    const json_t *transmitters = json_object_get(health, "transmitters"), *entry;
    size_t i;
    json_array_foreach (transmitters, i, entry) {
        if (!json_is_false(json_object_get(entry, "well")))
            continue;
        line_put(line, "  transmitter ");
        put_text(line, entry, "name", NAME_MOST);
        line_put(line, " cannot send");
        put_reason(line, entry, words);
    }
}

/* In the tower's words, or by kind: the words hold figures that never rest. */
static void put_faults(struct line *line, const json_t *health, bool words)
{
    const json_t *faults = json_object_get(health, "faults"), *entry;
    size_t i;
    json_array_foreach (faults, i, entry) {
        line_put(line, "  ");
        if (json_object_get(entry, "channel")) {
            line_put(line, "channel ");
            put_text(line, entry, "channel", NAME_MOST);
            line_put(line, ": ");
        }
        put_text(line, entry, words ? "text" : "kind", TEXT_MOST);
    }
}

/* Returns whether the site is well. */
static bool put(struct line *line, const json_t *health, bool words)
{
    char causes[CAUSES_MAX];
    struct line found;
    line_begin(&found, causes, sizeof causes);
    put_faults(&found, health, words);
    put_sources(&found, health, words);
    put_senders(&found, health, words);
    put_spool(&found, health, words);
    put_links(&found, health, words);
    bool well = json_is_true(json_object_get(health, "well")) || (!causes[0] && !all_up(health));
    line_put(line, well ? "site well" : "SITE NOT WELL");
    line_put(line, "%s", well ? "" : causes[0] ? causes : "  it does not say why");
    return well;
}

void feed_health_put(struct line *line, const json_t *health)
{
    (void)put(line, health, true);
}

static uint64_t hash_of(const char *text)
{
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 1099511628211u;
    return hash;
}

bool feed_health_is_news(struct feed_health_book *book, const char *topic, const void *payload, size_t length)
{
    static const char ending[] = "/health";
    size_t topic_length = strlen(topic), tail = sizeof ending - 1;
    if (topic_length < tail || strcmp(topic + topic_length - tail, ending) != 0 || !strstr(topic, "/site/"))
        return true;
    char key[KEY_MAX];
    struct line line;
    json_t *health = document_read(payload, length);
    line_begin(&line, key, sizeof key);
    bool well = put(&line, health, false);
    json_decref(health);
    const uint64_t site = hash_of(topic), state = hash_of(key);
    for (unsigned i = 0; i < book->count; i++)
        if (book->of[i].site == site) {
            bool news = book->of[i].state != state;
            book->of[i].state = state;
            return news;
        }
    unsigned at = book->count < FEED_HEALTH_SITES ? book->count++ : book->next++ % FEED_HEALTH_SITES;
    book->of[at].site = site;
    book->of[at].state = state;
    return !well;
}
