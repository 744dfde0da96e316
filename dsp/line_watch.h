/* SPDX-License-Identifier: Apache-2.0 */
/* Is somebody sending this waveform? Squared, a signal with a bit clock shows spectral lines that noise and
 * other waveforms do not: half a bit rate on either side of the middle of minimum-shift keying, in the middle
 * of what is left of pulses around half their bit rate. Far cheaper than a receiver. README.md has the
 * mathematics. */
#ifndef ATALAYA_DSP_LINE_WATCH_H
#define ATALAYA_DSP_LINE_WATCH_H

#include <complex.h>
#include <stddef.h>

#include "mixing_decimator.h"

enum {
    LINE_WATCH_BLOCK = 8,   /* squares to a sum */
    LINE_WATCH_WINDOW = 96, /* sums looked at together, at most */
    LINE_WATCH_BINS = 28,   /* room for places tried: a multiple of four */
    LINE_WATCH_HOPS = 4,    /* judgements a window, which is made of as many parts */
    LINE_WATCH_HOP = LINE_WATCH_WINDOW / LINE_WATCH_HOPS,
    LINE_WATCH_CHUNK_MAX = MIXING_CHUNK_MAX
};

enum line_watch_result {
    LINE_WATCH_NOTHING,
    LINE_WATCH_FAINT, /* enough to take it for going on, what its bits may be */
    LINE_WATCH_CLEAR
};

struct line_watch_settings {
    double middle_hz, band_hz; /* of the audio that is squared: middle and half width */
    double pulse_s;  /* instead of the width: half a sine so long, like a filter matched to the bits */
    double line_hz;  /* the lines' distance from twice the middle; 0: one line there */
    double rate_hz;  /* at least this many complex samples a second */
    double window_s; /* looked at together */
    double reach_hz; /* by which a line may be off */
    double usual_hz; /* by which one seldom is: there a line must be clearer; 0: anywhere */
    float unusual;   /* instead of the threshold, elsewhere; 0: what two lines need there */
    unsigned bins;   /* places tried for it */
    float apart;     /* of two lines: power of one over the other's, at most */
    float lifted;    /* the same of the upper one over a lower one that stands out itself; 0: as of any */
    double comb_hz;  /* between the lines that the flags of another waveform have everywhere; 0: none */
    float threshold; /* power of a line, or mean of two, over what is around it */
    float lasting;   /* the same of two windows, one after the other; 0: they are not looked at together */
    float both;      /* product of two, at least */
    float lean;      /* power of the band over that of what is below it, 600 to 2400 Hz, at least; 0: any */
};

struct line_watch {
    const struct line_watch_settings *settings;
    struct mixing_decimator band;
    double block_s;                          /* length of a sum */
    unsigned window, hop;                    /* sums */
    unsigned bins;                           /* places tried, rounded up to a multiple of four */
    unsigned filled, since;                  /* squares in the present sum; sums since the last judgement */
    float complex turn[2][LINE_WATCH_BLOCK]; /* moves a line to 0 */
    struct line_watch_places {               /* at each place tried for a line */
        float re[LINE_WATCH_BINS], im[LINE_WATCH_BINS];
    } bin[2][LINE_WATCH_HOP],
        hop_turn[2]; /* moves the place to 0: in the j-th sum of a part; from part to part */
    float complex low[LINE_WATCH_CHUNK_MAX]; /* in work; here and not on the stack, which compilers clear */
    float complex square[LINE_WATCH_BLOCK];
    float complex sum[2][LINE_WATCH_WINDOW];
    struct line_watch_places part[2][LINE_WATCH_HOPS]; /* spectra of the window's parts: a ring */
    float energy[2][LINE_WATCH_HOPS];                  /* of their sums */
    float weight[LINE_WATCH_HOPS];                     /* by which each counts in the present judgement */
    struct line_watch_below {
        unsigned length, filled; /* samples to a sum, and in the present one */
        float sum, last;
        float scale;                  /* of a square to that of the band */
        float power[LINE_WATCH_HOPS]; /* in each part of the window, and that of the band */
        float band[LINE_WATCH_HOPS];
    } below;
    unsigned next;                                /* place in sum[] */
    float past[LINE_WATCH_HOPS][LINE_WATCH_BINS]; /* scores of the last judgements */
    unsigned judged;
};

/* The settings must last. rate_hz: of the audio. */
void line_watch_init(struct line_watch *watch, const struct line_watch_settings *settings, double rate_hz);
void line_watch_reset(struct line_watch *watch);
/* At most LINE_WATCH_CHUNK_MAX finite samples. What was there in the windows that ended among them. */
enum line_watch_result line_watch_execute(struct line_watch *watch, const float *audio, unsigned count);

#endif
