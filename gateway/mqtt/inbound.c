/* SPDX-License-Identifier: Apache-2.0 */
#include "atalaya/gateway/inbound.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "mqtt/inbound_arguments.h"
#include "mqtt/rfc3339.h"

enum { NS_PER_MS = 1000000, SIGNATURE_TEXT = 88 /* 64 bytes in Base64 */ };
static const int64_t second_ns = INT64_C(1000000000);

static const char *const refusals[INBOUND_REFUSAL_COUNT] = {
    [INBOUND_ACCEPTED] = "accepted",
    [INBOUND_RETAINED] = "retained",
    [INBOUND_OVERSIZED] = "oversized",
    [INBOUND_MALFORMED] = "malformed",
    [INBOUND_UNKNOWN_COMMAND] = "unknown_command",
    [INBOUND_EXPIRED] = "expired",
    [INBOUND_CLOCK_SKEW] = "clock_skew",
    [INBOUND_UNSIGNED] = "unsigned",
    [INBOUND_UNKNOWN_KEY] = "unknown_key",
    [INBOUND_BAD_SIGNATURE] = "bad_signature",
    [INBOUND_OUT_OF_SCOPE] = "out_of_scope",
    [INBOUND_NO_CLOCK] = "no_clock",
    [INBOUND_RATE_LIMITED] = "rate_limited",
    [INBOUND_REPLAYED] = "replayed",
    [INBOUND_BUSY] = "busy",
    [INBOUND_UNKNOWN_DISTRESS] = "unknown_distress",
    [INBOUND_NOT_POSSIBLE] = "not_possible",
    [INBOUND_UNAVAILABLE] = "unavailable",
};

const char *inbound_refusal_text(enum inbound_refusal refusal)
{
    return (unsigned)refusal < INBOUND_REFUSAL_COUNT ? refusals[refusal] : "malformed";
}

void inbound_refuse(struct inbound_command *command, enum inbound_refusal refusal, const char *detail)
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
    return inbound_copy_id(command->name, sizeof command->name, topic + length, strlen(topic + length));
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

/* Base64 of exactly a signature. */
static bool read_signature(const json_t *value, struct inbound_command *command)
{
    const json_t *key = json_object_get(value, "key"), *algorithm = json_object_get(value, "algorithm");
    const json_t *text = json_object_get(value, "value");
    size_t length = 0;
    if (!json_is_object(value) || json_object_size(value) != 3 || !is_text(key, INBOUND_NAME_MAX - 1) ||
        !is_text(algorithm, 32) || strcmp(json_string_value(algorithm), "ed25519") != 0 ||
        !json_is_string(text) || json_string_length(text) != SIGNATURE_TEXT)
        return false;
    return inbound_copy_id(command->key, sizeof command->key, json_string_value(key),
                           json_string_length(key)) &&
           sodium_base642bin(command->signature, sizeof command->signature, json_string_value(text),
                             SIGNATURE_TEXT, NULL, &length, NULL, sodium_base64_VARIANT_ORIGINAL) == 0 &&
           length == sizeof command->signature;
}

/* A time and, where it is given too, its number of milliseconds, which must say the same. */
static bool read_time(const json_t *object, const char *key, const char *key_ms, int64_t *utc_ns)
{
    const json_t *text = json_object_get(object, key), *ms = json_object_get(object, key_ms);
    if (!json_is_string(text) || !rfc3339_read(json_string_value(text), json_string_length(text), utc_ns))
        return false;
    return !ms || (json_is_integer(ms) && json_integer_value(ms) == *utc_ns / NS_PER_MS);
}

