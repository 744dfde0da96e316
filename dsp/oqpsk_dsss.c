/* SPDX-License-Identifier: Apache-2.0 */
/* The modem "oqpsk_dsss": samples -> window -> low-pass to the chip rate -> search (dsss_search.c); what it
 * finds waits until its burst is whole in the window, then -> preamble (dsss_lock.c) -> bits (dsss_track.c).
 */
#include "oqpsk_dsss.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/dsp/modem.h"
#include "dsss_search.h"
#include "dsss_track.h"

#define INPUT_LIMIT 8.0F /* full scale is 1; what is louder is no signal */
#define SAME_CHIPS  4.0  /* candidates so near are one burst */
#define SAME_TURN   (2.0 * M_PI * 60.0 / DSSS_CHIP_RATE)
#define LEAD_CHIPS  8 /* of silence, before the first sample, that the search sees */

enum { WAITING_MAX = 16, BURSTS = 40 /* remembered: above 12,000 bits */ };

struct memory {
    struct burst_figures figures;
    uint64_t first_bit;
    unsigned branch;
};

struct modem {
    double rate_hz, samples_a_chip;
    struct dsss_code code[DSSS_SEQUENCES];
    struct dsss_filter filter[DSSS_PULSES], lowpass;
    struct dsss_window window;
    struct dsss_search *search;
    uint64_t searched; /* samples given to the search */
    struct dsss_candidate waiting[WAITING_MAX];
    unsigned waiting_count;
    uint64_t bits[DSSS_SEQUENCES]; /* put out */
    uint64_t bursts;
    struct memory memory[BURSTS];
};

static void oqpsk_dsss_reset(struct modem *modem)
{
    dsss_window_reset(&modem->window);
    dsss_search_reset(modem->search);
    modem->searched = 0;
    modem->waiting_count = 0;
    modem->bursts = 0;
    memset(modem->bits, 0, sizeof modem->bits);
}

static void oqpsk_dsss_destroy(struct modem *modem)
{
    if (!modem)
        return;
    dsss_search_destroy(modem->search);
    dsss_window_destroy(&modem->window);
    free(modem);
}

static enum atalaya_result oqpsk_dsss_create(struct modem **modem, double rate_hz, enum modem_input input)
{
    if (input != MODEM_IQ)
        return ATALAYA_E_UNSUPPORTED;
    if (!(rate_hz >= OQPSK_DSSS_LEAST_RATE_HZ && rate_hz <= OQPSK_DSSS_MOST_RATE_HZ))
        return ATALAYA_E_ARGUMENT;
    struct modem *made = calloc(1, sizeof *made);
    if (!made)
        return ATALAYA_E_MEMORY;
    made->rate_hz = rate_hz;
    made->samples_a_chip = rate_hz / DSSS_CHIP_RATE;
    for (unsigned q = 0; q < DSSS_SEQUENCES; q++)
        dsss_code_init(&made->code[q], q);
    if (dsss_window_create(&made->window, rate_hz) != ATALAYA_OK ||
        dsss_search_create(&made->search, made->code) != ATALAYA_OK) {
        oqpsk_dsss_destroy(made);
        return ATALAYA_E_MEMORY;
    }
    dsss_filter_init(&made->lowpass, made->samples_a_chip, DSSS_SEARCH_REACH, dsss_search_lowpass, NULL);
    for (unsigned p = 0; p < DSSS_PULSES; p++)
        dsss_filter_init(&made->filter[p], made->samples_a_chip, dsss_pulses[p].reach, dsss_pulses[p].at,
                         dsss_pulses[p].at);
    oqpsk_dsss_reset(made);
    *modem = made;
    return ATALAYA_OK;
}

/* Keeps the best of what is one burst, and of all if there are too many. */
static void wait_for(void *context, const struct dsss_candidate *candidate)
{
    struct modem *modem = context;
    struct dsss_candidate *weakest = NULL;
    for (unsigned n = 0; n < modem->waiting_count; n++) {
        struct dsss_candidate *other = &modem->waiting[n];
        if (other->sequence == candidate->sequence && fabs(other->chip - candidate->chip) <= SAME_CHIPS &&
            fabs(other->turn - candidate->turn) <= SAME_TURN) {
            if (candidate->quality > other->quality)
                *other = *candidate;
            return;
        }
        weakest = weakest && weakest->quality <= other->quality ? weakest : other;
    }
    if (modem->waiting_count < WAITING_MAX)
        modem->waiting[modem->waiting_count++] = *candidate;
    else if (weakest && candidate->quality > weakest->quality)
        *weakest = *candidate;
}

/* Input instant of the middle of the candidate's first chip. */
static double candidate_at(const struct modem *modem, const struct dsss_candidate *candidate)
{
    return (candidate->chip - LEAD_CHIPS) * modem->samples_a_chip;
}

