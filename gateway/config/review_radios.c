/* SPDX-License-Identifier: Apache-2.0 */
/* Cross checks of software radios: what they need to know before they can be tuned. */
#include <math.h>

#include "config/reading.h"

bool source_is_radio(const struct config_source *source)
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

/* A person who turns there turns nothing. */
static void review_sound(struct reading *reading, const struct config_source *source)
{
    if (!isnan(source->gain_db) || source->gain_count)
        complain_warning(&reading->complaints, source->line,
                         "source '%s' is no software radio: its gain means nothing; a sound card's is set "
                         "with alsamixer",
                         source->name);
}

void review_radios(struct reading *reading)
{
    const struct config *config = reading->config;
    for (unsigned i = 0; i < config->source_count; i++)
        if (!reading->faulty[SECTION_source][i])
            (source_is_radio(&config->source[i]) ? review_radio : review_sound)(reading, &config->source[i]);
}
