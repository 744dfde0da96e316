/* SPDX-License-Identifier: Apache-2.0 */
#include "line_rig.h"

struct line_rig_heard heard;
struct protocol_output output;
static _Alignas(16) uint8_t state[16384];
static uint32_t noise = 1;

const struct protocol *line_protocol(void)
{
    return protocol_find(line_rig.protocol)->protocol;
}

uint32_t random_bits(void)
{
    noise = noise * 1664525U + 1013904223U;
    return noise >> 24; /* the lower bits repeat themselves too soon */
}

static void on_message(void *context, const struct message *message)
{
    (void)context;
    heard.count++;
    heard.last = *message;
}

void listen_anew(void)
{
    memset(&heard, 0, sizeof heard);
    output = (struct protocol_output){.message = on_message};
    assert_true(line_protocol()->state_size <= sizeof state);
    line_protocol()->reset(state);
}

struct message read_line(const char *line)
{
    struct message message;
    message_reset(&message, line_rig.protocol, line_protocol()->address_space);
    assert_int_equal(line_protocol()->from_text(&message, line, strlen(line)), ATALAYA_OK);
    return message;
}

size_t put_noise(uint8_t *bits, size_t at)
{
    for (unsigned i = 0; i < RIG_AFTER; i++)
        bits[at++] = random_bits() & 1;
    return at;
}

size_t transmit(const struct message *message, uint8_t bits[RIG_LINE_MAX])
{
    const struct protocol_transmit how = {.preamble_bits = line_rig.preamble_bits};
    size_t at = put_noise(bits, 0);
    size_t sent = line_protocol()->transmit(message, &how, bits + at, RIG_LINE_MAX - 2 * RIG_AFTER);
    assert_true(sent > 0);
    return put_noise(bits, at + sent);
}

size_t transmit_line(const char *line, uint8_t bits[RIG_LINE_MAX])
{
    struct message message = read_line(line);
    return transmit(&message, bits);
}

void receive(const uint8_t *bits, const struct error_event *events, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int8_t soft = bits[i] ? 100 : -100;
        struct soft_run run = {
            .soft = &soft, .event = events ? &events[i] : NULL, .count = 1, .first_bit = i};
        line_protocol()->execute(state, &run, &output);
    }
}

void check_random_bits(unsigned judged_max)
{
    static uint8_t bits[1000000];
    for (size_t i = 0; i < sizeof bits; i++)
        bits[i] = random_bits() & 1;
    listen_anew();
    receive(bits, NULL, sizeof bits);
    print_message("%d judged by their check\n", (int)output.counts.check);
    assert_int_equal(heard.count, 0);
    assert_true(output.counts.check < judged_max);
}
