/* SPDX-License-Identifier: Apache-2.0 */
/* A wide recording of radio traffic for tests, benchmarks and `atalaya encode --iq`: any bursts on any
 * channels, each with its own level, carrier, drift, deviation and fading, in white noise. Not used in
 * reception. One thread at a time; allocates as it goes. */
#ifndef ATALAYA_DSP_BAND_GENERATOR_H
#define ATALAYA_DSP_BAND_GENERATOR_H

#include <complex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atalaya/dsp/modem.h"
#include "atalaya/result.h"

struct band_generator;

struct band_burst {
    const struct modem_class *modem;
    const uint8_t *bits; /* line bits [size: bit_count]; copied */
    size_t bit_count;
    double start_s;      /* of the first of them, in the recording */
    double offset_hz;    /* the channel's centre from the band's */
    double carrier_hz;   /* how far the transmitter is off that */
    double drift_hz_s;   /* how fast it moves away */
    double level_dbfs;   /* 0: a carrier of amplitude 1 (with fading: in the mean) */
    double deviation_hz; /* of FM, at audio of amplitude 1 */
    double doppler_hz;   /* of Rayleigh fading, the largest; 0: none */
    bool pre_emphasis;   /* of FM */
};

/* noise_dbfs: power of the white noise in 12.5 kHz; -INFINITY: none. Errors: ATALAYA_E_ARGUMENT (rate),
 * ATALAYA_E_MEMORY. */
enum atalaya_result band_generator_create(struct band_generator **generator, double rate_hz,
                                          double noise_dbfs, uint64_t seed);
/* Before the part in which it begins has been read. Errors: ATALAYA_E_ARGUMENT (too late, or not in the
 * band), ATALAYA_E_UNSUPPORTED (the waveform cannot be sent at such a rate), ATALAYA_E_MEMORY. */
enum atalaya_result band_generator_add(struct band_generator *generator, const struct band_burst *burst);
/* When the last burst added ends; 0: none. */
double band_generator_end_s(const struct band_generator *generator);
/* The next samples [size: count]. Errors: ATALAYA_E_MEMORY. */
enum atalaya_result band_generator_read(struct band_generator *generator, float complex *iq, size_t count);
void band_generator_destroy(struct band_generator *generator); /* NULL is allowed */

#endif
