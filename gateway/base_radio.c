/* SPDX-License-Identifier: Apache-2.0 */
#include "atalaya/gateway/base_radio.h"

#include <stdlib.h>
#include <string.h>

#include "atalaya/gateway/log.h"
#include "atalaya/protocol/kenwood.h"

enum { STX = 0x02, ETX = 0x03, UNIT_MAX = 16, LATE_US = 3000000 };

struct request {
    char unit[UNIT_MAX];
    bool poll, urgent;
    char order[KENWOOD_ORDER_MAX];
    size_t length;
    base_radio_done *done;
    void *context;
};

struct base_radio {
    struct request queue[BASE_RADIO_QUEUE_MAX]; /* the first is with the radio, unless `held` */
    unsigned waiting;
    bool held; /* the one before may still be answered: what comes is that */
    bool lost; /* while those that wait are told of it: nothing more is taken */
    uint64_t answer_us;
    base_radio_write *write;
    void *context;
    sd_event_source *timer; /* runs while a request is with the radio, or held */
    struct base_radio_figures figures;
};

const char *base_radio_result_text(enum base_radio_result result)
{
    static const char *const text[] = {"carried_out", "failed", "silent", "sent", "gone", "displaced"};
    _Static_assert(sizeof text / sizeof *text == BASE_RADIO_RESULT_COUNT, "a word for each result");
    return (unsigned)result < BASE_RADIO_RESULT_COUNT ? text[result] : "unknown";
}

static bool start_timer(struct base_radio *radio, uint64_t us)
{
    return sd_event_source_set_time_relative(radio->timer, us) >= 0 &&
           sd_event_source_set_enabled(radio->timer, SD_EVENT_ONESHOT) >= 0;
}

static enum atalaya_result send(struct base_radio *radio, const struct request *request)
{
    uint8_t frame[KENWOOD_ORDER_MAX + 2];
    frame[0] = STX;
    memcpy(frame + 1, request->order, request->length);
    frame[request->length + 1] = ETX;
    enum atalaya_result result = radio->write(radio->context, frame, request->length + 2);
    if (result != ATALAYA_OK)
        return result;
    return start_timer(radio, radio->answer_us) ? ATALAYA_OK : ATALAYA_E_IO;
}

static void end_at(struct base_radio *radio, unsigned place, enum base_radio_result result)
{
    const struct request ended = radio->queue[place];
    radio->waiting--;
    memmove(&radio->queue[place], &radio->queue[place + 1], (radio->waiting - place) * sizeof ended);
    radio->figures.ended[result]++;
    log_info("base radio: %s %s: %s", ended.poll ? "position of" : "text to", ended.unit,
             base_radio_result_text(result));
    if (ended.done)
        ended.done(ended.context, result);
}

/* The first leaves the queue before its owner is told, who may ask for more. */
static void end_first(struct base_radio *radio, enum base_radio_result result, bool late)
{
    (void)sd_event_source_set_enabled(radio->timer, SD_EVENT_OFF);
    radio->held = late && start_timer(radio, radio->answer_us < LATE_US ? radio->answer_us : LATE_US);
    end_at(radio, 0, result);
}

/* Ends the first, and sends what is first then. Bounded: those that cannot be sent end too. late: it may
 * still be answered. */
static void advance(struct base_radio *radio, enum base_radio_result result, bool late)
{
    unsigned before = radio->waiting;
    end_first(radio, result, late);
    if (!radio->held && before > 1 && radio->waiting > 0 && send(radio, &radio->queue[0]) != ATALAYA_OK)
        base_radio_lost(radio);
}

/* Nothing is owed any more. */
static void release(struct base_radio *radio)
{
    radio->held = false;
    (void)sd_event_source_set_enabled(radio->timer, SD_EVENT_OFF);
    if (radio->waiting > 0 && send(radio, &radio->queue[0]) != ATALAYA_OK)
        base_radio_lost(radio);
}

static int on_silence(sd_event_source *source, uint64_t now_us, void *context)
{
    struct base_radio *radio = context;
    (void)source;
    (void)now_us;
    if (radio->held)
        release(radio);
    else if (radio->waiting > 0)
        advance(radio, kenwood_is_everybody(radio->queue[0].unit) ? BASE_RADIO_SENT : BASE_RADIO_SILENT,
                true);
    return 0;
}

/* Behind what is with the radio, and behind what is as urgent. */
static unsigned place_for(const struct base_radio *radio, const struct request *request)
{
    unsigned place = radio->waiting;
    while (request->urgent && place > (radio->held ? 0U : 1U) && !radio->queue[place - 1].urgent)
        place--;
    return place;
}

