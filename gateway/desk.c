/* SPDX-License-Identifier: Apache-2.0 */
#include "desk_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/log.h"
#include "distress_details.h"
#include "utf8.h"

/* The moment of a hearing on the incident's own wall clock: a site that boots without time and then learns it
 * must not make two incidents of one call. */
static int64_t own_utc_ns(const struct incident *incident, int64_t mono_ns)
{
    return incident->distress.last_heard_utc_ns + (mono_ns - incident->heard_mono_ns);
}

static const char *spoken_text(const struct message *message)
{
    const char *const names[] = {"text", "status", "comment", "beacon"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *text = message_text(message, names[i], NULL);
        if (text && text[0])
            return text;
    }
    return "";
}

/* Its unit, or its radio: the registry may have named it otherwise since, or know it no more. */
static bool is_of(const struct distress *distress, const char *unit, const char *radio)
{
    return strcmp(distress->unit, unit) == 0 || strcmp(distress->radio, radio) == 0;
}

static void write_radio(const struct message *message, char radio[CONFIG_TEXT_MAX])
{
    snprintf(radio, CONFIG_TEXT_MAX, "%s.%s", message->address_space, message->unit);
}

/* What the call says: the radio's own emergency, whatever text goes with it, or the words that somebody
 * wrote. */
static uint32_t saying_of(const struct desk_call *call)
{
    const char *text = spoken_text(&call->reception->message);
    uint32_t hash = UINT32_C(0x811c9dc5); /* FNV-1a */
    if (call->reception->message.distress != DISTRESS_NONE)
        return 0;
    for (text = text[0] ? text : call->verdict->reason; *text; text++)
        hash = (hash ^ (unsigned char)*text) * UINT32_C(0x01000193);
    return hash;
}

static bool has_said(const struct incident *incident, uint32_t saying)
{
    bool said = incident->said_count == 0; /* of an older version: not known */
    for (unsigned i = 0; i < incident->said_count && !said; i++)
        said = incident->said[i] == saying;
    return said;
}

static void note_saying(struct incident *incident, const struct desk_call *call)
{
    uint32_t saying = saying_of(call);
    if (call->verdict->distress != DISTRESS_RAISED ||
        (incident->said_count > 0 && has_said(incident, saying)))
        return;
    if (incident->said_count == DESK_SAID_MAX)
        memmove(incident->said, incident->said + 1, (--incident->said_count) * sizeof *incident->said);
    incident->said[incident->said_count++] = saying;
}

/* Closed by a person, and this is no repeat of what was closed: something else has happened to them. */
static bool is_another_call(const struct incident *incident, const struct desk_call *call)
{
    enum distress_state state = incident->distress.state;
    return distress_state_is_closed(state) && state != DISTRESS_STATE_CANCELLED &&
           !has_said(incident, saying_of(call));
}

/* An open incident takes the hearing before a closed one does. */
static struct incident *find_joining(struct desk *desk, const struct desk_call *call)
{
    struct incident *closed = NULL;
    char radio[CONFIG_TEXT_MAX];
    write_radio(&call->reception->message, radio);
    for (unsigned i = 0; i < desk->count; i++) {
        struct incident *incident = &desk->incident[i];
        int64_t utc_ns = own_utc_ns(incident, call->reception->mono_ns);
        if (!is_of(&incident->distress, call->who->name, radio) ||
            !distress_joins(&incident->distress, incident->distress.unit, call->verdict->test, utc_ns,
                            &desk->setting.windows) ||
            is_another_call(incident, call))
            continue;
        if (!distress_state_is_closed(incident->distress.state))
            return incident;
        closed = incident;
    }
    return closed;
}

/* Place for one more. When the desk is full, what matters least goes: closed, then tests, then the oldest.
 * NULL: everything here matters more than a test. */
static struct incident *make_room(struct desk *desk, bool test)
{
    if (desk->count < DISTRESS_OPEN_MAX)
        return &desk->incident[desk->count++];
    struct incident *least = NULL;
    int64_t least_worth = INT64_MAX;
    for (unsigned i = 0; i < desk->count; i++) {
        const struct distress *distress = &desk->incident[i].distress;
        int64_t worth = distress->last_heard_utc_ns / 4;
        if (!distress_state_is_closed(distress->state))
            worth += distress->test ? INT64_MAX / 4 : INT64_MAX / 2;
        if (worth < least_worth) {
            least = &desk->incident[i];
            least_worth = worth;
        }
    }
    if (test && !least->distress.test && !distress_state_is_closed(least->distress.state))
        return NULL;
    log_error("more than %d incidents: %s of %s is no longer followed", DISTRESS_OPEN_MAX, least->distress.id,
              least->distress.unit);
    struct distress_step step = desk_step_now(desk, least->distress.state, desk->setting.maker->site_id, "");
    desk_write_audit(desk, &least->distress, &step, "given up", "too many incidents at once");
    desk_forget(desk, &least->distress);
    return least;
}

