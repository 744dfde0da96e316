/* SPDX-License-Identifier: Apache-2.0 */
/* One frame as soft line bits, for a test to spoil, and what a protocol hears of them. */
#ifndef SOFT_LINE_H
#define SOFT_LINE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "atalaya/protocol/protocol.h"

enum { LINE_PREAMBLE = 80, LINE_MAX = 12000 };

struct soft_line {
    struct message sent;
    int8_t soft[LINE_MAX];
    size_t count;
    struct message heard; /* the last */
    unsigned heard_count; /* since line_hear began */
};
extern struct soft_line line;

unsigned line_random_below(unsigned limit);
/* line.sent, after LINE_PREAMBLE bits; count 0 when it cannot be sent. */
void line_send(const char *protocol);
void line_send_text(const char *protocol, const char *text, size_t length);
/* All of it in pieces, by a fresh decoder. */
struct protocol_counts line_hear(const char *protocol);
/* Once, and what was sent. */
void line_check_heard(void);
/* So many bits, random and of random weight, are no message. */
void line_check_random(const char *protocol, unsigned bits);

#endif
