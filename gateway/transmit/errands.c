/* SPDX-License-Identifier: Apache-2.0 */
#include "transmit/errands.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/log.h"

enum { PAUSE_MOST_S = 60, NUMBERS = 99999 };

struct errand {
    uint64_t id; /* 0 = a free place */
    struct errand_order order;
    char number[8]; /* of a text of ours */
    bool asks;      /* the radio acknowledges it */
    bool under_way; /* with the transmitter, TNC or base radio */
    bool sent;
    unsigned attempts;
    bool muted; /* its owner has dropped it; the base radio still has it */
    int64_t sent_mono_ns, next_ns, until_ns;
    unsigned tnc_losses; /* before it was handed over */
    uint64_t keyed;      /* which keying of them all was its last */
};

/* What a base radio hands back: the places are the errands'. */
struct asked {
    struct errands *errands;
    uint64_t id;
};

struct errands {
    struct errands_setting setting;
    uint64_t next_id, next_number, keyings;
    struct errand errand[ERRANDS_MAX];
    struct transmit_request request; /* one at a time */
    struct asked asked[ERRANDS_MAX];
};

enum atalaya_result errands_create(const struct errands_setting *setting, struct errands **errands)
{
    struct errands *made = calloc(1, sizeof *made);
    if (!made)
        return ATALAYA_E_MEMORY;
    made->setting = *setting;
    made->next_id = 1;
    made->next_number = setting->number_seed;
    *errands = made;
    return ATALAYA_OK;
}

static void tell(struct errands *errands, const struct errand *errand, bool confirmed, bool final,
                 enum transmit_result result)
{
    const struct errand_news news = {
        .order = &errand->order,
        .queued = true,
        .sent = errand->sent,
        .confirmed = confirmed,
        .final = final,
        .waits = !final && !errand->sent,
        .result = result,
        .attempts = errand->attempts,
        .sent_mono_ns = errand->sent_mono_ns,
    };
    if (errands->setting.told && !errand->muted)
        errands->setting.told(errands->setting.context, &news);
}

/* The place is free before the owner is told, who may have more to say. */
static void end(struct errands *errands, struct errand *errand, bool confirmed, enum transmit_result result)
{
    const struct errand ended = *errand;
    errand->id = 0;
    tell(errands, &ended, confirmed, true, ended.sent ? TRANSMIT_SENT : result);
}

static int64_t pause_ns(const struct errand *errand)
{
    double pause_s = errand->order.repeat_s;
    for (unsigned i = 1; i < errand->attempts && pause_s < PAUSE_MOST_S; i++)
        pause_s *= 2.0;
    return (int64_t)((pause_s < PAUSE_MOST_S ? pause_s : PAUSE_MOST_S) * 1e9);
}

static void was_keyed(struct errands *errands, struct errand *errand, int64_t began_ns)
{
    bool first = !errand->sent;
    errand->sent = true;
    errand->attempts++;
    errand->keyed = ++errands->keyings;
    if (first)
        errand->sent_mono_ns = began_ns;
    if (!errand->asks) {
        end(errands, errand, false, TRANSMIT_SENT);
        return;
    }
    errand->next_ns = clock_mono_ns() + pause_ns(errand);
    if (first)
        tell(errands, errand, false, false, TRANSMIT_SENT);
}

static struct errand *find(struct errands *errands, uint64_t id)
{
    for (unsigned i = 0; id != 0 && i < ERRANDS_MAX; i++)
        if (errands->errand[i].id == id)
            return &errands->errand[i];
    return NULL;
}

void errands_report(struct errands *errands, const struct transmit_report *report)
{
    struct errand *errand = find(errands, report->id);
    if (!errand)
        return;
    if (report->waits) {
        if (!errand->sent)
            tell(errands, errand, false, false, report->result);
        return;
    }
    errand->under_way = false;
    if (report->result == TRANSMIT_SENT)
        was_keyed(errands, errand, report->began_mono_ns);
    else
        end(errands, errand, false, report->result);
}

