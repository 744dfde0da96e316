/* SPDX-License-Identifier: Apache-2.0 */
/* A narrow-band FM radio channel for benchmarks and tests: transmitter, fading path, and a conventional
 * receiver with IF filter and discriminator. Not used in reception. One thread at a time per object. */
#ifndef ATALAYA_DSP_FM_CHANNEL_H
#define ATALAYA_DSP_FM_CHANNEL_H

#include <complex.h>
#include <stdbool.h>
#include <stddef.h>

#include "atalaya/dsp/impair.h"
#include "atalaya/result.h"

enum { FADING_PATHS = 32 };

/* Rayleigh fading after R. H. Clarke (A statistical theory of mobile-radio reception, 1968): many waves of
 * equal strength from random directions, each with its own Doppler shift. Mean power 1. */
struct fading {
    double rate_hz;
    double turn[FADING_PATHS], phase[FADING_PATHS]; /* radians a sample, radians */
    float complex from, step;                       /* straight line between two computed values */
    unsigned left;                                  /* samples of that line still to come */
};

/* Draws new directions. doppler_hz: the largest shift (speed over wavelength). */
void fading_reset(struct fading *fading, struct impair_random *random, double rate_hz, double doppler_hz);
float complex fading_execute(struct fading *fading); /* the path's gain at the next sample */

struct fm_transmitter_settings {
    double rate_hz;
    double deviation_hz; /* of audio of amplitude 1 (with pre-emphasis: at 2200 Hz) */
    double carrier_hz;   /* where the carrier is, 0 = tuned exactly */
    bool pre_emphasis;
};

struct fm_transmitter {
    struct fm_transmitter_settings settings;
    struct impair_emphasis emphasis;
    double phase; /* radians */
};

void fm_transmitter_create(struct fm_transmitter *transmitter,
                           const struct fm_transmitter_settings *settings);
/* Audio to a carrier of amplitude 1 [size: count each]. */
void fm_transmitter_execute(struct fm_transmitter *transmitter, const float *audio, size_t count,
                            float complex *iq);

struct fm_receiver_settings {
    double rate_hz;
    double if_width_hz;   /* between the -6 dB points */
    double full_scale_hz; /* the frequency that gives audio of amplitude 1 */
    bool de_emphasis;     /* 0 dB at 1000 Hz */
};

struct fm_receiver;

/* Errors: ATALAYA_E_ARGUMENT, ATALAYA_E_MEMORY. */
enum atalaya_result fm_receiver_create(struct fm_receiver **receiver,
                                       const struct fm_receiver_settings *settings);
/* IQ to discriminator audio [size: count each]. */
void fm_receiver_execute(struct fm_receiver *receiver, const float complex *iq, size_t count, float *audio);
void fm_receiver_reset(struct fm_receiver *receiver);
void fm_receiver_destroy(struct fm_receiver *receiver); /* NULL is allowed */

#endif
