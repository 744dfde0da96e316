/* SPDX-License-Identifier: Apache-2.0 */
/* Cross checks of the registry: a radio belongs to one unit, and to a protocol that exists. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "atalaya/protocol/protocol.h"
#include "config/reading.h"

struct owned_radio {
    const char *radio;
    unsigned unit;
};

static int by_radio(const void *a, const void *b)
{
    const struct owned_radio *left = a, *right = b;
    int order = strcasecmp(left->radio, right->radio);
    return order ? order : (left->unit > right->unit) - (left->unit < right->unit);
}

static bool space_exists(const char *radio)
{
    size_t length = strcspn(radio, ".");
    for (size_t i = 0; i < protocol_table_size; i++) {
        const char *space = protocol_table[i].protocol->address_space;
        if (space && strlen(space) == length && strncasecmp(space, radio, length) == 0)
            return true;
    }
    return false;
}

static void review_radio(struct reading *reading, const struct config_unit *unit, unsigned line,
                         const char *radio)
{
    const char *dot = strchr(radio, '.');
    if (!dot || dot == radio || !dot[1])
        complain_error(&reading->complaints, line,
                       "radio \"%s\" of unit '%s' must read protocol.id, for example \"ax25.N0CALL-9\"",
                       radio, unit->name);
    else if (!space_exists(radio))
        complain_error(
            &reading->complaints, line,
            "radio \"%s\" of unit '%s' belongs to no protocol that is built in; atalaya protocols lists "
            "them",
            radio, unit->name);
}

static void review_owners(struct reading *reading, struct owned_radio *owned, size_t count)
{
    const unsigned *lines = reading->line[SECTION_unit];
    qsort(owned, count, sizeof *owned, by_radio);
    for (size_t i = 1; i < count; i++) {
        unsigned first = owned[i - 1].unit, second = owned[i].unit;
        if (strcasecmp(owned[i - 1].radio, owned[i].radio) != 0)
            continue;
        if (first == second)
            complain_error(&reading->complaints, lines[second],
                           "unit '%s' has radio \"%s\" twice; remove one", reading->config->unit[second].name,
                           owned[i].radio);
        else
            complain_error(
                &reading->complaints, lines[second],
                "radio \"%s\" belongs to unit '%s' and, in line %u, to unit '%s'; take it from one of them",
                owned[i].radio, reading->config->unit[second].name, lines[first],
                reading->config->unit[first].name);
    }
}

void review_units(struct reading *reading)
{
    const struct config *config = reading->config;
    size_t count = 0, most = (size_t)config->unit_count * CONFIG_UNIT_RADIOS_MAX;
    if (!config->unit_count) {
        if (config->site.allow_list)
            complain_warning(&reading->complaints, 0,
                             "allow_list is true and no unit is registered: only distress will be published");
        return;
    }
    struct owned_radio *owned = calloc(most, sizeof *owned);
    if (!owned) {
        complain_error(&reading->complaints, 0, "out of memory");
        return;
    }
    for (unsigned i = 0; i < config->unit_count; i++)
        for (unsigned k = 0; k < config->unit[i].radio_count; k++) {
            const char *radio = config->unit[i].radios[k];
            review_radio(reading, &config->unit[i], reading->line[SECTION_unit][i], radio);
            owned[count++] = (struct owned_radio){radio, i};
        }
    review_owners(reading, owned, count);
    free(owned);
}