static void note_signal(struct distress *distress, const struct reception *reception)
{
    memcpy(distress->channel, reception->channel, sizeof distress->channel);
    memcpy(distress->source, reception->source, sizeof distress->source);
    distress->frequency_hz = reception->frequency_hz;
    distress->rssi_dbfs = (double)reception->rssi_dbfs;
    distress->snr_db = (double)reception->snr_db;
    distress->dedupe = reception->dedupe;
}

static void note_hearing(struct incident *incident, const struct desk_call *call)
{
    note_signal(&incident->distress, call->reception);
    bool slides = incident->distress.state != DISTRESS_STATE_CANCELLED;
    note_saying(incident, call);
    distress_hear(&incident->distress, call->utc_ns);
    if (slides)
        incident->heard_mono_ns = call->reception->mono_ns;
}

static void raise_incident(struct desk *desk, const struct desk_call *call)
{
    const struct message *message = &call->reception->message;
    struct incident *incident = make_room(desk, call->verdict->test);
    if (!incident) {
        log_error("more than %d incidents: the test call of %s is not followed", DISTRESS_OPEN_MAX,
                  call->who->name);
        return;
    }
    struct distress *distress = &incident->distress;
    memset(incident, 0, sizeof *incident);
    note_hearing(incident, call);
    snprintf(distress->id, sizeof distress->id, "%s-%" PRIu64 "-%" PRIu64, desk->setting.maker->site_id,
             desk->setting.maker->boot, desk->setting.maker->seq + 1);
    snprintf(distress->unit, sizeof distress->unit, "%s", call->who->name);
    snprintf(distress->crew, sizeof distress->crew, "%s", call->who->crew);
    write_radio(message, distress->radio);
    snprintf(distress->protocol, sizeof distress->protocol, "%s", message->protocol);
    snprintf(distress->reason, sizeof distress->reason, "%s", call->verdict->reason);
    utf8_copy(distress->text, sizeof distress->text, spoken_text(message));
    distress->unit_known = call->who->known;
    distress->test = call->verdict->test;
    distress->raised_utc_ns = distress->last_heard_utc_ns = call->utc_ns;
    distress_name_incident(distress);
    if (call->where || call->last_known)
        distress_place(distress, call->where ? call->where : call->last_known, !call->where);
    distress_details_note(distress, call->reception, desk->setting.maker->site_id);
    struct distress_step step =
        desk_step_now(desk, DISTRESS_STATE_RAISED, call->who->name, call->reception->channel);
    escalation_begin(&incident->escalation, desk->setting.config, distress, clock_mono_ns());
    (void)distress_advance(distress, &step); /* the first step is always legal */
    desk_raise(desk, incident);
    log_warning("%s %s raised by %s (%s)", distress->test ? "TEST distress" : "DISTRESS", distress->id,
                distress->unit, distress->reason);
}

static void take_back(struct desk *desk, struct distress *distress, const struct desk_call *call)
{
    struct distress_step step =
        desk_step_now(desk, DISTRESS_STATE_CANCELLED, call->who->name, call->reception->channel);
    bool taken_on = distress->state >= DISTRESS_STATE_ACKNOWLEDGED;
    if (desk_advance(desk, distress, &step,
                     taken_on ? "noted: it stays open until a person clears it" : NULL) ==
        DISTRESS_STEP_MOVED)
        log_warning("distress %s cancelled by %s", distress->id, distress->unit);
    else
        log_warning(
            "distress %s: %s takes it back, but a person has taken it on: it stays open until a centre "
            "clears it",
            distress->id, distress->unit);
}

/* A crew has several radios, and calls with whatever works. */
static void note_caller(struct distress *distress, const struct message *message)
{
    char radio[CONFIG_TEXT_MAX];
    write_radio(message, radio);
    distress->other_called_last = strcmp(radio, distress->radio) != 0;
    if (distress->other_called_last)
        memcpy(distress->other_radio, radio, sizeof radio);
}

