/* SPDX-License-Identifier: Apache-2.0 */
/* Cross checks of sources that give a band of radio channels, and of the channels in it. */
#include <math.h>
#include <string.h>

#include "config/reading.h"
#include "tuner.h"

/* What is known of the source without opening it. A WAV tells its rate later, SigMF everything. */
static bool is_band(const struct config_source *source)
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

void review_band(struct reading *reading, unsigned index)
{
    const struct config *config = reading->config;
    const struct config_source *source = &config->source[index];
    unsigned in_the_middle = 0;
    bool takes_iq = source->type == SOURCE_FILE || source->type == SOURCE_STDIN || source_is_radio(source);
    if (!is_band(source))
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
