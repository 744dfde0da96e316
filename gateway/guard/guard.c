/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/guard.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/json.h"
#include "atalaya/gateway/log.h"
#include "guard/usual.h"

enum { TEXT_MAX = 256, MISSING_TOLD_MAX = 32 };
static const int64_t keep_ns = INT64_C(3600) * 1000000000;
static const double kept_within_db = 0.5; /* what moved less is not worth a write */

/* What was told of a channel last. */
struct told {
    enum noise_fault fault;
    struct noise_usual kept;
};

struct guard {
    const struct config *config;
    struct spool *spool;
    struct receive_thread *const *threads;
    struct check_ins *check_ins;
    struct rounds *rounds;
    struct noise_usual *usual; /* [size: channels] as they were at the start */
    struct told *told;         /* likewise */
    bool was_quiet, were_missing;
    int64_t keep_due_ns;
};

enum atalaya_result guard_create(const struct config *config, struct spool *spool,
                                 struct receive_thread *const *threads, struct words *words,
                                 struct guard **guard)
{
    struct guard *g = calloc(1, sizeof *g);
    if (!g)
        return ATALAYA_E_MEMORY;
    g->config = config;
    g->spool = spool;
    g->threads = threads;
    g->keep_due_ns = clock_mono_ns() + keep_ns;
    g->usual = calloc(config->channel_count + 1, sizeof *g->usual);
    g->told = calloc(config->channel_count + 1, sizeof *g->told);
    if (!g->usual || !g->told || check_ins_create(config, clock_mono_ns(), &g->check_ins) != ATALAYA_OK ||
        rounds_create(config, threads, words, clock_mono_ns(), &g->rounds) != ATALAYA_OK) {
        guard_destroy(g);
        return ATALAYA_E_MEMORY;
    }
    usual_read(config, spool, g->usual);
    for (unsigned i = 0; i < config->channel_count; i++)
        g->told[i].kept = g->usual[i];
    *guard = g;
    return ATALAYA_OK;
}

const struct noise_usual *guard_usual(const struct guard *guard)
{
    return guard->usual;
}

struct check_ins *guard_check_ins(struct guard *guard)
{
    return guard->check_ins;
}

void guard_configured(struct guard *guard)
{
    if (check_ins_configure(guard->check_ins, guard->config, clock_mono_ns()) != ATALAYA_OK)
        log_error("out of memory: who is expected to be heard stays as it was before the reload");
}

/* false: nobody receives on it. */
static bool noise_of(const struct guard *g, unsigned channel, struct noise_figures *figures)
{
    struct receive_thread *thread = g->threads[g->config->channel[channel].source];
    if (!thread)
        return false;
    receive_thread_noise(thread, channel, figures);
    return true;
}

static const char *describe(const struct noise_figures *noise, char text[TEXT_MAX])
{
    double off_db = fabs(noise->level_dbfs - noise->usual_dbfs);
    switch (noise->fault) {
    case NOISE_SILENT:
        return "every sample is the same: is the receiver plugged in, the right input chosen, capture "
               "unmuted?";
    case NOISE_CLIPPED:
        return "the input is at its limit all the time: turn the level down";
    case NOISE_FALLEN:
        (void)snprintf(
            text, TEXT_MAX,
            "%.0f dB quieter than usual: antenna, cable or receiver, or a carrier that does not end", off_db);
        return text;
    case NOISE_RISEN:
        (void)snprintf(
            text, TEXT_MAX,
            "never as quiet as usual any more: interference, or somebody who transmits without end");
        return text;
    case NOISE_WELL:
    case NOISE_FAULT_COUNT:
        break;
    }
    return "well";
}

static bool watch_noise(struct guard *g)
{
    bool changed = false;
    char text[TEXT_MAX];
    for (unsigned i = 0; i < g->config->channel_count; i++) {
        struct noise_figures noise;
        if (!noise_of(g, i, &noise) || noise.fault == g->told[i].fault)
            continue;
        changed = true;
        g->told[i].fault = noise.fault;
        if (noise.fault == NOISE_WELL)
            log_notice("channel %s sounds as usual again", g->config->channel[i].name);
        else
            log_warning("channel %s: %s", g->config->channel[i].name, describe(&noise, text));
    }
    return changed;
}

static bool watch_check_ins(struct guard *g, int64_t now_ns)
{
    struct check_in_figures figures;
    check_ins_figures(g->check_ins, now_ns, &figures);
    bool changed = figures.too_quiet != g->was_quiet || figures.all_missing != g->were_missing;
    if (figures.too_quiet && !g->was_quiet)
        log_warning("nothing was heard from anybody for %.0f s: does this tower still hear?",
                    figures.quiet_s);
    if (figures.all_missing && !g->were_missing)
        log_warning("all %u units that should have been heard are missing: does this tower still hear?",
                    figures.expected);
    g->was_quiet = figures.too_quiet;
    g->were_missing = figures.all_missing;
    return changed;
}

static bool moved(const struct noise_usual *a, const struct noise_usual *b)
{
    return isnan(a->quietest_dbfs) || fabs(a->quietest_dbfs - b->quietest_dbfs) > kept_within_db ||
           fabs(a->loudest_dbfs - b->loudest_dbfs) > kept_within_db || a->age_s < 0.5 * b->age_s;
}

