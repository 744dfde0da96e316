/* SPDX-License-Identifier: Apache-2.0 */
/* A protocol's messages as line bits with noise around, and what is heard of them. */
#ifndef LINE_RIG_H
#define LINE_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "atalaya/protocol/protocol.h"

enum { RIG_LINE_MAX = 8000, RIG_AFTER = 320 };

/* Each test program says whose messages they are. */
struct line_rig {
    const char *protocol;
    unsigned preamble_bits;
};
extern const struct line_rig line_rig;

/* Messages since listen_anew. */
struct line_rig_heard {
    unsigned count;
    struct message last;
};
extern struct line_rig_heard heard;
extern struct protocol_output output;

const struct protocol *line_protocol(void);
uint32_t random_bits(void); /* eight of them */
void listen_anew(void);
struct message read_line(const char *line);
/* RIG_AFTER random bits from `at` on; returns where they end. */
size_t put_noise(uint8_t *bits, size_t at);
/* Line bits of a message, with RIG_AFTER random ones before and after. Returns their number. */
size_t transmit(const struct message *message, uint8_t bits[RIG_LINE_MAX]);
size_t transmit_line(const char *line, uint8_t bits[RIG_LINE_MAX]);
/* One decision at a time. */
void receive(const uint8_t *bits, const struct error_event *events, size_t count);
/* A million random bits, as much as a site's branches give in some minutes: none is a message, and fewer than
 * `judged_max` times there is something whose check must tell. */
void check_random_bits(unsigned judged_max);

#endif
