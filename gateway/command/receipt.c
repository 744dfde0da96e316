/* SPDX-License-Identifier: Apache-2.0 */
#include "command/receipt.h"

#include <stdio.h>
#include <string.h>

#include "command/signing.h"
#include "mqtt/document.h"
#include "mqtt/inbound_arguments.h"

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
    char *text =
        command && signing_sign(command, site, "received", key) ? json_dumps(command, JSON_COMPACT) : NULL;
    json_decref(command);
    snprintf(answer_topic, RECEIPT_TOPIC_MAX, "%.128s/site/%s/command/received", prefix, site);
    return text;
}
