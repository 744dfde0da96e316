/* SPDX-License-Identifier: Apache-2.0 */
/* Looks for the preambles of bursts at every chip and every carrier, all the time. README.md has the
 * reasons for its sizes. */
#ifndef ATALAYA_DSP_DSSS_SEARCH_H
#define ATALAYA_DSP_DSSS_SEARCH_H

#include <complex.h>

#include "atalaya/result.h"
#include "dsss_code.h"

#define DSSS_SEARCH_HZ                                                                                       \
    1800.0 /* either way: the beacon's 1200 Hz and as much of a receiver's own as 1.5 ppm */

/* Where a burst seems to be. */
struct dsss_candidate {
    enum dsss_sequence sequence;
    double chip;    /* middle of its first chip on I, in samples of the search from create or reset */
    double turn;    /* carrier, radians a chip */
    double quality; /* energy over the noise's, in the preamble */
};

typedef void dsss_search_sink(void *context, const struct dsss_candidate *candidate);

struct dsss_search;

/* code [size: DSSS_SEQUENCES] is read here only. */
enum atalaya_result dsss_search_create(struct dsss_search **search, const struct dsss_code *code);
/* One sample at the chip rate, filtered to +-DSSS_SEARCH_BAND chip rates. A preamble is told at the latest
 * 0.3 s after it began, and often several times, a chip or a few hertz apart. */
void dsss_search_execute(struct dsss_search *search, float complex sample, dsss_search_sink *sink,
                         void *context);
void dsss_search_reset(struct dsss_search *search);
void dsss_search_destroy(struct dsss_search *search); /* NULL is allowed */

/* The filter that its input needs, in chips; reach DSSS_SEARCH_REACH on either side. */
#define DSSS_SEARCH_REACH 4.0
double dsss_search_lowpass(double t);

#endif
