/* SPDX-License-Identifier: Apache-2.0 */
#include "receive_thread.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/log.h"
#include "atalaya/gateway/receiver.h"
#include "activity.h"

static const int64_t second_ns = 1000000000;
static const int64_t retry_least_ns = 1000000000,
                     retry_most_ns = 4000000000; /* back within 5 s of its return */
/* No reading of a source takes so long, no opening of one so long. */
static const int64_t hung_running_ns = 3000000000, hung_opening_ns = 14000000000;

struct receive_thread {
    const struct config *config;
    unsigned source_index;
    struct handover *handover;
    struct words *words;
    struct carrier_board *carriers;
    struct postbox *activities; /* NULL: not watched */
    pthread_t thread;
    pthread_mutex_t lock; /* of figures, ready, reading, stop and finished */
    pthread_cond_t changed;
    bool ready, stop, finished;
    bool reading; /* from an open source: no single step of that takes long */
    bool live;    /* of the open source */
    struct receive_figures figures;
    struct noise_watch *watches;     /* one for each channel of the configuration; this thread's alone */
    struct noise_figures *noise;     /* the same for others, under the lock */
    struct self_test *test, *tested; /* given, and to be taken back; under the lock */
    struct source_format format;     /* while it is open in its own time; else of rate 0 */
    struct protocol_counts before;   /* counts of earlier openings */
    struct source *source;           /* while it is received from */
    uint64_t lost_before;
};

const char *receive_state_text(enum receive_state state)
{
    static const char *const text[] = {"starting", "running", "gone", "ended", "hangs"};
    return text[state];
}

static void on_reception(void *context, const struct reception *reception)
{
    struct receive_thread *t = context;
    struct words_verdict verdict;
    words_judge(t->words, &reception->message, &verdict);
    /* ATALAYA_E_GONE: the gateway is ending. A full hand-over counts what it drops. */
    (void)handover_put(t->handover, reception, verdict.distress != DISTRESS_NONE, !t->live);
    pthread_mutex_lock(&t->lock);
    t->figures.receptions++;
    pthread_mutex_unlock(&t->lock);
}

static void on_activity(void *context, const struct activity *activity)
{
    const struct receive_thread *t = context;
    if (!postbox_put(t->activities, activity))
        log_warning("too many transmissions at once: one on channel %s is not told", activity->channel);
}

static void add_counts(struct protocol_counts *sum, const struct protocol_counts *counts)
{
    sum->messages += counts->messages;
    sum->repaired += counts->repaired;
    sum->length += counts->length;
    sum->check += counts->check;
    sum->format += counts->format;
}

/* Without a receiver there is nothing to test. With the lock held. */
static void pass_test(struct receive_thread *t, struct receiver *receiver)
{
    if (!t->test)
        return;
    if (!receiver || !receiver_test(receiver, t->test))
        self_test_give_up(t->test, SELF_TEST_GONE);
    if (!self_test_over(t->test))
        return;
    if (receiver)
        (void)receiver_test(receiver, NULL);
    t->tested = t->test;
    t->test = NULL;
}

/* Publishes the figures; true = go on. */
static bool report(struct receive_thread *t, struct receiver *receiver, enum receive_state state, bool count)
{
    struct protocol_counts sum = t->before, row;
    for (size_t i = 0; receiver && count && i < protocol_table_size; i++) {
        receiver_counts(receiver, i, &row);
        add_counts(&sum, &row);
    }
    pthread_mutex_lock(&t->lock);
    t->reading = receiver != NULL;
    if (!receiver)
        t->format.rate_hz = 0.0;
    pass_test(t, receiver);
    if (receiver) {
        t->figures.seconds = receiver_seconds(receiver);
        /* A device that opens and gives nothing is not back. */
        if (t->figures.seconds <= 0.0)
            state = t->figures.openings > 1 ? RECEIVE_GONE : RECEIVE_STARTING;
        else
            t->figures.fault[0] = '\0';
    }
    t->figures.state = state;
    t->figures.progress_mono_ns = clock_mono_ns();
    if (count)
        t->figures.counts = sum;
    for (unsigned i = 0; count && i < t->config->channel_count; i++)
        noise_watch_figures(&t->watches[i], &t->noise[i]);
    if (t->source)
        t->figures.lost_frames = t->lost_before + source_lost_frames(t->source);
    t->ready = t->ready || receiver || state != RECEIVE_STARTING;
    pthread_cond_broadcast(&t->changed);
    bool go_on = !t->stop;
    pthread_mutex_unlock(&t->lock);
    return go_on;
}

/* Before the receiver goes. */
static void give_test_back(struct receive_thread *t)
{
    pthread_mutex_lock(&t->lock);
    pass_test(t, NULL);
    t->format.rate_hz = 0.0;
    pthread_mutex_unlock(&t->lock);
}

