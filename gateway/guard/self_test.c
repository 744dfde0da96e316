/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/self_test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define QUIET_S 1.0                           /* nobody for so long before it begins */
static const double least_audio_dbfs = -40.0; /* behind a squelch: what a quiet radio gives */
static const double collision_db = 4.0;       /* more power in the channel than it sends */

enum phase { WAITING, SENDING, LISTENING, OVER };

struct self_test {
    struct source_format format;
    unsigned channel;
    double snr_db, wait_s;
    struct test_burst *burst;
    enum phase phase;
    double started_s, quiet_s, end_s, now_s; /* quiet_s: since when the channel is; -1: not yet seen */
    float amplitude;
    struct self_test_outcome outcome;
    struct source_block mixed;
    float samples[]; /* [size: SOURCE_BLOCK_FRAMES * lanes] */
};

const char *self_test_result_text(enum self_test_result result)
{
    static const char *const text[] = {"none", "passed", "failed", "busy", "gone", "unsupported"};
    return text[result];
}

enum atalaya_result self_test_create(const struct config *config, unsigned channel,
                                     const struct source_format *format, struct test_burst *burst,
                                     struct self_test **test)
{
    struct self_test *t =
        calloc(1, sizeof *t + (size_t)SOURCE_BLOCK_FRAMES * format->lanes * sizeof t->samples[0]);
    if (!t) {
        test_burst_destroy(burst);
        return ATALAYA_E_MEMORY;
    }
    t->format = *format;
    t->channel = channel;
    t->snr_db = config->guard.self_test_db;
    t->wait_s = config->guard.self_test_wait_s;
    t->burst = burst;
    t->started_s = t->quiet_s = -1.0;
    t->outcome = (struct self_test_outcome){.level_dbfs = (double)NAN,
                                            .snr_db = (double)NAN,
                                            .delay_s = (double)NAN,
                                            .protocol = test_burst_protocol(burst)->id};
    *test = t;
    return ATALAYA_OK;
}

unsigned self_test_channel(const struct self_test *test)
{
    return test->channel;
}

bool self_test_over(const struct self_test *test)
{
    return test->phase == OVER;
}

void self_test_give_up(struct self_test *test, enum self_test_result result)
{
    if (test->phase == OVER)
        return;
    test->phase = OVER;
    test->outcome.result = result;
}

void self_test_outcome(const struct self_test *test, struct self_test_outcome *outcome)
{
    *outcome = test->outcome;
}

void self_test_destroy(struct self_test *test)
{
    if (!test)
        return;
    test_burst_destroy(test->burst);
    free(test);
}

/* Level and amplitude of a burst that stands out of the noise by snr_db. A carrier's power is the square of
 * its amplitude, a tone's half of that. */
static void choose_level(struct self_test *t, double floor_dbfs)
{
    double level_dbfs = floor_dbfs + t->snr_db;
    if (!t->format.iq)
        level_dbfs = fmin(fmax(level_dbfs, least_audio_dbfs), -10.0 * log10(2.0));
    level_dbfs = fmin(level_dbfs, 0.0);
    t->outcome.level_dbfs = level_dbfs;
    t->outcome.snr_db = level_dbfs - floor_dbfs;
    t->amplitude = (float)(pow(10.0, level_dbfs / 20.0) * (t->format.iq ? 1.0 : sqrt(2.0)));
}

static void wait_for_quiet(struct self_test *t, const struct squelch_figures *figures)
{
    if (figures->open || !isfinite(figures->floor_dbfs) || t->quiet_s < 0.0)
        t->quiet_s = t->now_s;
    if (t->now_s - t->started_s > t->wait_s)
        self_test_give_up(t, SELF_TEST_BUSY);
    else if (t->now_s - t->quiet_s >= QUIET_S) {
        choose_level(t, (double)figures->floor_dbfs);
        t->phase = SENDING;
    }
}

/* Somebody began to transmit, or samples are missing. Of a band only who is stronger shows. */
static bool is_disturbed(const struct self_test *t, const struct source_block *block,
                         const struct squelch_figures *figures)
{
    if (block->lost > 0)
        return true;
    return t->format.iq ? (double)figures->level_dbfs > t->outcome.level_dbfs + collision_db : figures->open;
}

/* What was sent of it may still come out, and must not go further. */
static void cut_off(struct self_test *t)
{
    t->outcome.disturbed = true;
    t->phase = LISTENING;
    t->end_s = t->now_s;
}

static void conclude(struct self_test *t)
{
    if (isfinite(t->outcome.delay_s))
        self_test_give_up(t, SELF_TEST_PASSED);
    else
        self_test_give_up(t, t->outcome.disturbed ? SELF_TEST_BUSY : SELF_TEST_FAILED);
}

static const struct source_block *mix(struct self_test *t, const struct source_block *block)
{
    memcpy(t->samples, block->samples, block->frames * t->format.lanes * sizeof *t->samples);
    t->mixed = *block;
    t->mixed.samples = t->samples;
    if (!test_burst_mix(t->burst, t->amplitude, t->samples, block->frames)) {
        t->phase = LISTENING;
        t->end_s = t->now_s;
    }
    return &t->mixed;
}

const struct source_block *self_test_execute(struct self_test *t, const struct source_block *block,
                                             const struct squelch *squelch, double seconds)
{
    struct squelch_figures figures;
    if (t->phase == OVER || block->frames == 0 || block->frames > SOURCE_BLOCK_FRAMES)
        return block;
    t->now_s = seconds;
    if (t->started_s < 0.0)
        t->started_s = seconds;
    squelch_figures(squelch, &figures);
    if (t->phase == WAITING)
        wait_for_quiet(t, &figures);
    else if (t->phase == SENDING && is_disturbed(t, block, &figures))
        cut_off(t);
    else if (t->phase == LISTENING && seconds > t->end_s + SELF_TEST_LISTEN_S)
        conclude(t);
    return t->phase == SENDING ? mix(t, block) : block;
}

bool self_test_hear(struct self_test *t, unsigned channel, const struct message *message)
{
    if ((t->phase != SENDING && t->phase != LISTENING) || message->distress != DISTRESS_NONE)
        return false;
    bool same = test_burst_is(t->burst, message);
    if (same && channel == t->channel && !isfinite(t->outcome.delay_s))
        t->outcome.delay_s = t->phase == LISTENING ? t->now_s - t->end_s : 0.0;
    return same || test_burst_resembles(t->burst, message);
}

bool self_test_hides(const struct self_test *t, unsigned channel)
{
    return t->format.iq && channel == t->channel && (t->phase == SENDING || t->phase == LISTENING);
}
