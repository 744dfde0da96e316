/* SPDX-License-Identifier: Apache-2.0 */
/* A stream of soft bits that a test of beacons fills, and what the protocol hears of it. */
#ifndef BEACON_STREAM_H
#define BEACON_STREAM_H

#include <stdlib.h>

#include "beacon_random.h"

enum { STREAM_MAX = 1024, HEARD_MAX = 4 };

static const struct protocol *protocol;
static void *stream;
static struct protocol_output output;
static struct message heard[HEARD_MAX]; /* the first of them */
static unsigned heard_count;
static int8_t soft[STREAM_MAX];

static inline void on_message(void *context, const struct message *message)
{
    (void)context;
    if (heard_count < HEARD_MAX)
        heard[heard_count] = *message;
    heard_count++;
}

static inline int stream_setup(void **state)
{
    (void)state;
    protocol = protocol_find("cospas_sarsat")->protocol;
    stream = malloc(protocol->state_size);
    return stream ? 0 : -1;
}

static inline int stream_teardown(void **state)
{
    (void)state;
    free(stream);
    return 0;
}

static inline void start(void)
{
    output = (struct protocol_output){.message = on_message};
    heard_count = 0;
    protocol->reset(stream);
}

/* Feeds count decisions in uneven pieces. */
static inline void feed(size_t count, unsigned branch, unsigned bit_rate)
{
    for (size_t at = 0, n = 1; at < count; n = n * 7 % 53 + 1) {
        size_t chunk = n < count - at ? n : count - at;
        const struct soft_run run = {
            .soft = soft + at, .count = chunk, .first_bit = at, .branch = branch, .bit_rate = bit_rate};
        protocol->execute(stream, &run, &output);
        at += chunk;
    }
}

#endif
