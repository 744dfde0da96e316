/* SPDX-License-Identifier: Apache-2.0 */
/* Of frames that are repaired by trial at most one in a thousand is wrong, however many are beyond repair:
 * the bound of protocol/ax25/repair.h, with the doubts that its reckoning supposes. A decision is the sign of
 * a log likelihood ratio that is normal, its variance twice its mean (what Gaussian noise makes), its size
 * times 250 is the reliability. From nearly clean to hopeless; what is read of hopeless frames counts against
 * the repaired. ATALAYA_REPAIR_FRAMES: more than the usual number at each level. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "atalaya/dsp/impair.h"
#include "atalaya/protocol/ax25.h"
#include "atalaya/protocol/protocol.h"

enum {
    FRAMES = 10000,
    OCTETS = 80,
    PAYLOAD = OCTETS - 2 * AX25_ADDRESS_SIZE - 2,
    BITS_MAX = 1000,
    POOL = 1 << 16,
    UNIT = 250 /* of reliability, a neper */
};

struct tally {
    unsigned sent, unharmed, repaired, wrong, wrong_unharmed;
};

static const struct protocol *row;
static struct impair_random draw;
static struct message sent;
static struct tally tally;
static uint8_t bits[BITS_MAX];
static int8_t soft[BITS_MAX];
static struct error_event events[BITS_MAX];
static int pool[POOL]; /* log likelihood ratios, times UNIT; negative: decided wrongly */

static void hear(void *context, const struct message *message)
{
    (void)context;
    bool right = message->raw_length == sent.raw_length && !memcmp(message->raw, sent.raw, sent.raw_length);
    assert_true(message->guessed == (message->bits_corrected > 0));
    tally.repaired += message->guessed;
    tally.wrong += message->guessed && !right;
    tally.wrong_unharmed += !message->guessed && !right;
    tally.unharmed += !message->guessed && right;
}

static void make_call(char call[AX25_CALL_SIZE + 1])
{
    for (unsigned i = 0; i < AX25_CALL_SIZE; i++)
        call[i] = (char)('A' + impair_random_next(&draw) % 26);
    call[AX25_CALL_SIZE] = '\0';
}

static size_t make_frame(void)
{
    const struct protocol_transmit how = {.preamble_bits = 16, .tail_bits = 8};
    struct ax25_header header = {.destination = {.plain = true}, .source = {.plain = true}};
    uint8_t info[PAYLOAD];
    make_call(header.destination.call);
    make_call(header.source.call);
    for (unsigned i = 0; i < sizeof info; i++)
        info[i] = (uint8_t)(impair_random_next(&draw) >> 56);
    message_reset(&sent, "ax25", "ax25");
    assert_int_equal(ax25_frame_set(&sent, &header, AX25_CONTROL_UI, AX25_PID_NONE, info, sizeof info),
                     ATALAYA_OK);
    return row->transmit(&sent, &how, bits, sizeof bits);
}

/* Wrong decisions come as the patterns of sequence detectors. */
static void decide(size_t count)
{
    static const uint32_t masks[] = {1, 3, 3, 5};
    memset(events, 0, sizeof events);
    for (size_t i = 16; i + 8 < count; i++) {
        uint64_t chance = impair_random_next(&draw) >> 32;
        int ratio = pool[chance % POOL];
        uint32_t mask = masks[chance / POOL % 4];
        events[i] = (struct error_event){mask, (uint16_t)(ratio < 0 ? -ratio : ratio)};
        for (uint32_t rest = ratio < 0 ? mask : 0; rest != 0; rest &= rest - 1)
            bits[i - (unsigned)__builtin_ctz(rest)] ^= 1;
    }
    for (size_t i = 0; i < count; i++)
        soft[i] = bits[i] ? 100 : -100;
}

/* Frames with so many wrong decisions each, in the mean. */
static struct tally send_frames(double errors, unsigned frames)
{
    struct protocol_output output = {.message = hear};
    void *state = malloc(row->state_size);
    double low = 0.0, high = 60.0; /* mean of the ratios: P(wrong) = erfc(sqrt(mean) / 2) / 2 */
    assert_non_null(state);
    for (int i = 0; i < 50; i++) {
        double mean = 0.5 * (low + high);
        *(0.5 * erfc(0.5 * sqrt(mean)) * 668 > errors ? &low : &high) = mean;
    }
    for (unsigned i = 0; i < POOL; i++)
        pool[i] = (int)fmin(
            fmax(lrint(UNIT * (low + sqrt(2.0 * low) * impair_random_normal(&draw))), -60000.0), 60000.0);
    row->reset(state);
    tally = (struct tally){.sent = frames};
    uint64_t next = 0;
    for (unsigned i = 0; i < frames; i++) {
        size_t count = make_frame();
        decide(count);
        const struct soft_run run = {.soft = soft, .event = events, .count = count, .first_bit = next};
        next += count;
        row->execute(state, &run, &output);
    }
    free(state);
    return tally;
}

static void one_in_a_thousand_is_wrong_at_most(void **state)
{
    (void)state;
    static const double errors[] = {1, 2, 3, 4, 6, 12};
    const char *more = getenv("ATALAYA_REPAIR_FRAMES");
    const unsigned frames = more ? (unsigned)strtoul(more, NULL, 10) : FRAMES;
    struct tally all = {0};
    row = protocol_find("ax25")->protocol;
    impair_random_seed(&draw, 1);
    for (unsigned i = 0; i < sizeof errors / sizeof *errors; i++) {
        struct tally one = send_frames(errors[i], frames);
        print_message(
            "%4.0f wrong a frame: %u sent, %u unharmed, %u repaired, %u of them wrong, %u wrong without\n",
            errors[i], one.sent, one.unharmed, one.repaired, one.wrong, one.wrong_unharmed);
        all.repaired += one.repaired;
        all.wrong += one.wrong;
        if (one.repaired >= 2000) /* one in a thousand, and what chance adds */
            assert_true(one.wrong <= one.repaired / 1000.0 + 3.0 * sqrt(one.repaired / 1000.0));
    }
    assert_true(all.repaired > frames / 2);
    print_message("%u repaired, %u wrong\n", all.repaired, all.wrong);
    assert_true(all.wrong * 1000 <= all.repaired);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_in_a_thousand_is_wrong_at_most)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