/* The last that is less urgent gives way, unless it is with the radio. */
static bool make_room(struct base_radio *radio, const struct request *request)
{
    unsigned last = radio->waiting - 1;
    if (!request->urgent || radio->queue[last].urgent || last == 0)
        return false;
    end_at(radio, last, BASE_RADIO_DISPLACED);
    return radio->waiting < BASE_RADIO_QUEUE_MAX; /* its owner may have asked for more */
}

static enum atalaya_result ask(struct base_radio *radio, const struct request *request)
{
    if (radio->lost)
        return ATALAYA_E_GONE;
    if (radio->waiting == BASE_RADIO_QUEUE_MAX && !make_room(radio, request))
        return ATALAYA_E_FULL;
    enum atalaya_result result = radio->waiting == 0 && !radio->held ? send(radio, request) : ATALAYA_OK;
    if (result != ATALAYA_OK)
        return result;
    unsigned place = place_for(radio, request);
    memmove(&radio->queue[place + 1], &radio->queue[place], (radio->waiting - place) * sizeof *request);
    radio->queue[place] = *request;
    radio->waiting++;
    return ATALAYA_OK;
}

enum atalaya_result base_radio_text(struct base_radio *radio, const char *unit, const char *text,
                                    size_t length, bool urgent, base_radio_done *done, void *context)
{
    struct request request = {.urgent = urgent, .done = done, .context = context};
    request.length = kenwood_order_text(unit, text, length, request.order);
    if (request.length == 0 || strlen(unit) >= sizeof request.unit)
        return ATALAYA_E_ARGUMENT;
    strcpy(request.unit, unit);
    return ask(radio, &request);
}

enum atalaya_result base_radio_poll(struct base_radio *radio, const char *unit, base_radio_done *done,
                                    void *context)
{
    struct request request = {.poll = true, .done = done, .context = context};
    request.length = kenwood_order_poll(unit, request.order);
    if (request.length == 0 || strlen(unit) >= sizeof request.unit)
        return ATALAYA_E_ARGUMENT;
    strcpy(request.unit, unit);
    return ask(radio, &request);
}

void base_radio_hear(struct base_radio *radio, const uint8_t *frame, size_t length)
{
    const struct request *first = radio->waiting > 0 && !radio->held ? &radio->queue[0] : NULL;
    if (length == 1 && (frame[0] == '0' || frame[0] == '1')) {
        radio->figures.unasked += !first;
        if (radio->held)
            release(radio);
        else if (!first)
            return;
        else if (frame[0] == '1')
            advance(radio, BASE_RADIO_FAILED, false);
        else /* of all of them the radio knows only that it has said it */
            advance(radio, kenwood_is_everybody(first->unit) ? BASE_RADIO_SENT : BASE_RADIO_CARRIED_OUT,
                    false);
    } else if (first && first->poll && kenwood_is_place_of(first->unit, (const char *)frame, length)) {
        advance(radio, BASE_RADIO_CARRIED_OUT, true); /* some radios say that they have, afterwards */
    }
}

void base_radio_lost(struct base_radio *radio)
{
    radio->lost = true;
    radio->held = false;
    (void)sd_event_source_set_enabled(radio->timer, SD_EVENT_OFF);
    while (radio->waiting > 0)
        end_first(radio, BASE_RADIO_GONE, false);
    radio->lost = false;
}

void base_radio_figures(const struct base_radio *radio, struct base_radio_figures *figures)
{
    *figures = radio->figures;
    figures->waiting = radio->waiting;
}

enum atalaya_result base_radio_create(sd_event *event, double answer_s, base_radio_write *write,
                                      void *context, struct base_radio **out)
{
    *out = NULL;
    if (!(answer_s > 0.0 && answer_s < 1e6))
        return ATALAYA_E_ARGUMENT;
    struct base_radio *radio = calloc(1, sizeof *radio);
    if (radio == NULL)
        return ATALAYA_E_MEMORY;
    radio->answer_us = (uint64_t)(answer_s * 1e6);
    radio->write = write;
    radio->context = context;
    if (sd_event_add_time_relative(event, &radio->timer, CLOCK_MONOTONIC, radio->answer_us, 0, on_silence,
                                   radio) < 0 ||
        sd_event_source_set_enabled(radio->timer, SD_EVENT_OFF) < 0) {
        base_radio_destroy(radio);
        return ATALAYA_E_IO;
    }
    *out = radio;
    return ATALAYA_OK;
}

void base_radio_destroy(struct base_radio *radio)
{
    if (radio == NULL)
        return;
    base_radio_lost(radio);
    radio->timer = sd_event_source_disable_unref(radio->timer);
    free(radio);
}