/* Receives until the source ends or goes; the last counts are kept. */
static enum atalaya_result receive(struct receive_thread *t, struct source *source)
{
    struct receiver *receiver;
    enum atalaya_result result =
        receiver_create(t->config, t->source_index, source, on_reception, t, &receiver);
    if (result == ATALAYA_OK && t->activities) {
        result = receiver_watch(receiver, on_activity, t);
        if (result != ATALAYA_OK)
            receiver_destroy(receiver);
    }
    if (result != ATALAYA_OK)
        return result;
    result = receiver_guard(receiver, t->config, t->watches);
    if (result == ATALAYA_OK)
        result = receiver_watch_carriers(receiver, t->config, t->carriers);
    if (result != ATALAYA_OK) {
        receiver_destroy(receiver);
        return result;
    }
    t->live = source_is_live(source);
    t->source = source;
    pthread_mutex_lock(&t->lock);
    const struct config_source *settings = &t->config->source[t->source_index];
    if (settings->type != SOURCE_FILE || settings->pace)
        t->format = *source_format(source);
    pthread_mutex_unlock(&t->lock);
    int64_t counted_ns = 0;
    do {
        int64_t now_ns = clock_mono_ns();
        bool count = now_ns - counted_ns >= second_ns; /* summing up all streams is not for every block */
        if (count)
            counted_ns = now_ns;
        if (!report(t, receiver, RECEIVE_RUNNING, count))
            break;
    } while ((result = receiver_step(receiver)) == ATALAYA_OK);
    (void)report(t, receiver, RECEIVE_RUNNING, true);
    give_test_back(t);
    t->before = t->figures.counts; /* written by this thread only */
    t->lost_before = t->figures.lost_frames;
    t->source = NULL;
    receiver_destroy(receiver);
    return result;
}

/* Sleeps, but not through a stop, and with signs of life. */
static bool rest(struct receive_thread *t, enum receive_state state, int64_t length_ns)
{
    int64_t until_ns = clock_mono_ns() + length_ns;
    while (report(t, NULL, state, false)) {
        int64_t left_ns = until_ns - clock_mono_ns();
        if (left_ns <= 0)
            return true;
        struct timespec nap = {.tv_nsec = left_ns < second_ns / 10 ? (long)left_ns : (long)(second_ns / 10)};
        nanosleep(&nap, NULL);
    }
    return false;
}

static void say_fault(struct receive_thread *t, const char *why)
{
    pthread_mutex_lock(&t->lock);
    snprintf(t->figures.fault, sizeof t->figures.fault, "%s", why);
    pthread_mutex_unlock(&t->lock);
}

static void receive_on(struct receive_thread *t)
{
    const struct config_source *settings = &t->config->source[t->source_index];
    int64_t retry_ns = retry_least_ns;
    enum atalaya_result result = ATALAYA_E_GONE;

    do {
        struct source *source;
        char why[RECEIVE_FAULT_MAX];
        bool opened = source_open_why(settings, &source, why, sizeof why) == ATALAYA_OK;
        pthread_mutex_lock(&t->lock);
        t->figures.openings += opened;
        pthread_mutex_unlock(&t->lock);
        if (!opened)
            say_fault(t, why); /* else it stays until samples come */
        if (opened) {
            retry_ns = retry_least_ns;
            result = receive(t, source);
            source_close(source);
            say_fault(t, result == ATALAYA_E_GONE
                             ? "it was open and gives no samples any more; it is tried again and again"
                             : atalaya_result_text(result));
        }
        if (opened && result != ATALAYA_OK && result != ATALAYA_E_GONE) {
            /* A damaged file would only be replayed from its start. */
            log_notice("source %s has ended: %s", settings->name, atalaya_result_text(result));
            while (rest(t, RECEIVE_ENDED, 10 * second_ns))
                continue;
            break;
        }
        if (!rest(t, RECEIVE_GONE, retry_ns))
            break;
        retry_ns = retry_ns * 2 < retry_most_ns ? retry_ns * 2 : retry_most_ns;
    } while (true);
}

static void *thread_main(void *context)
{
    struct receive_thread *t = context;
    receive_on(t);
    pthread_mutex_lock(&t->lock);
    t->finished = true;
    pthread_cond_broadcast(&t->changed);
    pthread_mutex_unlock(&t->lock);
    return NULL;
}

