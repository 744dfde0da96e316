/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes of a chip. T.018 2.3.3 leaves the choice to the beacon's maker; peak 1, t in chips from the middle.
 */
#ifndef ATALAYA_DSP_DSSS_PULSE_H
#define ATALAYA_DSP_DSSS_PULSE_H

enum { DSSS_HALF_SINE, DSSS_ROOT_COSINE, DSSS_RECTANGLE, DSSS_PULSES };

struct dsss_pulse {
    double (*at)(double t);
    double reach;  /* it is 0 beyond, or nearly */
    double energy; /* of one, in chips */
};

extern const struct dsss_pulse dsss_pulses[DSSS_PULSES];

#endif
