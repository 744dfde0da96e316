/* SPDX-License-Identifier: Apache-2.0 */
#include "atalaya/gateway/inbound.h"

#include <stdio.h>
#include <string.h>

#include "mqtt/rfc3339.h"

enum { NS_PER_MS = 1000000 };

static const char *const refusals[INBOUND_REFUSAL_COUNT] = {"retained", "oversized", "malformed", "expired",
                                                            "unsigned"};

const char *inbound_refusal_text(enum inbound_refusal refusal)
{
    return (unsigned)refusal < INBOUND_REFUSAL_COUNT ? refusals[refusal] : "malformed";
}

static bool is_id_byte(unsigned char byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ||
           byte == '.' || byte == '_' || byte == '-';
}

/* Copies made safe for a topic; true when nothing had to be changed. */
static bool copy_id(char *out, size_t size, const char *text, size_t length)
{
    bool same = length > 0 && length < size;
    size_t n = length < size ? length : size - 1;
    for (size_t i = 0; i < n; i++) {
        bool fine = is_id_byte((unsigned char)text[i]);
        out[i] = fine ? text[i] : '-';
        same = same && fine;
    }
    out[n] = '\0';
    return same;
}

static void refuse(struct inbound_command *command, enum inbound_refusal refusal, const char *detail)
{
    command->refusal = refusal;
    snprintf(command->detail, sizeof command->detail, "%s", detail);
}

/* The name after site/<site>/command/. */
static bool read_topic(const char *site, const char *topic, struct inbound_command *command)
{
    char start[INBOUND_TOPIC_MAX];
    int length = snprintf(start, sizeof start, "site/%s/command/", site);
    if (length < 0 || (size_t)length >= sizeof start || strncmp(topic, start, (size_t)length) != 0)
        return false;
    return copy_id(command->name, sizeof command->name, topic + length, strlen(topic + length));
}

/* jansson recurses once a level; this does not. Brackets within strings do not count. */
static bool is_shallow(const unsigned char *bytes, size_t length)
{
    int depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < length; i++) {
        if (in_string && bytes[i] == '\\')
            i++;
        else if (bytes[i] == '"')
            in_string = !in_string;
        else if (!in_string && (bytes[i] == '{' || bytes[i] == '['))
            depth++;
        else if (!in_string && (bytes[i] == '}' || bytes[i] == ']'))
            depth--;
        if (depth > INBOUND_DEPTH_MAX)
            return false;
    }
    return true;
}

static bool is_text(const json_t *value, size_t most)
{
    return json_is_string(value) && json_string_length(value) > 0 && json_string_length(value) <= most;
}

static bool is_signature(const json_t *value)
{
    return json_is_object(value) && json_object_size(value) == 3 &&
           is_text(json_object_get(value, "key"), 128) && is_text(json_object_get(value, "algorithm"), 32) &&
           is_text(json_object_get(value, "value"), 1024);
}

/* A time and, where it is given too, its number of milliseconds, which must say the same. */
static bool read_time(const json_t *object, const char *key, const char *key_ms, int64_t *utc_ns)
{
    const json_t *text = json_object_get(object, key), *ms = json_object_get(object, key_ms);
    if (!json_is_string(text) || !rfc3339_read(json_string_value(text), json_string_length(text), utc_ns))
        return false;
    return !ms || (json_is_integer(ms) && json_integer_value(ms) == *utc_ns / NS_PER_MS);
}

static const char *check_members(json_t *object)
{
    static const char *const known[] = {"v",          "id",     "time", "time_ms",   "expires",
                                        "expires_ms", "centre", "test", "arguments", "signature"};
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        bool found = false;
        for (size_t i = 0; i < sizeof known / sizeof *known && !found; i++)
            found = strcmp(known[i], key) == 0;
        if (!found)
            return "an unknown member";
    }
    const json_t *version = json_object_get(object, "v"), *centre = json_object_get(object, "centre");
    const json_t *test = json_object_get(object, "test"), *arguments = json_object_get(object, "arguments");
    const json_t *signature = json_object_get(object, "signature");
    if (!json_is_integer(version) || json_integer_value(version) != 1)
        return "v is not 1";
    if (centre && !is_text(centre, INBOUND_NAME_MAX - 1))
        return "centre is not a name";
    if (test && !json_is_boolean(test))
        return "test is not a boolean";
    if (arguments && !json_is_object(arguments))
        return "arguments is not an object";
    if (signature && !is_signature(signature))
        return "signature is not key, algorithm and value";
    return NULL;
}

/* NULL, or what is wrong with the envelope. */
static const char *read_envelope(json_t *object, struct inbound_command *command)
{
    if (!json_is_object(object))
        return "not a JSON object";
    const json_t *id = json_object_get(object, "id");
    bool id_fine = json_is_string(id) &&
                   copy_id(command->id, sizeof command->id, json_string_value(id), json_string_length(id));
    if (command->id[0] == '\0')
        snprintf(command->id, sizeof command->id, "unknown");
    if (!id_fine)
        return "id is not 1 to 64 of A-Z a-z 0-9 . _ -";
    if (!read_time(object, "time", "time_ms", &command->time_utc_ns))
        return "time is not RFC 3339 in UTC with Z, or time_ms differs";
    if (!read_time(object, "expires", "expires_ms", &command->expires_utc_ns))
        return "expires is not RFC 3339 in UTC with Z, or expires_ms differs";
    if (command->expires_utc_ns < command->time_utc_ns)
        return "expires is before time";
    return check_members(object);
}

static void judge_payload(const void *payload, size_t length, int64_t now_utc_ns,
                          struct inbound_command *command)
{
    if (length > INBOUND_PAYLOAD_MAX) {
        refuse(command, INBOUND_OVERSIZED, "more than 8192 bytes");
        return;
    }
    if (!is_shallow(payload, length)) {
        refuse(command, INBOUND_MALFORMED, "nested too deep");
        return;
    }
    json_t *object = json_loadb(payload, length, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    const char *fault = read_envelope(object, command);
    json_decref(object);
    if (fault)
        refuse(command, INBOUND_MALFORMED, fault);
    else if (now_utc_ns != INT64_MIN && command->expires_utc_ns <= now_utc_ns)
        refuse(command, INBOUND_EXPIRED, "its time to act is over");
    else
        refuse(command, INBOUND_UNSIGNED, "this site takes no commands without a signature it knows");
}

void inbound_judge(const char *site, const char *topic, const void *payload, size_t length, bool retained,
                   int64_t now_utc_ns, struct inbound_command *command)
{
    memset(command, 0, sizeof *command);
    snprintf(command->id, sizeof command->id, "unknown");
    command->time_utc_ns = command->expires_utc_ns = INT64_MIN;
    bool named = read_topic(site, topic, command);
    judge_payload(payload, length, now_utc_ns, command);
    if (!named && command->refusal != INBOUND_OVERSIZED)
        refuse(command, INBOUND_MALFORMED, "the topic names no command of this site");
    if (retained)
        refuse(command, INBOUND_RETAINED, "commands must not be retained");
}

char *inbound_response_topic(const char *site, const struct inbound_command *command,
                             char topic[INBOUND_TOPIC_MAX])
{
    snprintf(topic, INBOUND_TOPIC_MAX, "site/%.32s/response/%.64s", site, command->id);
    return topic;
}

json_t *inbound_answer(const struct inbound_command *command)
{
    return json_pack("{s:s, s:s, s:b, s:s, s:s}", "command", command->name, "command_id", command->id,
                     "accepted", 0, "reason", inbound_refusal_text(command->refusal), "detail",
                     command->detail);
}
