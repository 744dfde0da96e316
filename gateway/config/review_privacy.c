/* SPDX-License-Identifier: Apache-2.0 */
/* Cross checks of what a broker may know: readers that there are, and options that do not do what they seem
 * to. */
#include <string.h>

#include "config/reading.h"
#include "outlet/reader_key.h"

static bool has_reader(const struct config *config, const char *name)
{
    for (unsigned i = 0; i < config->reader_count; i++)
        if (strcmp(config->reader[i].name, name) == 0)
            return true;
    return false;
}

static void review_names(struct reading *reading, const struct config_broker *broker, const char *key,
                         unsigned count, const char names[][CONFIG_NAME_MAX])
{
    for (unsigned i = 0; i < count; i++) {
        if (!has_reader(reading->config, names[i]))
            complain_error(&reading->complaints, broker->line,
                           "%s of broker '%s' names a reader '%s' that there is not; add reader \"%s\" { "
                           "public_key = ... } or correct the name",
                           key, broker->name, names[i], names[i]);
        for (unsigned other = 0; other < i; other++)
            if (strcmp(names[other], names[i]) == 0)
                complain_error(&reading->complaints, broker->line, "%s of broker '%s' names '%s' twice", key,
                               broker->name, names[i]);
    }
}

static void review_precision(struct reading *reading, const struct config_broker *broker)
{
    struct complaints *complaints = &reading->complaints;
    if (broker->coarse_distress && broker->position_precision_m <= 0.0)
        complain_error(complaints, broker->line,
                       "broker '%s' has coarse_distress without position_precision_m; give the size of the "
                       "cells too, or remove it",
                       broker->name);
    else if (broker->coarse_distress)
        complain_warning(complaints, broker->line,
                         "broker '%s' is told of a distress without its exact place: whoever sends help "
                         "must have it from another broker",
                         broker->name);
    if (broker->position_precision_m > 0.0 && broker->position_precision_m < 100.0)
        complain_warning(complaints, broker->line,
                         "position_precision_m of broker '%s' is %.0f m: a crew is found in such a cell by "
                         "sight; 1000 and more hide it",
                         broker->name, broker->position_precision_m);
}

static void review_seal(struct reading *reading, const struct config_broker *broker)
{
    struct complaints *complaints = &reading->complaints;
    if (!broker->seal_to_count && broker->seal_calls_to_count)
        complain_error(complaints, broker->line,
                       "broker '%s' has seal_calls_to without seal_to: everything else would be open; give "
                       "seal_to too",
                       broker->name);
    if (broker->seal_to_count && !broker->seal_calls_to_count && broker->reader_key_file[0])
        complain_warning(complaints, broker->line,
                         "broker '%s' seals, and has no seal_calls_to: the other sites are not told of a "
                         "distress, and two may answer one call",
                         broker->name);
    if (broker->seal_calls_to_count && !broker->reader_key_file[0])
        complain_warning(complaints, broker->line,
                         "broker '%s' has seal_calls_to without reader_key_file: the others understand this "
                         "site, and it does not understand them",
                         broker->name);
}

static void review_reader(struct reading *reading, unsigned i)
{
    const struct config_reader *reader = &reading->config->reader[i];
    unsigned char key[READER_KEY_BYTES];
    if (!reader_key_read_public(reader->public_key, key))
        complain_error(&reading->complaints, reading->line[SECTION_reader][i],
                       "public_key of reader '%s' is no X25519 key in Base64; copy what atalaya key show "
                       "prints",
                       reader->name);
    for (unsigned other = 0; other < i; other++)
        if (strcmp(reading->config->reader[other].public_key, reader->public_key) == 0)
            complain_error(&reading->complaints, reading->line[SECTION_reader][i],
                           "readers '%s' and '%s' have the same public_key; remove one", reader->name,
                           reading->config->reader[other].name);
}

void review_privacy(struct reading *reading)
{
    const struct config *config = reading->config;
    for (unsigned i = 0; i < config->reader_count; i++)
        if (!reading->faulty[SECTION_reader][i])
            review_reader(reading, i);
    for (unsigned i = 0; i < config->broker_count; i++) {
        const struct config_broker *broker = &config->broker[i];
        if (reading->faulty[SECTION_broker][i])
            continue;
        review_names(reading, broker, "seal_to", broker->seal_to_count, broker->seal_to);
        review_names(reading, broker, "seal_calls_to", broker->seal_calls_to_count, broker->seal_calls_to);
        review_precision(reading, broker);
        review_seal(reading, broker);
    }
}
