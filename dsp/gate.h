/* SPDX-License-Identifier: Apache-2.0 */
/* Lets a receiver work only while its waveform may be on the air. What comes in is remembered for a while:
 * when a line_watch hears something, the receiver gets that past first, so that it loses nothing of a burst
 * that the watch was slow to notice. */
#ifndef ATALAYA_DSP_GATE_H
#define ATALAYA_DSP_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atalaya/result.h"
#include "line_watch.h"

enum {
    GATE_CHUNK_MAX = 128,
    GATE_GAPS = 64 /* remembered: a receiver measures bursts of the last of them at most */
};

struct gate_settings {
    struct line_watch_settings watch;
    double look_back_s; /* handed on from before the watch heard something */
    double hold_s;      /* and after it last did, be it faintly */
};

struct gate {
    struct line_watch watch;
    uint64_t look_back, hold; /* samples */
    uint64_t total, next;     /* samples that came; the first that is neither handed on nor left out */
    uint64_t open_until;
    uint64_t handed; /* samples handed on */
    unsigned gap_count;
    struct gate_gap {
        uint64_t handed, before; /* samples handed on, and samples that came, when it ended */
    } gap[GATE_GAPS];
    size_t size; /* of the ring */
    float ring[];
};

/* The settings must last. rate_hz: of the audio. Error: ATALAYA_E_MEMORY. */
enum atalaya_result gate_create(struct gate **gate, const struct gate_settings *settings, double rate_hz);
void gate_reset(struct gate *gate);
void gate_destroy(struct gate *gate);
/* At most GATE_CHUNK_MAX samples, hostile ones allowed. All that they let through must be taken before the
 * next come. */
void gate_push(struct gate *gate, const float *audio, unsigned count);
/* Samples to work on, oldest first; returns how many, at most GATE_CHUNK_MAX; 0: no more now. */
unsigned gate_take(struct gate *gate, const float **audio);
/* How many samples have been left out since the last call, before those that gate_take gives next. */
uint64_t gate_skip(struct gate *gate);
/* Where a sample that was handed on stood among those that came (fractions allowed). */
double gate_input_time(const struct gate *gate, double handed);

#endif
