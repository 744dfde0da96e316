/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "bench.h"

enum { GALLOP_STEPS = 4, GALLOPS_MAX = 40 };

static double loss_of(const struct bench_point *point)
{
    return point->sent ? 1.0 - (double)point->decoded / point->sent : 1.0;
}

/* The point at a level, measured now if it has not been; NULL ends the search. */
static const struct bench_point *at_level(struct bench_curve *curve, long step, bench_measure *measure,
                                          void *context)
{
    double level_db = (double)step * BENCH_STEP_DB;
    unsigned place = 0;
    while (place < curve->count && curve->point[place].level_db < level_db - BENCH_STEP_DB / 4.0)
        place++;
    if (place < curve->count && curve->point[place].level_db < level_db + BENCH_STEP_DB / 4.0)
        return &curve->point[place];
    struct bench_point point = {.level_db = level_db};
    if (curve->count == BENCH_POINTS_MAX || !measure(context, level_db, &point))
        return NULL;
    memmove(&curve->point[place + 1], &curve->point[place], (curve->count - place) * sizeof point);
    curve->point[place] = point;
    curve->count++;
    return &curve->point[place];
}

/* Neighbouring levels, one with more than `loss` and one with no more: strides first, then halves. */
static bool bracket(struct bench_curve *curve, long *step, double loss, bench_measure *measure, void *context)
{
    long low = *step, high = *step;
    const struct bench_point *point = at_level(curve, *step, measure, context);
    bool up = point && loss_of(point) > loss;
    for (int i = 0; i < GALLOPS_MAX && point && (loss_of(point) > loss) == up; i++) {
        if (up)
            low = high, high += GALLOP_STEPS;
        else
            high = low, low -= GALLOP_STEPS;
        point = at_level(curve, up ? high : low, measure, context);
    }
    while (point && high - low > 1) {
        long middle = low + (high - low) / 2;
        point = at_level(curve, middle, measure, context);
        if (point && loss_of(point) > loss)
            low = middle;
        else
            high = middle;
    }
    *step = high;
    return point != NULL;
}

bool bench_search(struct bench_curve *curve, double start_db, bench_measure *measure, void *context)
{
    long step = lround(start_db / BENCH_STEP_DB);
    curve->count = 0;
    return bracket(curve, &step, 0.5, measure, context) && bracket(curve, &step, 0.1, measure, context);
}

bool bench_sweep(struct bench_curve *curve, double from_db, double to_db, bench_measure *measure,
                 void *context)
{
    curve->count = 0;
    for (long step = lround(from_db / BENCH_STEP_DB); step <= lround(to_db / BENCH_STEP_DB); step++)
        if (!at_level(curve, step, measure, context))
            return false;
    return true;
}

/* Pool adjacent violators (Barlow and others, Statistical Inference under Order Restrictions, 1972): the
 * non-increasing loss nearest to what was measured. */
static void regress(const struct bench_curve *curve, double loss[BENCH_POINTS_MAX])
{
    double value[BENCH_POINTS_MAX];
    unsigned weight[BENCH_POINTS_MAX], blocks = 0, place = 0;
    for (unsigned i = 0; i < curve->count; i++) {
        value[blocks] = loss_of(&curve->point[i]);
        weight[blocks++] = 1;
        while (blocks > 1 && value[blocks - 2] < value[blocks - 1]) {
            unsigned sum = weight[blocks - 2] + weight[blocks - 1];
            value[blocks - 2] =
                (value[blocks - 2] * weight[blocks - 2] + value[blocks - 1] * weight[blocks - 1]) / sum;
            weight[blocks - 2] = sum;
            blocks--;
        }
    }
    for (unsigned b = 0; b < blocks; b++)
        for (unsigned i = 0; i < weight[b]; i++)
            loss[place++] = value[b];
}

/* Between two points the logarithm of the odds is taken for a straight line; half a frame keeps it finite. */
static double log_odds(double loss, unsigned sent)
{
    double held = (loss * sent + 0.5) / (sent + 1.0);
    return log(held / (1.0 - held));
}

double bench_curve_level(const struct bench_curve *curve, double loss)
{
    double fitted[BENCH_POINTS_MAX];
    regress(curve, fitted);
    for (unsigned i = 0; i + 1 < curve->count; i++) {
        if (!(fitted[i] > loss && fitted[i + 1] <= loss))
            continue;
        const struct bench_point *a = &curve->point[i], *b = &curve->point[i + 1];
        double from = log_odds(fitted[i], a->sent), to = log_odds(fitted[i + 1], b->sent);
        double wanted = fmax(fmin(log(loss / (1.0 - loss)), from), to);
        return from > to ? a->level_db + (b->level_db - a->level_db) * (from - wanted) / (from - to)
                         : b->level_db;
    }
    return (double)NAN;
}
