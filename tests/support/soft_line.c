/* SPDX-License-Identifier: Apache-2.0 */
#include "soft_line.h"

#include <stdlib.h>

enum { PIECE = 37 };

struct soft_line line;
static uint64_t seed = 1;

unsigned line_random_below(unsigned limit)
{
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
    return (unsigned)(seed >> 33) % limit;
}

static void on_message(void *context, const struct message *message)
{
    (void)context;
    line.heard = *message;
    line.heard_count++;
}

void line_send(const char *protocol)
{
    static uint8_t bits[LINE_MAX];
    const struct protocol_transmit how = {.preamble_bits = LINE_PREAMBLE};
    line.count = protocol_find(protocol)->protocol->transmit(&line.sent, &how, bits, LINE_MAX);
    for (size_t i = 0; i < line.count; i++)
        line.soft[i] = bits[i] ? 100 : -100;
}

void line_send_text(const char *protocol, const char *text, size_t length)
{
    const struct protocol *class = protocol_find(protocol)->protocol;
    message_reset(&line.sent, protocol, class->address_space);
    assert_int_equal(class->from_text(&line.sent, text, length), ATALAYA_OK);
    line_send(protocol);
}

struct protocol_counts line_hear(const char *protocol)
{
    const struct protocol *class = protocol_find(protocol)->protocol;
    struct protocol_output output = {.message = on_message};
    void *state = malloc(class->state_size);
    assert_non_null(state);
    class->reset(state);
    line.heard_count = 0;
    for (size_t at = 0; at < line.count; at += PIECE) {
        const size_t left = line.count - at;
        struct soft_run run = {.soft = line.soft + at, .count = left < PIECE ? left : PIECE, .first_bit = at};
        class->execute(state, &run, &output);
    }
    free(state);
    return output.counts;
}

void line_check_heard(void)
{
    assert_int_equal(line.heard_count, 1);
    assert_int_equal(line.heard.raw_length, line.sent.raw_length);
    assert_memory_equal(line.heard.raw, line.sent.raw, line.sent.raw_length);
}

void line_check_random(const char *protocol, unsigned bits)
{
    line.count = LINE_MAX;
    for (unsigned done = 0; done < bits; done += LINE_MAX) {
        for (size_t i = 0; i < line.count; i++)
            line.soft[i] = (int8_t)((int)line_random_below(255) - 127);
        (void)line_hear(protocol);
        assert_int_equal(line.heard_count, 0);
    }
}