static const char *check_members(json_t *object, struct inbound_command *command)
{
    static const char *const known[] = {"v",          "id",     "time", "time_ms",   "expires",
                                        "expires_ms", "centre", "test", "arguments", "signature"};
    const char *key;
    json_t *value;
    json_object_foreach (object, key, value) {
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
    if (centre &&
        !(json_is_string(centre) && inbound_copy_id(command->centre, sizeof command->centre,
                                                    json_string_value(centre), json_string_length(centre))))
        return "centre is not a name";
    if (test && !json_is_boolean(test))
        return "test is not a boolean";
    if (arguments && !json_is_object(arguments))
        return "arguments is not an object";
    if (signature && !read_signature(signature, command))
        return "signature is not key, algorithm ed25519 and 64 bytes in Base64";
    command->test = json_is_true(test);
    return inbound_check_writing(object);
}

/* NULL, or what is wrong with the envelope. */
static const char *read_envelope(json_t *object, struct inbound_command *command)
{
    if (!json_is_object(object))
        return "not a JSON object";
    const json_t *id = json_object_get(object, "id");
    bool id_fine = json_is_string(id) && inbound_copy_id(command->id, sizeof command->id,
                                                         json_string_value(id), json_string_length(id));
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
    if (command->expires_utc_ns - command->time_utc_ns > INBOUND_LIFE_MAX_S * second_ns)
        return "expires is more than a day after time";
    return check_members(object, command);
}

size_t inbound_signed_bytes(const char *site, const char *name, json_t *object,
                            char bytes[INBOUND_SIGNED_MAX])
{
    int start = snprintf(bytes, INBOUND_SIGNED_MAX, "atalaya-command-1\n%s\n%s\n", site, name);
    if (start < 0 || start >= INBOUND_SIGNED_MAX || inbound_check_writing(object))
        return 0;
    json_t *bare = json_copy(object);
    (void)json_object_del(bare, "signature"); /* there may be none */
    size_t room = INBOUND_SIGNED_MAX - (size_t)start;
    size_t length = bare ? json_dumpb(bare, bytes + start, room, JSON_COMPACT | JSON_SORT_KEYS) : 0;
    json_decref(bare);
    return length > 0 && length <= room ? (size_t)start + length : 0;
}

static void judge_object(const char *site, json_t *object, struct inbound_command *command)
{
    const char *fault = read_envelope(object, command);
    command->what = inbound_what_find(command->name);
    if (fault) {
        inbound_refuse(command, INBOUND_MALFORMED, fault);
        return;
    }
    if (command->what == INBOUND_WHAT_COUNT) {
        inbound_refuse(command, INBOUND_UNKNOWN_COMMAND, "this site knows no such command");
        return;
    }
    fault = inbound_read_arguments(json_object_get(object, "arguments"), command);
    command->signed_length =
        fault ? 0 : inbound_signed_bytes(site, command->name, object, command->signed_bytes);
    if (fault)
        inbound_refuse(command, INBOUND_MALFORMED, fault);
    else if (command->signed_length == 0)
        inbound_refuse(command, INBOUND_MALFORMED, "it cannot be written the way that is signed");
}

static void judge_payload(const char *site, const void *payload, size_t length,
                          struct inbound_command *command)
{
    if (length > INBOUND_PAYLOAD_MAX) {
        inbound_refuse(command, INBOUND_OVERSIZED, "more than 8192 bytes");
        return;
    }
    if (!is_shallow(payload, length)) {
        inbound_refuse(command, INBOUND_MALFORMED, "nested too deep");
        return;
    }
    json_t *object = json_loadb(payload, length, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    judge_object(site, object, command);
    json_decref(object);
}

void inbound_judge(const char *site, const char *topic, const void *payload, size_t length, bool retained,
                   struct inbound_command *command)
{
    memset(command, 0, sizeof *command);
    snprintf(command->id, sizeof command->id, "unknown");
    command->time_utc_ns = command->expires_utc_ns = INT64_MIN;
    bool named = read_topic(site, topic, command);
    judge_payload(site, payload, length, command);
    if (!named && command->refusal != INBOUND_OVERSIZED)
        inbound_refuse(command, INBOUND_MALFORMED, "the topic names no command of this site");
    if (retained)
        inbound_refuse(command, INBOUND_RETAINED, "commands must not be retained");
}

void inbound_judge_time(struct inbound_command *command, int64_t now_utc_ns, double skew_s)
{
    if (command->expires_utc_ns <= now_utc_ns)
        inbound_refuse(command, INBOUND_EXPIRED, "its time to act is over");
    else if (command->time_utc_ns - now_utc_ns > (int64_t)(skew_s * 1e9))
        inbound_refuse(command, INBOUND_CLOCK_SKEW, "it comes from the future: check both clocks");
}

char *inbound_response_topic(const char *site, const struct inbound_command *command,
                             char topic[INBOUND_TOPIC_MAX])
{
    snprintf(topic, INBOUND_TOPIC_MAX, "site/%.32s/response/%.64s", site, command->id);
    return topic;
}

json_t *inbound_answer(const struct inbound_command *command)
{
    bool accepted = command->refusal == INBOUND_ACCEPTED;
    json_t *answer = json_pack("{s:s, s:s, s:b, s:s}", "command", command->name, "command_id", command->id,
                               "accepted", accepted, "detail", command->detail);
    if (!accepted)
        json_object_set_new(answer, "reason", json_string(inbound_refusal_text(command->refusal)));
    if (command->distress[0])
        json_object_set_new(answer, "distress", json_string(command->distress));
    if (command->queued || command->result) {
        json_t *facts = json_pack("{s:b, s:b, s:b, s:b}", "queued", command->queued, "sent", false,
                                  "radio_confirmed", false, "final", command->result != NULL);
        if (command->result)
            json_object_set_new(facts, "result", json_string(command->result));
        json_object_set_new(answer, "transmission", facts);
    }
    return answer;
}
