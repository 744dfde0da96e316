/* SPDX-License-Identifier: Apache-2.0 */
#include "collapse.h"

#include <math.h>
#include <string.h>

void collapse_reset(struct collapse *collapse, receiver_sink *sink, void *context)
{
    collapse->waiting_count = 0;
    collapse->recent_next = 0;
    collapse->copies = collapse->outdone = 0;
    collapse->sink = sink;
    collapse->context = context;
    for (unsigned i = 0; i < COLLAPSE_RECENT_MAX; i++)
        collapse->recent[i] =
            (struct collapse_recent){.start_s = -1.0, .end_s = -1.0}; /* nothing is a copy of it */
}

/* Where a hearing lies in time. One that could not be measured carries the end of its block: branches that
 * hear the same burst then say the same, or one block more. */
static struct collapse_recent span_of(const struct reception *reception)
{
    const double unmeasured_s = 0.1;
    bool measured = isfinite(reception->duration_s);
    double end_s = reception->time_s + (measured ? reception->duration_s : 0.0);
    struct collapse_recent span = {.dedupe = reception->dedupe,
                                   .start_s = measured ? reception->time_s : end_s - unmeasured_s,
                                   .end_s = end_s,
                                   .modem = reception->modem};
    memcpy(span.channel, reception->channel, sizeof span.channel);
    return span;
}

/* Copies of a burst cover it nearly whole. The same frame sent twice in a row shares a flag at most. */
static bool is_same_burst(const struct collapse_recent *a, const struct collapse_recent *b)
{
    double common_s = fmin(a->end_s, b->end_s) - fmax(a->start_s, b->start_s);
    double shorter_s = fmin(a->end_s - a->start_s, b->end_s - b->start_s);
    return common_s > 0.5 * shorter_s;
}

static bool is_copy(const struct collapse_recent *a, const struct collapse_recent *b)
{
    return a->dedupe == b->dedupe && is_same_burst(a, b);
}

/* Two readings of which one was not sent: two radios at once are not read by one modem. */
static bool excludes(const struct collapse_recent *a, const struct collapse_recent *b)
{
    return a->dedupe != b->dedupe && a->modem && b->modem && strcmp(a->modem, b->modem) == 0 &&
           strcmp(a->channel, b->channel) == 0 && is_same_burst(a, b);
}

/* Known beats guessed, likely doubtful, whole faulty, unrepaired repaired; then the clearer signal. */
static bool is_better(const struct reception *a, const struct reception *b)
{
    if (a->message.guessed != b->message.guessed)
        return b->message.guessed;
    if (a->message.doubt != b->message.doubt)
        return a->message.doubt < b->message.doubt;
    if (a->message.well_formed != b->message.well_formed)
        return a->message.well_formed;
    if (a->message.bits_corrected != b->message.bits_corrected)
        return a->message.bits_corrected < b->message.bits_corrected;
    return isfinite(a->snr_db) && (!isfinite(b->snr_db) || a->snr_db > b->snr_db);
}

/* It has gone on: its copies are only counted. */
static bool is_past(struct collapse *collapse, const struct collapse_recent *span)
{
    for (unsigned i = 0; i < COLLAPSE_RECENT_MAX; i++)
        if (is_copy(span, &collapse->recent[i])) {
            collapse->copies++;
            return true;
        }
    return false;
}

/* Another channel may have it clearer, which only measuring shows. */
bool collapse_knows(struct collapse *collapse, const struct reception *reception)
{
    const struct collapse_recent span = span_of(reception);
    if (is_past(collapse, &span))
        return true;
    for (unsigned i = 0; i < collapse->waiting_count; i++) {
        struct reception *first = &collapse->waiting[i];
        const struct collapse_recent waiting = span_of(first);
        bool fewer = reception->message.bits_corrected < first->message.bits_corrected;
        if (strcmp(first->channel, reception->channel) != 0 || !is_copy(&span, &waiting) || fewer ||
            first->message.guessed != reception->message.guessed)
            continue;
        if (reception->message.doubt < first->message.doubt)
            first->message.doubt = reception->message.doubt;
        first->copies++;
        collapse->copies++;
        return true;
    }
    return false;
}

void collapse_offer(struct collapse *collapse, const struct reception *reception)
{
    const struct collapse_recent span = span_of(reception);
    if (is_past(collapse, &span))
        return;
    for (unsigned i = 0; i < collapse->waiting_count; i++) {
        struct reception *first = &collapse->waiting[i];
        const struct collapse_recent waiting = span_of(first);
        if (!is_copy(&span, &waiting))
            continue;
        unsigned copies = first->copies + 1;
        if (is_better(reception, first))
            *first = *reception;
        first->copies = copies;
        collapse->copies++;
        return;
    }
    if (collapse->waiting_count == COLLAPSE_WAITING_MAX)
        collapse_flush(collapse, INFINITY);
    collapse->waiting[collapse->waiting_count++] = *reception;
}

/* What has gone on was the likelier, or came too early to be compared with. */
static bool is_outdone(const struct collapse *collapse, const struct reception *guess,
                       const struct collapse_recent *span)
{
    if (guess->message.doubt == 0)
        return false;
    for (unsigned i = 0; i < COLLAPSE_RECENT_MAX; i++)
        if (excludes(span, &collapse->recent[i]))
            return true;
    for (unsigned i = 0; i < collapse->waiting_count; i++) {
        const struct collapse_recent other = span_of(&collapse->waiting[i]);
        if (excludes(span, &other) && is_better(&collapse->waiting[i], guess))
            return true;
    }
    return false;
}

void collapse_flush(struct collapse *collapse, double now_s)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < collapse->waiting_count; i++) {
        const struct reception *reception = &collapse->waiting[i];
        const struct collapse_recent span = span_of(reception);
        if (reception->message.guessed && now_s - span.end_s < COLLAPSE_PATIENCE_MS * 1e-3) {
            if (kept++ != i)
                collapse->waiting[kept - 1] = *reception;
            continue;
        }
        if (is_outdone(collapse, reception, &span)) {
            collapse->outdone++;
            continue;
        }
        collapse->recent[collapse->recent_next] = span;
        collapse->recent_next = (collapse->recent_next + 1) % COLLAPSE_RECENT_MAX;
        collapse->sink(collapse->context, reception);
    }
    collapse->waiting_count = kept;
}
