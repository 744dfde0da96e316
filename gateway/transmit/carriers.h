/* SPDX-License-Identifier: Apache-2.0 */
/* Who is on the channels: receive threads write it, transmitters read it. */
#ifndef ATALAYA_TRANSMIT_CARRIERS_H
#define ATALAYA_TRANSMIT_CARRIERS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "atalaya/dsp/squelch.h"
#include "atalaya/gateway/config.h"

/* By channel, as in the configuration. Monotonic; 0 = never. */
struct carrier_board {
    struct {
        _Atomic int64_t heard_ns; /* the receiver gave samples */
        _Atomic int64_t busy_ns;  /* somebody was on it */
    } channel[CONFIG_CHANNELS_MAX];
};

/* A receiver's ear for one channel; all zero = nobody asks. */
struct carrier_ear {
    struct carrier_board *board;
    unsigned channel;
    bool quiet; /* a carrier is quiet, not loud */
    double threshold_dbfs;
};

/* Does a transmitter want to know of that channel? Then the ear has a board. iq: it hears the radio channel
 * itself, where a carrier is loud. ATALAYA_E_ARGUMENT: the audio's rate is too low for what it wants. */
enum atalaya_result carriers_listen(const struct config *config, unsigned channel, double rate_hz, bool iq,
                                    struct carrier_board *board, struct carrier_ear *ear);
/* The channel's squelch has heard some more. */
void carriers_execute(const struct carrier_ear *ear, struct squelch *squelch);

enum carriers_state {
    CARRIERS_FREE,
    CARRIERS_BUSY,
    CARRIERS_BLIND /* the receiver is gone: nobody knows */
};
enum carriers_state carriers_look(const struct carrier_board *board, unsigned channel, int64_t now_ns);

#endif
