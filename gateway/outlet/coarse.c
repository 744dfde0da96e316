/* SPDX-License-Identifier: Apache-2.0 */
#include "outlet/coarse.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "atalaya/gateway/json.h"
#include "outlet/grid.h"

enum { DEPTH_MAX = 8 }; /* our own documents are a few levels deep */

enum treatment {
    EXACT,    /* says nothing of places */
    PLACES,   /* of the tower itself: any member, places made coarse */
    MEMBERS,  /* its harmless members alone, and places made coarse */
    WITHHELD, /* never */
    DISTRESS,
    CALL
};

/* Who and when, words of our own tables and of the site's configuration. Of the air only names, and numbers
 * that stand for words (status). Not the levels: with those of several towers a transmitter can be found. A
 * list for each, because a protocol's field may have any name. Separated and enclosed by spaces. */
static const char of_all[] = " v id site seq boot time time_ms time_source time_error_ms uptime_ms delayed "
                             "priority test auth ",
                  of_units[] = " unit unit_known crew radio protocol kind to channel input frequency_hz "
                               "code_name code_text meaning origin age_s age_basis fix_time fix_time_ms "
                               "last_heard_time last_heard_time_ms distress guessed ",
                  of_channels[] = " channel source state transmission bursts untold frequency_hz duration_s "
                                  "units unnamed suspect ",
                  of_distress[] = " distress unit unit_known crew radio protocol state reason raised_time "
                                  "raised_time_ms last_heard_time last_heard_time_ms heard channel source "
                                  "frequency_hz escalation answer flags history ",
                  of_places[] = " fix_time fix_time_ms time time_ms age_s age_basis origin ";

static const struct kind {
    const char *name;
    enum treatment treatment;
    const char *members;
} kinds[] = {{"status", EXACT, NULL},
             {"stats", EXACT, NULL},
             {"response", EXACT, NULL},
             {"echo", EXACT, NULL},
             {"info", PLACES, NULL},
             {"health", PLACES, NULL},
             {"position", MEMBERS, of_units},
             {"message", MEMBERS, of_units},
             {"unit", MEMBERS, of_units},
             {"activity", MEMBERS, of_channels},
             {"distress", DISTRESS, of_distress},
             {"call", CALL, NULL}};

static bool is_among(const char *key, const char *words)
{
    size_t length = strchr(key, ' ') ? 0 : strlen(key);
    for (const char *at = strstr(words, key); at && length > 0; at = strstr(at + 1, key))
        if (at[-1] == ' ' && at[length] == ' ')
            return true;
    return false;
}

static bool read_place(const json_t *object, double *lat_deg, double *lon_deg)
{
    const json_t *lat = json_object_get(object, "lat_deg"), *lon = json_object_get(object, "lon_deg");
    *lat_deg = json_is_number(lat) ? json_number_value(lat) : (double)NAN;
    *lon_deg = json_is_number(lon) ? json_number_value(lon) : (double)NAN;
    return fabs(*lat_deg) <= 90.0 && fabs(*lon_deg) <= 180.0;
}

/* The place of `object` in `out`, coarse, its accuracy with it. */
static void put_place(const struct coarse_setting *setting, const json_t *object, json_t *out)
{
    double lat_deg, lon_deg;
    const json_t *accuracy = json_object_get(object, "accuracy_m");
    if (!read_place(object, &lat_deg, &lon_deg))
        return;
    double error_m = grid_snap(setting->precision_m, &lat_deg, &lon_deg);
    if (json_is_number(accuracy) && json_number_value(accuracy) > 0.0)
        error_m += json_number_value(accuracy);
    json_set_real(out, "lat_deg", lat_deg, 6);
    json_set_real(out, "lon_deg", lon_deg, 6);
    json_set_real(out, "accuracy_m", ceil(error_m), 0);
}

/* A new object; NULL when `value` is no place. */
static json_t *coarse_place(const struct coarse_setting *setting, const json_t *value)
{
    json_t *out = json_is_object(value) ? json_object() : NULL;
    const char *key;
    json_t *member;
    json_object_foreach ((json_t *)(uintptr_t)value, key, member) {
        if (is_among(key, of_places) && !json_is_object(member) && !json_is_array(member))
            json_object_set(out, key, member);
    }
    if (out)
        put_place(setting, value, out);
    return out;
}