/* A base radio keys by itself, and knows what its handhelds acknowledge. */
static void on_base_radio(void *context, enum base_radio_result result)
{
    const struct asked *asked = context;
    struct errands *errands = asked->errands;
    struct errand *errand = find(errands, asked->id);
    if (!errand)
        return;
    errand->under_way = false;
    errand->asks = result == BASE_RADIO_FAILED && !errand->muted; /* it has not heard it: once more */
    if (result == BASE_RADIO_GONE || result == BASE_RADIO_SILENT || result == BASE_RADIO_DISPLACED)
        end(errands, errand, false,
            result == BASE_RADIO_GONE     ? TRANSMIT_DEVICE_LOST
            : result == BASE_RADIO_SILENT ? TRANSMIT_EXPIRED
                                          : TRANSMIT_QUEUE_FULL);
    else if (result == BASE_RADIO_CARRIED_OUT) {
        errand->sent_mono_ns = errand->sent ? errand->sent_mono_ns : clock_mono_ns();
        errand->sent = true;
        errand->attempts++;
        end(errands, errand, true, TRANSMIT_SENT);
    } else
        was_keyed(errands, errand, clock_mono_ns());
}

static enum atalaya_result ask_base_radio(struct errands *errands, struct errand *errand)
{
    const struct errand_order *order = &errand->order;
    struct tnc *tnc = errands->setting.tncs[order->way.index];
    struct base_radio *radio = tnc ? tnc_base_radio(tnc) : NULL;
    size_t place = (size_t)(errand - errands->errand);
    if (!radio)
        return ATALAYA_E_GONE;
    if (!order->text[0])
        return ATALAYA_E_UNSUPPORTED;
    errands->asked[place] = (struct asked){errands, errand->id};
    return base_radio_text(radio, order->way.to, order->text, strlen(order->text),
                           order->priority == TRANSMIT_DISTRESS, on_base_radio, &errands->asked[place]);
}

/* What is said, as the message that says it: into errands->request. */
static enum atalaya_result compose(struct errands *errands, struct errand *errand)
{
    const struct errand_order *order = &errand->order;
    const struct protocol *protocol = order->way.row->protocol;
    struct message *message = &errands->request.message;
    const struct protocol_say say = {.what = order->what,
                                     .from = order->way.from,
                                     .to = order->way.to,
                                     .text = order->text,
                                     .number = order->number[0] ? order->number : errand->number};
    if (!protocol->say || !protocol->compose)
        return ATALAYA_E_UNSUPPORTED;
    message_reset(message, order->way.row->id, protocol->address_space);
    enum atalaya_result result = protocol->say(&say, message, &errand->asks);
    return result == ATALAYA_OK ? protocol->compose(message) : result;
}

static enum atalaya_result send(struct errands *errands, struct errand *errand)
{
    const struct way *way = &errand->order.way;
    struct transmit_request *request = &errands->request;
    if (way->kind == WAY_BASE_RADIO)
        return ask_base_radio(errands, errand);
    enum atalaya_result result = compose(errands, errand);
    if (result != ATALAYA_OK)
        return result;
    if (way->kind == WAY_TNC) {
        struct tnc *tnc = errands->setting.tncs[way->index];
        result = tnc ? tnc_send(tnc, way->port, request->message.raw, request->message.raw_length)
                     : ATALAYA_E_GONE;
        errand->next_ns = 0; /* the TNC keys when it can, and does not say when */
        errand->tnc_losses = tnc ? tnc_losses(tnc) : 0;
        return result;
    }
    struct transmitter *transmitter = errands->setting.transmitters[way->index];
    if (!transmitter)
        return ATALAYA_E_GONE;
    request->id = errand->id;
    request->priority = errand->order.priority;
    request->until_mono_ns = errand->until_ns;
    request->row = way->row;
    return transmitter_put(transmitter, request);
}

