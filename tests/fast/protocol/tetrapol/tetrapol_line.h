/* SPDX-License-Identifier: Apache-2.0 */
/* A line of TETRAPOL bits with the errors that a test wants, and what the row makes of it. */
#ifndef TETRAPOL_LINE_H
#define TETRAPOL_LINE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/protocol/protocol.h"

enum { LINE_MAX_BITS = PROTOCOL_LINE_BITS_MAX, HEARD_MAX = 16 };

static uint8_t line_bits[LINE_MAX_BITS];
static int8_t line_soft[LINE_MAX_BITS];
static size_t line_count, line_silence; /* bits; of noise after the line */
static struct message line_sent, heard[HEARD_MAX];
static unsigned heard_count;
static uint64_t line_seed = 7;

static inline uint32_t random_next(void)
{
    line_seed = line_seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
    return (uint32_t)(line_seed >> 33);
}

static inline void on_message(void *context, const struct message *message)
{
    (void)context;
    assert_true(heard_count < HEARD_MAX);
    heard[heard_count++] = *message;
}

static inline void message_new(const char *event, const char *unit, const char *band, unsigned scr)
{
    message_reset(&line_sent, "tetrapol", "tetrapol");
    assert_int_equal(message_add_string(&line_sent, "event", event), ATALAYA_OK);
    assert_int_equal(message_add_string(&line_sent, "band", band), ATALAYA_OK);
    assert_int_equal(message_add_integer(&line_sent, "scr", scr), ATALAYA_OK);
    snprintf(line_sent.unit, sizeof line_sent.unit, "%s", unit);
}

static inline void line_transmit(void)
{
    const struct protocol_transmit how = {.preamble_bits = 100};
    line_count = protocol_find("tetrapol")->protocol->transmit(&line_sent, &how, line_bits, LINE_MAX_BITS);
    assert_true(line_count > 0);
    for (size_t i = 0; i < line_count; i++)
        line_soft[i] = line_bits[i] ? 100 : -100;
}

/* The line as the row hears it, in pieces. */
static inline struct protocol_counts line_hear(void)
{
    const struct protocol *protocol = protocol_find("tetrapol")->protocol;
    struct protocol_output output = {.message = on_message};
    void *state = malloc(protocol->state_size);
    assert_non_null(state);
    protocol->reset(state);
    heard_count = 0;
    for (size_t at = 0; at < line_count; at += 61) {
        const struct soft_run run = {
            .soft = line_soft + at, .count = line_count - at < 61 ? line_count - at : 61, .first_bit = at};
        protocol->execute(state, &run, &output);
    }
    for (size_t at = line_count; at < line_count + line_silence; at++) {
        const int8_t noise = (int8_t)(random_next() % 61 - 30);
        const struct soft_run run = {.soft = &noise, .count = 1, .first_bit = at};
        protocol->execute(state, &run, &output);
    }
    free(state);
    return output.counts;
}

/* The n-th message whose event is this; it must be there. */
static inline const struct message *heard_event(const char *event, unsigned n)
{
    for (unsigned i = 0; i < heard_count; i++) {
        const char *said = message_text(&heard[i], "event", NULL);
        if (said && strcmp(said, event) == 0 && n-- == 0)
            return &heard[i];
    }
    print_message("no event %s\n", event);
    fail();
    return NULL;
}

static inline unsigned heard_events(const char *event)
{
    unsigned count = 0;
    for (unsigned i = 0; i < heard_count; i++) {
        const char *said = message_text(&heard[i], "event", NULL);
        count += said && strcmp(said, event) == 0;
    }
    return count;
}

#endif
