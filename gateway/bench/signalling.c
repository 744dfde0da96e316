/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of the short signalling protocols: a status of a random radio, which each of them can say in one
 * frame. */
#include <string.h>

#include "atalaya/dsp/impair.h"
#include "bench.h"

static unsigned draw(struct impair_random *random, unsigned below)
{
    return (unsigned)(impair_random_uniform(random) * below);
}

/* In a pattern # stands for any decimal digit and X for any hexadecimal one. */
static void draw_id(char *id, const char *pattern, struct impair_random *random)
{
    static const char digit[] = "0123456789ABCDEF";
    size_t i = 0;
    for (; pattern && pattern[i] && i + 1 < MESSAGE_ID_MAX; i++)
        id[i] = pattern[i] == '#'   ? digit[draw(random, 10)]
                : pattern[i] == 'X' ? digit[draw(random, 16)]
                                    : pattern[i];
    id[i] = '\0';
}

bool bench_is_signalling(const struct bench_case *row)
{
    return row && row->unit;
}

bool bench_signalling_make(struct bench_frame *frame, const struct bench_case *row, uint64_t seed,
                           unsigned index)
{
    static struct message message; /* large */
    struct impair_random random;
    const struct protocol_row *protocol = bench_is_signalling(row) ? protocol_find(row->protocol) : NULL;
    if (!protocol)
        return false;
    impair_random_seed(&random, seed << 20 ^ index);
    message_reset(&message, protocol->id, protocol->protocol->address_space);
    message.kind = MESSAGE_STATUS;
    draw_id(message.unit, row->unit, &random);
    draw_id(message.to, row->to, &random);
    (void)message_add_integer(&message, "status", row->least_status + draw(&random, row->statuses));
    if (protocol->protocol->compose(&message) != ATALAYA_OK || message.raw_length > sizeof frame->raw)
        return false;
    frame->length = message.raw_length;
    memcpy(frame->raw, message.raw, frame->length);
    return true;
}
