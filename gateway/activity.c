/* SPDX-License-Identifier: Apache-2.0 */
#include "activity.h"

#include <math.h>
#include <string.h>

/* Where a channel chatters, dispatchers shall not: so many tellings at once, one more every few seconds. What
 * was told to begin is told to end, whatever it costs. */
static const double credit_most = 12.0, credit_each_s = 5.0;
static const double apart_s = 0.05;         /* squelch and decoder differ by so much about the same burst */
static const float no_carrier_db = -100.0F; /* what the squelch took for one was noise that rose */

void activity_reset(struct activity_tracker *t, const char *source, const char *channel, double frequency_hz,
                    activity_sink *sink, void *context)
{
    memset(t, 0, sizeof *t);
    t->sink = sink;
    t->context = context;
    t->credit = credit_most;
    memcpy(t->now.source, source, strnlen(source, sizeof t->now.source - 1));
    memcpy(t->now.channel, channel, strnlen(channel, sizeof t->now.channel - 1));
    t->now.frequency_hz = frequency_hz;
}

static bool may_tell(struct activity_tracker *t, double now_s)
{
    t->credit = fmin(t->credit + fmax(now_s - t->credit_s, 0.0) / credit_each_s, credit_most);
    t->credit_s = now_s;
    if (t->credit < 1.0)
        return false;
    t->credit -= 1.0;
    return true;
}

static void tell(struct activity_tracker *t, enum activity_state state, double end_s)
{
    t->now.state = state;
    t->now.duration_s = fmax(end_s - t->now.start_s, 0.0);
    t->sink(t->context, &t->now);
    t->now.untold = 0;
}

static void begin(struct activity_tracker *t, double start_s, int64_t start_mono_ns)
{
    struct activity *now = &t->now;
    now->number++;
    now->start_s = start_s;
    now->start_mono_ns = start_mono_ns;
    now->level_dbfs = now->floor_dbfs = now->snr_db = now->offset_hz = NAN;
    now->bursts = now->unit_count = 0;
    now->squelch_signal[0] = '\0';
    now->suspect = false;
    t->told = false;
    t->phase = ACTIVITY_OPEN;
}

/* A settled transmission is over for good. */
static void end(struct activity_tracker *t)
{
    bool click = t->end_s - t->now.start_s < ACTIVITY_CLICK_S && t->now.bursts == 0;
    t->phase = ACTIVITY_QUIET;
    if (click && !t->told)
        t->now.number--;
    else if (t->told || may_tell(t, t->end_s))
        tell(t, ACTIVITY_ENDED, t->end_s);
    else
        t->now.untold++;
}

void activity_hear_squelch(struct activity_tracker *t, const struct activity_squelch *event)
{
    struct activity *now = &t->now;
    if (event->open) {
        if (t->phase != ACTIVITY_QUIET)
            end(t);
        begin(t, event->start_s, event->start_mono_ns);
    } else if (t->phase == ACTIVITY_OPEN) {
        t->phase = ACTIVITY_SETTLING;
        t->end_s = event->end_s;
    }
    now->floor_dbfs = event->floor_dbfs;
    bool carrier = !(event->snr_db < no_carrier_db);
    now->level_dbfs = carrier ? event->level_dbfs : NAN;
    now->snr_db = carrier ? event->snr_db : NAN;
    now->offset_hz = carrier ? event->offset_hz : NAN;
}

static void add_unit(struct activity *now, const struct message *message)
{
    if (message->unit[0] == '\0' || message->guessed || now->unit_count == ACTIVITY_UNITS_MAX)
        return;
    for (unsigned i = 0; i < now->unit_count; i++)
        if (strcmp(now->units[i].id, message->unit) == 0 &&
            strcmp(now->units[i].address_space, message->address_space) == 0)
            return;
    struct activity_unit *unit = &now->units[now->unit_count++];
    unit->address_space = message->address_space;
    memcpy(unit->id, message->unit, sizeof unit->id);
}

void activity_hear_burst(struct activity_tracker *t, const struct reception *heard)
{
    struct squelch squelch;
    double length_s = isfinite(heard->duration_s) ? heard->duration_s : 0.0;
    double end_s = heard->time_s + length_s;
    bool inside = t->phase != ACTIVITY_QUIET && end_s > t->now.start_s - apart_s &&
                  (t->phase == ACTIVITY_OPEN || heard->time_s < t->end_s + apart_s);
    if (squelch_read(&heard->message, &squelch)) {
        if (inside && squelch.present)
            memcpy(t->now.squelch_signal, squelch.name, sizeof squelch.name);
        return;
    }
    if (!inside) {
        if (t->phase == ACTIVITY_OPEN || (t->phase == ACTIVITY_SETTLING && heard->time_s < t->now.start_s))
            return; /* of an earlier one, told already */
        if (t->phase == ACTIVITY_SETTLING)
            end(t);
        begin(t, heard->time_s, heard->mono_ns);
        t->phase = ACTIVITY_SETTLING;
        t->end_s = end_s;
        t->now.level_dbfs = heard->rssi_dbfs;
        t->now.snr_db = heard->snr_db;
        t->now.offset_hz = heard->offset_hz;
    }
    t->now.bursts++;
    t->now.suspect = t->now.suspect || message_flag(&heard->message, MESSAGE_SUSPECT);
    add_unit(&t->now, &heard->message);
}

void activity_tick(struct activity_tracker *t, double now_s)
{
    if (t->phase == ACTIVITY_SETTLING && now_s >= t->end_s + ACTIVITY_SETTLE_S)
        end(t);
    if (t->phase != ACTIVITY_OPEN)
        return;
    if (!t->told && now_s >= t->now.start_s + ACTIVITY_BEGAN_S) {
        if (!may_tell(t, now_s))
            return;
        t->told = true;
        t->told_s = now_s;
        tell(t, ACTIVITY_BEGAN, now_s);
    } else if (t->told && now_s >= t->told_s + ACTIVITY_GOES_ON_S) {
        t->told_s = now_s;
        tell(t, ACTIVITY_GOES_ON, now_s);
    }
}

void activity_finish(struct activity_tracker *t, double now_s)
{
    if (t->phase == ACTIVITY_OPEN)
        t->end_s = now_s;
    if (t->phase != ACTIVITY_QUIET)
        end(t);
}
