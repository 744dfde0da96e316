/* SPDX-License-Identifier: Apache-2.0 */
#include "rf_memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clean.h"
#include "iq_decimator.h"
#include "kaiser.h"

enum { TAPS_MAX = 385 /* 1.5 ms at 256 kHz */ };
#define STOP_DB  45.0F
#define MEMORY_S 0.1

static enum atalaya_result create_filter(struct rf_memory *memory, double rate_hz)
{
    float taps[TAPS_MAX], sum = 0.0F;
    double cutoff = fmin(0.5 * memory->width_hz / rate_hz, 0.45);
    kaiser_lowpass(taps, memory->taps, cutoff, STOP_DB);
    for (unsigned i = 0; i < memory->taps; i++)
        sum += taps[i];
    for (unsigned i = 0; i < memory->taps; i++)
        taps[i] /= sum;
    return iq_decimator_create(&memory->filter, taps, memory->taps, memory->decimation);
}

enum atalaya_result rf_memory_create(struct rf_memory *memory, double rate_hz,
                                     const struct rf_memory_filter *filter)
{
    *memory = (struct rf_memory){.width_hz = filter->width_hz,
                                 .decimation =
                                     rate_hz < filter->least_hz ? 1 : (unsigned)(rate_hz / filter->least_hz)};
    memory->rate_hz = rate_hz / memory->decimation;
    memory->taps = 2 * (unsigned)(0.5 * filter->length_s * rate_hz) + 1;
    size_t size = 1;
    while ((double)size < MEMORY_S * memory->rate_hz)
        size *= 2;
    memory->mask = size - 1;
    memory->raw = calloc(size * memory->decimation, sizeof *memory->raw);
    memory->ring = calloc(size, sizeof *memory->ring);
    enum atalaya_result result =
        memory->raw && memory->ring ? create_filter(memory, rate_hz) : ATALAYA_E_MEMORY;
    if (result != ATALAYA_OK)
        rf_memory_destroy(memory);
    return result;
}

void rf_memory_reset(struct rf_memory *memory)
{
    memory->inputs = memory->woken = memory->made = 0;
}

void rf_memory_destroy(struct rf_memory *memory)
{
    free(memory->raw);
    free(memory->ring);
    iq_decimator_destroy(memory->filter);
    *memory = (struct rf_memory){0};
}

void rf_memory_push(struct rf_memory *memory, const float complex *iq, size_t count)
{
    const size_t size = (memory->mask + 1) * memory->decimation;
    while (count > 0) {
        size_t at = memory->inputs % size, part = size - at < count ? size - at : count;
        clean_samples((const float *)iq, (float *)&memory->raw[at], 2 * part);
        memory->inputs += part;
        iq += part;
        count -= part;
    }
}

void rf_memory_need(struct rf_memory *memory, double from)
{
    const uint64_t newest = memory->inputs / memory->decimation;
    const uint64_t oldest = newest > memory->mask ? newest - memory->mask : 0;
    const uint64_t settle = memory->taps / memory->decimation + 1;
    uint64_t first = from > (double)settle ? (uint64_t)from - settle : 0;
    first = first > oldest ? first : oldest;
    if (first > memory->made || (double)memory->woken > fmax(from, 0.0) || memory->made < oldest) {
        iq_decimator_reset(memory->filter);
        memory->made = first;
        memory->woken = first + settle;
    }
    while (memory->made < newest) {
        const uint64_t at = memory->made & memory->mask, left = newest - memory->made;
        const uint64_t room = memory->mask + 1 - at, most = IQ_DECIMATOR_CHUNK_MAX / memory->decimation;
        uint64_t count = left < room ? left : room;
        count = count < most ? count : most;
        memcpy(iq_decimator_place(memory->filter), &memory->raw[at * memory->decimation],
               count * memory->decimation * sizeof *memory->raw);
        memory->made +=
            iq_decimator_execute(memory->filter, (unsigned)count * memory->decimation, &memory->ring[at]);
    }
}

void rf_memory_restart(struct rf_memory *memory, uint64_t inputs)
{
    memory->inputs = inputs - inputs % memory->decimation;
    memory->made = memory->woken = 0;
}

/* The filter gives a group of inputs when its last has come. */
double rf_memory_sample(const struct rf_memory *memory, double input)
{
    return (input + 1.0 + 0.5 * (memory->taps - 1)) / memory->decimation - 1.0;
}
