/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/rounds.h"

#include <stdlib.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/log.h"

#define SECOND_NS INT64_C(1000000000)
static const int64_t again_failed_ns = 600 * SECOND_NS, /* so that it comes right by itself */
    again_busy_ns = 3600 * SECOND_NS, again_gone_ns = 60 * SECOND_NS, again_disturbed_ns = 5 * SECOND_NS;

/* A channel's last result, and when it is its turn again. */
struct turn {
    int64_t due_ns, first_ns; /* first_ns: of a row of tests that were disturbed; 0: none */
    int64_t utc_ns;
    struct self_test_outcome outcome;
};

struct rounds {
    const struct config *config;
    struct receive_thread *const *threads;
    struct words *words;
    struct turn *turns; /* [size: channels] */
    bool running[CONFIG_SOURCES_MAX];
    struct rounds_counts counts;
};

enum atalaya_result rounds_create(const struct config *config, struct receive_thread *const *threads,
                                  struct words *words, int64_t now_ns, struct rounds **rounds)
{
    struct rounds *r = calloc(1, sizeof *r);
    if (r)
        r->turns = calloc(config->channel_count + 1, sizeof *r->turns);
    if (!r || !r->turns) {
        free(r);
        return ATALAYA_E_MEMORY;
    }
    r->config = config;
    r->threads = threads;
    r->words = words;
    for (unsigned i = 0; i < config->channel_count; i++)
        r->turns[i].due_ns = now_ns + (int64_t)(config->guard.self_test_first_s * 1e9);
    *rounds = r;
    return ATALAYA_OK;
}

static int64_t sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Somebody talked into it: again at once, for as long as one waits for a quiet moment. */
static bool try_again(const struct rounds *r, struct turn *turn, const struct self_test_outcome *outcome,
                      int64_t now_ns)
{
    int64_t patience_ns = (int64_t)(r->config->guard.self_test_wait_s * 1e9);
    if (!outcome->disturbed || outcome->result != SELF_TEST_BUSY)
        return false;
    if (turn->first_ns == 0)
        turn->first_ns = now_ns;
    if (now_ns - turn->first_ns > patience_ns)
        return false;
    turn->due_ns = now_ns + again_disturbed_ns;
    return true;
}

static void tell(const struct rounds *r, unsigned channel, const struct turn *turn)
{
    const char *name = r->config->channel[channel].name;
    const struct self_test_outcome *outcome = &turn->outcome;
    if (outcome->result == SELF_TEST_PASSED)
        log_info("channel %s hears: its test burst was decoded", name);
    else if (outcome->result == SELF_TEST_FAILED)
        log_warning("channel %s: the site's own test burst (%s, %.0f dB over the noise) was not decoded",
                    name, outcome->protocol, outcome->snr_db);
    else if (outcome->result == SELF_TEST_BUSY)
        log_notice("channel %s was never quiet enough for a test burst", name);
    else
        log_info("channel %s has no test burst: %s", name, self_test_result_text(outcome->result));
}

/* false: it says nothing new. */
static bool conclude(struct rounds *r, unsigned channel, const struct self_test_outcome *outcome,
                     int64_t now_ns)
{
    struct turn *turn = &r->turns[channel];
    int64_t interval_ns = (int64_t)(r->config->guard.self_test_s * 1e9);
    bool changed = outcome->result != turn->outcome.result;
    if (try_again(r, turn, outcome, now_ns))
        return false;
    turn->first_ns = 0;
    turn->due_ns = now_ns + interval_ns;
    if (outcome->result == SELF_TEST_GONE) { /* the source's state says it; the last result stands */
        turn->due_ns = now_ns + sooner(interval_ns, again_gone_ns);
        return false;
    }
    if (outcome->result == SELF_TEST_FAILED)
        turn->due_ns = now_ns + sooner(interval_ns, again_failed_ns);
    if (outcome->result == SELF_TEST_BUSY)
        turn->due_ns = now_ns + sooner(interval_ns, again_busy_ns);
    r->counts.passed += outcome->result == SELF_TEST_PASSED;
    r->counts.failed += outcome->result == SELF_TEST_FAILED;
    r->counts.busy += outcome->result == SELF_TEST_BUSY;
    turn->outcome = *outcome;
    turn->utc_ns = clock_utc_ns();
    tell(r, channel, turn);
    return changed;
}

static bool begin(struct rounds *r, unsigned source, unsigned channel, int64_t now_ns)
{
    const struct config_channel *settings = &r->config->channel[channel];
    struct self_test_outcome outcome = {.result = SELF_TEST_GONE};
    struct source_format format;
    struct test_burst *burst;
    struct self_test *test;
    if (!receive_thread_format(r->threads[source], &format))
        return conclude(r, channel, &outcome, now_ns);
    enum atalaya_result result = test_burst_create(settings, &format, r->words, &burst);
    if (result == ATALAYA_OK)
        result = self_test_create(r->config, channel, &format, burst, &test);
    if (result == ATALAYA_OK) {
        receive_thread_test(r->threads[source], test);
        r->running[source] = true;
        return false;
    }
    if (result == ATALAYA_E_UNSUPPORTED)
        outcome.result = SELF_TEST_UNSUPPORTED;
    return conclude(r, channel, &outcome, now_ns);
}

/* The one that has waited longest. */
static bool next_channel(const struct rounds *r, unsigned source, int64_t now_ns, unsigned *channel)
{
    bool found = false;
    for (unsigned i = 0; i < r->config->channel_count; i++)
        if (r->config->channel[i].source == source && r->turns[i].due_ns <= now_ns &&
            (!found || r->turns[i].due_ns < r->turns[*channel].due_ns)) {
            *channel = i;
            found = true;
        }
    return found;
}

static bool tick_source(struct rounds *r, unsigned source, int64_t now_ns)
{
    bool changed = false;
    unsigned channel = 0;
    struct self_test *over = receive_thread_tested(r->threads[source]);
    if (over) {
        struct self_test_outcome outcome;
        self_test_outcome(over, &outcome);
        changed = conclude(r, self_test_channel(over), &outcome, now_ns);
        self_test_destroy(over);
        r->running[source] = false;
    }
    if (!r->running[source] && next_channel(r, source, now_ns, &channel))
        changed |= begin(r, source, channel, now_ns);
    return changed;
}

bool rounds_tick(struct rounds *r, int64_t now_ns)
{
    bool changed = false;
    for (unsigned i = 0; r->config->guard.self_test_s > 0.0 && i < r->config->source_count; i++)
        if (r->threads[i])
            changed |= tick_source(r, i, now_ns);
    return changed;
}

void rounds_outcome(const struct rounds *rounds, unsigned channel, struct self_test_outcome *outcome,
                    int64_t *utc_ns)
{
    *outcome = rounds->turns[channel].outcome;
    *utc_ns = rounds->turns[channel].utc_ns;
}

struct rounds_counts rounds_counts(const struct rounds *rounds)
{
    return rounds->counts;
}

void rounds_destroy(struct rounds *r)
{
    if (!r)
        return;
    free(r->turns);
    free(r);
}
