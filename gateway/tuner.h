/* SPDX-License-Identifier: Apache-2.0 */
/* What the channels of a source get of its blocks: of audio their lane, of a band of radio channels each its
 * own complex baseband, at every rate that its modems ask for. Used on the receive thread. */
#ifndef ATALAYA_TUNER_H
#define ATALAYA_TUNER_H

#include <complex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atalaya/gateway/config.h"
#include "atalaya/gateway/source.h"
#include "atalaya/result.h"

struct channel;
struct channelizer;

struct tuner {
    struct source_format format;
    uint64_t base_frame;              /* the source's frame that was sample 0 of every feed */
    const struct source_block *turn;  /* the block at work */
    const struct source_block *clean; /* of audio: the same without a test of the site's own; NULL: no test */
    struct channelizer *channelizer;  /* NULL: audio */
    float audio[SOURCE_BLOCK_FRAMES], clean_audio[SOURCE_BLOCK_FRAMES];
};

/* Numbers the feeds of the channels, whose modems exist. Takes all memory. */
enum atalaya_result tuner_create(struct tuner *tuner, const struct source_format *format,
                                 struct channel *channels, unsigned count);
void tuner_destroy(struct tuner *tuner);

/* Takes the next piece of the block, which begins at frame *done, and moves *done behind it. true: the feeds
 * have new samples, until the next call; false: the block is used up. After a loss base_frame is a new one.
 */
bool tuner_execute(struct tuner *tuner, const struct source_block *block, size_t *done);
/* The new samples of a feed: audio [size: *count] of the source's lane, or complex baseband. Once a piece for
 * each feed; lasts until the next feed is asked for. */
const float *tuner_audio(struct tuner *tuner, unsigned lane, size_t *count);
/* For who asks whether anybody transmits. */
const float *tuner_clean_audio(struct tuner *tuner, unsigned lane);
const float complex *tuner_iq(struct tuner *tuner, unsigned feed, size_t *count);

/* Of a feed of a band in this piece: see channelizer_level. */
void tuner_level(const struct tuner *tuner, unsigned feed, float *power, float *floor);
/* The time from piece to piece of a band. */
double tuner_piece_s(const struct source_format *format);

/* The source's frame (fractional) at which sample `sample` of a feed lies. */
double tuner_frame(const struct tuner *tuner, unsigned feed, double sample);
/* The longest time from a frame to the samples it lies in. */
double tuner_delay_s(const struct tuner *tuner);

/* Rate at which a channel's modem that asks for wanted_hz is fed; 0: no wish. */
double tuner_rate_hz(const struct source_format *format, double wanted_hz);
/* How far a channel lies from the centre of a band, Hz. One without a frequency lies at the centre; where the
 * centre is not known, frequencies count from it. */
double tuner_offset_hz(const struct source_format *format, const struct config_channel *settings);
/* Whether the source has that channel; text [size: size] says why not. */
bool tuner_reaches(const struct source_format *format, const struct config_channel *settings, char *text,
                   size_t size);
/* The radio frequency of a channel; NaN: not known. */
double tuner_frequency_hz(const struct source_format *format, const struct config_channel *settings);

#endif