static void keep_usual(struct guard *g)
{
    for (unsigned i = 0; i < g->config->channel_count; i++) {
        struct noise_figures noise;
        if (!noise_of(g, i, &noise) || isnan(noise.usual.quietest_dbfs) ||
            !moved(&g->told[i].kept, &noise.usual))
            continue;
        usual_write(g->config, g->spool, i, &noise.usual);
        g->told[i].kept = noise.usual;
    }
}

bool guard_tick(struct guard *g, int64_t now_ns)
{
    bool changed = watch_noise(g);
    changed |= watch_check_ins(g, now_ns);
    changed |= rounds_tick(g->rounds, now_ns);
    if (now_ns >= g->keep_due_ns) {
        g->keep_due_ns = now_ns + keep_ns;
        keep_usual(g);
    }
    return changed;
}

static void add_fault(json_t *faults, const char *kind, const char *channel, const char *text)
{
    json_t *fault = json_object();
    json_object_set_new(fault, "kind", json_string(kind));
    if (channel)
        json_object_set_new(fault, "channel", json_string(channel));
    json_object_set_new(fault, "text", json_string(text));
    json_array_append_new(faults, fault);
}

static void report_test(const struct guard *g, unsigned i, json_t *channel, json_t *faults)
{
    struct self_test_outcome outcome;
    int64_t utc_ns;
    char time[CLOCK_TEXT_MAX], text[TEXT_MAX];
    rounds_outcome(g->rounds, i, &outcome, &utc_ns);
    if (outcome.result == SELF_TEST_NONE)
        return;
    json_t *test = json_object();
    json_object_set_new(test, "result", json_string(self_test_result_text(outcome.result)));
    json_object_set_new(test, "time", json_string(clock_format(utc_ns, time)));
    if (outcome.protocol) {
        json_object_set_new(test, "protocol", json_string(outcome.protocol));
        json_set_real(test, "level_dbfs", outcome.level_dbfs, 1);
        json_set_real(test, "snr_db", outcome.snr_db, 1);
        json_set_real(test, "delay_s", outcome.delay_s, 2);
    }
    json_object_set_new(channel, "self_test", test);
    if (outcome.result != SELF_TEST_FAILED)
        return;
    (void)snprintf(
        text, sizeof text,
        "the site's own test burst, %.0f dB over the noise, was mixed in and did not come out decoded",
        outcome.snr_db);
    add_fault(faults, "self_test", g->config->channel[i].name, text);
}

static void report_noise(const struct guard *g, json_t *channels, json_t *faults)
{
    char text[TEXT_MAX];
    for (unsigned i = 0; i < g->config->channel_count; i++) {
        struct noise_figures noise;
        if (!noise_of(g, i, &noise))
            continue;
        json_t *channel = json_object();
        json_object_set_new(channel, "name", json_string(g->config->channel[i].name));
        json_set_real(channel, "noise_dbfs", noise.level_dbfs, 1);
        json_set_real(channel, "usual_noise_dbfs", noise.usual_dbfs, 1);
        report_test(g, i, channel, faults);
        json_array_append_new(channels, channel);
        if (noise.fault != NOISE_WELL)
            add_fault(faults, noise_fault_text(noise.fault), g->config->channel[i].name,
                      describe(&noise, text));
    }
}

static void add_missing(void *context, const char *unit, double silent_s)
{
    json_t *list = context, *one = json_object();
    if (json_array_size(list) < MISSING_TOLD_MAX) {
        json_object_set_new(one, "unit", json_string(unit));
        json_set_real(one, "silent_s", silent_s, 0);
        json_array_append(list, one);
    }
    json_decref(one);
}

static void report_check_ins(const struct guard *g, json_t *health, json_t *faults)
{
    int64_t now_ns = clock_mono_ns();
    struct check_in_figures figures;
    json_t *heard = json_object();
    char text[TEXT_MAX];
    check_ins_figures(g->check_ins, now_ns, &figures);
    if (figures.anybody)
        json_set_real(heard, "last_age_s", figures.quiet_s, 0);
    if (figures.expected) {
        json_t *missing = json_array();
        check_ins_missing(g->check_ins, now_ns, add_missing, missing);
        json_object_set_new(heard, "units_expected", json_integer(figures.expected));
        json_object_set_new(heard, "units_missing", json_integer(figures.missing));
        json_object_set_new(heard, "missing", missing);
    }
    json_object_set_new(health, "heard", heard);
    if (figures.too_quiet) {
        (void)snprintf(text, sizeof text, "nothing heard from anybody for %.0f s: is the tower deaf?",
                       figures.quiet_s);
        add_fault(faults, "quiet", NULL, text);
    }
    if (figures.all_missing)
        add_fault(faults, "all_missing", NULL, "every unit that is expected is missing: is the tower deaf?");
}

void guard_report(const struct guard *guard, json_t *health, bool *well)
{
    json_t *channels = json_array(), *faults = json_array();
    report_noise(guard, channels, faults);
    report_check_ins(guard, health, faults);
    *well = *well && json_array_size(faults) == 0;
    json_object_set_new(health, "channels", channels);
    json_object_set_new(health, "faults", faults);
}

struct rounds_counts guard_tests(const struct guard *guard)
{
    return rounds_counts(guard->rounds);
}

void guard_keep(struct guard *guard)
{
    if (guard)
        keep_usual(guard);
}

void guard_destroy(struct guard *g)
{
    if (!g)
        return;
    check_ins_destroy(g->check_ins);
    rounds_destroy(g->rounds);
    free(g->usual);
    free(g->told);
    free(g);
}
