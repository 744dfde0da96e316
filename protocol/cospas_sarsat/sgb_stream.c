/* SPDX-License-Identifier: Apache-2.0 */
#include "sgb_stream.h"

#include <string.h>

enum {
    BURST_BITS = SGB_PREAMBLE_BITS + SGB_BITS,
    GAP_BITS = 4,          /* unknown in a row: no fade, for the modem leaves no bit of a burst out */
    PREAMBLE_PERCENT = 60, /* of what its bits weigh must speak for zeros */
    KNOWN_LEAST = 40       /* of its bits must not be erased */
};

void sgb_stream_reset(struct sgb_stream *stream)
{
    memset(stream, 0, sizeof *stream);
    stream->unknown = GAP_BITS;
}

static bool is_preamble(const int8_t *soft)
{
    int sum = 0, weight = 0;
    unsigned known = 0;
    for (unsigned i = 0; i < SGB_PREAMBLE_BITS; i++) {
        sum -= soft[i];
        weight += soft[i] < 0 ? -soft[i] : soft[i];
        known += soft[i] != 0;
    }
    return known >= KNOWN_LEAST && 100 * sum >= PREAMBLE_PERCENT * weight;
}

/* All zeros pass the check and are nobody's. */
static bool is_empty(const struct message *message)
{
    for (unsigned i = 0; i < SGB_ID_BITS / 8; i++)
        if (message->raw[i])
            return false;
    return true;
}

static void burst_read(struct sgb_stream *stream, unsigned branch, struct protocol_output *output)
{
    struct message *message = &stream->message;
    enum sgb_prn prn = branch == SGB_BRANCH_SELF_TEST ? SGB_PRN_SELF_TEST : SGB_PRN_NORMAL;
    if (!is_preamble(stream->soft)) {
        output->counts.format++;
        return;
    }
    message_reset(message, "cospas_sarsat", "cospas_sarsat");
    if (sgb_parse_soft(message, prn, stream->soft + SGB_PREAMBLE_BITS) != ATALAYA_OK) {
        output->counts.check++;
        return;
    }
    if (is_empty(message)) {
        output->counts.format++;
        return;
    }
    message->first_bit = stream->first_bit;
    message->end_bit = stream->first_bit + BURST_BITS;
    output->counts.messages++;
    output->counts.repaired += message->bits_corrected > 0;
    output->message(output->context, message);
}

static void bit_take(struct sgb_stream *stream, int8_t soft, uint64_t index)
{
    stream->unknown = soft ? 0 : stream->unknown + 1;
    if (stream->unknown >= GAP_BITS)
        stream->count = 0;
    else if (stream->count < BURST_BITS)
        stream->soft[stream->count++] = soft;
    if (stream->count == 1)
        stream->first_bit = index;
}

void sgb_stream_execute(struct sgb_stream *stream, const struct soft_run *run, struct protocol_output *output)
{
    for (size_t i = 0; i < run->count; i++) {
        bool was_whole = stream->count == BURST_BITS;
        bit_take(stream, run->soft[i] == INT8_MIN ? -127 : run->soft[i], run->first_bit + i);
        if (stream->count == BURST_BITS && !was_whole)
            burst_read(stream, run->branch, output);
    }
}
