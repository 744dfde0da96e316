/* SPDX-License-Identifier: Apache-2.0 */
/* One value: from its text into its member, if the row allows it. */
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/reading.h"
#include "config/text.h"

void describe_range(const struct config_key *key, char *text, size_t size)
{
    *text = '\0';
    switch (key->type) {
    case TYPE_WHOLE:
    case TYPE_REAL:
        snprintf(text, size, "%.10g to %.10g%s%s", key->least, key->most, *key->unit ? " " : "", key->unit);
        break;
    case TYPE_BYTES: {
        char least[32], most[32];
        format_bytes(key->least, least);
        format_bytes(key->most, most);
        snprintf(text, size, "%s to %s", least, most);
        break;
    }
    case TYPE_NAME:
        snprintf(text, size, "%g to %g of A-Z a-z 0-9 . _ -", fmax(key->least, 1), key->most);
        break;
    case TYPE_LIST:
        snprintf(text, size, "%g to %g texts", key->least, key->most);
        break;
    case TYPE_BOOLEAN:
        snprintf(text, size, "true or false");
        break;
    case TYPE_CHOICE: {
        size_t used = 0, length;
        const char *word;
        for (size_t i = 0; (word = config_word(key->unit, i, &length)) && used < size; i++)
            used += (size_t)snprintf(text + used, size - used, "%s%.*s", i ? ", " : "", (int)length, word);
        break;
    }
    case TYPE_TEXT:
    case TYPE_PATH:
        break;
    }
}

static bool store_text(const struct config_key *key, char *member, size_t size, const char *text, char *why)
{
    size_t length = strlen(text);
    if (length >= size) {
        snprintf(why, CONFIG_WHY_MAX, "is too long; at most %zu bytes", size - 1);
        return false;
    }
    if (key->type != TYPE_LIST && (double)length < key->least) {
        snprintf(why, CONFIG_WHY_MAX, "is empty; give a value");
        return false;
    }
    if (key->type == TYPE_NAME && length && !text_is_name(text)) {
        snprintf(why, CONFIG_WHY_MAX, "may hold A-Z a-z 0-9 . _ - only");
        return false;
    }
    if (!text_is_utf8(text)) {
        snprintf(why, CONFIG_WHY_MAX, "is not valid UTF-8; save the file as UTF-8");
        return false;
    }
    memcpy(member, text, length + 1);
    return true;
}

static bool is_frequency(const struct config_key *key)
{
    return key->type == TYPE_REAL && strcmp(key->unit, "Hz") == 0;
}

/* What the person meant, where that is plain. */
static const char *number_advice(const struct config_key *key, double value, bool valid)
{
    if (!valid)
        return is_frequency(key)                                   ? ", as 144.39M or 144.39e6, without Hz"
               : key->type == TYPE_WHOLE || key->type == TYPE_REAL ? ", a number without its unit"
                                                                   : "";
    return is_frequency(key) && value > 0 && value < key->least && value * 1e6 <= key->most
               ? "; MHz are written with an M, as 144.39M"
               : "";
}

static bool store_number(const struct config_key *key, void *member, double value, bool valid, char *why)
{
    if (!valid || !isfinite(value) || value < key->least || value > key->most) {
        char range[CONFIG_WHY_MAX / 2];
        describe_range(key, range, sizeof range);
        snprintf(why, CONFIG_WHY_MAX,
                 valid ? "is out of range; give %s%s" : "is not such a number; give %s%s", range,
                 number_advice(key, value, valid));
        return false;
    }
    if (key->type == TYPE_WHOLE)
        *(unsigned *)member = (unsigned)value;
    else if (key->type == TYPE_BYTES)
        *(uint64_t *)member = (uint64_t)value;
    else
        *(double *)member = value;
    return true;
}

static bool store_choice(const struct config_key *key, void *member, const char *text, char *why)
{
    size_t length;
    const char *word;
    for (unsigned i = 0; (word = config_word(key->unit, i, &length)); i++)
        if (strlen(text) == length && memcmp(word, text, length) == 0) {
            memcpy(member, &i,
                   sizeof i); /* enums are unsigned int here; keys of a choice come in their order */
            return true;
        }
    char range[CONFIG_WHY_MAX / 2];
    describe_range(key, range, sizeof range);
    snprintf(why, CONFIG_WHY_MAX, "is none of: %s", range);
    return false;
}

static bool store_boolean(void *member, const char *text, char *why)
{
    static const char *const words[2][3] = {{"false", "no", "off"}, {"true", "yes", "on"}};
    for (unsigned value = 0; value < 2; value++)
        for (unsigned i = 0; i < 3; i++)
            if (strcasecmp(text, words[value][i]) == 0) {
                *(bool *)member = value;
                return true;
            }
    snprintf(why, CONFIG_WHY_MAX, "is neither true nor false");
    return false;
}

bool store_value(const struct config_key *key, void *member, const char *text, char why[CONFIG_WHY_MAX])
{
    double value = NAN;
    bool valid;
    switch (key->type) {
    case TYPE_NAME:
    case TYPE_TEXT:
    case TYPE_PATH:
        return store_text(key, member, key->size, text, why);
    case TYPE_LIST:
        return store_text(key, member, key->element_size, text, why);
    case TYPE_BOOLEAN:
        return store_boolean(member, text, why);
    case TYPE_CHOICE:
        return store_choice(key, member, text, why);
    case TYPE_WHOLE:
    case TYPE_REAL:
        valid = (is_frequency(key) ? parse_frequency(text, &value) : parse_number(text, &value)) &&
                (key->type == TYPE_REAL || value == floor(value));
        return store_number(key, member, value, valid, why);
    case TYPE_BYTES:
        valid = parse_bytes(text, &value);
        return store_number(key, member, value, valid, why);
    }
    return false;
}
