/* SPDX-License-Identifier: Apache-2.0 */
/* Cross checks of what gives frames: a serial port, or the TCP port of a TNC. */
#include <string.h>

#include "config/reading.h"
#include "config/text.h"

enum { SLOWEST_BIT_S = 300 };

static void review_serial(struct reading *reading, const struct config_source *source)
{
    struct complaints *complaints = &reading->complaints;
    if (!*source->device)
        complain_error(
            complaints, source->line,
            source->type == SOURCE_KISS
                ? "source '%s' is a TNC without a device; add device = \"/dev/serial/by-id/...\", or "
                  "host = \"127.0.0.1\" for one with a TCP port"
                : "source '%s' is a serial port without a device; add device = "
                  "\"/dev/serial/by-id/...\"",
            source->name);
    if (source->speed_bit_s != 0 && source->speed_bit_s < SLOWEST_BIT_S)
        complain_error(complaints, source->line,
                       "source '%s': no serial port runs at %u bit/s; give speed_bit_s of %d and more",
                       source->name, source->speed_bit_s, SLOWEST_BIT_S);
}

/* What only one can open: the other would be gone for ever. A sound card's name may stand for several.
 * Warnings: the first one hears, and nobody may be there to correct it. */
static void review_device(struct reading *reading, unsigned index)
{
    const struct config_source *source = &reading->config->source[index];
    bool port = source->type == SOURCE_KISS || source->type == SOURCE_SERIAL;
    bool card = source->type == SOURCE_ALSA && strstr(source->device, "hw:");
    for (unsigned i = 0; *source->device && i < index; i++) {
        const struct config_source *other = &reading->config->source[i];
        bool other_port = other->type == SOURCE_KISS || other->type == SOURCE_SERIAL;
        if (strcmp(source->device, other->device) != 0)
            continue;
        if ((port && other_port) || (source->type == SOURCE_RTL_TCP && other->type == SOURCE_RTL_TCP))
            complain_warning(
                &reading->complaints, source->line,
                "source '%s' has the device of source '%s', which only one can open; make one source "
                "with several channels, or correct the device",
                source->name, other->name);
        else if (card && other->type == SOURCE_ALSA)
            complain_warning(
                &reading->complaints, source->line,
                "source '%s' has the sound card of source '%s', which only one can open; for its "
                "other side set lanes = 2 there, and a channel with lane = 1",
                source->name, other->name);
    }
}

/* Heard through two sources, each transmission would be told twice. */
static void review_twin(struct reading *reading, unsigned index)
{
    const struct config_source *source = &reading->config->source[index];
    for (unsigned i = 0; i < index; i++) {
        const struct config_source *other = &reading->config->source[i];
        if (other->type == SOURCE_KISS && other->port == source->port && *other->host &&
            strcmp(other->host, source->host) == 0)
            complain_error(
                &reading->complaints, source->line,
                "source '%s' is the TNC of source '%s'; make its radio ports channels of one source, "
                "each with its lane",
                source->name, other->name);
    }
}

static void review_network(struct reading *reading, unsigned index)
{
    const struct config_source *source = &reading->config->source[index];
    struct complaints *complaints = &reading->complaints;
    if (!text_is_host(source->host))
        complain_error(complaints, source->line,
                       "source '%s': host \"%.80s\" is no name and no address; write as host = \"127.0.0.1\" "
                       "port = 8001",
                       source->name, source->host);
    if (source->speed_bit_s != 0)
        complain_warning(complaints, source->line,
                         "source '%s' is no serial port: its speed_bit_s means nothing; remove it",
                         source->name);
    review_twin(reading, index);
}

/* A sound card that is given a host hears as well without; what takes its place from other keys would not be
 * where it was meant to be. */
static void review_stray(struct reading *reading, const struct config_source *source)
{
    struct complaints *complaints = &reading->complaints;
    if (source->type == SOURCE_RTL_TCP)
        complain_error(complaints, source->line,
                       "source '%s': host and port are for kiss; write device = \"host:port\"", source->name);
    else if (source->type == SOURCE_SERIAL)
        complain_error(complaints, source->line,
                       "source '%s': host and port are for kiss alone; a base radio needs a device",
                       source->name);
    else
        complain_warning(complaints, source->line,
                         "source '%s' is no TNC: its host and port mean nothing; remove them", source->name);
}

void review_port(struct reading *reading, unsigned index)
{
    const struct config_source *source = &reading->config->source[index];
    review_device(reading, index);
    bool network = *source->host || source->port != 0;
    if (network && source->type != SOURCE_KISS)
        review_stray(reading, source);
    else if (network && *source->device)
        complain_error(
            &reading->complaints, source->line,
            "source '%s' has a device and a host or port; keep the device if the TNC is on a serial "
            "port, the others if it has a TCP port",
            source->name);
    else if (network)
        review_network(reading, index);
    else if (source->type == SOURCE_KISS || source->type == SOURCE_SERIAL)
        review_serial(reading, source);
}
