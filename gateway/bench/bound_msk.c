/* SPDX-License-Identifier: Apache-2.0 */
/* What fast FSK's protocols could do behind an ideal detector: phase, timing and amplitude known. FFSK 1200
 * is minimum-shift keying, so that the carrier's sign at the ends of the bits is antipodal signalling and
 * each sign is told by itself (S. Pasupathy, Minimum Shift Keying, 1979); two equal signs are the lower tone.
 * A wrong sign turns the line bits on both its sides. Once with the doubts about the signs, once with bare
 * decisions: the difference is what the codes win by soft decisions, of perfect ones. */
#include <math.h>
#include <string.h>

#include "atalaya/dsp/impair.h"
#include "bounds.h"

#define RELIABILITY_OF_ONE 2000.0 /* doubts of a sign that came as it was sent */

enum { MSK_FRAMES = 400, AROUND = 80, STATE_MAX = 16384, RELIABILITY_MAX = 127 * 32 };

struct msk_job {
    const struct bench_case *row;
    const struct protocol *protocol;
    struct bench_tally *tally;
    bool hard;
};

static void on_message(void *context, const struct message *message)
{
    bench_tally_hear(context, message->raw, message->raw_length);
}

struct detected {
    int8_t soft[PROTOCOL_LINE_BITS_MAX + 2 * AROUND];
    struct error_event event[PROTOCOL_LINE_BITS_MAX + 2 * AROUND];
    size_t count;
};

/* Noise, the burst in it, noise. Nobody tells where which ends. */
static void detect(struct detected *detected, const uint8_t *bits, size_t count, double sigma,
                   struct impair_random *random)
{
    double sign = 1.0, before = 1.0;
    detected->count = count + (size_t)2 * AROUND;
    for (size_t i = 0; i < detected->count; i++) {
        const bool sent = i >= AROUND && i < AROUND + count;
        if (sent)
            sign = bits[i - AROUND] ? sign : -sign;
        double seen = (sent ? sign : 0.0) + sigma * impair_random_normal(random);
        double doubt = fmin(fabs(before) * RELIABILITY_OF_ONE, RELIABILITY_MAX);
        detected->soft[i] = (seen > 0.0) == (before > 0.0) ? INT8_MAX : -INT8_MAX;
        detected->event[i] = (struct error_event){.mask = 3, .reliability = (uint16_t)doubt};
        before = seen;
    }
}

static bool measure_msk(void *context, double level_db, struct bench_point *point)
{
    static struct detected detected; /* large */
    static _Alignas(max_align_t) uint8_t state[STATE_MAX];
    static uint8_t bits[PROTOCOL_LINE_BITS_MAX];
    const struct msk_job *job = context;
    struct protocol_output output = {.message = on_message, .context = job->tally};
    struct impair_random random;
    struct bench_frame frame;
    const double sigma = sqrt(0.5 / pow(10.0, level_db / 10.0));
    impair_random_seed(&random, 29);
    bench_tally_reset(job->tally);
    for (unsigned n = 0; n < MSK_FRAMES; n++) {
        bench_frame_make(&frame, job->row, 1, n);
        detect(&detected, bits, bench_frame_bits(&frame, job->row, bits, sizeof bits), sigma, &random);
        job->protocol->reset(state);
        const struct soft_run run = {.soft = detected.soft,
                                     .event = job->hard ? NULL : detected.event,
                                     .count = detected.count,
                                     .bit_rate = modem_find(job->row->modem)->bit_rate};
        job->protocol->execute(state, &run, &output);
    }
    point->sent = MSK_FRAMES;
    point->decoded = bench_tally_decoded(job->tally);
    return true;
}

static struct bench_bound bound_of(const struct bench_case *row, const struct protocol *protocol, bool hard)
{
    static struct bench_curve curve; /* large */
    struct msk_job job = {.row = row, .protocol = protocol, .hard = hard};
    struct bench_bound bound = {.title = hard ? "ideal detector, its bare decisions to our decoder"
                                              : "ideal detector, its soft decisions to our decoder",
                                .half_db = (double)NAN,
                                .tenth_db = (double)NAN};
    job.tally = bench_tally_create(row, 1, MSK_FRAMES);
    if (job.tally && bench_search(&curve, row->start_db, measure_msk, &job)) {
        bound.half_db = bench_curve_level(&curve, 0.5);
        bound.tenth_db = bench_curve_level(&curve, 0.1);
    }
    bench_tally_destroy(job.tally);
    return bound;
}

unsigned bound_msk(const struct bench_case *row, struct bench_bound *bounds)
{
    const struct protocol_row *protocol = bench_case_protocol(row);
    if (!protocol || protocol->protocol->state_size > STATE_MAX)
        return 0;
    bounds[0] = bound_of(row, protocol->protocol, false);
    bounds[1] = bound_of(row, protocol->protocol, true);
    return 2;
}
