/* SPDX-License-Identifier: Apache-2.0 */
#include "tuner.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/dsp/channelizer.h"
#include "channel.h"

double tuner_rate_hz(const struct source_format *format, double wanted_hz)
{
    return format->iq ? channelizer_rate_hz(format->rate_hz, wanted_hz) : format->rate_hz;
}

double tuner_offset_hz(const struct source_format *format, const struct config_channel *settings)
{
    return isnan(settings->frequency_hz) ? 0.0 : settings->frequency_hz - format->centre_hz;
}

double tuner_frequency_hz(const struct source_format *format, const struct config_channel *settings)
{
    if (!format->iq)
        return settings->frequency_hz;
    double hz = format->centre_hz + tuner_offset_hz(format, settings);
    return format->centre_hz > 0.0 ? hz : (double)NAN;
}

bool tuner_reaches(const struct source_format *format, const struct config_channel *settings, char *text,
                   size_t size)
{
    double reach_hz = fmax(format->rate_hz / 2.0 - CHANNELIZER_EDGE_HZ, 0.0);
    if (!format->iq && settings->lane >= format->lanes)
        snprintf(text, size, "there is no lane %u, only %u", settings->lane, format->lanes);
    else if (format->iq && !channelizer_reaches(format->rate_hz, tuner_offset_hz(format, settings)))
        snprintf(text, size, "%.6f MHz lies outside of the band, %.6f to %.6f MHz%s",
                 settings->frequency_hz * 1e-6, (format->centre_hz - reach_hz) * 1e-6,
                 (format->centre_hz + reach_hz) * 1e-6,
                 format->centre_hz > 0.0 ? "" : " around a centre that is not known: set centre_hz");
    else
        return true;
    return false;
}

static enum atalaya_result create_channelizer(struct tuner *tuner, struct channel *channels, unsigned count)
{
    unsigned feeds = 0, made = 0;
    for (unsigned i = 0; i < count; i++)
        feeds += channels[i].feed_count;
    struct channelizer_channel *wanted = calloc(feeds + 1, sizeof *wanted);
    if (!wanted)
        return ATALAYA_E_MEMORY;
    for (unsigned i = 0; i < count; i++)
        for (unsigned f = 0; f < channels[i].feed_count; f++) {
            struct feed *feed = &channels[i].feeds[f];
            wanted[made] = (struct channelizer_channel){channels[i].offset_hz, feed->wanted_hz};
            feed->number = made++;
        }
    enum atalaya_result result =
        channelizer_create(&tuner->channelizer, tuner->format.rate_hz, wanted, feeds);
    free(wanted);
    return result;
}

enum atalaya_result tuner_create(struct tuner *tuner, const struct source_format *format,
                                 struct channel *channels, unsigned count)
{
    memset(tuner, 0, sizeof *tuner);
    tuner->format = *format;
    return format->iq ? create_channelizer(tuner, channels, count) : ATALAYA_OK;
}

void tuner_destroy(struct tuner *tuner)
{
    channelizer_destroy(tuner->channelizer);
    tuner->channelizer = NULL;
}

bool tuner_execute(struct tuner *tuner, const struct source_block *block, size_t *done)
{
    if (*done == 0 && block->lost > 0) {
        tuner->base_frame = block->first_frame;
        if (tuner->channelizer)
            channelizer_reset(tuner->channelizer);
    }
    tuner->turn = block;
    if (!tuner->channelizer) {
        bool fresh = *done < block->frames;
        *done = block->frames;
        return fresh;
    }
    const float complex *iq = (const float complex *)(const void *)block->samples;
    while (*done < block->frames) {
        size_t taken;
        bool fresh = channelizer_execute(tuner->channelizer, iq + *done, block->frames - *done, &taken);
        *done += taken;
        if (fresh)
            return true;
    }
    return false;
}

static const float *take_lane(const struct source_block *block, unsigned lanes, unsigned lane, float *audio)
{
    if (lanes == 1)
        return block->samples;
    for (size_t i = 0; i < block->frames; i++)
        audio[i] = block->samples[i * lanes + lane];
    return audio;
}

const float *tuner_audio(struct tuner *tuner, unsigned lane, size_t *count)
{
    *count = tuner->turn->frames;
    return take_lane(tuner->turn, tuner->format.lanes, lane, tuner->audio);
}

const float *tuner_clean_audio(struct tuner *tuner, unsigned lane)
{
    const struct source_block *block = tuner->clean ? tuner->clean : tuner->turn;
    return take_lane(block, tuner->format.lanes, lane, tuner->clean_audio);
}

const float complex *tuner_iq(struct tuner *tuner, unsigned feed, size_t *count)
{
    return channelizer_give(tuner->channelizer, feed, count);
}

void tuner_level(const struct tuner *tuner, unsigned feed, float *power, float *floor)
{
    const struct channelizer_level level = channelizer_level(tuner->channelizer, feed);
    *power = level.power;
    *floor = level.floor;
}

double tuner_piece_s(const struct source_format *format)
{
    return channelizer_block_s(format->rate_hz);
}

double tuner_frame(const struct tuner *tuner, unsigned feed, double sample)
{
    if (tuner->channelizer)
        sample = channelizer_input_time(tuner->channelizer, feed, sample);
    return (double)tuner->base_frame + sample;
}

double tuner_delay_s(const struct tuner *tuner)
{
    return tuner->channelizer ? channelizer_delay_s(tuner->channelizer) : 0.0;
}
