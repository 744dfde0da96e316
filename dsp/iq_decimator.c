/* SPDX-License-Identifier: Apache-2.0 */
#include "iq_decimator.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "wide.h"

enum { AT_ONCE = 4, /* complex samples of a step of the sum */ LINE_ROOM = 2 * IQ_DECIMATOR_CHUNK_MAX };

struct iq_decimator {
    unsigned decimation, taps; /* taps: rounded up to AT_ONCE with zeros, oldest first */
    unsigned end;              /* of the line: where the next sample goes */
    unsigned due;              /* inputs until the next output, that one included */
    float complex *line;       /* [size: taps + LINE_ROOM] the past, and what is new */
    float tap[];               /* [size: 2 * taps] each twice: for both parts of a sample */
};

enum atalaya_result iq_decimator_create(struct iq_decimator **decimator, const float *taps, unsigned count,
                                        unsigned decimation)
{
    if (count == 0 || decimation == 0)
        return ATALAYA_E_ARGUMENT;
    const unsigned rounded = (count + AT_ONCE - 1) / AT_ONCE * AT_ONCE;
    struct iq_decimator *made = calloc(1, sizeof *made + 2 * rounded * sizeof made->tap[0]);
    if (!made)
        return ATALAYA_E_MEMORY;
    made->decimation = decimation;
    made->taps = rounded;
    made->line = calloc(rounded + LINE_ROOM, sizeof *made->line);
    if (!made->line) {
        free(made);
        return ATALAYA_E_MEMORY;
    }
    for (unsigned i = 0; i < count; i++) {
        made->tap[2 * (rounded - 1 - i)] = taps[i];
        made->tap[2 * (rounded - 1 - i) + 1] = taps[i];
    }
    iq_decimator_reset(made);
    *decimator = made;
    return ATALAYA_OK;
}

void iq_decimator_reset(struct iq_decimator *decimator)
{
    memset(decimator->line, 0, decimator->taps * sizeof *decimator->line);
    decimator->end = decimator->taps;
    decimator->due = decimator->decimation;
}

void iq_decimator_destroy(struct iq_decimator *decimator)
{
    if (!decimator)
        return;
    free(decimator->line);
    free(decimator);
}

float complex *iq_decimator_place(struct iq_decimator *decimator)
{
    if (decimator->end + IQ_DECIMATOR_CHUNK_MAX > decimator->taps + LINE_ROOM) {
        memmove(decimator->line, decimator->line + decimator->end - decimator->taps,
                decimator->taps * sizeof *decimator->line);
        decimator->end = decimator->taps;
    }
    return decimator->line + decimator->end;
}

WIDE_INSIDE float complex filter(const struct iq_decimator *decimator, const float complex *newest)
{
    const float *tap = decimator->tap, *input = (const float *)(newest + 1 - decimator->taps);
    wider sum = {0};
    for (unsigned i = 0; i < 2 * decimator->taps; i += WIDER) {
        wider x, twice;
        memcpy(&x, input + i, sizeof x);
        memcpy(&twice, tap + i, sizeof twice);
        sum += x * twice;
    }
    return ((sum[0] + sum[4]) + (sum[2] + sum[6])) + _Complex_I * ((sum[1] + sum[5]) + (sum[3] + sum[7]));
}

WIDE_TWICE unsigned iq_decimator_execute(struct iq_decimator *decimator, unsigned count, float complex *out)
{
    assert(count <= IQ_DECIMATOR_CHUNK_MAX);
    const float complex *fresh = decimator->line + decimator->end;
    unsigned made = 0, at = decimator->due;
    for (; at <= count; at += decimator->decimation)
        out[made++] = filter(decimator, fresh + at - 1);
    decimator->due = at - count;
    decimator->end += count;
    return made;
}

unsigned iq_decimator_due(const struct iq_decimator *decimator)
{
    return decimator->due;
}