/* A channel of another source keeps what it was given: nobody asks for it here. */
static enum atalaya_result make_watches(struct receive_thread *t, const struct noise_usual *usual)
{
    const struct config *config = t->config;
    const struct config_guard *guard = &config->guard;
    const struct noise_settings settings = {guard->fall_db, guard->rise_db, guard->after_s, guard->learn_s};
    t->watches = calloc(config->channel_count + 1, sizeof *t->watches);
    t->noise = calloc(config->channel_count + 1, sizeof *t->noise);
    if (!t->watches || !t->noise)
        return ATALAYA_E_MEMORY;
    for (unsigned i = 0; i < config->channel_count; i++) {
        noise_watch_reset(&t->watches[i], &settings, usual ? &usual[i] : NULL);
        noise_watch_figures(&t->watches[i], &t->noise[i]);
    }
    return ATALAYA_OK;
}

static void thread_free(struct receive_thread *t)
{
    self_test_destroy(t->test);
    self_test_destroy(t->tested);
    free(t->watches);
    free(t->noise);
    free(t);
}

enum atalaya_result receive_thread_start(const struct config *config, unsigned source_index,
                                         struct handover *handover, struct words *words,
                                         struct carrier_board *carriers, struct postbox *activities,
                                         const struct noise_usual *usual, struct receive_thread **thread)
{
    struct receive_thread *t = calloc(1, sizeof *t);
    if (!t)
        return ATALAYA_E_MEMORY;
    t->config = config;
    t->source_index = source_index;
    t->handover = handover;
    t->words = words;
    t->carriers = carriers;
    t->activities = activities;
    t->figures.progress_mono_ns = clock_mono_ns();
    if (make_watches(t, usual) != ATALAYA_OK) {
        thread_free(t);
        return ATALAYA_E_MEMORY;
    }
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_create(&t->thread, NULL, thread_main, t) != 0) {
        pthread_cond_destroy(&t->changed);
        pthread_mutex_destroy(&t->lock);
        thread_free(t);
        return ATALAYA_E_IO;
    }
    *thread = t;
    return ATALAYA_OK;
}

static struct timespec after_s(int seconds)
{
    struct timespec until = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += seconds;
    return until;
}

bool receive_thread_wait_ready(struct receive_thread *t)
{
    const struct timespec until = after_s(RECEIVE_READY_S);
    int error = 0;
    pthread_mutex_lock(&t->lock);
    while (!t->ready && error == 0)
        error = pthread_cond_timedwait(&t->changed, &t->lock, &until);
    bool ready = t->ready;
    pthread_mutex_unlock(&t->lock);
    if (!ready)
        log_error("source %s: its driver hangs while it opens; the others go on without it",
                  t->config->source[t->source_index].name);
    return ready;
}

void receive_thread_figures(struct receive_thread *t, struct receive_figures *figures)
{
    pthread_mutex_lock(&t->lock);
    *figures = t->figures;
    int64_t patience_ns = t->reading ? hung_running_ns : hung_opening_ns;
    pthread_mutex_unlock(&t->lock);
    if (clock_mono_ns() - figures->progress_mono_ns > patience_ns)
        figures->state = RECEIVE_HUNG;
}

void receive_thread_noise(struct receive_thread *t, unsigned channel, struct noise_figures *figures)
{
    pthread_mutex_lock(&t->lock);
    *figures = t->noise[channel];
    pthread_mutex_unlock(&t->lock);
}

bool receive_thread_format(struct receive_thread *t, struct source_format *format)
{
    pthread_mutex_lock(&t->lock);
    *format = t->format;
    pthread_mutex_unlock(&t->lock);
    return format->rate_hz > 0.0;
}

void receive_thread_test(struct receive_thread *t, struct self_test *test)
{
    pthread_mutex_lock(&t->lock);
    t->test = test;
    pthread_mutex_unlock(&t->lock);
}

struct self_test *receive_thread_tested(struct receive_thread *t)
{
    pthread_mutex_lock(&t->lock);
    struct self_test *tested = t->tested;
    t->tested = NULL;
    pthread_mutex_unlock(&t->lock);
    return tested;
}

bool receive_thread_stop(struct receive_thread *t)
{
    const struct timespec until = after_s(RECEIVE_STOP_S);
    if (!t)
        return true;
    int error = 0;
    pthread_mutex_lock(&t->lock);
    t->stop = true;
    while (!t->finished && error == 0)
        error = pthread_cond_timedwait(&t->changed, &t->lock, &until);
    bool finished = t->finished;
    pthread_mutex_unlock(&t->lock);
    if (!finished) {
        log_error("source %s: its driver hangs; it is left behind", t->config->source[t->source_index].name);
        return false;
    }
    (void)pthread_join(t->thread, NULL); /* it does no more than return */
    pthread_cond_destroy(&t->changed);
    pthread_mutex_destroy(&t->lock);
    thread_free(t);
    return true;
}
