/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/usual.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/gateway/json.h"

static const char group[] = "noise";

enum { SETTINGS_MAX = 2048, HASH_MAX = 17 };

/* Another receiver, another gain, another frequency: another noise. FNV-1a, 64 bits. */
static void settings_hash(const struct config *config, unsigned channel, char hash[HASH_MAX])
{
    const struct config_channel *c = &config->channel[channel];
    const struct config_source *s = &config->source[c->source];
    char text[SETTINGS_MAX];
    uint64_t sum = UINT64_C(14695981039346656037);
    int length = snprintf(text, sizeof text, "%d %s %s %s %s %g %g %g %d %u %g", (int)s->type, s->device,
                          s->path, s->serial_number, s->antenna, s->rate_hz, s->centre_hz, s->gain_db,
                          s->bias_tee, c->lane, c->frequency_hz);
    for (unsigned g = 0; g < s->gain_count && length > 0 && (size_t)length < sizeof text; g++)
        length += snprintf(text + length, sizeof text - (size_t)length, " %s", s->gains[g]);
    for (const char *at = text; *at; at++)
        sum = (sum ^ (unsigned char)*at) * UINT64_C(1099511628211);
    (void)snprintf(hash, HASH_MAX, "%016" PRIx64, sum);
}

struct reading_usual {
    const struct config *config;
    struct noise_usual *usual;
};

static void read_one(void *context, const char *key, const void *value, size_t length)
{
    const struct reading_usual *reading = context;
    char hash[HASH_MAX];
    json_t *object = json_loadb(value, length, 0, NULL);
    for (unsigned i = 0; i < reading->config->channel_count; i++) {
        if (strcmp(reading->config->channel[i].name, key) != 0)
            continue;
        settings_hash(reading->config, i, hash);
        const char *kept = json_string_value(json_object_get(object, "settings"));
        const json_t *quietest = json_object_get(object, "quietest_dbfs");
        const json_t *loudest = json_object_get(object, "loudest_dbfs");
        if (kept && strcmp(kept, hash) == 0 && json_is_number(quietest) && json_is_number(loudest))
            reading->usual[i] = (struct noise_usual){json_number_value(quietest), json_number_value(loudest),
                                                     json_number_value(json_object_get(object, "age_s"))};
    }
    json_decref(object);
}

void usual_read(const struct config *config, struct spool *spool, struct noise_usual *usual)
{
    struct reading_usual reading = {config, usual};
    for (unsigned i = 0; i < config->channel_count; i++)
        usual[i] = (struct noise_usual){(double)NAN, (double)NAN, 0.0};
    (void)spool_list(spool, group, read_one, &reading); /* what cannot be read is learnt again */
}

void usual_write(const struct config *config, struct spool *spool, unsigned channel,
                 const struct noise_usual *usual)
{
    char hash[HASH_MAX];
    json_t *object = json_object();
    settings_hash(config, channel, hash);
    json_set_real(object, "quietest_dbfs", usual->quietest_dbfs, 2);
    json_set_real(object, "loudest_dbfs", usual->loudest_dbfs, 2);
    json_set_real(object, "age_s", usual->age_s, 0);
    json_object_set_new(object, "settings", json_string(hash));
    char *text = json_dumps(object, JSON_LINE_FLAGS);
    if (text)
        (void)spool_put(spool, SPOOL_UNIT, group, config->channel[channel].name, text, strlen(text));
    free(text);
    json_decref(object);
}