static void repeat_incident(struct desk *desk, struct incident *incident, const struct desk_call *call)
{
    struct distress *distress = &incident->distress;
    note_hearing(incident, call);
    if (distress_state_is_closed(distress->state)) {
        log_notice("%s repeats the call of distress %s, which is %s", distress->unit, distress->id,
                   distress_state_text(distress->state));
        desk_keep(desk, incident);
        return;
    }
    if (call->where)
        distress_place(distress, call->where, false);
    const char *text = spoken_text(&call->reception->message);
    if (text[0])
        utf8_copy(distress->text, sizeof distress->text, text);
    if (call->verdict->distress == DISTRESS_CANCELLED) {
        take_back(desk, distress, call);
    } else {
        distress_details_note(distress, call->reception, desk->setting.maker->site_id);
        distress->cancel_heard = false;
        note_caller(distress, &call->reception->message);
    }
    desk_store(desk, incident);
}

/* Whoever takes a call back takes back all that is open, however long ago it was heard last. */
static bool cancel_incidents(struct desk *desk, const struct desk_call *call)
{
    bool any = false;
    char radio[CONFIG_TEXT_MAX];
    write_radio(&call->reception->message, radio);
    for (unsigned i = 0; i < desk->count; i++) {
        const struct distress *distress = &desk->incident[i].distress;
        if (distress_state_is_closed(distress->state) || distress->test != call->verdict->test ||
            !is_of(distress, call->who->name, radio))
            continue;
        repeat_incident(desk, &desk->incident[i], call);
        any = true;
    }
    if (!any) /* anybody's button: who is not in the registry is not named */
        log_notice("%s cancels a distress that is not open here",
                   call->who->known ? call->who->name : "a radio that is not in the registry");
    return any;
}

bool desk_hear(struct desk *desk, const struct desk_call *call)
{
    if (call->verdict->distress == DISTRESS_CANCELLED)
        return cancel_incidents(desk, call);
    struct incident *incident = find_joining(desk, call);
    if (incident)
        repeat_incident(desk, incident, call);
    else
        raise_incident(desk, call);
    return true;
}

/* Is its window still running, seen from now? */
static bool is_recent(const struct desk *desk, const struct incident *incident)
{
    return distress_is_recent(&incident->distress, own_utc_ns(incident, clock_mono_ns()),
                              &desk->setting.windows);
}

void desk_position(struct desk *desk, const char *unit, const char *radio, const struct whereabout *where)
{
    for (unsigned i = 0; i < desk->count; i++) {
        struct distress *distress = &desk->incident[i].distress;
        bool live = !distress_state_is_closed(distress->state) && is_of(distress, unit, radio);
        if (!live) /* open is open: it learns where its unit is for as long as it takes */
            continue;
        distress_place(distress, where, false);
        desk_store(desk, &desk->incident[i]);
    }
}

/* Its place; desk->count = none. */
static unsigned find_place(const struct desk *desk, const char *id)
{
    unsigned i = 0;
    while (i < desk->count && strcmp(desk->incident[i].distress.id, id) != 0)
        i++;
    return i;
}

const struct distress *desk_find(const struct desk *desk, const char *id)
{
    unsigned place = find_place(desk, id);
    return place < desk->count ? &desk->incident[place].distress : NULL;
}

enum distress_outcome desk_step(struct desk *desk, const struct desk_order *order,
                                const struct distress **distress)
{
    unsigned place = find_place(desk, order->distress);
    struct incident *incident = &desk->incident[place];
    *distress = NULL;
    if (place == desk->count)
        return DISTRESS_STEP_REFUSED;
    *distress = &incident->distress;
    enum distress_state state = distress_closing(incident->distress.test, order->state);
    struct distress_step step = desk_step_now(desk, state, order->by, order->through);
    enum distress_outcome outcome = desk_advance(desk, &incident->distress, &step, order->detail);
    if (outcome < DISTRESS_STEP_NOTED)
        return outcome;
    desk_store(desk, incident);
    log_notice("distress %s of %s: %s by %s", incident->distress.id, incident->distress.unit,
               distress_state_text(state), order->by);
    return outcome;
}

/* Longer than a broker goes without writing down what it retains: see desk_connected. */
static const double keep_closed_s = 3600.0;

void desk_tidy(struct desk *desk)
{
    int64_t now_ns = clock_mono_ns();
    for (unsigned i = 0; i < desk->count;) {
        struct distress *distress = &desk->incident[i].distress;
        bool old = (double)(now_ns - desk->incident[i].stored_ns) * 1e-9 > keep_closed_s;
        bool over = distress_state_is_closed(distress->state) && !is_recent(desk, &desk->incident[i]) &&
                    !desk->incident[i].unsent && old;
        if (!over) {
            i++;
            continue;
        }
        desk_forget(desk, distress);
        desk->incident[i] = desk->incident[--desk->count];
    }
}
