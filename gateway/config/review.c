/* SPDX-License-Identifier: Apache-2.0 */
/* Cross checks of the file as a whole, of sources and of channels. */
#include <math.h>
#include <string.h>

#include "atalaya/protocol/kenwood.h"
#include "atalaya/protocol/protocol.h"
#include "config/reading.h"

enum { POLLS_APART_S = 10 };
static const double lowest_likely_hz = 1e6; /* below it is no radio of these protocols */

static void review_site(struct reading *reading)
{
    const struct config_site *site = &reading->config->site;
    if (isnan(site->lat_deg) != isnan(site->lon_deg))
        complain_error(&reading->complaints, 0, "site has %s without %s; give both or neither",
                       isnan(site->lon_deg) ? "latitude_deg" : "longitude_deg",
                       isnan(site->lon_deg) ? "longitude_deg" : "latitude_deg");
    if (!site->has_position && !reading->config->gpsd.enabled)
        complain_warning(
            &reading->complaints, 0,
            "the tower will not know where it is; give latitude_deg and longitude_deg in site, or "
            "enable gpsd");
}

static void review_source_device(struct reading *reading, unsigned i)
{
    const struct config_source *source = &reading->config->source[i];
    struct complaints *complaints = &reading->complaints;
    if (source->type == SOURCE_FILE && !*source->path)
        complain_error(complaints, source->line, "source '%s' is a file without a path; add path = \"...\"",
                       source->name);
    if (source->type != SOURCE_FILE && *source->path)
        complain_warning(complaints, source->line,
                         "source '%s' is no file: its path means nothing; remove it", source->name);
    if ((source->type == SOURCE_FILE || source->type == SOURCE_STDIN) && *source->device)
        complain_warning(complaints, source->line,
                         "source '%s' is no device: its device means nothing; remove it", source->name);
}

/* A poll takes the channel for some seconds; a list that fills it leaves no room for a call. */
static void review_polls(struct reading *reading, const struct config_source *source)
{
    struct complaints *complaints = &reading->complaints;
    char order[KENWOOD_ORDER_MAX];
    for (unsigned i = 0; i < source->poll_unit_count; i++)
        if (kenwood_order_poll(source->poll_units[i], order) == 0)
            complain_error(complaints, source->line,
                           "source '%s' polls \"%s\", which is no unit; write 100-1001 (fleet and unit of "
                           "FleetSync) or U01001 (NEXEDGE)",
                           source->name, source->poll_units[i]);
    if (source->poll_unit_count && source->type != SOURCE_SERIAL)
        complain_warning(complaints, source->line,
                         "source '%s' is no base radio: its poll_units mean nothing; remove them",
                         source->name);
    if (source->poll_unit_count * (double)POLLS_APART_S > source->poll_interval_s)
        complain_error(
            complaints, source->line,
            "source '%s' would poll every %.1f s and leave no air to others; set poll_interval_s to "
            "%u or more",
            source->name, source->poll_interval_s / source->poll_unit_count,
            source->poll_unit_count * POLLS_APART_S);
}

static void review_channel_protocols(struct reading *reading, const struct config_channel *channel,
                                     unsigned line)
{
    const struct config_source *source = &reading->config->source[channel->source];
    for (unsigned k = 0; k < channel->protocol_count; k++) {
        const struct protocol_row *row = protocol_find(channel->protocols[k]);
        if (!row)
            complain_error(
                &reading->complaints, line,
                "channel '%s' wants protocol '%s', which is not built in; atalaya protocols lists what is",
                channel->name, channel->protocols[k]);
        else if ((*row->modems == '\0') != (source->type == SOURCE_SERIAL))
            complain_error(&reading->complaints, line, "channel '%s' wants protocol '%s', which comes %s",
                           channel->name, row->id,
                           *row->modems ? "on the air, not over a base radio's data port"
                                        : "over a base radio's data port: its source is of type serial");
        for (unsigned other = 0; other < k; other++)
            if (strcmp(channel->protocols[other], channel->protocols[k]) == 0)
                complain_error(&reading->complaints, line,
                               "channel '%s' names protocol '%s' twice; remove one", channel->name,
                               channel->protocols[k]);
    }
}

static void review_channel_modems(struct reading *reading, const struct config_channel *channel,
                                  unsigned line)
{
    for (unsigned m = 0; m < channel->modem_count; m++) {
        bool used = false;
        for (unsigned k = 0; k < channel->protocol_count; k++) {
            const struct protocol_row *row = protocol_find(channel->protocols[k]);
            used = used || (row && protocol_uses_modem(row, channel->modems[m]));
        }
        if (!used)
            complain_error(
                &reading->complaints, line,
                "channel '%s' wants modem '%s', which none of its protocols uses; atalaya protocols "
                "lists what goes together",
                channel->name, channel->modems[m]);
    }
}

