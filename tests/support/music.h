/* SPDX-License-Identifier: Apache-2.0 */
/* Music without end, for what must not hear a signal in it: chords, bass, arpeggios with vibrato, a melody,
 * percussion, sirens and sweeps; every eight bars another tempo, tuning and set of instruments. Seeded. */
#ifndef MUSIC_H
#define MUSIC_H

#include <stddef.h>

#include "atalaya/dsp/impair.h"

enum { MUSIC_VOICES = 8, MUSIC_TIMBRES = 6, MUSIC_TABLE = 1024 };

struct music_voice {
    double hz, phase;           /* turns */
    double vibrato, vibrato_hz; /* share of the frequency */
    double glide;               /* factor a sample */
    float level, decay;         /* decay: factor a sample */
    unsigned timbre;
};

struct music {
    double rate_hz;
    struct impair_random random;
    float table[MUSIC_TIMBRES][MUSIC_TABLE];
    struct music_voice voice[MUSIC_VOICES];
    double time_s, step_s; /* since the last sixteenth, and its length */
    unsigned step;         /* sixteenths */
    double tuning_hz;
    int key, chord; /* semitones */
    float share[MUSIC_VOICES], hiss, hiss_decay, drums, last;
    unsigned pattern[3]; /* sixteenths on which they are struck: kick, snare, hat */
};

void music_reset(struct music *music, double rate_hz, uint64_t seed);
/* Appends to what was played before; amplitude mostly below 1 [size: count]. */
void music_execute(struct music *music, float *audio, size_t count);

#endif