static void give_number(struct errands *errands, struct errand *errand)
{
    errand->number[0] = '\0';
    if (errand->order.number[0] || !errand->order.way.to[0])
        return;
    snprintf(errand->number, sizeof errand->number, "%" PRIu64, errands->next_number++ % NUMBERS + 1);
}

enum atalaya_result errands_start(struct errands *errands, const struct errand_order *order)
{
    struct errand *place = NULL;
    bool urgent = order->priority == TRANSMIT_DISTRESS;
    if (!urgent && errands_count(errands) >= ERRANDS_MAX - ERRANDS_FOR_DISTRESS)
        return ATALAYA_E_FULL;
    for (unsigned i = 0; i < ERRANDS_MAX && !place; i++)
        if (errands->errand[i].id == 0)
            place = &errands->errand[i];
    if (!place)
        return ATALAYA_E_FULL;
    *place = (struct errand){.id = errands->next_id++, .order = *order, .under_way = true};
    place->until_ns = clock_mono_ns() + (int64_t)(order->life_s * 1e9);
    give_number(errands, place);
    enum atalaya_result result = send(errands, place);
    if (result != ATALAYA_OK)
        place->id = 0;
    return result;
}

static bool is_number(const struct message *message, const char *field, const char *number)
{
    const char *text = message_text(message, field, NULL);
    return text && strcmp(text, number) == 0;
}

/* Does an acknowledgement that says what was asked say so of this one? */
static bool is_of_that(const struct errand *errand, const struct message *message)
{
    static const char call_alert[] = "call_alert_acknowledge", radio_check[] = "radio_check_acknowledge";
    const char *meaning = message_text(message, "meaning", NULL);
    bool says = meaning && (strcmp(meaning, call_alert) == 0 || strcmp(meaning, radio_check) == 0);
    return !says || strcmp(meaning, errand->order.what == SAY_CALL_ALERT    ? call_alert
                                    : errand->order.what == SAY_RADIO_CHECK ? radio_check
                                                                            : "") == 0;
}

/* A base radio says itself what it got. Else: from the radio that was told, and not to somebody else: it may
 * have others' texts to acknowledge, and their numbers are theirs. Who names nobody means whoever told it
 * last. */
static bool can_answer(const struct errand *errand, const struct message *message)
{
    const struct way *way = &errand->order.way;
    return errand->id != 0 && errand->sent && errand->asks && way->kind != WAY_BASE_RADIO &&
           strcmp(message->address_space, way->row->protocol->address_space) == 0 &&
           strcasecmp(message->unit, way->to) == 0 &&
           (!message->to[0] || strcasecmp(message->to, way->from) == 0) && is_of_that(errand, message);
}

static bool has_number(const struct message *message)
{
    return message_text(message, "ack_id", NULL) || message_text(message, "reject_id", NULL);
}

/* The one that it acknowledges; NULL = none. Some radios acknowledge a number; some only that they heard
 * something, which is what was keyed last, and that alone. */
static struct errand *find_acknowledged(struct errands *errands, const struct message *message,
                                        bool *rejected)
{
    bool acknowledges = message->kind == MESSAGE_ACKNOWLEDGE, numbered = has_number(message);
    struct errand *last = NULL;
    *rejected = false;
    for (unsigned i = 0; i < ERRANDS_MAX; i++) {
        struct errand *errand = &errands->errand[i];
        if (!can_answer(errand, message))
            continue;
        *rejected = acknowledges && is_number(message, "reject_id", errand->number);
        if (*rejected || is_number(message, "reply_ack", errand->number) ||
            (acknowledges && is_number(message, "ack_id", errand->number)))
            return errand;
        if (acknowledges && !numbered && (!last || errand->keyed > last->keyed))
            last = errand;
    }
    return last;
}

