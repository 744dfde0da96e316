/* SPDX-License-Identifier: Apache-2.0 */
/* Line bits of MPT1327 messages, and what is heard of them. */
#ifndef MPT1327_RIG_H
#define MPT1327_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "atalaya/protocol/code_word.h"
#include "atalaya/protocol/protocol.h"

enum { RIG_LINE_MAX = 4000, RIG_AFTER = 320, RIG_PREAMBLE = 16, RIG_FIRST = RIG_AFTER + RIG_PREAMBLE + 32 };

static struct {
    unsigned count;
    struct message last;
} heard;

static struct protocol_output output;
static _Alignas(16) uint8_t rig_state[16384];
static uint32_t rig_noise = 1;

static inline uint32_t random_bits(void)
{
    rig_noise = rig_noise * 1664525U + 1013904223U;
    return rig_noise >> 24;
}

static inline const struct protocol *mpt1327(void)
{
    return protocol_find("mpt1327")->protocol;
}

static void on_message(void *context, const struct message *message)
{
    (void)context;
    heard.count++;
    heard.last = *message;
}

static inline void listen_anew(void)
{
    memset(&heard, 0, sizeof heard);
    output = (struct protocol_output){.message = on_message};
    assert_true(mpt1327()->state_size <= sizeof rig_state);
    mpt1327()->reset(rig_state);
}

static inline struct message read_line(const char *line)
{
    struct message message;
    message_reset(&message, "mpt1327", "mpt1327");
    assert_int_equal(mpt1327()->from_text(&message, line, strlen(line)), ATALAYA_OK);
    return message;
}

static inline size_t put_noise(uint8_t *bits, size_t at)
{
    for (unsigned i = 0; i < RIG_AFTER; i++)
        bits[at++] = random_bits() & 1;
    return at;
}

/* Line bits of a message, with RIG_AFTER random ones before and after. Returns their number. */
static inline size_t transmit_line(const char *line, uint8_t bits[RIG_LINE_MAX])
{
    const struct protocol_transmit how = {.preamble_bits = RIG_PREAMBLE};
    struct message message = read_line(line);
    size_t at = put_noise(bits, 0);
    size_t sent = mpt1327()->transmit(&message, &how, bits + at, RIG_LINE_MAX - 2 * RIG_AFTER);
    assert_true(sent > 0);
    return put_noise(bits, at + sent);
}

/* One decision at a time. */
static inline void receive(const uint8_t *bits, const struct error_event *events, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int8_t soft = bits[i] ? 100 : -100;
        struct soft_run run = {
            .soft = &soft, .event = events ? &events[i] : NULL, .count = 1, .first_bit = i};
        mpt1327()->execute(rig_state, &run, &output);
    }
}

#endif
