/* SPDX-License-Identifier: Apache-2.0 */
/* A range of frequencies, part by part: who is on it, and what the modems make of that. */
#ifndef ATALAYA_LISTEN_SWEEP_H
#define ATALAYA_LISTEN_SWEEP_H

#include "../command/source_options.h"
#include "atalaya/result.h"

struct sweep_signal {
    double frequency_hz, raster_hz; /* measured; the nearest of the raster */
    double level_db, over_noise_db; /* at its strongest; over the noise in 12.5 kHz */
    double width_hz, busy;
    bool middle;   /* narrow, and in the middle of a part: perhaps the receiver's own */
    char kind[96]; /* "ffsk1200 (mdc1200)"; "": no modem recognised it */
};

struct sweep_setting {
    const struct source_options *options;
    struct config *config;    /* source[0]; its channels are overwritten */
    double from_hz, to_hz;    /* 0: all of a recording */
    double dwell_s, listen_s; /* of a recording: all of it */
    double raster_hz;
    void (*found)(void *context, const struct sweep_signal *signal); /* lowest first */
    bool (*goes_on)(void *context);
    void *context;
};

/* Errors: ATALAYA_E_UNSUPPORTED (no band, or one whose frequency is not known), and those of the source. */
enum atalaya_result sweep_run(const struct sweep_setting *setting);

#endif