void errands_hear(struct errands *errands, const struct reception *reception)
{
    bool rejected;
    struct errand *errand = find_acknowledged(errands, &reception->message, &rejected);
    if (!errand)
        return;
    const struct way *way = &errand->order.way;
    if (errand->under_way && way->kind == WAY_TRANSMITTER && errands->setting.transmitters[way->index])
        transmitter_cancel(errands->setting.transmitters[way->index],
                           errand->id); /* it need not be said again */
    end(errands, errand, !rejected, TRANSMIT_SENT);
}

bool errands_has(const struct errands *errands, const char *subject)
{
    for (unsigned i = 0; i < ERRANDS_MAX; i++)
        if (errands->errand[i].id != 0 && !errands->errand[i].muted &&
            strcmp(errands->errand[i].order.subject, subject) == 0)
            return true;
    return false;
}

static void drop(struct errands *errands, struct errand *errand)
{
    const struct way *way = &errand->order.way;
    errand->muted = true;
    if (way->kind == WAY_BASE_RADIO && errand->under_way)
        return; /* it will call back there */
    if (way->kind == WAY_TRANSMITTER && errand->under_way && errands->setting.transmitters[way->index])
        transmitter_cancel(errands->setting.transmitters[way->index], errand->id);
    errand->id = 0;
}

static void drop_but(struct errands *errands, const char *subject, uint64_t id)
{
    for (unsigned i = 0; i < ERRANDS_MAX; i++) {
        struct errand *errand = &errands->errand[i];
        if (errand->id != 0 && errand->id != id && strcmp(errand->order.subject, subject) == 0)
            drop(errands, errand);
    }
}

void errands_drop(struct errands *errands, const char *subject)
{
    drop_but(errands, subject, 0);
}

enum atalaya_result errands_replace(struct errands *errands, const struct errand_order *order)
{
    uint64_t id = errands->next_id;
    enum atalaya_result result = errands_start(errands, order);
    if (result == ATALAYA_OK)
        drop_but(errands, order->subject, id);
    return result;
}

/* Keyed, as far as anybody can tell, when the TNC has it all. One whose port was lost meanwhile may have none
 * of it. */
static void look_after_tnc(struct errands *errands, struct errand *errand, int64_t now_ns)
{
    const struct tnc *tnc = errands->setting.tncs[errand->order.way.index];
    bool lost = !tnc || tnc_losses(tnc) != errand->tnc_losses;
    if (!lost && !tnc_is_flushed(tnc) && now_ns < errand->until_ns)
        return;
    errand->under_way = false;
    if (lost || !tnc_is_flushed(tnc))
        end(errands, errand, false, TRANSMIT_DEVICE_LOST);
    else
        was_keyed(errands, errand, now_ns);
}

static void tick(struct errands *errands, struct errand *errand, int64_t now_ns)
{
    if (errand->order.way.kind == WAY_TNC && errand->under_way) {
        look_after_tnc(errands, errand, now_ns);
        return;
    }
    if (errand->under_way || now_ns < errand->next_ns)
        return;
    if (errand->attempts > errand->order.repeats || now_ns >= errand->until_ns) {
        end(errands, errand, false, TRANSMIT_EXPIRED);
        return;
    }
    errand->under_way = true;
    if (send(errands, errand) != ATALAYA_OK)
        end(errands, errand, false, TRANSMIT_DEVICE_LOST);
}

void errands_tick(struct errands *errands, int64_t now_ns)
{
    for (unsigned i = 0; i < ERRANDS_MAX; i++)
        if (errands->errand[i].id != 0)
            tick(errands, &errands->errand[i], now_ns);
}

unsigned errands_count(const struct errands *errands)
{
    unsigned count = 0;
    for (unsigned i = 0; i < ERRANDS_MAX; i++)
        count += errands->errand[i].id != 0;
    return count;
}

void errands_destroy(struct errands *errands)
{
    free(errands);
}
