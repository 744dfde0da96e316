/* SPDX-License-Identifier: Apache-2.0 */
/* The last burst's length of complex input, and filters that can be read at any instant of it. */
#ifndef ATALAYA_DSP_DSSS_WINDOW_H
#define ATALAYA_DSP_DSSS_WINDOW_H

#include <complex.h>
#include <stdint.h>

#include "atalaya/result.h"

#define DSSS_WINDOW_S 1.2 /* a burst and what its search is behind */

enum {
    DSSS_PHASES = 32, /* instants told apart between two samples */
    DSSS_TAPS_MAX = 160
};

struct dsss_window {
    uint64_t total;      /* samples so far */
    unsigned size;       /* a power of two */
    float complex *ring; /* [size + DSSS_TAPS_MAX], the first taps again at the end: no wrap inside a sum */
};

struct dsss_filter {
    unsigned taps;
    float table[DSSS_PHASES + 1][DSSS_TAPS_MAX];
};

enum atalaya_result dsss_window_create(struct dsss_window *window, double rate_hz);
void dsss_window_reset(struct dsss_window *window);
void dsss_window_push(struct dsss_window *window, float complex sample);
void dsss_window_destroy(struct dsss_window *window);

/* response by time in chips, 0 beyond `reach` on either side, averaged over each sample. Scaled so that what
 * was sent with pulse `sent` and amplitude 1 comes out as 1 (NULL: so that the taps add up to 1). */
void dsss_filter_init(struct dsss_filter *filter, double samples_a_chip, double reach,
                      double (*response)(double t), double (*sent)(double t));
/* The filter's output at input instant `at`: at least half the taps before the newest sample, and not older
 * than DSSS_WINDOW_S. Before the first sample lies silence. */
float complex dsss_window_read(const struct dsss_window *window, const struct dsss_filter *filter, double at);

#endif
