/* SPDX-License-Identifier: Apache-2.0 */
/* The last 100 ms of complex input, and filters that can be read at any instant of it. */
#ifndef ATALAYA_DSP_GMSK_WINDOW_H
#define ATALAYA_DSP_GMSK_WINDOW_H

#include <complex.h>
#include <stdint.h>

enum {
    GMSK_PHASES = 32,    /* instants told apart between two samples */
    GMSK_TAPS_MAX = 128, /* 5 bits at 192 kHz, rounded up */
    GMSK_RING = 1 << 15  /* samples: a power of two, above 100 ms at 192 kHz */
};

struct gmsk_filter {
    unsigned taps;
    float table[GMSK_PHASES + 1][GMSK_TAPS_MAX];
};

struct gmsk_window {
    uint64_t total;                                /* samples so far */
    float complex ring[GMSK_RING + GMSK_TAPS_MAX]; /* the first taps again at the end: no wrap inside a sum */
};

/* response by time in bits, `reach` bits on either side; scaled so that its squares add up to 1 / samples a
 * bit (matched = true) or its values to 1. */
void gmsk_filter_init(struct gmsk_filter *filter, double samples_a_bit, double reach,
                      double (*response)(double t), int matched);
void gmsk_window_push(struct gmsk_window *window, float complex sample);
/* The filter's output at input instant `at`, which must be at least half the taps before the newest sample.
 */
float complex gmsk_window_read(const struct gmsk_window *window, const struct gmsk_filter *filter, double at);

/* The same filter moved to a carrier, whose phase at the instant read stays in the output. */
struct gmsk_mixer {
    double turn; /* radians a sample */
    float complex rotor[GMSK_TAPS_MAX];
};

void gmsk_mixer_tune(struct gmsk_mixer *mixer, const struct gmsk_filter *filter, double turn);
float complex gmsk_window_mix(const struct gmsk_window *window, const struct gmsk_filter *filter,
                              const struct gmsk_mixer *mixer, double at);

#endif
