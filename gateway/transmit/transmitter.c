/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a transmitter, its queue, and when its turn is; transmit_key.c keys and plays. */
#include "transmit/transmitter_private.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/log.h"

enum {
    ATTEMPTS_MAX = 5,
    SIGN_OF_LIFE_MS = 500,
    HINDERED_MS = 250,
    LOOK_S = 2,
    GAP_MS = 300,
    NS_PER_MS = 1000000
};

static const char *const result_text[TRANSMIT_RESULT_COUNT] = {
    "sent", "channel_busy", "inhibited", "airtime", "expired", "queue_full", "device_lost", "refused",
};

const char *transmit_result_text(enum transmit_result result)
{
    return (unsigned)result < TRANSMIT_RESULT_COUNT ? result_text[result] : "unknown";
}

/* C/S T.001 and T.018: beacons use 406.0 to 406.1 MHz. 100 kHz more on each side, for a carrier is not a
 * line. */
bool transmit_is_forbidden(double frequency_hz)
{
    return !isfinite(frequency_hz) || (frequency_hz >= 405.9e6 && frequency_hz <= 406.2e6);
}

static void report(struct transmitter *t, uint64_t id, enum transmit_result result, int64_t began_ns)
{
    const struct transmit_report said = {t->setting.index, id, false, result, began_ns};
    pthread_mutex_lock(&t->lock);
    t->figures.ended[result]++;
    t->figures.airtime_s = (double)airtime_used_ns(&t->airtime, clock_mono_ns()) * 1e-9;
    pthread_mutex_unlock(&t->lock);
    log_info("transmitter %s: %s", t->settings.name, transmit_result_text(result));
    t->setting.done(t->setting.context, &said);
}

enum atalaya_result transmitter_put(struct transmitter *t, const struct transmit_request *request)
{
    uint64_t evicted = 0;
    if (!request->row->protocol->transmit || !waveform_modem(request->row, t->settings.rate_hz))
        return ATALAYA_E_UNSUPPORTED;
    pthread_mutex_lock(&t->lock);
    enum atalaya_result result = queue_put(&t->queue, request, &evicted);
    struct transmit_item *item = result == ATALAYA_OK ? queue_find(&t->queue, request->id) : NULL;
    if (item)
        item->put_ns = clock_mono_ns();
    t->figures.ended[TRANSMIT_QUEUE_FULL] += result == ATALAYA_E_FULL;
    pthread_cond_signal(&t->changed);
    pthread_mutex_unlock(&t->lock);
    if (evicted)
        report(t, evicted, TRANSMIT_QUEUE_FULL, 0);
    return result;
}

void transmitter_cancel(struct transmitter *t, uint64_t id)
{
    pthread_mutex_lock(&t->lock);
    struct transmit_item *item = queue_find(&t->queue, id);
    if (item && !item->in_hand)
        queue_remove(&t->queue, item);
    pthread_mutex_unlock(&t->lock);
}

/* What is next, copied: the queue may change while it is sent. false: nothing waits. */
static bool take_turn(struct transmitter *t)
{
    pthread_mutex_lock(&t->lock);
    const struct transmit_item *first = queue_first(&t->queue);
    if (first)
        t->now = first->request;
    pthread_mutex_unlock(&t->lock);
    return first != NULL;
}

/* The one in hand leaves the queue. */
static void finish(struct transmitter *t, enum transmit_result result, int64_t began_ns)
{
    pthread_mutex_lock(&t->lock);
    struct transmit_item *item = queue_find(&t->queue, t->now.id);
    if (item)
        queue_remove(&t->queue, item);
    pthread_mutex_unlock(&t->lock);
    if (item) /* else it gave way meanwhile, and that was said */
        report(t, t->now.id, result, began_ns);
}

/* It stays, until its time is over or it was tried too often: then this is why. */
static void hinder(struct transmitter *t, enum transmit_result why, bool tried)
{
    pthread_mutex_lock(&t->lock);
    struct transmit_item *item = queue_find(&t->queue, t->now.id);
    unsigned attempts = 0;
    if (item) {
        item->hinders = why;
        item->attempts += tried;
        item->in_hand = false;
        attempts = item->attempts;
    }
    pthread_mutex_unlock(&t->lock);
    if (attempts >= ATTEMPTS_MAX)
        finish(t, why, 0);
}

static void expire(struct transmitter *t)
{
    struct transmit_item *item;
    do {
        uint64_t id = 0;
        enum transmit_result why = TRANSMIT_EXPIRED;
        pthread_mutex_lock(&t->lock);
        item = queue_expired(&t->queue, clock_mono_ns());
        if (item) {
            id = item->request.id;
            why = item->hinders;
            queue_remove(&t->queue, item);
        }
        pthread_mutex_unlock(&t->lock);
        if (id)
            report(t, id, why, 0);
    } while (item);
}

