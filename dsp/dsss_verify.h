/* SPDX-License-Identifier: Apache-2.0 */
/* The second step of the search: a whole preamble against its reference, taken together. */
#ifndef ATALAYA_DSP_DSSS_VERIFY_H
#define ATALAYA_DSP_DSSS_VERIFY_H

/* Samples at the chip rate, real and imaginary parts apart [size: DSSS_PREAMBLE_CHIPS each]. */
struct dsss_samples {
    const float *re, *im;
};

/* turn: the carrier within 24 Hz, radians a chip; *found: the best one near it. Returns the energy of the
 * correlation. */
double dsss_verify(struct dsss_samples reference, struct dsss_samples heard, double turn, double *found);

#endif
