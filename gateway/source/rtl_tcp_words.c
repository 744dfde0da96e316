/* SPDX-License-Identifier: Apache-2.0 */
#include "rtl_tcp_private.h"

#include <math.h>
#include <string.h>

static uint32_t word_read(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

bool rtl_tcp_greeting_read(const uint8_t bytes[RTL_TCP_GREETING_BYTES], struct rtl_tcp_greeting *greeting)
{
    if (memcmp(bytes, "RTL0", 4) != 0)
        return false;
    greeting->tuner = word_read(bytes + 4);
    greeting->gains = word_read(bytes + 8);
    return true;
}

const char *rtl_tcp_tuner_text(unsigned tuner)
{
    static const char *const names[] = {"unknown", "E4000", "FC0012", "FC0013", "FC2580", "R820T", "R828D"};
    return names[tuner < sizeof names / sizeof *names ? tuner : 0];
}

void rtl_tcp_command_write(enum rtl_tcp_command command, uint32_t value, uint8_t bytes[RTL_TCP_COMMAND_BYTES])
{
    bytes[0] = (uint8_t)command;
    for (unsigned i = 0; i < 4; i++)
        bytes[1 + i] = (uint8_t)(value >> (24 - 8 * i));
}

size_t rtl_tcp_settings_write(const struct config_source *settings, uint8_t *bytes)
{
    const bool manual = isfinite(settings->gain_db);
    const struct {
        enum rtl_tcp_command command;
        double value;
        bool sent;
    } words[] = {
        {RTL_TCP_RATE, settings->rate_hz, true},
        {RTL_TCP_CORRECTION, settings->ppm, true},
        {RTL_TCP_FREQUENCY, settings->centre_hz, true},
        {RTL_TCP_AGC, 0, true},
        {RTL_TCP_GAIN_MODE, manual, true},
        {RTL_TCP_GAIN, manual ? settings->gain_db * 10 : 0, manual},
        {RTL_TCP_BIAS_TEE, settings->bias_tee, true},
    };
    size_t length = 0;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!words[i].sent)
            continue;
        rtl_tcp_command_write(words[i].command, (uint32_t)(int64_t)llround(words[i].value), bytes + length);
        length += RTL_TCP_COMMAND_BYTES;
    }
    return length;
}