static void burst_remember(struct modem *modem, unsigned branch, const struct dsss_lock *lock,
                           const struct dsss_burst *burst)
{
    struct memory *memory = &modem->memory[modem->bursts++ % BURSTS];
    struct burst_figures *figures = &memory->figures;
    double power = burst->amplitude * burst->amplitude;
    *memory = (struct memory){.first_bit = modem->bits[branch], .branch = branch};
    figures->first_sample = dsss_place_at(&burst->place, -0.5);
    figures->end_sample = dsss_place_at(&burst->place, DSSS_CHIPS);
    figures->level_dbfs = (float)(10.0 * log10(2.0 * power * dsss_pulses[lock->pulse].energy + 1e-20));
    figures->snr_db = (float)(10.0 * log10(power / burst->noise));
    figures->deviation_hz = NAN;
    figures->offset_hz = (float)(burst->turn * DSSS_CHIP_RATE / (2.0 * M_PI));
    double from = figures->first_sample > 0.0 ? figures->first_sample : 0.0;
    for (uint64_t n = (uint64_t)from; (double)n < figures->end_sample && n < modem->window.total; n++) {
        float complex sample = modem->window.ring[n & (modem->window.size - 1)];
        figures->peak = fmaxf(figures->peak, fmaxf(fabsf(crealf(sample)), fabsf(cimagf(sample))));
    }
}

static void burst_read(struct modem *modem, const struct dsss_candidate *candidate, modem_sink *sink,
                       void *context)
{
    unsigned branch = candidate->sequence;
    const struct dsss_place near = {.at = candidate_at(modem, candidate), .step = modem->samples_a_chip};
    struct dsss_lock lock;
    struct dsss_burst burst;
    if (!dsss_lock(&modem->window, modem->filter, &modem->code[branch], &near, candidate->turn, &lock))
        return;
    const struct dsss_despread how = {&modem->window, &modem->filter[lock.pulse], &modem->code[branch]};
    dsss_track(&how, &lock, &burst);
    int8_t soft[DSSS_GAP_BITS + DSSS_BITS] = {0};
    memcpy(soft + DSSS_GAP_BITS, burst.soft, sizeof burst.soft);
    burst_remember(modem, branch, &lock, &burst);
    const struct soft_run run = {.soft = soft,
                                 .count = sizeof soft,
                                 .first_bit = modem->bits[branch],
                                 .branch = branch,
                                 .bit_rate = 300};
    modem->bits[branch] += run.count;
    sink(context, &run);
}

/* Bursts that are over by now, clocks at their slowest. */
static void waiting_execute(struct modem *modem, modem_sink *sink, void *context)
{
    unsigned n = 0;
    while (n < modem->waiting_count) {
        struct dsss_candidate candidate = modem->waiting[n];
        double end = candidate_at(modem, &candidate) + DSSS_CHIPS * modem->samples_a_chip;
        if (end > (double)modem->window.total) {
            n++;
            continue;
        }
        modem->waiting[n] = modem->waiting[--modem->waiting_count];
        burst_read(modem, &candidate, sink, context);
    }
}

static float clean(float sample)
{
    float bounded = sample > -INPUT_LIMIT ? sample : -INPUT_LIMIT;
    bounded = bounded < INPUT_LIMIT ? bounded : INPUT_LIMIT;
    return isfinite(sample) ? bounded : 0.0F;
}

static void oqpsk_dsss_execute_iq(struct modem *modem, const float complex *iq, size_t count,
                                  modem_sink *sink, void *context)
{
    for (size_t i = 0; i < count; i++) {
        float re = clean(crealf(iq[i])), im = clean(cimagf(iq[i]));
        dsss_window_push(&modem->window, re + im * (float complex)_Complex_I);
        double at = ((double)modem->searched - LEAD_CHIPS) * modem->samples_a_chip;
        if ((double)modem->window.total < at + 0.5 * modem->lowpass.taps + 1.0)
            continue;
        modem->searched++;
        dsss_search_execute(modem->search, dsss_window_read(&modem->window, &modem->lowpass, at), wait_for,
                            modem);
        waiting_execute(modem, sink, context);
    }
}

static enum atalaya_result oqpsk_dsss_measure(const struct modem *modem, unsigned branch, uint64_t first_bit,
                                              uint64_t end_bit, struct burst_figures *figures)
{
    if (branch >= DSSS_SEQUENCES || first_bit >= end_bit)
        return ATALAYA_E_ARGUMENT;
    for (uint64_t n = modem->bursts; n-- > 0 && n + BURSTS >= modem->bursts;) {
        const struct memory *memory = &modem->memory[n % BURSTS];
        if (memory->branch != branch || first_bit < memory->first_bit ||
            end_bit > memory->first_bit + DSSS_GAP_BITS + DSSS_BITS)
            continue;
        *figures = memory->figures;
        return ATALAYA_OK;
    }
    return ATALAYA_E_RANGE;
}

const struct modem_class modem_oqpsk_dsss = {
    .branches = DSSS_SEQUENCES,
    .scrambler = SCRAMBLER_NONE,
    .least_rate_hz = OQPSK_DSSS_LEAST_RATE_HZ,
    .iq_rate_hz = OQPSK_DSSS_RATE_HZ,
    .create = oqpsk_dsss_create,
    .execute_iq = oqpsk_dsss_execute_iq,
    .reset = oqpsk_dsss_reset,
    .destroy = oqpsk_dsss_destroy,
    .measure = oqpsk_dsss_measure,
    .modulate_iq = oqpsk_dsss_modulate,
    .modulate_length = oqpsk_dsss_modulate_length,
};
