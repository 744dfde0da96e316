/* SPDX-License-Identifier: Apache-2.0 */
/* A message as the sound that says it, in memory that was taken before. One thread. */
#ifndef ATALAYA_TRANSMIT_WAVEFORM_H
#define ATALAYA_TRANSMIT_WAVEFORM_H

#include "atalaya/dsp/modem.h"
#include "atalaya/gateway/transmitter.h"

struct waveform {
    double rate_hz, amplitude;
    double txdelay_s, tail_s;
    bool tone; /* VOX: a tone goes ahead */
    size_t max, count;
    float *samples; /* [size: max] */
    uint8_t bits[PROTOCOL_LINE_BITS_MAX];
};

enum atalaya_result waveform_create(const struct config_transmitter *settings, double rate_hz,
                                    struct waveform **waveform);
/* The waveform that a protocol is sent in on a channel of `rate_hz`; NULL = there is none. */
const struct modem_row *waveform_modem(const struct protocol_row *row, double rate_hz);
/* samples and count are the message's. ATALAYA_E_LENGTH: longer than limit_s. ATALAYA_E_UNSUPPORTED: it
 * cannot be sent. */
enum atalaya_result waveform_make(struct waveform *waveform, const struct transmit_request *request);
void waveform_destroy(struct waveform *waveform); /* NULL is allowed */

#endif
