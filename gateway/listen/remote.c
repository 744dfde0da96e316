/* SPDX-License-Identifier: Apache-2.0 */
#include "listen/remote.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "atalaya/gateway/json.h"
#include "mqtt/document.h"
#include "mqtt/line.h"

static double number_of(const json_t *object, const char *key)
{
    double number = json_get_real(object, key);
    return fabs(number) < 1e12 ? number : (double)NAN;
}

static void put(struct line *line, const char *text, unsigned most)
{
    line_put_foreign(line, text, strlen(text), most);
}

static struct listen_channel *channel_of(struct listen_model *model, bool many, const char *site,
                                         size_t site_length, const char *channel)
{
    char name[CONFIG_NAME_MAX + 64];
    struct line line;
    line_begin(&line, name, sizeof name);
    if (many) {
        line_put_foreign(&line, site, site_length, CONFIG_NAME_MAX / 2);
        line_put(&line, "/");
    }
    put(&line, channel, CONFIG_NAME_MAX - 1);
    if (line.used >= CONFIG_NAME_MAX)
        name[CONFIG_NAME_MAX - 1] = '\0';
    return listen_channel(model, name);
}

static bool hear_activity(struct listen_model *model, struct listen_channel *channel, const json_t *object,
                          char *text)
{
    struct line line;
    double level = number_of(object, "rssi_dbfs"), noise = number_of(object, "floor_dbfs");
    bool ended = strcmp(json_get_text(object, "state"), "ended") == 0;
    const char *unit = json_string_value(json_array_get(json_object_get(object, "units"), 0));
    channel->frequency_hz = number_of(object, "frequency_hz");
    listen_level(model, channel, !ended, ended ? (float)noise : (float)level, (float)noise);
    if (!(channel->peak_dbfs > (float)level))
        channel->peak_dbfs = (float)level;
    if (!ended)
        return false;
    channel->transmissions++;
    channel->heard_s = model->now_s;
    if (isfinite(number_of(object, "snr_db")))
        channel->snr_db = (float)number_of(object, "snr_db");
    channel->offset_hz = (float)number_of(object, "offset_hz");
    line_begin(&line, text, LISTEN_TEXT_MAX);
    put(&line, channel->name, CONFIG_NAME_MAX);
    line_put(&line, " on the air for %.1f s, %.0f dBFS, ", number_of(object, "duration_s"), level);
    put(&line, unit ? unit : "nobody known", CONFIG_NAME_MAX);
    return true;
}

static bool hear_rx(struct listen_model *model, struct listen_channel *channel, const json_t *object,
                    char *text)
{
    static const char *const words[] = {"text", "status", "comment", "meaning"};
    struct line line;
    char unit[CONFIG_TEXT_MAX + 64];
    channel->bursts++;
    channel->heard_s = model->now_s;
    channel->snr_db = (float)number_of(object, "snr_db");
    if (isfinite(number_of(object, "frequency_hz")))
        channel->frequency_hz = number_of(object, "frequency_hz");
    if (isfinite(number_of(object, "offset_hz")))
        channel->offset_hz = (float)number_of(object, "offset_hz");
    line_begin(&line, unit, sizeof unit);
    put(&line, json_get_text(object, "unit"), CONFIG_NAME_MAX);
    snprintf(channel->unit, sizeof channel->unit, "%.*s", (int)sizeof channel->unit - 1, unit);
    line_begin(&line, text, LISTEN_TEXT_MAX);
    put(&line, channel->name, CONFIG_NAME_MAX);
    line_put(&line, " %s ", unit);
    put(&line, json_get_text(object, "protocol"), 20);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (*json_get_text(object, words[i])) {
            line_put(&line, " ");
            put(&line, json_get_text(object, words[i]), 80);
            break;
        }
    listen_put_figures(&line, number_of(object, "snr_db"), number_of(object, "offset_hz"),
                       number_of(object, "deviation_hz"));
    listen_say(model, "%s", text);
    return true;
}

/* The channels of a site stand before anything is heard on them. */
static void hear_info(struct listen_model *model, bool many, const char *site, size_t site_length,
                      const json_t *object)
{
    const json_t *channels = json_object_get(object, "channels");
    for (size_t i = 0; i < json_array_size(channels) && i < LISTEN_CHANNELS_MAX; i++) {
        const json_t *known = json_array_get(channels, i);
        struct listen_channel *channel = channel_of(model, many, site, site_length, json_get_text(known, "name"));
        if (channel && isfinite(number_of(known, "frequency_hz")))
            channel->frequency_hz = number_of(known, "frequency_hz");
    }
}

/* What the tower finds wrong with its hearing. */
static void put_faults(struct line *line, const json_t *faults)
{
    for (size_t i = 0; i < json_array_size(faults) && i < LISTEN_CHANNELS_MAX; i++) {
        const json_t *fault = json_array_get(faults, i);
        line_put(line, " ");
        if (json_get_text(fault, "channel")[0]) {
            put(line, json_get_text(fault, "channel"), CONFIG_NAME_MAX);
            line_put(line, " ");
        }
        put(line, json_get_text(fault, "kind"), 16);
    }
}

/* Sources that are not well, and what was lost. */
static void hear_health(struct listen_model *model, const json_t *object)
{
    struct line line;
    char text[LISTEN_TEXT_MAX];
    const json_t *sources = json_object_get(object, "sources");
    double lost = 0.0;
    line_begin(&line, text, sizeof text);
    line_put(&line, "%s", json_is_false(json_object_get(object, "well")) ? "not well:" : "well");
    for (size_t i = 0; i < json_array_size(sources); i++) {
        const json_t *source = json_array_get(sources, i);
        double frames = number_of(source, "lost_frames");
        lost += frames > 0.0 ? frames : 0.0;
        if (strcmp(json_get_text(source, "state"), "running") == 0)
            continue;
        line_put(&line, " ");
        put(&line, json_get_text(source, "name"), CONFIG_NAME_MAX);
        line_put(&line, " ");
        put(&line, json_get_text(source, "state"), 12);
        if (json_get_text(source, "error")[0]) {
            line_put(&line, " (");
            put(&line, json_get_text(source, "error"), 100);
            line_put(&line, ")");
        }
    }
    put_faults(&line, json_object_get(object, "faults"));
    model->lost_frames = lost < 1e15 ? (uint64_t)lost : 0;
    snprintf(model->state, sizeof model->state, "%s", text);
}

bool listen_hear_document(struct listen_model *model, bool many, const char *topic, const void *payload,
                          size_t length, char *line)
{
    if (strncmp(topic, "site/", 5) != 0 || length == 0 || length > DOCUMENT_BYTES_MAX)
        return false;
    const char *site = topic + 5, *kind = site + strcspn(site, "/");
    size_t site_length = (size_t)(kind - site);
    json_t *object = json_loadb(payload, length, JSON_ALLOW_NUL, NULL);
    bool told = false;
    if (json_is_object(object) && strcmp(kind, "/info") == 0)
        hear_info(model, many, site, site_length, object);
    else if (json_is_object(object) && strcmp(kind, "/health") == 0)
        hear_health(model, object);
    else if (json_is_object(object) && (strcmp(kind, "/rx") == 0 || strncmp(kind, "/activity/", 10) == 0)) {
        struct listen_channel *channel =
            channel_of(model, many, site, site_length, json_get_text(object, "channel"));
        if (channel)
            told = kind[1] == 'r' ? hear_rx(model, channel, object, line)
                                  : hear_activity(model, channel, object, line);
    }
    json_decref(object);
    return told;
}
