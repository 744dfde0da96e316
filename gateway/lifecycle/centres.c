/* SPDX-License-Identifier: Apache-2.0 */
#include "lifecycle/centres.h"

#include <math.h>
#include <string.h>

#include "site/fix.h"

static const char *const kinds[] = {"distress", "position", "message", "unit", "rx", "activity"};

bool centre_kind_exists(const char *kind)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i], kind) == 0)
            return true;
    return false;
}

/* "air-*" takes whatever begins with air-. */
static bool matches(const char *pattern, const char *name)
{
    size_t length = strlen(pattern);
    if (length > 0 && pattern[length - 1] == '*')
        return strncmp(pattern, name, length - 1) == 0;
    return strcmp(pattern, name) == 0;
}

/* Where nobody knows where it is, it may be here. */
static bool is_in_area(const struct config_centre *centre, const struct centre_subject *subject)
{
    const struct fix middle = {.lat_deg = centre->area_lat_deg, .lon_deg = centre->area_lon_deg};
    const struct fix place = {.lat_deg = subject->lat_deg, .lon_deg = subject->lon_deg};
    return !subject->has_place || isnan(centre->area_km) ||
           fix_distance_m(&middle, &place) <= centre->area_km * 1e3;
}

static bool takes_unit(const struct config_centre *centre, const char *unit)
{
    bool taken = centre->unit_count == 0;
    for (unsigned i = 0; i < centre->unit_count && !taken; i++)
        taken = matches(centre->units[i], unit);
    return taken;
}

bool centre_takes(const struct config_centre *centre, const struct centre_subject *subject)
{
    bool kind = centre->kind_count == 0;
    for (unsigned i = 0; i < centre->kind_count && !kind; i++)
        kind = strcmp(centre->kinds[i], subject->kind) == 0;
    bool test = centre->tests == TESTS_ALSO || subject->test == (centre->tests == TESTS_ONLY);
    return takes_unit(centre, subject->unit) && kind && test && is_in_area(centre, subject);
}

uint32_t centres_all_brokers(const struct config *config)
{
    return (UINT32_C(1) << config->broker_count) - 1; /* CONFIG_BROKERS_MAX is 8 */
}

unsigned centre_broker_count(const struct config *config, const struct config_centre *centre)
{
    return centre->broker_count ? centre->broker_count : config->broker_count;
}

uint32_t centre_brokers(const struct config *config, const struct config_centre *centre, unsigned count)
{
    uint32_t brokers = 0;
    if (centre->broker_count == 0) /* all of them, in the order of the file */
        return count < config->broker_count ? (UINT32_C(1) << count) - 1 : centres_all_brokers(config);
    for (unsigned i = 0; i < centre->broker_count && i < count; i++)
        for (unsigned b = 0; b < config->broker_count; b++)
            if (strcmp(config->broker[b].name, centre->brokers[i]) == 0)
                brokers |= UINT32_C(1) << b;
    return brokers;
}

uint32_t centres_free_brokers(const struct config *config)
{
    uint32_t owned = 0;
    for (unsigned i = 0; i < config->centre_count; i++)
        owned |= centre_brokers(config, &config->centre[i], CONFIG_BROKERS_MAX);
    return centres_all_brokers(config) & ~owned;
}

uint32_t centres_of_kind(const struct config *config, const char *kind)
{
    uint32_t brokers = centres_free_brokers(config);
    for (unsigned i = 0; i < config->centre_count; i++) {
        const struct config_centre *centre = &config->centre[i];
        bool wanted = centre->kind_count == 0;
        for (unsigned k = 0; k < centre->kind_count && !wanted; k++)
            wanted = strcmp(centre->kinds[k], kind) == 0;
        if (wanted)
            brokers |= centre_brokers(config, centre, CONFIG_BROKERS_MAX);
    }
    return brokers;
}

uint32_t centres_of_unit(const struct config *config, const char *unit)
{
    uint32_t brokers = centres_free_brokers(config);
    for (unsigned i = 0; i < config->centre_count; i++)
        if (takes_unit(&config->centre[i], unit))
            brokers |= centre_brokers(config, &config->centre[i], CONFIG_BROKERS_MAX);
    return brokers;
}

uint32_t centres_route(const struct config *config, const struct centre_subject *subject)
{
    uint32_t brokers = centres_free_brokers(config);
    for (unsigned i = 0; i < config->centre_count; i++)
        if (centre_takes(&config->centre[i], subject))
            brokers |= centre_brokers(config, &config->centre[i], CONFIG_BROKERS_MAX);
    return brokers;
}
