/* SPDX-License-Identifier: Apache-2.0 */
/* The bursts of a first generation 406 MHz beacon (C/S T.001 2.2, 2.3): 160 ms of carrier, then bits in
 * biphase-L that turn its phase by +-1.1 rad; the first 24 bits are known but for which of two frame
 * synchronisations they end with. README.md has the mathematics. */
#ifndef ATALAYA_DSP_BIPHASE_H
#define ATALAYA_DSP_BIPHASE_H

#include <complex.h>
#include <stddef.h>
#include <stdint.h>

#define BIPHASE_BIT_RATE  400.0
#define BIPHASE_CARRIER_S 0.160
#define BIPHASE_PHASE     1.1 /* radians */

enum {
    BIPHASE_BITS = 144, /* of a long message; a short one is followed by what there is */
    BIPHASE_SHORT_BITS = 112,
    BIPHASE_KNOWN_BITS = 24,
    BIPHASE_MARGIN = 2, /* bits that are given on either side of a burst, in case it begins there */
    BIPHASE_RUN = BIPHASE_BITS + 2 * BIPHASE_MARGIN,
    BIPHASE_CARRIER_BITS = 64,  /* 160 ms */
    BIPHASE_WINDOW = 1 << 16,   /* samples that a window has room for */
    BIPHASE_SLICES_PER_BIT = 8, /* the search looks at eighths of a bit */
    BIPHASE_SLICES_KNOWN = 204  /* that biphase_compare looks at: 24 bits, 1 % long, and some */
};
#define BIPHASE_MOST_RATE_HZ  64000.0 /* of the samples in a window */
#define BIPHASE_WINDOW_S      1.02    /* of room that is used, three quarters of which are kept at least */
#define BIPHASE_LEAST_RATE_HZ 8000.0

/* The latest samples, in one piece. */
struct biphase_window {
    uint64_t total; /* samples so far */
    unsigned count; /* of these still here: z[count - 1] is the newest */
    unsigned room;  /* no more than is needed, so that it stays in the processor's cache */
    float complex z[BIPHASE_WINDOW];
};

/* A burst that seems to begin at sample `start` (fractional, counted as `total` counts). */
struct biphase_find {
    double start, bit; /* samples */
    double turn;       /* of the carrier, radians a sample */
    float likeness;    /* 0 .. 1: share of the energy that is in the known bits' shape */
    float power;       /* of the carrier, or of the known bits; comparable among finds */
};

/* rate_hz: of the samples, at most BIPHASE_MOST_RATE_HZ. */
void biphase_window_reset(struct biphase_window *window, double rate_hz);
/* The newest three quarters move to the front. */
void biphase_window_make_room(struct biphase_window *window);

static inline void biphase_window_push(struct biphase_window *window, float complex sample)
{
    if (window->count == window->room)
        biphase_window_make_room(window);
    window->z[window->count++] = sample;
    window->total++;
}

/* What 24 bits would be, the first of them beginning at slice 0: d[n] = the sum of four slices from n on less
 * that of the four after them [size: BIPHASE_SLICES_KNOWN]. stretch: how much longer than nominal the bits
 * are. Returns the likeness. */
float biphase_compare(const float complex *d, double stretch);

/* The same of nominal bits of real differences, one a bit, side by side [size: BIPHASE_KNOWN_BITS]. */
float biphase_compare_real(const float *d);

/* +1 or -1: known bit k; of the last eight, in normal operation (a self-test has them the other way). */
float biphase_known(unsigned k);

size_t biphase_modulate(double rate_hz, const uint8_t *bits, size_t bit_count, float *audio, size_t max);
size_t biphase_modulate_iq(double rate_hz, const uint8_t *bits, size_t bit_count, float complex *iq,
                           size_t max);
size_t biphase_modulate_length(double rate_hz, size_t bit_count);

#endif
