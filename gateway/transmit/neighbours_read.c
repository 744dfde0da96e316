/* SPDX-License-Identifier: Apache-2.0 */
/* Another site's documents, hostile until read. What has no place here is passed over. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "mqtt/inbound_arguments.h"
#include "transmit/neighbours.h"

/* site/<site>/call/<id> or site/<site>/status. */
static bool read_topic(const char *topic, struct neighbour_news *news)
{
    static const char before[] = "site/", call[] = "/call/", status[] = "/status";
    if (strncmp(topic, before, sizeof before - 1) != 0)
        return false;
    topic += sizeof before - 1;
    size_t length = strcspn(topic, "/");
    if (!inbound_copy_id(news->said.site, sizeof news->said.site, topic, length))
        return false;
    topic += length;
    news->kind = strcmp(topic, status) == 0 ? NEIGHBOUR_STATUS : NEIGHBOUR_DISTRESS;
    if (news->kind == NEIGHBOUR_STATUS)
        return true;
    if (strncmp(topic, call, sizeof call - 1) != 0)
        return false;
    topic += sizeof call - 1;
    return inbound_copy_id(news->said.distress, sizeof news->said.distress, topic, strlen(topic));
}

static bool copy_text(const json_t *object, const char *key, char *out, size_t size)
{
    const json_t *value = json_object_get(object, key);
    size_t length = json_string_length(value);
    if (!json_is_string(value) || length == 0 || length >= size || strlen(json_string_value(value)) != length)
        return false;
    memcpy(out, json_string_value(value), length + 1);
    return true;
}

static bool read_ms(const json_t *object, const char *key, int64_t *utc_ns)
{
    json_int_t ms = json_integer_value(json_object_get(object, key));
    if (ms <= 0 || ms > INT64_MAX / 1000000)
        return false;
    *utc_ns = (int64_t)ms * 1000000;
    return true;
}

/* A site of before there were others than the radio that called says only that it is able. */
static enum answer_reach read_reach(const json_t *answer)
{
    const char *text = json_string_value(json_object_get(answer, "reach"));
    for (int reach = ANSWER_REACH_UNHEARD; text && reach <= ANSWER_REACH_RADIO; reach++)
        if (strcmp(text, answer_reach_text((enum answer_reach)reach)) == 0)
            return (enum answer_reach)reach;
    return json_is_true(json_object_get(answer, "able")) ? ANSWER_REACH_RADIO : ANSWER_REACH_NONE;
}

static void read_answer(const json_t *answer, const char *site, struct neighbour *said)
{
    const char *level = json_string_value(json_object_get(answer, "level"));
    const char *by = json_string_value(json_object_get(answer, "site"));
    said->reach = read_reach(answer);
    /* What it says of what a third site did, that site says itself. */
    if (!level || !by || strcmp(by, site) != 0)
        return;
    said->level = answer_level_find(level);
    said->sent = json_is_true(json_object_get(answer, "sent"));
    said->confirmed = said->sent && json_is_true(json_object_get(answer, "radio_confirmed"));
    said->queued = json_is_true(json_object_get(answer, "queued"));
    said->failed = !said->sent && !said->queued && json_object_get(answer, "result");
}

static bool read_distress(const json_t *object, struct neighbour *said)
{
    const char *state = json_string_value(json_object_get(object, "state"));
    const json_t *snr = json_object_get(object, "snr_db");
    said->state = state ? distress_state_find(state) : DISTRESS_STATE_COUNT;
    said->test = json_is_true(json_object_get(object, "test"));
    said->snr_db = json_is_number(snr) ? json_number_value(snr) : (double)NAN;
    (void)copy_text(object, "incident", said->incident,
                    sizeof said->incident); /* of older sites there is none */
    read_answer(json_object_get(object, "answer"), said->site, said);
    return said->state < DISTRESS_STATE_COUNT &&
           copy_text(object, "radio", said->radio, sizeof said->radio) &&
           read_ms(object, "raised_time_ms", &said->raised_utc_ns) &&
           read_ms(object, "last_heard_time_ms", &said->last_heard_utc_ns);
}

void neighbours_read(const char *own, const char *topic, const void *payload, size_t length,
                     struct neighbour_news *news)
{
    memset(news, 0, sizeof *news);
    if (!read_topic(topic, news) || strcmp(news->said.site, own) == 0 || length > NEIGHBOUR_PAYLOAD_MAX) {
        news->kind = NEIGHBOUR_NOTHING;
        return;
    }
    if (length == 0) {
        news->kind = news->kind == NEIGHBOUR_DISTRESS ? NEIGHBOUR_GONE : NEIGHBOUR_NOTHING;
        return;
    }
    json_t *object = json_loadb(payload, length, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    const char *state = json_string_value(json_object_get(object, "state"));
    if (news->kind == NEIGHBOUR_STATUS) {
        news->online = state && strcmp(state, "online") == 0;
        news->kind = state ? NEIGHBOUR_STATUS : NEIGHBOUR_NOTHING;
    } else if (!json_is_object(object) || !read_distress(object, &news->said))
        news->kind = NEIGHBOUR_NOTHING;
    json_decref(object);
}
