/* SPDX-License-Identifier: Apache-2.0 */
/* Mic-E type codes: a prefix, for newer models with a suffix (chapter 10 and the public APRS device list). */
#include "aprs_parts.h"

#include <string.h>

static const struct {
    char prefix;
    char suffix[3];
    const char *radio;
} radios[] = {
    /* longer suffixes first: an empty one fits everything */
    {'>', "=", "Kenwood TH-D72"},      {'>', "^", "Kenwood TH-D74"},      {'>', "&", "Kenwood TH-D75"},
    {'>', "", "Kenwood TH-D7A"},       {']', "=", "Kenwood TM-D710"},     {']', "", "Kenwood TM-D700"},
    {'`', "_ ", "Yaesu VX-8"},         {'`', "_\"", "Yaesu FTM-350"},     {'`', "_#", "Yaesu VX-8G"},
    {'`', "_$", "Yaesu FT1D"},         {'`', "_%", "Yaesu FTM-400DR"},    {'`', "_(", "Yaesu FT2D"},
    {'`', "_)", "Yaesu FTM-100D"},     {'`', "_0", "Yaesu FT3D"},         {'`', "_1", "Yaesu FTM-300D"},
    {'`', "_2", "Yaesu FTM-200D"},     {'`', "_3", "Yaesu FT5D"},         {'`', "_4", "Yaesu FTM-500D"},
    {'\'', "|3", "Byonics TinyTrak3"}, {'\'', "|4", "Byonics TinyTrak4"},
};

const char *aprs_radio_strip(const uint8_t **text, size_t *length)
{
    if (!*length)
        return NULL;
    for (size_t i = 0; i < sizeof radios / sizeof *radios; i++) {
        size_t suffix = strlen(radios[i].suffix);
        if ((*text)[0] != radios[i].prefix || *length < 1 + suffix ||
            memcmp(*text + *length - suffix, radios[i].suffix, suffix) != 0)
            continue;
        ++*text;
        *length -= 1 + suffix;
        return radios[i].radio;
    }
    if ((*text)[0] == '`' || (*text)[0] == '\'') { /* a model not in the table */
        ++*text;
        --*length;
    }
    return NULL;
}

bool aprs_radio_find(const char *radio, char *prefix, const char **suffix)
{
    for (size_t i = 0; i < sizeof radios / sizeof *radios; i++)
        if (strcmp(radios[i].radio, radio) == 0) {
            *prefix = radios[i].prefix;
            *suffix = radios[i].suffix;
            return true;
        }
    return false;
}
