/* SPDX-License-Identifier: Apache-2.0 */
#include "command/receipt.h"

#include <stdio.h>
#include <string.h>

#include "command/signing.h"
#include "mqtt/document.h"
#include "mqtt/inbound_arguments.h"
#include "mqtt/line.h"

enum { EXPIRES_S = 3600 /* the link may be down for that long; a step of an incident does no harm late */ };

static bool read_topic(const char *prefix, const char *topic, char site[INBOUND_NAME_MAX],
                       char distress[INBOUND_DISTRESS_MAX])
{
    struct document_topic parts;
    return document_topic_read(prefix, topic, &parts) && document_topic_is(&parts, "distress") &&
           parts.rest && inbound_copy_id(site, INBOUND_NAME_MAX, parts.site, parts.site_length) &&
           inbound_copy_id(distress, INBOUND_DISTRESS_MAX, parts.rest, strlen(parts.rest));
}

static bool waits(const json_t *object)
{
    return document_says(object, "state", "raised") || document_says(object, "state", "delivered");
}

static bool had_one(struct receipt_book *book, const char *distress)
{
    for (unsigned i = 0; i < RECEIPT_SEEN_MAX; i++)
        if (strcmp(book->seen[i], distress) == 0)
            return true;
    snprintf(book->seen[book->next], sizeof book->seen[0], "%s", distress);
    book->command[book->next][0] = '\0';
    book->next = (book->next + 1) % RECEIPT_SEEN_MAX;
    return false;
}

char *receipt_make(struct receipt_book *book, const struct signature_key *key, const char *prefix,
                   const char *topic, const void *payload, size_t length,
                   char answer_topic[RECEIPT_TOPIC_MAX])
{
    char site[INBOUND_NAME_MAX], distress[INBOUND_DISTRESS_MAX];
    if (length == 0 || length > DOCUMENT_BYTES_MAX || !read_topic(prefix, topic, site, distress))
        return NULL;
    json_t *object = json_loadb(payload, length, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    bool wanted = json_is_object(object) && waits(object) && !had_one(book, distress);
    const struct signing_facts facts = {.expires_s = EXPIRES_S,
                                        .test = json_is_true(json_object_get(object, "test"))};
    json_decref(object);
    json_t *command = wanted ? signing_make(&facts, json_pack("{s:s}", "distress", distress)) : NULL;
    const char *id = json_string_value(json_object_get(command, "id"));
    if (id) /* had_one has just made the place */
        snprintf(book->command[(book->next + RECEIPT_SEEN_MAX - 1) % RECEIPT_SEEN_MAX],
                 sizeof book->command[0], "%s", id);
    char *text =
        command && signing_sign(command, site, "received", key) ? json_dumps(command, JSON_COMPACT) : NULL;
    json_decref(command);
    snprintf(answer_topic, RECEIPT_TOPIC_MAX, "%.128s/site/%s/command/received", prefix, site);
    return text;
}

static const char *distress_of(const struct receipt_book *book, const json_t *answer)
{
    for (unsigned i = 0; i < RECEIPT_SEEN_MAX; i++)
        if (book->command[i][0] && document_says(answer, "command_id", book->command[i]))
            return book->seen[i];
    return NULL;
}

static void put_text(struct line *line, const json_t *text)
{
    line_put(line, " ");
    if (json_is_string(text))
        line_put_foreign(line, json_string_value(text), json_string_length(text), 128);
}

bool receipt_refused(const struct receipt_book *book, const char *prefix, const char *topic,
                     const void *payload, size_t length, char text[RECEIPT_TEXT_MAX])
{
    struct document_topic parts;
    if (!document_topic_read(prefix, topic, &parts) || !document_topic_is(&parts, "response"))
        return false;
    json_t *answer = document_read(payload, length);
    const char *distress = distress_of(book, answer);
    bool refused = distress && json_is_false(json_object_get(answer, "accepted"));
    if (refused) {
        struct line line;
        line_begin(&line, text, RECEIPT_TEXT_MAX);
        line_put(&line, "site ");
        line_put_foreign(&line, parts.site, parts.site_length, INBOUND_NAME_MAX);
        line_put(&line, " did not take the receipt of %s, and goes on to others with it:", distress);
        put_text(&line, json_object_get(answer, "reason"));
        put_text(&line, json_object_get(answer, "detail"));
    }
    json_decref(answer);
    return refused;
}
