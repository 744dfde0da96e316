/* SPDX-License-Identifier: Apache-2.0 */
/* One burst of a modem as audio, and what its branches hear of it; and what must hold for every modem of
 * audio, whatever its waveform. */
#ifndef AUDIO_SCENE_H
#define AUDIO_SCENE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "atalaya/dsp/modem.h"

enum {
    SCENE_SILENCE = 300, /* samples before the burst */
    SCENE_DATA = 700,    /* bits that are looked for */
    SCENE_BITS_MAX = 1300,
    SCENE_BRANCHES_MAX = 32,
    SCENE_HEARD_MAX = 1 << 15
};

struct audio_scene {
    /* Before scene_open: */
    const struct modem_class *class;
    enum line_scrambler scrambler; /* what is heard must name it */
    double bit_rate;
    unsigned preamble, bit_count; /* bits before the data, and all */
    uint8_t bits[SCENE_BITS_MAX];
    double bend;    /* the sender's bits are shorter by that part */
    double after_s; /* silence after the burst */
    /* Since: */
    struct modem *modem;
    double rate_hz;
    float *audio;
    size_t count;
    int8_t heard[SCENE_BRANCHES_MAX][SCENE_HEARD_MAX];
    uint64_t heard_count[SCENE_BRANCHES_MAX];
};
extern struct audio_scene scene;

void scene_open(double rate_hz);
void scene_close(void);
void scene_receive(void);
void scene_forget(void); /* a fresh modem that has heard nothing */
/* Where the data begins among the bits of the branch, if all of it is there without an error; or -1. */
int64_t scene_find_data(unsigned branch);
/* Branches that heard it. */
unsigned scene_branches(void);
/* The data on a branch that heard it. */
struct burst_figures scene_measure(unsigned branch);
/* It began and ended when it did, to that part of a bit. */
void scene_check_times(const struct burst_figures *figures, double bits);
/* What no sound card gives. */
void scene_hear_hostile(void);

/* Whole tests. */
void scene_check_pieces(unsigned branch); /* chunking does not change a bit, in noise */
void scene_check_refused(const double *rates_hz, size_t count);
void scene_check_memory(double rate_hz); /* 16,384 bits can be measured, and no more */

#endif
