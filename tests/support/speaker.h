/* SPDX-License-Identifier: Apache-2.0 */
/* Somebody talks: espeak-ng, each time another language, voice, speed and pitch, and other words. Seeded. */
#ifndef SPEAKER_H
#define SPEAKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "atalaya/dsp/impair.h"

enum { SPEAKER_RATE_HZ = 44100, SPEAKER_COMMAND_MAX = 4096 };

struct speaker {
    struct impair_random random;
    FILE *pipe;
    unsigned speakers;
    int16_t last;
    char command[SPEAKER_COMMAND_MAX];
};

bool speaker_is_here(void); /* is espeak-ng installed? */
void speaker_reset(struct speaker *speaker, uint64_t seed);
/* Goes on talking, then the next one does [size: count]. */
void speaker_execute(struct speaker *speaker, float *audio, size_t count);
void speaker_close(struct speaker *speaker);

#endif