static json_t *coarse_track(const struct coarse_setting *setting, const json_t *track)
{
    size_t i;
    const json_t *place;
    json_t *out = json_array();
    json_array_foreach (track, i, place) {
        json_t *one = coarse_place(setting, place);
        if (one)
            json_array_append_new(out, one);
    }
    return out;
}

/* Of what a radio says single values alone: a field of a protocol can stand below any name. */
static bool is_harmless(const char *members, const char *key, const json_t *value)
{
    if (members == of_units && (json_is_object(value) || json_is_array(value)))
        return false;
    return is_among(key, of_all) || is_among(key, members) ||
           (members == of_units && strcmp(key, "status") == 0 && json_is_integer(value));
}

/* A document anew, from what is harmless and from places made coarse; names the rest. */
static json_t *keep_members(const struct coarse_setting *setting, const char *members, const json_t *document)
{
    json_t *out = json_object(), *left_out = json_array();
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)(uintptr_t)document, key, value) {
        if (is_harmless(members, key, value))
            json_object_set(out, key, value);
        else if (strcmp(key, "position") == 0)
            json_object_set_new(out, key, coarse_place(setting, value));
        else if (strcmp(key, "track") == 0)
            json_object_set_new(out, key, coarse_track(setting, value));
        else if (!is_among(key, " lat_deg lon_deg accuracy_m "))
            json_array_append_new(left_out, json_string(key));
    }
    put_place(setting, document, out);
    json_set_real(out, "position_precision_m", setting->precision_m, 0);
    if (json_array_size(left_out) > 0)
        json_object_set(out, "left_out", left_out);
    json_decref(left_out);
    return out;
}

/* Places at any depth of our own documents, in place. Depth is bounded: they are a few levels deep. */
static void blur_places(const struct coarse_setting *setting, json_t *value, unsigned depth)
{
    size_t i;
    const char *key;
    json_t *member;
    double lat_deg, lon_deg;
    if (depth == 0)
        return;
    json_array_foreach (value, i, member) {
        blur_places(setting, member, depth - 1);
    }
    json_object_foreach (value, key, member) {
        blur_places(setting, member, depth - 1);
    }
    if (!json_is_object(value) || !read_place(value, &lat_deg, &lon_deg))
        return;
    put_place(setting, value, value);
    json_object_del(value, "alt_m");
}

static const struct kind *find_kind(const char *name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

/* Of a kind that is not there nothing is known, so it goes nowhere; rx is one: raw frames and RF figures. */
static enum treatment treat(const struct coarse_setting *setting, const struct kind *kind)
{
    if (!kind)
        return WITHHELD;
    if (kind->treatment == DISTRESS)
        return setting->distress_too ? MEMBERS : EXACT;
    if (kind->treatment == CALL) /* its incident tells a place to whoever tries all of them out */
        return setting->distress_too ? WITHHELD : EXACT;
    return kind->treatment;
}

bool coarse_withholds(const struct coarse_setting *setting, const char *kind)
{
    return treat(setting, find_kind(kind)) == WITHHELD;
}

enum coarse_verdict coarse_document(const struct coarse_setting *setting, const char *name, json_t **document)
{
    const struct kind *kind = find_kind(name);
    enum treatment treatment = treat(setting, kind);
    if (treatment == EXACT)
        return COARSE_AS_IT_IS;
    if (treatment == WITHHELD || !json_is_object(*document))
        return COARSE_WITHHELD;
    if (treatment == PLACES) {
        blur_places(setting, *document, DEPTH_MAX);
        json_set_real(*document, "position_precision_m", setting->precision_m, 0);
        return COARSE_CHANGED;
    }
    json_t *out = keep_members(setting, kind->members, *document);
    json_decref(*document);
    *document = out;
    return out ? COARSE_CHANGED : COARSE_WITHHELD;
}
