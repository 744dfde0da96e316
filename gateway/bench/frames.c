/* SPDX-License-Identifier: Apache-2.0 */
/* Random frames. Call signs are six random letters and digits each: twelve characters tell any two frames
 * apart, for decoders that print no more than them. */
#include <string.h>

#include "atalaya/dsp/impair.h"
#include "atalaya/protocol/ax25.h"
#include "bench.h"

enum { HEADER = 2 * AX25_ADDRESS_SIZE + 2, PAYLOAD = BENCH_FRAME_OCTETS - HEADER, FLAGS = 30, FLAG_BITS = 8 };

static void make_call(struct impair_random *random, char call[BENCH_CALL_SIZE])
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    for (int i = 0; i < BENCH_CALL_SIZE - 1; i++)
        call[i] = alphabet[impair_random_next(random) % (sizeof alphabet - 1)];
    call[BENCH_CALL_SIZE - 1] = '\0';
}

void bench_frame_make(struct bench_frame *frame, const struct bench_case *row, uint64_t seed, unsigned index)
{
    if (bench_signalling_make(frame, row, seed, index))
        return;
    struct impair_random random;
    struct ax25_header header = {.destination = {.plain = true, .marked = true}, .source = {.plain = true}};
    impair_random_seed(&random, seed << 20 ^ index);
    frame->length = sizeof frame->raw;
    make_call(&random, frame->source);
    make_call(&random, frame->destination);
    memcpy(header.source.call, frame->source, BENCH_CALL_SIZE);
    memcpy(header.destination.call, frame->destination, BENCH_CALL_SIZE);
    uint8_t octets[AX25_HEADER_MAX];
    ax25_header_write(&header, octets);
    memcpy(frame->raw, octets, HEADER - 2);
    frame->raw[HEADER - 2] = AX25_CONTROL_UI;
    frame->raw[HEADER - 1] = AX25_PID_NONE;
    for (int i = 0; i < PAYLOAD; i++)
        frame->raw[HEADER + i] = (uint8_t)(impair_random_next(&random) >> 56);
}

size_t bench_frame_bits(const struct bench_frame *frame, const struct bench_case *row, uint8_t *bits,
                        size_t max)
{
    static struct message message; /* large */
    const struct protocol_row *protocol = bench_case_protocol(row);
    const struct modem_row *modem = modem_find(row->modem);
    if (!protocol || !modem || !protocol->protocol->transmit)
        return 0;
    const bool ours = bench_is_signalling(row); /* the preamble is the protocol's */
    const struct protocol_transmit how = {.preamble_bits =
                                              ours ? 0 : (row->flags ? row->flags : FLAGS) * FLAG_BITS,
                                          .scrambler = modem->class->scrambler};
    message_reset(&message, protocol->id, protocol->protocol->address_space);
    memcpy(message.raw, frame->raw, frame->length);
    message.raw_length = (uint16_t)frame->length;
    message.payload_offset = ours ? 0 : HEADER;
    message.payload_length = ours ? message.raw_length : PAYLOAD;
    if (row->generation)
        (void)message_add_integer(&message, "generation", row->generation);
    return protocol->protocol->transmit(&message, &how, bits, max);
}
