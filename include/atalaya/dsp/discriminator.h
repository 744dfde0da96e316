/* SPDX-License-Identifier: Apache-2.0 */
/* Complex baseband of an FM channel to audio: AFC, a filter as narrow as the signal, and a discriminator that
 * believes strong samples more than weak ones, for clicks happen where the envelope breaks down. One of them
 * serves all modems of a channel that take audio only.
 * create takes all memory; one thread at a time. */
#ifndef ATALAYA_DSP_DISCRIMINATOR_H
#define ATALAYA_DSP_DISCRIMINATOR_H

#include <complex.h>
#include <stddef.h>

#include "atalaya/dsp/modem.h"
#include "atalaya/result.h"

#define DISCRIMINATOR_LEAST_RATE_HZ 12500.0
#define DISCRIMINATOR_MOST_RATE_HZ  256000.0

enum { DISCRIMINATOR_CHUNK_MAX = 256 /* samples of audio from one call */ };

struct discriminator;

/* Rate of the audio that complex baseband of iq_rate_hz becomes: that over a whole number. 0: it does not
 * take that rate. */
double discriminator_rate_hz(double iq_rate_hz);
/* Errors: ATALAYA_E_ARGUMENT (rate), ATALAYA_E_MEMORY. */
enum atalaya_result discriminator_create(struct discriminator **discriminator, double rate_hz);
double discriminator_audio_rate_hz(const struct discriminator *discriminator);
/* Takes up to `count` samples of iq, as many as give DISCRIMINATOR_CHUNK_MAX of audio [size: that]; *taken
 * says how many. Returns the number of audio samples; full scale is a deviation of 5 kHz. */
size_t discriminator_execute(struct discriminator *discriminator, const float complex *iq, size_t count,
                             float *audio, size_t *taken);
void discriminator_reset(struct discriminator *discriminator);
void discriminator_destroy(struct discriminator *discriminator); /* NULL is allowed */

/* Input sample (fractional, filter delay removed) of audio sample `index`, both counted from create or reset.
 */
double discriminator_input_time(const struct discriminator *discriminator, double index);
/* Means over audio samples [from, to), of which the last minute or so is remembered: carrier offset, power
 * inside the filter (0 dBFS: amplitude 1), largest |iq|, carrier over density of the noise. NaN where nothing
 * is remembered. */
struct discriminator_figures {
    float offset_hz, level_dbfs, peak;
    float density_db_hz; /* C/N0 */
};
void discriminator_measure(const struct discriminator *discriminator, double from, double to,
                           struct discriminator_figures *figures);
/* Figures of a burst in the audio, whose times are known, become those of the radio channel; its deviation is
 * what the tone in the audio has on the air, and, with a bit_rate, its snr is the carrier's; 0: it stays that
 * of the sound. */
void discriminator_tell(const struct discriminator *discriminator, double bit_rate,
                        struct burst_figures *figures);

#endif
