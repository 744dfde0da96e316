/* SPDX-License-Identifier: Apache-2.0 */
/* Cross checks of transmitters: what they key with, where they may, who they are. */
#include <string.h>
#include <strings.h>

#include "atalaya/gateway/transmitter.h"
#include "config/reading.h"

static const struct config_channel *find_channel(const struct config *config, const char *name)
{
    for (unsigned i = 0; i < config->channel_count; i++)
        if (strcmp(config->channel[i].name, name) == 0)
            return &config->channel[i];
    return NULL;
}

static void review_place(struct reading *reading, const struct config_transmitter *transmitter)
{
    const struct config_channel *channel = find_channel(reading->config, transmitter->channel);
    struct complaints *complaints = &reading->complaints;
    if (!channel) {
        complain_error(
            complaints, transmitter->line,
            "transmitter '%s' sends on a channel '%s' that there is not; add it or correct the name",
            transmitter->name, transmitter->channel);
        return;
    }
    if (reading->config->source[channel->source].type == SOURCE_SERIAL)
        complain_error(complaints, transmitter->line,
                       "transmitter '%s': a base radio sends by itself; remove this section",
                       transmitter->name);
    if (!(channel->frequency_hz > 0.0))
        complain_error(
            complaints, transmitter->line,
            "channel '%s' of transmitter '%s' needs frequency_hz: what nobody states, nobody has checked",
            channel->name, transmitter->name);
    else if (transmit_is_forbidden(channel->frequency_hz))
        complain_error(
            complaints, transmitter->line,
            "transmitter '%s' would send on %.3f MHz, where emergency beacons are heard; that is never done",
            transmitter->name, channel->frequency_hz * 1e-6);
}

static void review_ptt(struct reading *reading, const struct config_transmitter *transmitter)
{
    struct complaints *complaints = &reading->complaints;
    bool needs = transmitter->ptt != PTT_VOX,
         serial = transmitter->ptt == PTT_RTS || transmitter->ptt == PTT_DTR;
    if (needs && !*transmitter->ptt_device)
        complain_error(complaints, transmitter->line,
                       "transmitter '%s' is keyed by nothing; add ptt_device = \"...\"", transmitter->name);
    if (serial && transmitter->ptt_inverted)
        complain_error(
            complaints, transmitter->line,
            "transmitter '%s': a serial line is off when the machine is, so that an inverted one keys then; "
            "use a circuit that keys when it is on",
            transmitter->name);
    bool own_port = serial && transmitter->inhibit == INHIBIT_CTS;
    if (transmitter->inhibit != INHIBIT_NONE && !*transmitter->inhibit_device && !own_port)
        complain_error(complaints, transmitter->line,
                       "transmitter '%s' has an inhibit input without a place; add inhibit_device = \"...\"",
                       transmitter->name);
    if (transmitter->carrier == CARRIER_NONE)
        complain_warning(complaints, transmitter->line,
                         "transmitter '%s' sends over whoever speaks; with carrier = sound or quiet it waits",
                         transmitter->name);
}

bool radio_is_of(const struct protocol_row *row, const char *radio)
{
    const char *dot = strchr(radio, '.');
    if (!dot || !row || !row->protocol->say)
        return false;
    const char *space = row->protocol->address_space;
    return strlen(space) == (size_t)(dot - radio) && strncmp(space, radio, strlen(space)) == 0 &&
           dot[1] != '\0' && strlen(dot + 1) < MESSAGE_ID_MAX;
}

static bool is_a_radio(const char *text)
{
    for (size_t i = 0; i < protocol_table_size; i++)
        if (radio_is_of(&protocol_table[i], text))
            return true;
    return false;
}

static bool is_of_channel(const struct config_channel *channel, const char *radio)
{
    for (unsigned i = 0; i < channel->protocol_count; i++)
        if (radio_is_of(protocol_find(channel->protocols[i]), radio))
            return true;
    return false;
}

static void review_names(struct reading *reading, const struct config_transmitter *transmitter)
{
    const struct config_channel *channel = find_channel(reading->config, transmitter->channel);
    if (transmitter->radio_count == 0)
        complain_error(&reading->complaints, transmitter->line,
                       "transmitter '%s' has no name to send under; add radios = {\"ax25.N0CALL-10\"}",
                       transmitter->name);
    for (unsigned i = 0; i < transmitter->radio_count; i++)
        if (!is_a_radio(transmitter->radios[i]))
            complain_error(
                &reading->complaints, transmitter->line,
                "transmitter '%s' calls itself \"%s\", which no protocol that sends knows; write for example "
                "ax25.N0CALL-10 or mdc1200.0001",
                transmitter->name, transmitter->radios[i]);
        else if (channel && !is_of_channel(channel, transmitter->radios[i]))
            complain_warning(
                &reading->complaints, transmitter->line,
                "transmitter '%s' calls itself \"%s\", but no protocol of channel '%s' is of these radios, "
                "so "
                "that nothing is ever said under that name; add the protocol to the channel, or correct it",
                transmitter->name, transmitter->radios[i], channel->name);
}

void review_transmitters(struct reading *reading)
{
    const struct config *config = reading->config;
    for (unsigned i = 0; i < config->transmitter_count; i++) {
        const struct config_transmitter *transmitter = &config->transmitter[i];
        if (reading->faulty[SECTION_transmitter][i] || !*transmitter->channel) /* switched off */
            continue;
        review_place(reading, transmitter);
        review_ptt(reading, transmitter);
        review_names(reading, transmitter);
        for (unsigned other = 0; other < i; other++) {
            const struct config_transmitter *before = &config->transmitter[other];
            if (strcmp(before->channel, transmitter->channel) == 0)
                complain_error(&reading->complaints, transmitter->line,
                               "transmitters '%s' and '%s' send on one channel; one is enough", before->name,
                               transmitter->name);
            else if (*transmitter->ptt_device && strcmp(before->ptt_device, transmitter->ptt_device) == 0 &&
                     before->ptt_line == transmitter->ptt_line)
                complain_error(&reading->complaints, transmitter->line,
                               "transmitters '%s' and '%s' are keyed by one line; each needs its own",
                               before->name, transmitter->name);
        }
    }
}
