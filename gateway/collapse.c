/* SPDX-License-Identifier: Apache-2.0 */
#include "collapse.h"

#include <math.h>

void collapse_reset(struct collapse *collapse, receiver_sink *sink, void *context)
{
    collapse->waiting_count = 0;
    collapse->recent_next = 0;
    collapse->copies = 0;
    collapse->sink = sink;
    collapse->context = context;
    for (unsigned i = 0; i < COLLAPSE_RECENT_MAX; i++)
        collapse->recent[i] = (struct collapse_recent){0, -1.0, -2.0}; /* an interval that nothing overlaps */
}

static bool overlaps(double start_a, double end_a, double start_b, double end_b)
{
    return start_a < end_b && start_b < end_a;
}

/* Unrepaired beats repaired; then the clearer signal. */
static bool is_better(const struct reception *a, const struct reception *b)
{
    if (a->message.bits_corrected != b->message.bits_corrected)
        return a->message.bits_corrected < b->message.bits_corrected;
    return isfinite(a->snr_db) && (!isfinite(b->snr_db) || a->snr_db > b->snr_db);
}

void collapse_offer(struct collapse *collapse, const struct reception *reception)
{
    double start_s = reception->time_s, end_s = start_s + reception->duration_s;
    for (unsigned i = 0; i < COLLAPSE_RECENT_MAX; i++) {
        const struct collapse_recent *recent = &collapse->recent[i];
        if (recent->dedupe == reception->dedupe && overlaps(start_s, end_s, recent->start_s, recent->end_s)) {
            collapse->copies++;
            return;
        }
    }
    for (unsigned i = 0; i < collapse->waiting_count; i++) {
        struct reception *first = &collapse->waiting[i];
        if (first->dedupe != reception->dedupe ||
            !overlaps(start_s, end_s, first->time_s, first->time_s + first->duration_s))
            continue;
        unsigned copies = first->copies + 1;
        if (is_better(reception, first))
            *first = *reception;
        first->copies = copies;
        collapse->copies++;
        return;
    }
    if (collapse->waiting_count == COLLAPSE_WAITING_MAX)
        collapse_flush(collapse);
    collapse->waiting[collapse->waiting_count++] = *reception;
}

void collapse_flush(struct collapse *collapse)
{
    for (unsigned i = 0; i < collapse->waiting_count; i++) {
        const struct reception *reception = &collapse->waiting[i];
        collapse->recent[collapse->recent_next] = (struct collapse_recent){
            reception->dedupe, reception->time_s, reception->time_s + reception->duration_s};
        collapse->recent_next = (collapse->recent_next + 1) % COLLAPSE_RECENT_MAX;
        collapse->sink(collapse->context, reception);
    }
    collapse->waiting_count = 0;
}
