/* SPDX-License-Identifier: Apache-2.0 */
#include "fgb_stream.h"

#include <string.h>

#include "atalaya/protocol/magnitude.h"

enum {
    COMMON_BITS = 16,       /* 15 ones and a zero, the same in both synchronisations */
    SYNC_PERCENT = 84,      /* of what the 24 bits weigh must speak for the pattern */
    OPERATION_PERCENT = 30, /* of what the last eight weigh: for one kind and against the other */
    NEIGHBOUR_PERCENT = 80, /* of what speaks for the pattern: so much for it a bit beside leaves it open */
    FADED_PERCENT = 40,     /* of what a bit of the message weighs: known bits that weigh less have faded */
    CHANGES_LEAST = 20,     /* of 87 bits: random ones have fewer once in ten millions */
    KNOWN_LEAST = 20        /* of the 24 bits must not be erased */
};

void fgb_stream_reset(struct fgb_stream *stream)
{
    memset(stream, 0, sizeof *stream);
}

/* How much speaks for bits first .. end - 1 of the normal synchronisation, and what they weigh. */
struct vote {
    int sum, weight;
    unsigned known;
};

static struct vote vote_take(const int8_t *soft, unsigned first, unsigned end)
{
    const uint32_t pattern = 0xfffe2f; /* 2.2.4.1, 2.2.4.2 */
    struct vote vote = {0};
    for (unsigned i = first; i < end; i++) {
        vote.sum += pattern >> (FGB_SYNC_BITS - 1 - i) & 1 ? soft[i] : -soft[i];
        vote.weight += magnitude(soft[i]);
        vote.known += soft[i] != 0;
    }
    return vote;
}

/* Are these 24 decisions a synchronisation? *sync and *inverted say which. */
static bool is_sync(const int8_t *soft, int *sync, bool *inverted)
{
    const struct vote common = vote_take(soft, 0, COMMON_BITS);
    const struct vote last = vote_take(soft, COMMON_BITS, FGB_SYNC_BITS);
    int weight = common.weight + last.weight, speaks = magnitude(common.sum) + magnitude(last.sum);
    *inverted = common.sum < 0;
    *sync = (last.sum > 0) != *inverted ? FGB_SYNC_NORMAL : FGB_SYNC_SELF_TEST;
    return common.known + last.known >= KNOWN_LEAST && 100 * speaks >= SYNC_PERCENT * weight &&
           100 * magnitude(last.sum) >= OPERATION_PERCENT * last.weight;
}

/* Nothing but zeros passes the check and is no beacon: tones can sound like that. */
static bool is_empty(const struct message *message)
{
    return message->unit[strspn(message->unit, "0")] == '\0';
}

/* What was guessed must name a country that exists and a protocol in use, and its bits must change: of what
 * tones of music make of the check, hardly any does. */
static bool makes_sense(const struct message *message)
{
    unsigned changes = 0;
    for (unsigned i = FGB_SYNC_BITS; i + 1 < FGB_SHORT_BITS; i++)
        changes +=
            (message->raw[i / 8] >> (7 - i % 8) & 1) != (message->raw[(i + 1) / 8] >> (7 - (i + 1) % 8) & 1);
    return changes >= CHANGES_LEAST && message_text(message, "country_name", NULL) &&
           message_text(message, "beacon_protocol", NULL);
}

static int sync_votes(const int8_t *soft)
{
    const struct vote common = vote_take(soft, 0, COMMON_BITS);
    const struct vote last = vote_take(soft, COMMON_BITS, FGB_SYNC_BITS);
    return magnitude(common.sum) + magnitude(last.sum);
}

/* Could the message begin a bit earlier or later, or have the known bits hardly been heard?
 * from [size: FGB_SHORT_BITS]; is_first: there is nothing before it. */
static bool is_start_doubtful(const int8_t *from, bool is_first)
{
    int known = 0, rest = 0, beside = sync_votes(from + 1);
    if (!is_first && sync_votes(from - 1) > beside)
        beside = sync_votes(from - 1);
    for (unsigned i = 0; i < FGB_SHORT_BITS; i++)
        *(i < FGB_SYNC_BITS ? &known : &rest) += magnitude(from[i]);
    return 100 * beside > NEIGHBOUR_PERCENT * sync_votes(from) ||
           100 * known * FGB_SHORT_SOFT < FADED_PERCENT * rest * FGB_SYNC_BITS;
}

static void hand_on(struct fgb_stream *stream, uint64_t first_bit, struct protocol_output *output)
{
    struct message *message = &stream->message;
    if (is_empty(message) || (message->guessed && !makes_sense(message))) {
        output->counts.format++;
        return;
    }
    message->first_bit = first_bit;
    message->end_bit = first_bit + 8U * message->raw_length;
    stream->free_from = message->end_bit;
    output->counts.messages++;
    output->counts.repaired += message->bits_corrected > 0;
    output->message(output->context, message);
}

/* A message of `bits` bits that has just ended: a short one is tried as soon as it may be complete, and what
 * was none is tried again when it would be a long one. */
static void try_message(struct fgb_stream *stream, unsigned bits, struct protocol_output *output)
{
    const int8_t *end = stream->soft + stream->next % FGB_STREAM_HELD + FGB_STREAM_HELD, *from = end - bits;
    uint64_t first_bit = stream->next - bits;
    int8_t soft[FGB_LONG_SOFT];
    int sync;
    bool inverted;
    if (stream->held < bits || first_bit < stream->free_from || !is_sync(from, &sync, &inverted))
        return;
    unsigned count = bits - FGB_SYNC_BITS;
    for (unsigned i = 0; i < count; i++)
        soft[i] = (int8_t)(inverted ? -from[FGB_SYNC_BITS + i] : from[FGB_SYNC_BITS + i]);
    message_reset(&stream->message, "cospas_sarsat", "cospas_sarsat");
    enum atalaya_result result = fgb_parse_soft(&stream->message, sync, soft, count);
    stream->message.guessed = stream->message.guessed || is_start_doubtful(from, stream->held == bits);
    if (result == ATALAYA_OK)
        hand_on(stream, first_bit, output);
    else if (bits == FGB_LONG_BITS)
        output->counts.check++;
}

void fgb_stream_execute(struct fgb_stream *stream, const struct soft_run *run, struct protocol_output *output)
{
    if (run->is_burst)
        stream->held = 0;
    for (size_t i = 0; i < run->count; i++) {
        int8_t soft = run->soft[i] == INT8_MIN ? -127 : run->soft[i];
        unsigned at = (unsigned)((run->first_bit + i) % FGB_STREAM_HELD);
        stream->soft[at] = stream->soft[at + FGB_STREAM_HELD] = soft;
        stream->next = run->first_bit + i + 1;
        stream->held++;
        try_message(stream, FGB_SHORT_BITS, output);
        try_message(stream, FGB_LONG_BITS, output);
    }
}
