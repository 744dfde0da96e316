/* SPDX-License-Identifier: Apache-2.0 */
/* From a line of input to what goes on the air: shared by recordings of sound and of a band. */
#ifndef ATALAYA_ENCODE_TRANSMISSION_H
#define ATALAYA_ENCODE_TRANSMISSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atalaya/dsp/modem.h"
#include "atalaya/protocol/protocol.h"

/* Where in a band, and how. NaN: not said. */
struct placement {
    double frequency_hz, offset_hz, drift_hz_s, deviation_hz, fading_hz, cnr_db, level_dbfs;
};

struct transmission {
    const struct protocol_row *protocol;
    const struct modem_row *modem;
    const uint8_t *bits; /* line bits [size: bit_count], until the next transmission is made */
    size_t bit_count;
    double preamble_s; /* from the first of them to the message's first bit, which time_s is about */
    double time_s;     /* NaN: not said */
    struct placement place;
};

/* How text lines are meant, and what is sent before a message. */
struct transmission_settings {
    const char *protocol, *modem; /* modem NULL: the protocol's first */
    unsigned preamble_bits;       /* 0: the protocol's own */
};

/* A JSON object (as `decode` prints it, or with a text form in "line"), or the text form of the protocol.
 * false: why [size: size] says what is wrong. */
bool transmission_make(const struct transmission_settings *settings, const char *line, size_t length,
                       struct transmission *transmission, char *why, size_t size);
/* What its protocol hears of it when every bit comes as it was sent. Nothing when there is no memory. */
void transmission_hear(const struct transmission *transmission, struct protocol_output *output);
/* When its first line bit is sent: its time, or `gap_s` after now_s; never before now_s. */
double transmission_start_s(const struct transmission *transmission, double now_s, double gap_s);

#endif
