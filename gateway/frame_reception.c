/* SPDX-License-Identifier: Apache-2.0 */
#include "frame_reception.h"

#include <string.h>

#include "atalaya/protocol/protocol.h"

static const struct config_channel *channel_of(const struct config *config,
                                               const struct frame_arrival *arrival)
{
    for (unsigned i = 0; i < config->channel_count; i++)
        if (config->channel[i].source == arrival->source && config->channel[i].lane == arrival->port)
            return &config->channel[i];
    return NULL;
}

static enum atalaya_result parse_as(const char *id, const struct frame_arrival *arrival,
                                    struct message *message)
{
    const struct protocol_row *row = protocol_find(id);
    if (!row || !row->protocol->parse)
        return ATALAYA_E_UNSUPPORTED;
    message_reset(message, row->id, row->protocol->address_space);
    memcpy(message->raw, arrival->frame, arrival->length);
    message->raw_length = (uint16_t)arrival->length;
    return row->protocol->parse(message);
}

enum atalaya_result frame_reception(const struct config *config, const struct frame_arrival *arrival,
                                    struct reception *reception)
{
    const struct config_channel *channel = channel_of(config, arrival);
    if (!channel || arrival->length > MESSAGE_RAW_MAX)
        return ATALAYA_E_FORMAT;
    reception_reset(reception);
    memcpy(reception->source, config->source[arrival->source].name, sizeof reception->source);
    memcpy(reception->channel, channel->name, sizeof reception->channel);
    reception->frequency_hz = channel->frequency_hz;
    reception->mono_ns = reception->heard_mono_ns = arrival->mono_ns;
    enum atalaya_result result = ATALAYA_E_FORMAT;
    for (unsigned i = 0; i < channel->protocol_count; i++) {
        result = parse_as(channel->protocols[i], arrival, &reception->message);
        if (result == ATALAYA_OK) {
            reception->dedupe = message_dedupe(&reception->message);
            return ATALAYA_OK;
        }
    }
    return result;
}
