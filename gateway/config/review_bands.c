/* SPDX-License-Identifier: Apache-2.0 */
/* Cross checks of sources that give a band of radio channels, and of the channels in it. */
#include <math.h>
#include <string.h>

#include "atalaya/dsp/modem.h"
#include "atalaya/protocol/protocol.h"
#include "config/reading.h"
#include "tuner.h"

bool source_is_band(const struct config_source *source)
{
    return source->iq || source->format >= SAMPLE_CU8 || source_is_radio(source);
}

static bool tells_itself(const struct config_source *source)
{
    return source->type == SOURCE_FILE && source->format == SAMPLE_AUTO;
}

static void review_channel_in_band(struct reading *reading, const struct config_channel *channel,
                                   unsigned line)
{
    const struct config_source *source = &reading->config->source[channel->source];
    const struct source_format format = {
        .rate_hz = source->rate_hz, .lanes = 2, .iq = true, .centre_hz = source->centre_hz};
    char why[200];
    if (isnan(channel->frequency_hz))
        return;
    if (isnan(source->centre_hz))
        complain_error(
            &reading->complaints, line,
            "channel '%s' has a frequency, but source '%s' does not say which one its middle is; add "
            "centre_hz there",
            channel->name, source->name);
    else if (!tells_itself(source) && !tuner_reaches(&format, channel, why, sizeof why))
        complain_error(&reading->complaints, line, "channel '%s': %s", channel->name, why);
}

static bool takes(const struct config_channel *channel, const struct modem_row *modem)
{
    bool wanted = channel->modem_count == 0;
    for (unsigned m = 0; m < channel->modem_count && !wanted; m++)
        wanted = protocol_id_is(modem->id, channel->modems[m]);
    for (unsigned k = 0; k < channel->protocol_count && wanted; k++) {
        const struct protocol_row *row = protocol_find(channel->protocols[k]);
        if (row && protocol_uses_modem(row, modem->id))
            return true;
    }
    return false;
}

/* A channel that the source is too slow for would be deaf for ever. */
static void review_audio_rate(struct reading *reading, const struct config_source *source,
                              const struct config_channel *channel, unsigned line)
{
    double least_hz = (double)INFINITY;
    for (size_t m = 0; m < modem_table_size; m++)
        if (takes(channel, &modem_table[m]))
            least_hz = fmin(least_hz, modem_table[m].class->least_rate_hz);
    if (isfinite(least_hz) && source->rate_hz < least_hz)
        complain_error(&reading->complaints, line,
                       "channel '%s': nothing of it can be read at rate_hz = %.0f of source '%s'; give %.0f "
                       "or more there",
                       channel->name, source->rate_hz, source->name, least_hz);
}

void review_audio(struct reading *reading, unsigned index)
{
    const struct config *config = reading->config;
    const struct config_source *source = &config->source[index];
    if (source_is_band(source) || tells_itself(source) ||
        (source->type != SOURCE_ALSA && source->type != SOURCE_STDIN && source->type != SOURCE_FILE))
        return;
    for (unsigned i = 0; i < config->channel_count; i++)
        if (config->channel[i].source == index)
            review_audio_rate(reading, source, &config->channel[i], reading->line[SECTION_channel][i]);
}

void review_band(struct reading *reading, unsigned index)
{
    const struct config *config = reading->config;
    const struct config_source *source = &config->source[index];
    unsigned in_the_middle = 0;
    bool takes_iq = source->type == SOURCE_FILE || source->type == SOURCE_STDIN || source_is_radio(source);
    if (!source_is_band(source))
        return;
    if (!takes_iq)
        complain_warning(&reading->complaints, source->line,
                         "source '%s' gives no complex baseband: its iq and format mean nothing; remove them",
                         source->name);
    for (unsigned i = 0; i < config->channel_count && takes_iq; i++) {
        const struct config_channel *channel = &config->channel[i];
        unsigned line = reading->line[SECTION_channel][i];
        if (channel->source != index)
            continue;
        review_channel_in_band(reading, channel, line);
        if (isnan(channel->frequency_hz) && in_the_middle++ > 0)
            complain_error(
                &reading->complaints, line,
                "channel '%s' is one more without frequency_hz: only one can be the middle of source '%s'",
                channel->name, source->name);
        if (channel->lane > 0)
            complain_error(&reading->complaints, line,
                           "channel '%s' wants a lane, but source '%s' is a band: give frequency_hz instead",
                           channel->name, source->name);
    }
}
