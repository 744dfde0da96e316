/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of the squelch: squelch.c is its life and the gate that both kinds share, squelch_carrier.c
 * judges complex baseband, squelch_audio.c judges audio. */
#ifndef DSP_SQUELCH_PRIVATE_H
#define DSP_SQUELCH_PRIVATE_H

#include <liquid/liquid.h>
#include <stdint.h>

#include "atalaya/dsp/squelch.h"

enum {
    SQUELCH_STRIDE_MAX = 128,
    SQUELCH_WINDOW = 8, /* hops on which opening rests */
    SQUELCH_LONG = 32,  /* and staying open, so that noise does not prolong a transmission */
    SQUELCH_LEVEL = 20  /* of squelch_levels */
};

/* What one hop of about half a millisecond adds. */
struct squelch_hop {
    double power;       /* mean of |x|^2: of the carrier's filter, or of audio */
    double fourth;      /* mean of |x|^4 */
    double high;        /* of audio: power above the voice */
    float complex turn; /* sum of x[n] conj x[n-1] */
};

struct squelch {
    double rate_hz;
    bool iq;
    /* filter in front, and samples gathered for a hop */
    firdecim_crcf channel; /* gives every stride-th sample */
    float complex gathered[SQUELCH_STRIDE_MAX];
    iirfilt_rrrf high;
    unsigned stride, stride_at; /* samples of the input to one that is measured */
    unsigned hop_length, hop_at;
    struct squelch_hop sum;
    float complex last;
    double delay_samples; /* of the filter */
    /* the last hops */
    struct squelch_hop hops[SQUELCH_LONG];
    unsigned hop_count; /* filled */
    unsigned hop_next;
    uint64_t samples;   /* of the input, since create or restart */
    double hop_samples; /* of the input, a hop is long */
    double hops_per_s;
    /* the noise */
    double floor, high_floor;                /* powers; 0 = not yet known */
    double learnt_s;                         /* how much silence the floor rests on */
    bool noisy;                              /* of audio: without a carrier there is noise, not silence */
    double fourth_sum, square_sum, judged_s; /* of a transmission: is it noise after all? */
    /* the gate */
    bool open;
    double first_sample, last_sample; /* of the present transmission; last: where it was above */
    double hang_s, quiet_s;           /* quiet_s: since it closed */
    double level_sum, level_hops;
    float complex turn_sum;
    double recent; /* level for figures */
    /* for squelch_levels: the window being filled, and the extremes of those before */
    struct squelch_hop window;
    unsigned window_hops;
    double loudest, quietest; /* powers; quietest is negative: no window has ended */
};

struct squelch_view {
    double power, fourth, square, high; /* means over the window; square: of its power */
    double steady;                      /* power over the long one */
};

/* --- squelch.c --- */
void squelch_window(const struct squelch *squelch, struct squelch_view *view);
/* above: enough to open; held: enough to stay open. */
void squelch_gate(struct squelch *squelch, bool above, bool held, squelch_sink *sink, void *context);
void squelch_close(struct squelch *squelch, squelch_sink *sink, void *context);

/* --- squelch_carrier.c, squelch_audio.c: judge the newest hop --- */
void squelch_judge_carrier(struct squelch *squelch, squelch_sink *sink, void *context);
void squelch_judge_audio(struct squelch *squelch, squelch_sink *sink, void *context);

#endif
