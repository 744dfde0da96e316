/* SPDX-License-Identifier: Apache-2.0 */
/* The pulse that stands for a bit of G3RUH's band-limited NRZ: raised cosine (J. G. Proakis, Digital
 * Communications, section 9.2). Time in bits from its middle. */
#ifndef ATALAYA_DSP_NRZ_PULSE_H
#define ATALAYA_DSP_NRZ_PULSE_H

#define NRZ_BIT_RATE   9600.0
#define NRZ_ROLLOFF    0.5 /* the spectrum ends at 7200 Hz */
#define NRZ_CHANNEL_HZ 10000.0
#define NRZ_SPAN       4.0 /* bits on either side after which the pulse is cut off */

/* Sent: 1 at its middle, 0 in the middle of all other bits. */
double nrz_pulse(double t);
/* The filter of the receiver, root of the raised cosine: samples a bit apart have independent noise. */
double nrz_pulse_root(double t);
/* What passes a carrier that the pulses modulate, before any discriminator: low-pass of NRZ_CHANNEL_HZ. */
double nrz_channel(double t);

#endif
