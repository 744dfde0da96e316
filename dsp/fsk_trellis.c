/* SPDX-License-Identifier: Apache-2.0 */
#include "fsk_trellis.h"

#include <string.h>

#include "wide.h"

struct pair {
    wide re, im;
};

/* Each shape and its mirror image against the samples: mean of sample times conjugate. */
static inline void correlate(const struct fsk_shapes *shapes, const struct fsk_bit *bit,
                             struct fsk_trellis *trellis)
{
    for (unsigned s = 0; s < FSK_SHAPES; s++) {
        wide rr = {0}, ii = {0}, ri = {0}, ir = {0};
        for (unsigned k = 0; k < FSK_PER_BIT; k++) {
            wide re = wide_load(bit->re[k]), im = wide_load(bit->im[k]);
            wide c = wide_load(shapes->re[s][k]), d = wide_load(shapes->im[s][k]);
            rr += re * c;
            ii += im * d;
            ri += re * d;
            ir += im * c;
        }
        const float mean = 1.0F / FSK_PER_BIT;
        unsigned mirror = ~s % (2 * FSK_SHAPES);
        wide_store(trellis->match_re[s], mean * (rr + ii));
        wide_store(trellis->match_im[s], mean * (ir - ri));
        wide_store(trellis->match_re[mirror], mean * (rr - ii));
        wide_store(trellis->match_im[mirror], mean * (ir + ri));
    }
}

static inline struct pair choose(wide_int which, struct pair yes, struct pair no)
{
    return (struct pair){wide_choose(which, yes.re, no.re), wide_choose(which, yes.im, no.im)};
}

static inline struct pair load(const fsk_lanes re, const fsk_lanes im)
{
    return (struct pair){wide_load(re), wide_load(im)};
}

static inline wide scalar(struct pair a, struct pair b)
{
    return a.re * b.re + a.im * b.im;
}

static inline struct pair product(struct pair a, struct pair b)
{
    return (struct pair){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

/* Two paths lead into a state, whose oldest bits differ. */
static inline void extend(const struct fsk_survivors *from, struct fsk_survivors *to, struct fsk_merge *merge,
                          const struct fsk_shapes *shapes, const struct fsk_trellis *trellis,
                          struct pair turn, unsigned state)
{
    const unsigned zero = state >> 1, one = zero | FSK_STATES >> 1, mirror = ~state % FSK_STATES;
    struct pair zero_carrier = load(from->re[zero], from->im[zero]);
    struct pair one_carrier = load(from->re[one], from->im[one]);
    struct pair zero_match = load(trellis->match_re[state], trellis->match_im[state]);
    struct pair one_match =
        load(trellis->match_re[state | FSK_STATES], trellis->match_im[state | FSK_STATES]);
    wide by_zero = wide_load(from->metric[zero]) + scalar(zero_match, zero_carrier);
    wide by_one = wide_load(from->metric[one]) + scalar(one_match, one_carrier);
    wide_int which = by_one > by_zero;
    struct pair carrier = choose(which, one_carrier, zero_carrier);
    struct pair found = choose(which, one_match, zero_match);
    struct pair end = choose(which,
                             (struct pair){wide_load(shapes->re[mirror][FSK_PER_BIT]),
                                           -wide_load(shapes->im[mirror][FSK_PER_BIT])},
                             load(shapes->re[state][FSK_PER_BIT], shapes->im[state][FSK_PER_BIT]));
    struct pair learnt = {carrier.re + FSK_CARRIER_RATE * (found.re - carrier.re),
                          carrier.im + FSK_CARRIER_RATE * (found.im - carrier.im)};
    learnt = product(product(learnt, end), turn);
    wide_store(to->re[state], learnt.re);
    wide_store(to->im[state], learnt.im);
    wide_store(to->seen_re[state], scalar(found, carrier));
    wide_store(to->seen_im[state], found.im * carrier.re - found.re * carrier.im);
    wide_int with_zero = wide_load_int(from->history[zero]) << 1 | (int32_t)(state & 1);
    wide_int with_one = wide_load_int(from->history[one]) << 1 | (int32_t)(state & 1);
    wide_store(to->metric[state], wide_choose(which, by_one, by_zero));
    wide_store_int(to->history[state], wide_choose_int(which, with_one, with_zero));
    wide_store(merge->margin[state], wide_choose(which, by_one - by_zero, by_zero - by_one));
    wide_store_int(merge->pattern[state], with_zero ^ with_one);
}

/* Finds the best, and takes its metric from all: they neither grow nor lose digits. */
static inline void level_metrics(struct fsk_trellis *trellis, struct fsk_survivors *survivors)
{
    wide highest = wide_load(survivors->metric[0]);
    wide_int history = wide_load_int(survivors->history[0]);
    struct pair seen = load(survivors->seen_re[0], survivors->seen_im[0]);
    for (unsigned s = 1; s < FSK_STATES; s++) {
        wide metric = wide_load(survivors->metric[s]);
        wide_int higher = metric > highest;
        highest = wide_choose(higher, metric, highest);
        history = wide_choose_int(higher, wide_load_int(survivors->history[s]), history);
        seen = choose(higher, load(survivors->seen_re[s], survivors->seen_im[s]), seen);
    }
    for (unsigned s = 0; s < FSK_STATES; s++)
        wide_store(survivors->metric[s], wide_load(survivors->metric[s]) - highest);
    wide_store_int(trellis->best, history);
    wide_store(trellis->best_re, seen.re);
    wide_store(trellis->best_im, seen.im);
}

void fsk_trellis_reset(struct fsk_trellis *trellis)
{
    memset(trellis, 0, sizeof *trellis);
}

void fsk_trellis_execute(struct fsk_trellis *trellis, const struct fsk_shapes *shapes,
                         const struct fsk_bit *bit)
{
    const struct fsk_survivors *from = &trellis->bank[trellis->now];
    struct fsk_survivors *to = &trellis->bank[trellis->now ^ 1U];
    struct pair turn = load(bit->turn_re, bit->turn_im);
    correlate(shapes, bit, trellis);
    for (unsigned state = 0; state < FSK_STATES; state++)
        extend(from, to, &trellis->merge[trellis->steps % FSK_STEPS], shapes, trellis, turn, state);
    level_metrics(trellis, to);
    trellis->now ^= 1U;
    trellis->steps++;
}

bool fsk_trellis_recall(const struct fsk_trellis *trellis, unsigned lane, unsigned back,
                        struct fsk_decision *decision)
{
    if (trellis->steps <= back)
        return false;
    uint32_t history = trellis->best[lane] >> back;
    const struct fsk_merge *merge = &trellis->merge[(trellis->steps - 1 - back) % FSK_STEPS];
    decision->bit = history & 1U;
    decision->margin = merge->margin[history % FSK_STATES][lane];
    decision->pattern = merge->pattern[history % FSK_STATES][lane];
    return true;
}