/* Whoever waits for word of it is not left without until its time is over. */
static void tell_waiting(struct transmitter *t)
{
    struct transmit_item *item;
    do {
        struct transmit_report said = {.transmitter = t->setting.index, .waits = true};
        pthread_mutex_lock(&t->lock);
        item =
            queue_untold(&t->queue, clock_mono_ns() - TRANSMIT_WAITS_S * INT64_C(1000000000), &said.result);
        if (item) {
            said.id = item->request.id;
            item->told = true;
        }
        pthread_mutex_unlock(&t->lock);
        if (item)
            t->setting.done(t->setting.context, &said);
    } while (item);
}

/* Sleeps until something is put in, or so long. */
static void rest(struct transmitter *t, double length_s)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t ns = until.tv_nsec + (int64_t)(length_s * 1e9);
    until.tv_sec += ns / 1000000000;
    until.tv_nsec = ns % 1000000000;
    pthread_mutex_lock(&t->lock);
    t->figures.progress_mono_ns = clock_mono_ns();
    if (!t->stop)
        (void)pthread_cond_timedwait(&t->changed, &t->lock, &until);
    pthread_mutex_unlock(&t->lock);
}

static bool is_stopping(struct transmitter *t)
{
    pthread_mutex_lock(&t->lock);
    bool stop = t->stop;
    t->figures.progress_mono_ns = clock_mono_ns();
    t->figures.waiting = t->queue.count;
    pthread_mutex_unlock(&t->lock);
    return stop;
}

/* Persistence: with that probability in each slot. What keeps a clock's beat would meet the other site's. */
static bool draw(double probability)
{
    uint32_t random = 0;
    if (getrandom(&random, sizeof random, GRND_NONBLOCK) != sizeof random)
        return true;
    return (double)random / 4294967296.0 < probability;
}

static bool has_airtime(struct transmitter *t)
{
    int64_t length_ns = (int64_t)((double)t->waveform->count / t->waveform->rate_hz * 1e9);
    pthread_mutex_lock(&t->lock);
    bool allowed =
        airtime_allows(&t->airtime, clock_mono_ns(), length_ns, (int64_t)(t->settings.airtime_s * 1e9),
                       t->now.priority == TRANSMIT_DISTRESS);
    pthread_mutex_unlock(&t->lock);
    return allowed;
}

/* From here on nothing pushes it out. false: something has. */
static bool take_in_hand(struct transmitter *t)
{
    pthread_mutex_lock(&t->lock);
    struct transmit_item *item = queue_find(&t->queue, t->now.id);
    if (item)
        item->in_hand = true;
    pthread_mutex_unlock(&t->lock);
    return item != NULL;
}

enum access { ACCESS_GO, ACCESS_SLOT, ACCESS_BUSY };

/* An answer to a distress waits for whoever speaks, and for nothing else; when nobody can say whether
 * somebody speaks, it goes. */
static enum access judge_access(const struct transmitter *t)
{
    bool urgent = t->now.priority == TRANSMIT_DISTRESS;
    if (t->settings.carrier != CARRIER_NONE) {
        enum carriers_state state = carriers_look(t->setting.carriers, t->channel, clock_mono_ns());
        if (state == CARRIERS_BUSY || (state == CARRIERS_BLIND && !urgent))
            return ACCESS_BUSY;
    }
    return urgent || draw(t->settings.persistence) ? ACCESS_GO : ACCESS_SLOT;
}

/* One turn with what is next. Returns how long to wait before the next. */
static double turn(struct transmitter *t)
{
    int64_t began_ns = 0;
    if (!t->sound && !transmit_open_sound(t)) {
        hinder(t, TRANSMIT_DEVICE_LOST, false);
        return HINDERED_MS * 1e-3;
    }
    if (t->made_id != t->now.id) {
        t->made_id = 0;
        if (waveform_make(t->waveform, &t->now) != ATALAYA_OK) {
            finish(t, TRANSMIT_REFUSED, 0);
            return 0.0;
        }
        t->made_id = t->now.id;
    }
    if (!has_airtime(t)) {
        finish(t, TRANSMIT_AIRTIME, 0); /* an hour is longer than anything waits */
        return 0.0;
    }
    enum access access = judge_access(t);
    if (access != ACCESS_GO) {
        if (access == ACCESS_BUSY)
            hinder(t, TRANSMIT_CHANNEL_BUSY, false);
        return t->settings.slot_s;
    }
    if (!take_in_hand(t))
        return 0.0;
    enum transmit_result why = transmit_key_and_play(t, &began_ns);
    if (why == TRANSMIT_SENT) {
        finish(t, why, began_ns);
        return GAP_MS * 1e-3; /* who was spoken to answers now */
    }
    hinder(t, why, began_ns != 0);
    return HINDERED_MS * 1e-3;
}

