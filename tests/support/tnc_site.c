/* SPDX-License-Identifier: Apache-2.0 */
#include "tnc_site.h"

#include <string.h>

void tnc_site_configure(struct config *config)
{
    config->source_count = config->channel_count = config->transmitter_count = 1;
    config->source[0].type = SOURCE_KISS;
    config->source[0].speed_bit_s = 9600;
    strcpy(config->source[0].name, "tnc");
    strcpy(config->channel[0].name, "aprs");
    config->channel[0].protocol_count = 1;
    strcpy(config->channel[0].protocols[0], "ax25");
    strcpy(config->transmitter[0].name, "out");
    strcpy(config->transmitter[0].channel, "aprs");
    config->transmitter[0].radio_count = 1;
    strcpy(config->transmitter[0].radios[0], "ax25.N0CALL-10");
}

enum atalaya_result tnc_site_deaf(void *context, unsigned port, const uint8_t *frame, size_t length,
                                  int64_t mono_ns)
{
    (void)context;
    (void)port;
    (void)frame;
    (void)length;
    (void)mono_ns;
    return ATALAYA_OK;
}
