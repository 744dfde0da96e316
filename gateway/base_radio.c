/* SPDX-License-Identifier: Apache-2.0 */
#include "atalaya/gateway/base_radio.h"

#include <stdlib.h>
#include <string.h>

#include "atalaya/gateway/log.h"
#include "atalaya/protocol/kenwood.h"

enum { STX = 0x02, ETX = 0x03, UNIT_MAX = 16 };

struct request {
    char unit[UNIT_MAX];
    bool poll;
    char order[KENWOOD_ORDER_MAX];
    size_t length;
    base_radio_done *done;
    void *context;
};

struct base_radio {
    struct request queue[BASE_RADIO_QUEUE_MAX]; /* the first is with the radio */
    unsigned waiting;
    bool lost; /* while those that wait are told of it: nothing more is taken */
    uint64_t answer_us;
    base_radio_write *write;
    void *context;
    sd_event_source *timer; /* runs while a request is with the radio */
    struct base_radio_figures figures;
};

const char *base_radio_result_text(enum base_radio_result result)
{
    static const char *const text[] = {"carried_out", "failed", "silent", "sent", "gone"};
    _Static_assert(sizeof text / sizeof *text == BASE_RADIO_RESULT_COUNT, "a word for each result");
    return (unsigned)result < BASE_RADIO_RESULT_COUNT ? text[result] : "unknown";
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
    if (sd_event_source_set_time_relative(radio->timer, radio->answer_us) < 0 ||
        sd_event_source_set_enabled(radio->timer, SD_EVENT_ONESHOT) < 0)
        return ATALAYA_E_IO;
    return ATALAYA_OK;
}

/* The first leaves the queue before its owner is told, who may ask for more. */
static void end_first(struct base_radio *radio, enum base_radio_result result)
{
    const struct request first = radio->queue[0];
    (void)sd_event_source_set_enabled(radio->timer, SD_EVENT_OFF);
    radio->waiting--;
    memmove(&radio->queue[0], &radio->queue[1], radio->waiting * sizeof first);
    radio->figures.ended[result]++;
    log_info("base radio: %s %s: %s", first.poll ? "position of" : "text to", first.unit,
             base_radio_result_text(result));
    if (first.done)
        first.done(first.context, result);
}

/* Ends the first, and sends what is first then. Bounded: those that cannot be sent end too. */
static void advance(struct base_radio *radio, enum base_radio_result result)
{
    unsigned before = radio->waiting;
    end_first(radio, result);
    if (before > 1 && radio->waiting > 0 && send(radio, &radio->queue[0]) != ATALAYA_OK)
        base_radio_lost(radio);
}

static int on_silence(sd_event_source *source, uint64_t now_us, void *context)
{
    struct base_radio *radio = context;
    (void)source;
    (void)now_us;
    if (radio->waiting > 0)
        advance(radio, kenwood_is_everybody(radio->queue[0].unit) ? BASE_RADIO_SENT : BASE_RADIO_SILENT);
    return 0;
}

static enum atalaya_result ask(struct base_radio *radio, const struct request *request)
{
    if (radio->lost)
        return ATALAYA_E_GONE;
    if (radio->waiting == BASE_RADIO_QUEUE_MAX)
        return ATALAYA_E_FULL;
    enum atalaya_result result = radio->waiting == 0 ? send(radio, request) : ATALAYA_OK;
    if (result == ATALAYA_OK)
        radio->queue[radio->waiting++] = *request;
    return result;
}

enum atalaya_result base_radio_text(struct base_radio *radio, const char *unit, const char *text,
                                    size_t length, base_radio_done *done, void *context)
{
    struct request request = {.done = done, .context = context};
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
    const struct request *first = radio->waiting > 0 ? &radio->queue[0] : NULL;
    if (length == 1 && (frame[0] == '0' || frame[0] == '1')) {
        if (first)
            advance(radio, frame[0] == '0' ? BASE_RADIO_CARRIED_OUT : BASE_RADIO_FAILED);
        else
            radio->figures.unasked++;
    } else if (first && first->poll && kenwood_is_place_of(first->unit, (const char *)frame, length)) {
        advance(radio, BASE_RADIO_CARRIED_OUT);
    }
}

void base_radio_lost(struct base_radio *radio)
{
    radio->lost = true;
    while (radio->waiting > 0)
        end_first(radio, BASE_RADIO_GONE);
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