/* What two of them hear is told of one. */
static void review_channel_twins(struct reading *reading, unsigned i)
{
    const struct config_channel *channel = &reading->config->channel[i];
    const struct config_source *source = &reading->config->source[channel->source];
    for (unsigned other = 0; other < i; other++) {
        const struct config_channel *twin = &reading->config->channel[other];
        bool same = source_is_band(source) ? twin->frequency_hz == channel->frequency_hz ||
                                                 (isnan(twin->frequency_hz) && isnan(channel->frequency_hz))
                                           : twin->lane == channel->lane;
        if (twin->source == channel->source && same)
            complain_warning(
                &reading->complaints, reading->line[SECTION_channel][i],
                "channel '%s' is what channel '%s' is, by %s; put the protocols of both into one, "
                "or correct it",
                channel->name, twin->name, source_is_band(source) ? "its frequency_hz" : "source and lane");
    }
}

static void review_frequency(struct reading *reading, const struct config_channel *channel, unsigned line)
{
    if (channel->frequency_hz < lowest_likely_hz)
        complain_warning(&reading->complaints, line,
                         "channel '%s': frequency_hz = %.0f is %g MHz; is %gM meant?", channel->name,
                         channel->frequency_hz, channel->frequency_hz * 1e-6, channel->frequency_hz * 1e-3);
}

static void review_channel(struct reading *reading, unsigned i)
{
    const struct config_channel *channel = &reading->config->channel[i];
    const struct config_source *source = &reading->config->source[channel->source];
    unsigned line = reading->line[SECTION_channel][i];
    unsigned lanes = source->lanes;
    if (source->type == SOURCE_KISS)
        lanes = 16; /* ports of the KISS type byte */
    else if (source->type == SOURCE_SERIAL || source->type == SOURCE_RTL_TCP || source->type == SOURCE_SOAPY)
        lanes = 1;
    else if (source->type == SOURCE_FILE)
        lanes = 32; /* the file will tell, or review_band */
    if (!reading->faulty[SECTION_source][channel->source] && channel->lane >= lanes)
        complain_error(
            &reading->complaints, line,
            "channel '%s' wants lane %u, but source '%s' has lanes 0 to %u; set lanes in the source or "
            "correct the lane",
            channel->name, channel->lane, source->name, lanes - 1);
    review_channel_protocols(reading, channel, line);
    review_channel_modems(reading, channel, line);
    if (!reading->faulty[SECTION_channel][i]) {
        review_frequency(reading, channel, line);
        review_channel_twins(reading, i);
    }
    /* libconfuse sees equal names within one source only; names of channels stand alone in messages */
    for (unsigned other = 0; other < i; other++)
        if (*channel->name && strcmp(reading->config->channel[other].name, channel->name) == 0)
            complain_error(&reading->complaints, line,
                           "a channel '%s' exists already in line %u; give each its own name", channel->name,
                           reading->line[SECTION_channel][other]);
}

void review_sources(struct reading *reading)
{
    const struct config *config = reading->config;
    unsigned readers_of_stdin = 0;
    if (!config->source_count)
        complain_error(&reading->complaints, 0,
                       "nothing to listen to; add a source \"name\" { ... } with a channel");
    for (unsigned i = 0; i < config->source_count; i++) {
        const struct config_source *source = &config->source[i];
        if (reading->faulty[SECTION_source][i])
            continue;
        review_source_device(reading, i);
        review_port(reading, i);
        review_polls(reading, source);
        review_band(reading, i);
        review_audio(reading, i);
        bool heard = false;
        for (unsigned k = 0; k < config->channel_count; k++)
            heard |= config->channel[k].source == i;
        if (!heard)
            complain_error(&reading->complaints, source->line,
                           "source '%s' has no channel; add channel \"name\" { protocols = {\"ax25\"} }",
                           source->name);
        if (source->type == SOURCE_STDIN && readers_of_stdin++)
            complain_error(&reading->complaints, source->line,
                           "source '%s' reads standard input, as another does; only one can", source->name);
    }
    for (unsigned i = 0; i < config->channel_count; i++)
        review_channel(reading, i);
}

void review_config(struct reading *reading)
{
    review_site(reading);
    review_sources(reading);
    review_radios(reading);
    review_brokers(reading);
    review_privacy(reading);
    review_centres(reading);
    review_transmitters(reading);
    review_answers(reading);
    review_units(reading);
    review_codes(reading);
    review_variants(reading);
}
