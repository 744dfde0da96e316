/* SPDX-License-Identifier: Apache-2.0 */
/* Audio to a low rate: a low-pass and decimator of real samples, in two steps where that is cheaper: the
 * first one only has to keep off what would fold onto the band that the second one cuts out sharply. */
#ifndef ATALAYA_DSP_AUDIO_DECIMATOR_H
#define ATALAYA_DSP_AUDIO_DECIMATOR_H

enum {
    AUDIO_DECIMATOR_TAPS_MAX = 512, /* of a step; a multiple of DECIMATOR_WIDTH */
    AUDIO_DECIMATOR_CHUNK_MAX = 256
};

struct decimator_step {
    unsigned decimation, taps; /* taps: rounded up with zeros, oldest first */
    unsigned skip;             /* inputs until the next output is due */
    float tap[AUDIO_DECIMATOR_TAPS_MAX];
    float input[AUDIO_DECIMATOR_TAPS_MAX + AUDIO_DECIMATOR_CHUNK_MAX]; /* the last ones, then what is new */
};

struct audio_decimator {
    unsigned decimation; /* 1: samples pass as they are */
    double lag;          /* output k lies at input k * decimation - lag */
    unsigned steps;
    struct decimator_step step[2];
};

/* Goes down to inner_hz or up to a fifth more. The low-pass is half way down at cut_hz, passes all but
 * half of transition_hz below and stops (60 dB) from half of it above; 1 at 0 Hz. */
void audio_decimator_init(struct audio_decimator *decimator, double rate_hz, double inner_hz, double cut_hz,
                          double transition_hz);
void audio_decimator_reset(struct audio_decimator *decimator);
/* At most AUDIO_DECIMATOR_CHUNK_MAX finite samples; returns how many were written to out, one for every
 * `decimation`. */
unsigned audio_decimator_execute(struct audio_decimator *decimator, const float *samples, unsigned count,
                                 float *out);

#endif
