/* SPDX-License-Identifier: Apache-2.0 */
/* Key down, sound, key up. Whatever happens in between, the key goes up at once, and the keeper sees to it
 * that it does when this thread cannot. */
#include <math.h>
#include <poll.h>
#include <stdio.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/log.h"
#include "transmit/transmitter_private.h"

enum { TURN_MS = 10, AHEAD_MS = 150, STUCK_MS = 1000, NS_PER_MS = 1000000 };
static const int64_t second_ns = 1000000000;

bool transmit_open_sound(struct transmitter *t)
{
    int64_t now_ns = clock_mono_ns();
    if (t->sound || (t->sound_tried_ns != 0 && now_ns - t->sound_tried_ns < second_ns))
        return t->sound != NULL;
    t->sound_tried_ns = now_ns;
    bool opened = player_open(&t->settings, &t->sound, t->sound_why) == ATALAYA_OK;
    double rate_hz = opened ? player_rate_hz(t->sound) : 0.0;
    if (opened && (!t->waveform || fabs(t->waveform->rate_hz - rate_hz) > 0.5)) {
        waveform_destroy(t->waveform);
        t->waveform = NULL;
        t->made_id = 0;
        opened = waveform_create(&t->settings, rate_hz, &t->waveform) == ATALAYA_OK;
        if (!opened) {
            snprintf(t->sound_why, sizeof t->sound_why, "no waveform can be made at %.0f Hz", rate_hz);
            player_close(t->sound);
            t->sound = NULL;
        }
    }
    if (opened && t->sound_missed)
        log_notice("transmitter %s: its sound device is back", t->settings.name);
    if (!opened && !t->sound_missed)
        log_warning("transmitter %s: %s; trying again", t->settings.name, t->sound_why);
    t->sound_missed = !opened;
    pthread_mutex_lock(&t->lock);
    t->figures.sound_present = opened;
    snprintf(t->figures.sound_error, sizeof t->figures.sound_error, "%s", opened ? "" : t->sound_why);
    pthread_mutex_unlock(&t->lock);
    return opened;
}

static enum transmit_result lose_sound(struct transmitter *t)
{
    player_close(t->sound);
    t->sound = NULL;
    t->sound_missed = true;
    pthread_mutex_lock(&t->lock);
    t->figures.sound_present = false;
    snprintf(t->figures.sound_error, sizeof t->figures.sound_error, "its sound device is lost: %.200s",
             t->settings.device);
    pthread_mutex_unlock(&t->lock);
    log_warning("transmitter %s: its sound device %s is lost; trying again", t->settings.name,
                t->settings.device);
    return TRANSMIT_DEVICE_LOST;
}

static enum transmit_result meaning_of(enum keeper_answer answer)
{
    return answer == KEEPER_KEYED || answer == KEEPER_DROPPED ? TRANSMIT_SENT
           : answer == KEEPER_INHIBITED                       ? TRANSMIT_INHIBITED
                                                              : TRANSMIT_DEVICE_LOST;
}

static bool must_stop(struct transmitter *t)
{
    pthread_mutex_lock(&t->lock);
    bool stop = t->stop;
    t->figures.progress_mono_ns = clock_mono_ns();
    pthread_mutex_unlock(&t->lock);
    return stop;
}

/* No faster than it is heard, whatever the device swallows: a plug-in that writes a file takes all at once,
 * and what is in a buffer cannot be taken back when the key must go up. */
static enum transmit_result play(struct transmitter *t, int64_t *began_ns)
{
    const struct waveform *w = t->waveform;
    size_t at = 0, taken = 0;
    int64_t start_ns = clock_mono_ns(), moved_ns = start_ns, now_ns = start_ns;
    int64_t length_ns = (int64_t)((double)w->count / w->rate_hz * 1e9);
    while (at < w->count || now_ns - start_ns < length_ns || !player_is_done(t->sound)) {
        double due = ((double)(now_ns - start_ns) * 1e-9 + AHEAD_MS * 1e-3) * w->rate_hz;
        size_t want = due < (double)w->count ? (size_t)due : w->count;
        if (want > at && player_write(t->sound, w->samples + at, want - at, &taken) != ATALAYA_OK)
            return lose_sound(t);
        if (taken > 0 && *began_ns == 0)
            *began_ns = clock_mono_ns();
        if (taken > 0 || at == w->count)
            moved_ns = now_ns;
        at += taken;
        taken = 0;
        enum transmit_result kept = meaning_of(keeper_beat(t->keeper));
        if (kept != TRANSMIT_SENT)
            return kept;
        if (must_stop(t))
            return TRANSMIT_EXPIRED;
        (void)poll(NULL, 0, TURN_MS);
        now_ns = clock_mono_ns();
        if (at == w->count && now_ns - start_ns > length_ns + STUCK_MS * (int64_t)NS_PER_MS)
            break; /* a device that never says that it is done */
        if (at < w->count && now_ns - moved_ns > STUCK_MS * (int64_t)NS_PER_MS)
            return lose_sound(t);
    }
    return TRANSMIT_SENT;
}

enum transmit_result transmit_key_and_play(struct transmitter *t, int64_t *began_ns)
{
    *began_ns = 0;
    if (player_begin(t->sound) != ATALAYA_OK)
        return lose_sound(t);
    int64_t keyed_ns = clock_mono_ns();
    enum keeper_answer answer = keeper_key(t->keeper);
    if (answer != KEEPER_KEYED) {
        player_end(t->sound);
        pthread_mutex_lock(&t->lock);
        t->figures.key_present = answer == KEEPER_INHIBITED;
        pthread_mutex_unlock(&t->lock);
        return meaning_of(answer);
    }
    enum transmit_result result = play(t, began_ns);
    enum keeper_answer dropped = keeper_drop(t->keeper);
    if (result == TRANSMIT_SENT && dropped != KEEPER_DROPPED)
        result = TRANSMIT_DEVICE_LOST; /* who knows when it went */
    if (t->sound)
        player_end(t->sound);
    int64_t now_ns = clock_mono_ns();
    pthread_mutex_lock(&t->lock);
    airtime_add(&t->airtime, now_ns, now_ns - keyed_ns);
    t->figures.key_present = dropped == KEEPER_DROPPED;
    t->figures.forced += result != TRANSMIT_SENT;
    pthread_mutex_unlock(&t->lock);
    return result;
}
