/* SPDX-License-Identifier: Apache-2.0 */
/* The two kinds of recording that `atalaya encode` writes: sound, and a band of radio channels. Each takes
 * transmissions one after the other and is then finished. */
#ifndef ATALAYA_ENCODE_RECORDING_H
#define ATALAYA_ENCODE_RECORDING_H

#include <stdbool.h>
#include <stddef.h>

#include "encode/transmission.h"

struct recording_settings {
    const char *path;
    double rate_hz, gap_s, tail_s;
    unsigned seed;
    double level_db; /* NaN: not said */
    double ebn0_db;  /* sound: of the noise; infinite: none */
    /* a band: */
    const char *format;     /* cu8, cs8, cs16, cf32 */
    double centre_hz;       /* 0: not known, frequencies count from it */
    double noise_dbfs;      /* in 12.5 kHz */
    struct placement place; /* where a transmission does not say */
    bool pre_emphasis;
};

enum { RECORDING_LONGEST_S = 12 * 3600 }; /* what a WAV file of 48 kHz holds */

struct recording;

/* NULL: said so on standard error. */
struct recording *sound_create(const struct recording_settings *settings);
bool sound_add(struct recording *recording, const struct transmission *transmission, char *why, size_t size);
/* Silence at the end. false: said so. */
bool sound_finish(struct recording *recording);
void sound_destroy(struct recording *recording);

struct recording *band_create(const struct recording_settings *settings);
bool band_add(struct recording *recording, const struct transmission *transmission, char *why, size_t size);
bool band_finish(struct recording *recording);
void band_destroy(struct recording *recording);

#endif
