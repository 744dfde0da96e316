/* SPDX-License-Identifier: Apache-2.0 */
/* One channel of a source: its modems, each once, fed with the channel's audio or complex baseband, and
 * behind every branch of a modem the protocols that listen to it. A channel names no protocol: it is built
 * from the two tables and the channel's list of words. */
#ifndef ATALAYA_CHANNEL_H
#define ATALAYA_CHANNEL_H

#include "atalaya/dsp/discriminator.h"
#include "atalaya/dsp/modem.h"
#include "atalaya/dsp/squelch.h"
#include "atalaya/gateway/config.h"
#include "atalaya/gateway/source.h"
#include "atalaya/protocol/protocol.h"
#include "quiet_gate.h"
#include "transmit/carriers.h"
#include "tuner.h"

enum { CHANNEL_TAPS_MAX = 16, CHANNEL_FEEDS_MAX = 8 };

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
    uint32_t variants; /* that are meant; 0 = all */
    void *state;
    struct protocol_output output;
};

/* Samples that some of the channel's modems share: its audio, or its complex baseband at one rate. */
struct feed {
    double wanted_hz;       /* as modems ask; 0: no wish */
    double rate_hz;         /* as they get it */
    unsigned number;        /* of the source's lane, or in the tuner */
    bool waits;             /* some protocol remembers, or listens for time to pass */
    struct quiet_gate gate; /* of complex baseband */
    struct discriminator
        *discriminator; /* the same, for those of its modems that take audio; NULL: none does */
};

/* One modem on the channel and all that listens to it. */
struct tap {
    struct channel *channel;
    const struct modem_row *row;
    struct modem *modem;
    unsigned feed;    /* index into the channel's */
    bool hears_audio; /* of complex baseband: that of the feed's discriminator */
    unsigned stream_count;
    struct stream *streams;
    void *states; /* of the streams */
};

struct channel {
    char name[CONFIG_NAME_MAX];
    double frequency_hz; /* NaN: not known */
    double offset_hz;    /* of IQ: from the centre of the band */
    bool iq;
    uint64_t base_frame; /* the source's frame that was sample 0 of the feeds */
    unsigned feed_count, tap_count;
    struct feed feeds[CHANNEL_FEEDS_MAX];
    struct tap taps[CHANNEL_TAPS_MAX];
    struct carrier_ear ear; /* for a transmitter, if there is one */
    channel_found *found;
    void *owner;             /* for found */
    struct squelch *squelch; /* on feed 0; NULL: nobody watches. Gates nothing */
    squelch_sink *squelched; /* its context is the channel; samples count from base_frame */
};

/* The source must have the channel: see tuner_reaches. Modems that cannot work there are logged and left out.
 * Errors: ATALAYA_E_ARGUMENT (none is left), ATALAYA_E_MEMORY, ATALAYA_E_FULL. */
enum atalaya_result channel_create(struct channel *channel, const struct config_channel *settings,
                                   const struct source_format *format, channel_found *found, void *owner);
/* Has transmissions told, decoded or not; takes memory. */
enum atalaya_result channel_watch(struct channel *channel, squelch_sink *squelched);
/* Demodulates and decodes what the tuner has of the channel. No allocation. */
void channel_execute(struct channel *channel, struct tuner *tuner);
/* A modem that can work on a channel's samples, audio or complex baseband, of that rate. *hears_audio: of
 * complex baseband it takes what a discriminator makes of it. Errors: as create's in modem.h. */
enum atalaya_result channel_modem_create(const struct modem_class *class, double rate_hz, bool iq,
                                         struct modem **modem, bool *hears_audio);
/* Complex baseband for the modems that hear `feed`, whatever its gate says. */
void channel_feed_iq(struct channel *channel, unsigned feed, const float complex *iq, size_t count);
/* Figures of a burst that a stream's message names, of the channel itself: see measure in modem.h. */
enum atalaya_result channel_measure(const struct stream *stream, const struct message *message,
                                    struct burst_figures *figures);
/* The source's frame (fractional) at which a sample lies that the figures of one of the channel's modems
 * name. */
double channel_frame(const struct channel *channel, const struct tuner *tuner, const struct tap *tap,
                     double sample);
/* Tells the board who is on it, if a transmitter of the configuration wants to know; `index` is the channel's
 * there. */
enum atalaya_result channel_watch_carrier(struct channel *channel, const struct config *config,
                                          unsigned index, struct carrier_board *board);
/* Nothing follows: what protocols still wait with comes out. */
void channel_finish(struct channel *channel);
void channel_destroy(struct channel *channel);

#endif
