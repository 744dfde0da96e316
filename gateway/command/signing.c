/* SPDX-License-Identifier: Apache-2.0 */
#include "command/signing.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/inbound.h"

static bool set_text(json_t *object, const char *name, const char *text)
{
    return !text || json_object_set_new(object, name, json_string(text)) == 0;
}

json_t *signing_make(const struct signing_facts *facts, json_t *arguments)
{
    char id[INBOUND_ID_MAX], time[CLOCK_TEXT_MAX], expires[CLOCK_TEXT_MAX];
    int64_t now_ns = clock_utc_ns();
    if (sodium_init() < 0) { /* no random numbers: ids could come twice */
        json_decref(arguments);
        return NULL;
    }
    snprintf(id, sizeof id, "%" PRId64 "-%08" PRIx32, now_ns / 1000000, randombytes_random());
    json_t *command = json_object();
    bool good =
        json_object_set_new(command, "v", json_integer(1)) == 0 &&
        set_text(command, "id", facts->id ? facts->id : id) && set_text(command, "centre", facts->centre) &&
        set_text(command, "time", clock_format(now_ns, time)) &&
        set_text(command, "expires", clock_format(now_ns + (int64_t)(facts->expires_s * 1e9), expires));
    if (facts->test)
        good = good && json_object_set_new(command, "test", json_true()) == 0;
    good = json_object_set_new(command, "arguments", arguments) == 0 && good;
    if (good)
        return command;
    json_decref(command);
    return NULL;
}

bool signing_sign(json_t *command, const char *site, const char *name, const struct signature_key *key)
{
    static char bytes[INBOUND_SIGNED_MAX];
    char text[SIGNATURE_TEXT_MAX];
    unsigned char signature[SIGNATURE_BYTES];
    size_t length = inbound_signed_bytes(site, name, command, bytes);
    if (length == 0)
        return false;
    signature_make(bytes, length, key, signature);
    json_t *member = json_pack("{s:s, s:s, s:s}", "key", key->name, "algorithm", "ed25519", "value",
                               signature_write(signature, sizeof signature, text));
    return member && json_object_set_new(command, "signature", member) == 0;
}
