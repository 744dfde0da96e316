/* SPDX-License-Identifier: Apache-2.0 */
/* Frames that come out although some decisions are wrong: the receiver tries other frames, the likeliest
 * first, until the check holds. Whoever tries so many cannot do better than in the order of likelihood. */
#include <math.h>
#include <stdlib.h>

#include "atalaya/dsp/impair.h"
#include "bounds.h"

enum { PLACES_MAX = BOUND_LINE_BITS, PLACES_FRAMES = 1000 };

struct places_job {
    unsigned places;
    double distance; /* squared, units of 2 Eb */
};

static int by_size(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Sets of costs from number `from` on that add up to less than `behind`; counting ends at `most`. */
static unsigned count_likelier(const float *cost, unsigned count, unsigned from, double behind, unsigned most)
{
    unsigned sets = 0;
    for (unsigned i = from; i < count && (double)cost[i] < behind && sets < most; i++)
        sets += 1 + count_likelier(cost, count, i + 1, behind - (double)cost[i], most - sets);
    return sets;
}

bool bound_list_reaches(float *cost, unsigned count, double behind)
{
    qsort(cost, count, sizeof *cost, by_size);
    return count_likelier(cost, count, 0, behind, BOUND_TRIALS) < BOUND_TRIALS;
}

/* Each place is decided by itself, right or wrong, by a variable of mean 1. */
static bool frame_arrives(struct impair_random *random, const struct places_job *job, double ratio)
{
    float cost[PLACES_MAX];
    double behind = 0.0, sigma = 1.0 / sqrt(job->distance * ratio);
    for (unsigned i = 0; i < job->places; i++) {
        double value = 1.0 + sigma * impair_random_normal(random);
        behind += value < 0.0 ? -value : 0.0;
        cost[i] = (float)fabs(value);
    }
    return !(behind > 0.0) || bound_list_reaches(cost, job->places, behind);
}

static bool measure_places(void *context, double level_db, struct bench_point *point)
{
    struct impair_random random;
    impair_random_seed(&random, 3);
    for (point->sent = 0; point->sent < PLACES_FRAMES; point->sent++)
        point->decoded += frame_arrives(&random, context, pow(10.0, level_db / 10.0));
    return true;
}

struct bench_bound bound_places(const char *title, unsigned places, double distance, double to_level_db)
{
    static struct bench_curve curve; /* large */
    struct places_job job = {.places = places, .distance = distance};
    bench_search(&curve, 5.0, measure_places, &job);
    return (struct bench_bound){.title = title,
                                .half_db = bench_curve_level(&curve, 0.5) + to_level_db,
                                .tenth_db = bench_curve_level(&curve, 0.1) + to_level_db};
}
