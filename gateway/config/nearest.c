/* SPDX-License-Identifier: Apache-2.0 */
/* Which name did the writer mean? Edit distance with swapped neighbours counted as one slip. */
#include <string.h>

#include "config/keys.h"

static unsigned least_of(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Optimal string alignment distance; both words are shorter than CONFIG_WORD_MAX. */
static unsigned distance(const char *a, const char *b)
{
    unsigned before[CONFIG_WORD_MAX], last[CONFIG_WORD_MAX], now[CONFIG_WORD_MAX];
    size_t a_length = strlen(a), b_length = strlen(b);
    for (unsigned j = 0; j <= b_length; j++)
        before[j] = last[j] = j;
    for (unsigned i = 1; i <= a_length; i++) {
        now[0] = i;
        for (unsigned j = 1; j <= b_length; j++) {
            now[j] = least_of(least_of(last[j], now[j - 1]) + 1, last[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = least_of(now[j], before[j - 2] + 1);
        }
        memcpy(before, last, sizeof before);
        memcpy(last, now, sizeof last);
    }
    return last[b_length];
}

static void consider(const char *name, const char *candidate, const char **best, unsigned *best_distance)
{
    /* "rate" for "rate_hz" is a missing unit, not a typing slip: a common beginning counts as near. */
    size_t length = strlen(name);
    bool begins = length >= 3 && strncmp(name, candidate, length) == 0;
    unsigned d = begins ? 1 : distance(name, candidate);
    if (d < *best_distance) {
        *best_distance = d;
        *best = candidate;
    }
}

const char *config_nearest(enum config_section section, const char *name)
{
    size_t length = strlen(name);
    if (length >= CONFIG_WORD_MAX)
        return NULL;
    const char *best = NULL;
    unsigned best_distance = (unsigned)length / 3 + 2;
    if (best_distance > length)
        best_distance = (unsigned)length; /* nothing in common is not likeness */
    for (size_t i = 0; i < config_key_count; i++)
        if (config_keys[i].section == section)
            consider(name, config_keys[i].name, &best, &best_distance);
    for (unsigned i = 0; i < SECTION_COUNT; i++)
        if (config_sections[i].parent == section)
            consider(name, config_sections[i].name, &best, &best_distance);
    return best;
}
