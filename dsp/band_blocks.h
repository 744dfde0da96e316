/* SPDX-License-Identifier: Apache-2.0 */
/* How a band is cut into blocks for FFTs of all of it and of its channels: shared by the channelizer and its
 * mirror, the synthesizer. */
#ifndef ATALAYA_DSP_BAND_BLOCKS_H
#define ATALAYA_DSP_BAND_BLOCKS_H

#include <stdbool.h>

enum {
    BAND_UNIT = 384,     /* points of the narrowest channel's FFT: 20 ms at 19,200 S/s */
    BAND_UNITS_MAX = 20, /* of a channel; 384,000 S/s */
};

struct band_blocks {
    double rate_hz;
    unsigned size;                /* of the band's FFT */
    unsigned advance;             /* samples of the band from block to block, the rest overlaps */
    unsigned lead;                /* samples of the band in a block before the first that is right */
    unsigned unit_hop, unit_lead; /* the same in samples of the narrowest channel */
};

/* rate_hz: one that band_rate_valid allows. */
void band_blocks_init(struct band_blocks *blocks, double rate_hz);
bool band_rate_valid(double rate_hz);

/* Units of the narrowest channel that one that wants rate_hz has; 0: it is the whole band. */
unsigned band_units(const struct band_blocks *blocks, double rate_hz);
/* Of a channel of so many units: points of its FFT, samples from block to block, samples before the first
 * right one. */
unsigned band_bins(const struct band_blocks *blocks, unsigned units);
unsigned band_hop(const struct band_blocks *blocks, unsigned units);
unsigned band_lead(const struct band_blocks *blocks, unsigned units);

/* The channel filter's spectrum [size: band_bins(units)], from the lowest frequency to the highest, times
 * `scale`. */
void band_mask(const struct band_blocks *blocks, unsigned units, double scale, float *mask);

/* FFTW's planner is not to be used by two threads at once. false: it cannot be locked. */
bool band_planner_lock(void);
void band_planner_unlock(void);

#endif
