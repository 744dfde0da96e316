/* SPDX-License-Identifier: Apache-2.0 */
/* Cross checks of software radios: what they need, and channels inside the band they hear. */
#include <math.h>

#include "config/reading.h"

static const double edge_hz = 6250; /* half a channel: its centre stays so far inside the band */

static bool is_radio(const struct config_source *source)
{
    return source->type == SOURCE_RTL_TCP || source->type == SOURCE_SOAPY;
}

/* What librtlsdr accepts; at any other rate the server keeps its old one and says so to nobody. */
static bool rtl_knows_rate(double rate_hz)
{
    return (rate_hz > 225000 && rate_hz <= 300000) || (rate_hz > 900000 && rate_hz <= 3200000);
}

static void review_radio(struct reading *reading, const struct config_source *source)
{
    struct complaints *complaints = &reading->complaints;
    if (!isfinite(source->centre_hz))
        complain_error(complaints, source->line,
                       "source '%s' is a software radio without centre_hz; say what to tune to",
                       source->name);
    if (source->type == SOURCE_SOAPY && !*source->device && !*source->serial_number)
        complain_error(complaints, source->line,
                       "source '%s' names no device; add device = \"driver=...\" or a serial_number "
                       "(SoapySDRUtil --find lists them)",
                       source->name);
    if (source->type == SOURCE_RTL_TCP && !rtl_knows_rate(source->rate_hz))
        complain_error(complaints, source->line,
                       "source '%s': no RTL-SDR has a rate of %g; give rate_hz = 240000 or one of 900001 to "
                       "3200000, as 2400000",
                       source->name, source->rate_hz);
    if (source->type == SOURCE_RTL_TCP && source->gain_count)
        complain_warning(complaints, source->line,
                         "source '%s': gains of stages mean nothing to rtl_tcp; give gain_db", source->name);
}

static void review_tuning(struct reading *reading, unsigned i)
{
    const struct config_channel *channel = &reading->config->channel[i];
    const struct config_source *source = &reading->config->source[channel->source];
    unsigned line = reading->line[SECTION_channel][i];
    double reach_hz = source->rate_hz / 2 - edge_hz;
    if (!isfinite(channel->frequency_hz))
        complain_error(&reading->complaints, line,
                       "channel '%s' has no frequency_hz; source '%s' hears a whole band: say which part",
                       channel->name, source->name);
    else if (isfinite(source->centre_hz) && fabs(channel->frequency_hz - source->centre_hz) > reach_hz)
        complain_error(&reading->complaints, line,
                       "channel '%s' at %.6f MHz is outside of what source '%s' hears, %.6f to %.6f MHz; "
                       "correct frequency_hz, centre_hz or rate_hz",
                       channel->name, channel->frequency_hz * 1e-6, source->name,
                       (source->centre_hz - reach_hz) * 1e-6, (source->centre_hz + reach_hz) * 1e-6);
}

void review_radios(struct reading *reading)
{
    const struct config *config = reading->config;
    for (unsigned i = 0; i < config->source_count; i++)
        if (is_radio(&config->source[i]) && !reading->faulty[SECTION_source][i])
            review_radio(reading, &config->source[i]);
    for (unsigned i = 0; i < config->channel_count; i++) {
        unsigned source = config->channel[i].source;
        if (is_radio(&config->source[source]) && !reading->faulty[SECTION_source][source])
            review_tuning(reading, i);
    }
}
