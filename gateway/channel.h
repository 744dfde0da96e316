/* SPDX-License-Identifier: Apache-2.0 */
/* One channel of a source: its modems, each once, and behind every branch of a modem the protocols that
 * listen to it. A channel names no protocol: it is built from the two tables and the channel's list of words.
 */
#ifndef ATALAYA_CHANNEL_H
#define ATALAYA_CHANNEL_H

#include "atalaya/dsp/modem.h"
#include "atalaya/gateway/config.h"
#include "atalaya/gateway/source.h"
#include "atalaya/protocol/protocol.h"

enum { CHANNEL_TAPS_MAX = 16 };

struct tap;
struct channel;
struct stream;

/* A protocol on one of the channel's streams found a message. */
typedef void channel_found(struct channel *channel, const struct stream *stream,
                           const struct message *message);

/* One protocol on one branch of one modem. */
struct stream {
    struct tap *tap;
    unsigned branch;
    const struct protocol_row *row;
    void *state;
    struct protocol_output output;
};

/* One modem on the channel and all that listens to it. */
struct tap {
    struct channel *channel;
    const struct modem_row *row;
    struct modem *modem;
    unsigned stream_count;
    struct stream *streams;
};

struct channel {
    char name[CONFIG_NAME_MAX];
    double frequency_hz;
    unsigned lane;
    uint64_t base_frame; /* the source's frame that was the modems' sample 0 */
    unsigned tap_count;
    struct tap taps[CHANNEL_TAPS_MAX];
    float audio[SOURCE_BLOCK_FRAMES];
    channel_found *found;
    void *owner; /* for found */
};

enum atalaya_result channel_create(struct channel *channel, const struct config_channel *settings,
                                   double rate_hz, channel_found *found, void *owner);
/* Demodulates and decodes one block. No allocation. */
void channel_execute(struct channel *channel, const struct source_block *block, unsigned lanes);
void channel_destroy(struct channel *channel);

#endif
