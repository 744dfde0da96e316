/* SPDX-License-Identifier: Apache-2.0 */
/* Defaults that follow from other keys, so that nobody after this has to know them. */
#include <math.h>
#include <string.h>

#include "atalaya/protocol/protocol.h"
#include "config/reading.h"

enum { MQTT_PORT = 1883, MQTT_TLS_PORT = 8883 };

enum { KISS_USUAL_BIT_S = 9600, KISS_USUAL_PORT = 8001 }; /* Dire Wolf's KISSPORT */

/* Of a TNC the host, its port or both are given; of a serial port nothing must be. */
static void settle_kiss(struct config_source *source)
{
    if (!*source->device && !*source->host && source->port != 0)
        strcpy(source->host, "127.0.0.1");
    if (*source->host && source->port == 0)
        source->port = KISS_USUAL_PORT;
    if (!*source->host && source->speed_bit_s == 0)
        source->speed_bit_s = KISS_USUAL_BIT_S;
}

static bool has_channel(const struct config *config, unsigned source)
{
    for (unsigned i = 0; i < config->channel_count; i++)
        if (config->channel[i].source == source)
            return true;
    return false;
}

/* What a KISS modem hears is AX.25 (the KISS paper knows nothing else), and a data port speaks one language,
 * so their channel needs no words. */
static void add_port_channel(struct reading *reading, unsigned source, const char *protocol)
{
    struct config *config = reading->config;
    if (config->channel_count == CONFIG_CHANNELS_MAX)
        return;
    reading->line[SECTION_channel][config->channel_count] = config->source[source].line;
    struct config_channel *channel = &config->channel[config->channel_count++];
    memcpy(channel->name, config->source[source].name, sizeof channel->name);
    channel->source = source;
    channel->frequency_hz = NAN;
    channel->protocol_count = 1;
    memcpy(channel->protocols[0], protocol, strlen(protocol) + 1);
}

/* People write '-' where ids have '_': from here on there is one spelling. */
static void settle_protocols(struct config_channel *channel)
{
    for (unsigned k = 0; k < channel->protocol_count; k++) {
        const struct protocol_row *row = protocol_find(channel->protocols[k]);
        if (row && strlen(row->id) < sizeof channel->protocols[k])
            strcpy(channel->protocols[k], row->id);
    }
}

void complete_config(struct reading *reading)
{
    struct config *config = reading->config;
    config->site.has_position = isfinite(config->site.lat_deg) && isfinite(config->site.lon_deg);
    for (unsigned i = 0; i < config->source_count; i++) {
        struct config_source *source = &config->source[i];
        if (reading->faulty[SECTION_source][i])
            continue;
        if (source->type == SOURCE_ALSA && !*source->device)
            strcpy(source->device, "default");
        if (source->type == SOURCE_KISS)
            settle_kiss(source);
        if (source->type == SOURCE_KISS && !has_channel(config, i))
            add_port_channel(reading, i, "ax25");
        if (source->type == SOURCE_SERIAL && !has_channel(config, i))
            add_port_channel(reading, i, "kenwood");
    }
    for (unsigned i = 0; i < config->channel_count; i++)
        settle_protocols(&config->channel[i]);
    for (unsigned i = 0; i < config->broker_count; i++)
        if (config->broker[i].port == 0)
            config->broker[i].port = config->broker[i].tls ? MQTT_TLS_PORT : MQTT_PORT;
}
