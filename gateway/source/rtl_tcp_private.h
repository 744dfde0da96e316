/* SPDX-License-Identifier: Apache-2.0 */
/* The language of rtl_tcp, as librtlsdr's program of that name speaks it: the server greets with 12 bytes and
 * sends samples (unsigned bytes, I and Q in turn) without end; the client sends commands of 5 bytes, which
 * are never answered. Pure but for rtl_tcp_adopt. */
#ifndef GATEWAY_SOURCE_RTL_TCP_PRIVATE_H
#define GATEWAY_SOURCE_RTL_TCP_PRIVATE_H

#include "source_private.h"

enum { RTL_TCP_GREETING_BYTES = 12, RTL_TCP_COMMAND_BYTES = 5, RTL_TCP_COMMANDS_MAX = 8 };

enum rtl_tcp_command {
    RTL_TCP_FREQUENCY = 0x01,  /* Hz */
    RTL_TCP_RATE = 0x02,       /* samples/s */
    RTL_TCP_GAIN_MODE = 0x03,  /* 1: manual */
    RTL_TCP_GAIN = 0x04,       /* tenths of a dB */
    RTL_TCP_CORRECTION = 0x05, /* ppm, signed */
    RTL_TCP_AGC = 0x08,        /* of the demodulator chip: levels would mean nothing */
    RTL_TCP_BIAS_TEE = 0x0e
};

/* "RTL0", the tuner's kind, the number of its gain steps; both most significant byte first. */
struct rtl_tcp_greeting {
    unsigned tuner, gains;
};

/* false: no server of this kind. */
bool rtl_tcp_greeting_read(const uint8_t bytes[RTL_TCP_GREETING_BYTES], struct rtl_tcp_greeting *greeting);
const char *rtl_tcp_tuner_text(unsigned tuner);
void rtl_tcp_command_write(enum rtl_tcp_command command, uint32_t value,
                           uint8_t bytes[RTL_TCP_COMMAND_BYTES]);
/* What to send after the greeting [size: RTL_TCP_COMMANDS_MAX * RTL_TCP_COMMAND_BYTES]; returns the bytes. */
size_t rtl_tcp_settings_write(const struct config_source *settings, uint8_t *bytes);

/* A source on a connected, non-blocking socket that has greeted; the socket is the source's from here, also
 * on failure. settle_ns: what comes in this time is still of the device's earlier settings. */
enum atalaya_result rtl_tcp_adopt(const struct config_source *settings, int fd, int64_t settle_ns,
                                  struct source **source, char *text, size_t size);

#endif