/* Nothing to send: is all there? Saying again that the key is up shows whether its device still is. */
static void idle(struct transmitter *t)
{
    int64_t now_ns = clock_mono_ns();
    (void)transmit_open_sound(t);
    if (t->looked_ns != 0 && now_ns - t->looked_ns < LOOK_S * INT64_C(1000000000))
        return;
    t->looked_ns = now_ns;
    bool present = keeper_drop(t->keeper) == KEEPER_DROPPED;
    pthread_mutex_lock(&t->lock);
    t->figures.key_present = present;
    pthread_mutex_unlock(&t->lock);
}

static void *thread_main(void *context)
{
    struct transmitter *t = context;
    sigset_t all;
    if (sigfillset(&all) != 0 || pthread_sigmask(SIG_BLOCK, &all, NULL) != 0)
        log_error("transmitter %s: signals could not be blocked in its thread", t->settings.name);
    while (!is_stopping(t)) {
        expire(t);
        tell_waiting(t);
        double wait_s = SIGN_OF_LIFE_MS * 1e-3;
        if (take_turn(t))
            wait_s = turn(t);
        else
            idle(t);
        if (wait_s > 0.0)
            rest(t, wait_s);
    }
    return NULL;
}

static enum atalaya_result find_channel(struct transmitter *t)
{
    const struct config *config = t->setting.config;
    for (t->channel = 0; t->channel < config->channel_count; t->channel++)
        if (strcmp(config->channel[t->channel].name, t->settings.channel) == 0)
            return transmit_is_forbidden(config->channel[t->channel].frequency_hz) ? ATALAYA_E_DENIED
                                                                                   : ATALAYA_OK;
    return ATALAYA_E_ARGUMENT;
}

static enum atalaya_result make_lock(struct transmitter *t)
{
    pthread_condattr_t attributes;
    if (pthread_condattr_init(&attributes) != 0)
        return ATALAYA_E_MEMORY;
    bool made = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0 &&
                pthread_cond_init(&t->changed, &attributes) == 0;
    (void)pthread_condattr_destroy(&attributes);
    if (!made)
        return ATALAYA_E_MEMORY;
    if (pthread_mutex_init(&t->lock, NULL) == 0)
        return ATALAYA_OK;
    (void)pthread_cond_destroy(&t->changed);
    return ATALAYA_E_MEMORY;
}

enum atalaya_result transmitter_create(const struct transmitter_setting *setting,
                                       struct transmitter **transmitter)
{
    struct transmitter *t = calloc(1, sizeof *t);
    if (!t)
        return ATALAYA_E_MEMORY;
    t->setting = *setting;
    t->settings = setting->config->transmitter[setting->index];
    t->figures.progress_mono_ns = clock_mono_ns();
    enum atalaya_result result = find_channel(t);
    if (result == ATALAYA_OK)
        result = make_lock(t);
    if (result != ATALAYA_OK) {
        free(t);
        return result;
    }
    result = keeper_create(&t->settings, setting->program, &t->keeper);
    if (result == ATALAYA_OK)
        (void)transmit_open_sound(t); /* says itself when it is not there */
    if (result == ATALAYA_OK && pthread_create(&t->thread, NULL, thread_main, t) == 0)
        t->started = true;
    else if (result == ATALAYA_OK)
        result = ATALAYA_E_IO;
    if (result != ATALAYA_OK) {
        transmitter_destroy(t);
        return result;
    }
    *transmitter = t;
    return ATALAYA_OK;
}

void transmitter_figures(struct transmitter *t, struct transmitter_figures *figures)
{
    pthread_mutex_lock(&t->lock);
    *figures = t->figures;
    pthread_mutex_unlock(&t->lock);
}

void transmitter_destroy(struct transmitter *t)
{
    if (!t)
        return;
    pthread_mutex_lock(&t->lock);
    t->stop = true;
    pthread_cond_signal(&t->changed);
    pthread_mutex_unlock(&t->lock);
    if (t->started)
        (void)pthread_join(t->thread, NULL);
    keeper_destroy(t->keeper);
    while (t->queue.count > 0) {
        uint64_t id = t->queue.item[0].request.id;
        queue_remove(&t->queue, &t->queue.item[0]);
        report(t, id, TRANSMIT_EXPIRED, 0);
    }
    player_close(t->sound);
    waveform_destroy(t->waveform);
    (void)pthread_cond_destroy(&t->changed);
    (void)pthread_mutex_destroy(&t->lock);
    free(t);
}
