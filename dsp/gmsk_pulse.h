/* SPDX-License-Identifier: Apache-2.0 */
/* The pulses of GMSK with BT 0.25 and modulation index 1/2. Times are in bits. */
#ifndef ATALAYA_DSP_GMSK_PULSE_H
#define ATALAYA_DSP_GMSK_PULSE_H

#define GMSK_BIT_RATE     8000.0
#define GMSK_DEVIATION_HZ 2000.0 /* of a steady change: a quarter of the bit rate */
#define GMSK_REACH        2.5    /* of gmsk_pulse on either side of 0 */

/* Frequency in units of the deviation, of one change centred at 0: a bit long, through the Gaussian filter.
 */
double gmsk_frequency(double t);
/* The main pulse of the linear form (P. A. Laurent, Exact and Approximate Construction of Digital Phase
 * Modulations by Superposition of Amplitude Modulated Pulses, 1986), centred at 0. It holds 99 % of the
 * energy. */
double gmsk_pulse(double t);

#endif
