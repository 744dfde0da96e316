/* SPDX-License-Identifier: Apache-2.0 */
#include "collapse.h"

#include <math.h>
#include <string.h>

void collapse_reset(struct collapse *collapse, receiver_sink *sink, void *context)
{
    collapse->waiting_count = 0;
    collapse->recent_next = 0;
    collapse->copies = 0;
    collapse->sink = sink;
    collapse->context = context;
    for (unsigned i = 0; i < COLLAPSE_RECENT_MAX; i++)
        collapse->recent[i] = (struct collapse_recent){0, -1.0, -1.0}; /* nothing is a copy of it */
}

/* Where a hearing lies in time. One that could not be measured carries the end of its block: branches that
 * hear the same burst then say the same, or one block more. */
static struct collapse_recent span_of(const struct reception *reception)
{
    const double unmeasured_s = 0.1;
    bool measured = isfinite(reception->duration_s);
    double end_s = reception->time_s + (measured ? reception->duration_s : 0.0);
    return (struct collapse_recent){reception->dedupe, measured ? reception->time_s : end_s - unmeasured_s,
                                    end_s};
}

/* Copies of a burst cover it nearly whole. The same frame sent twice in a row shares a flag at most. */
static bool is_copy(const struct collapse_recent *a, const struct collapse_recent *b)
{
    double common_s = fmin(a->end_s, b->end_s) - fmax(a->start_s, b->start_s);
    double shorter_s = fmin(a->end_s - a->start_s, b->end_s - b->start_s);
    return a->dedupe == b->dedupe && common_s > 0.5 * shorter_s;
}

/* Known beats guessed, whole beats faulty, unrepaired beats repaired; then the clearer signal. */
static bool is_better(const struct reception *a, const struct reception *b)
{
    if (a->message.guessed != b->message.guessed)
        return b->message.guessed;
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
        collapse->recent[collapse->recent_next] = span;
        collapse->recent_next = (collapse->recent_next + 1) % COLLAPSE_RECENT_MAX;
        collapse->sink(collapse->context, reception);
    }
    collapse->waiting_count = kept;
}
