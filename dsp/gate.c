/* SPDX-License-Identifier: Apache-2.0 */
#include "gate.h"

#include <stdlib.h>
#include <string.h>

#include "clean.h"

enum atalaya_result gate_create(struct gate **gate, const struct gate_settings *settings, double rate_hz)
{
    size_t look_back = (size_t)(settings->look_back_s * rate_hz);
    size_t size = look_back + 2 * (size_t)GATE_CHUNK_MAX;
    struct gate *made = calloc(1, sizeof *made + size * sizeof made->ring[0]);
    if (!made)
        return ATALAYA_E_MEMORY;
    made->look_back = look_back;
    made->hold = (uint64_t)(settings->hold_s * rate_hz);
    made->size = size;
    line_watch_init(&made->watch, &settings->watch, rate_hz);
    *gate = made;
    return ATALAYA_OK;
}

void gate_reset(struct gate *gate)
{
    line_watch_reset(&gate->watch);
    gate->total = gate->next = gate->open_until = gate->handed = 0;
    gate->gap_count = 0;
}

void gate_destroy(struct gate *gate)
{
    free(gate);
}

static bool is_open(const struct gate *gate)
{
    return gate->next < gate->open_until;
}

void gate_push(struct gate *gate, const float *audio, unsigned count)
{
    float samples[GATE_CHUNK_MAX];
    size_t at = (size_t)(gate->total % gate->size), first = gate->size - at;
    first = first < count ? first : count;
    clean_samples(audio, samples, count);
    memcpy(gate->ring + at, samples, first * sizeof *samples);
    memcpy(gate->ring, samples + first, (count - first) * sizeof *samples);
    gate->total += count;
    enum line_watch_result result = line_watch_execute(&gate->watch, samples, count);
    if (result == LINE_WATCH_CLEAR || (result == LINE_WATCH_FAINT && is_open(gate)))
        gate->open_until = gate->total + gate->hold;
}

uint64_t gate_skip(struct gate *gate)
{
    if (is_open(gate) || gate->total - gate->next <= gate->look_back)
        return 0;
    uint64_t left_out = gate->total - gate->look_back - gate->next;
    gate->next += left_out;
    struct gate_gap *last = gate->gap_count ? &gate->gap[(gate->gap_count - 1) % GATE_GAPS] : NULL;
    if (!last || last->handed != gate->handed)
        last = &gate->gap[gate->gap_count++ % GATE_GAPS];
    *last = (struct gate_gap){gate->handed, gate->next};
    return left_out;
}

unsigned gate_take(struct gate *gate, const float **audio)
{
    uint64_t count = gate->total - gate->next;
    size_t at = (size_t)(gate->next % gate->size);
    if (!is_open(gate))
        return 0;
    count = count < GATE_CHUNK_MAX ? count : GATE_CHUNK_MAX;
    count = count < gate->size - at ? count : gate->size - at;
    *audio = gate->ring + at;
    gate->next += count;
    gate->handed += count;
    return (unsigned)count;
}

double gate_input_time(const struct gate *gate, double handed)
{
    for (unsigned i = gate->gap_count; i > 0 && gate->gap_count - i < GATE_GAPS; i--) {
        const struct gate_gap *gap = &gate->gap[(i - 1) % GATE_GAPS];
        if (handed >= (double)gap->handed)
            return handed - (double)gap->handed + (double)gap->before;
    }
    return handed;
}
