/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of protocols that carry no AX.25: what a case says, a message as `atalaya encode` takes it, in which
 * # stands for any decimal digit and X for any hexadecimal one. */
#include <string.h>

#include "atalaya/dsp/impair.h"
#include "atalaya/gateway/json.h"
#include "bench.h"

enum { SAID_MAX = 512, WHY_MAX = 160 };

static char draw_digit(struct impair_random *random, unsigned base)
{
    return "0123456789ABCDEF"[(unsigned)(impair_random_uniform(random) * base)];
}

bool bench_is_signalling(const struct bench_case *row)
{
    return row && row->says;
}

static bool draw_message(const char *says, struct impair_random *random, struct message *message)
{
    char said[SAID_MAX], why[WHY_MAX];
    size_t length = strlen(says);
    if (length >= sizeof said)
        return false;
    for (size_t i = 0; i <= length; i++)
        said[i] = says[i] == '#' ? draw_digit(random, 10) : says[i] == 'X' ? draw_digit(random, 16) : says[i];
    json_t *object = json_loads(said, 0, NULL);
    bool good = object && json_to_message(object, message, why, sizeof why) == ATALAYA_OK;
    json_decref(object);
    return good;
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
    if (!draw_message(row->says, &random, &message) || protocol->protocol->compose(&message) != ATALAYA_OK ||
        message.raw_length > sizeof frame->raw)
        return false;
    frame->length = message.raw_length;
    memcpy(frame->raw, message.raw, frame->length);
    return true;
}
