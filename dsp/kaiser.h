/* SPDX-License-Identifier: Apache-2.0 */
/* Low-pass filters by Kaiser's window (A. V. Oppenheim, R. W. Schafer, Discrete-Time Signal Processing, 7.5):
 * what liquid_firdes_kaiser gives, for a thousandth of its time, which the start of a sound card's receiver
 * would otherwise consist of: a logarithm of the gamma function in each of 32 terms of each tap. */
#ifndef ATALAYA_DSP_KAISER_H
#define ATALAYA_DSP_KAISER_H

/* taps [size: count, 1 or more], symmetric, half way down at `cutoff` (cycles a sample, 0 to 0.5), stopping
 * by stop_db; their sum is about 1 / (2 cutoff), which is left to whoever needs a certain gain. */
void kaiser_lowpass(float *taps, unsigned count, double cutoff, float stop_db);

#endif
