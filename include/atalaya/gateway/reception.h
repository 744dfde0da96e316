/* SPDX-License-Identifier: Apache-2.0 */
/* One hearing of a message: what was said, and where, when and how it was heard. */
#ifndef ATALAYA_GATEWAY_RECEPTION_H
#define ATALAYA_GATEWAY_RECEPTION_H

#include <stdint.h>

#include "atalaya/gateway/config.h"
#include "atalaya/protocol/message.h"

struct reception {
    struct message message;
    const char *modem; /* its id in modems.def, static; NULL: none of ours */
    char source[CONFIG_NAME_MAX], channel[CONFIG_NAME_MAX];
    double frequency_hz; /* nominal, of the channel; NaN = unknown, as below */
    double time_s;       /* of the first bit, since the source was opened (into the file) */
    double duration_s;
    int64_t mono_ns;       /* of the first bit */
    int64_t heard_mono_ns; /* when the last sample of the burst had been read: latency counts from here */
    float rssi_dbfs, snr_db, offset_hz, peak, deviation_hz; /* deviation: see burst_figures of modem.h */
    uint64_t dedupe;
    unsigned copies; /* hearings of the same burst collapsed into this one */
};

/* Fills a reception of a frame that came without signal facts (KISS, --frames). */
void reception_reset(struct reception *reception);

#endif
