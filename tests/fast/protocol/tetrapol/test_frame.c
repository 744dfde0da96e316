/* SPDX-License-Identifier: Apache-2.0 */
/* The layers below: interleavers are permutations, codes correct what they should, a right scrambling is
 * found and is the only one, and soft decisions are worth more than hard ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "../../../../protocol/tetrapol/blocks.h"
#include "../../../../protocol/tetrapol/code.h"
#include "../../../../protocol/tetrapol/layer2.h"
#include "../../../../protocol/tetrapol/search.h"

static uint64_t seed = 3;

static uint32_t random_next(void)
{
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
    return (uint32_t)(seed >> 33);
}

static double random_normal(void)
{
    double sum = -6;
    for (unsigned i = 0; i < 12; i++)
        sum += random_next() * 0x1p-31;
    return sum;
}

static void interleavers_are_permutations(void **state)
{
    (void)state;
    for (unsigned way = 0; way < 4; way++) {
        unsigned times[TETRAPOL_BODY_BITS] = {0};
        for (unsigned j = 0; j < TETRAPOL_BODY_BITS; j++) {
            unsigned at = tetrapol_position((enum tetrapol_band)(way & 1), way & 2, j);
            if (at < TETRAPOL_BODY_BITS)
                times[at]++;
        }
        for (unsigned at = 0; at < TETRAPOL_BODY_BITS; at++)
            assert_int_equal(times[at], 1);
    }
}

static void precoding_skips_where_the_standard_says(void **state)
{
    (void)state;
    unsigned skips = 0;
    for (unsigned j = 0; j < TETRAPOL_BODY_BITS; j++)
        skips += tetrapol_precoding(TETRAPOL_UHF, j) == 2;
    assert_int_equal(skips, 47);
    assert_int_equal(tetrapol_precoding(TETRAPOL_UHF, 0), 0);
    assert_int_equal(tetrapol_precoding(TETRAPOL_UHF, 79), 1);
    assert_int_equal(tetrapol_precoding(TETRAPOL_VHF, 7), 0);
}

/* s[k] = s[k-1] ^ s[k-7], and every scrambling is the same sequence from another place. */
static void the_scrambler_is_its_recurrence(void **state)
{
    (void)state;
    for (unsigned scr = 1; scr < TETRAPOL_SCR_COUNT; scr++)
        for (unsigned k = 7; k < TETRAPOL_BODY_BITS; k++)
            assert_int_equal(tetrapol_scrambler(scr, k),
                             tetrapol_scrambler(scr, k - 1) ^ tetrapol_scrambler(scr, k - 7));
    for (unsigned k = 0; k < 7; k++)
        assert_true(tetrapol_scrambler(127, k));
    assert_false(tetrapol_scrambler(127, 7));
}

static void frame_make(uint8_t *line, uint8_t block[8], const struct tetrapol_channel *channel)
{
    for (unsigned i = 0; i < 8; i++)
        block[i] = (uint8_t)random_next();
    tetrapol_frame_write_data(block, 2, 1, channel, line);
}

static void any_two_wrong_coded_bits_are_corrected(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 2000; round++) {
        uint8_t data[TETRAPOL_SECOND_BITS], coded[2 * TETRAPOL_SECOND_BITS], out[TETRAPOL_SECOND_BITS];
        int16_t soft[2 * TETRAPOL_SECOND_BITS];
        bool tail_biting = round & 1;
        unsigned bits = tail_biting ? TETRAPOL_FIRST_BITS : TETRAPOL_SECOND_BITS;
        for (unsigned i = 0; i < bits; i++)
            data[i] = random_next() & 1;
        if (!tail_biting)
            data[bits - 1] = data[bits - 2] = 0;
        tetrapol_code_encode(data, bits, tail_biting, coded);
        for (unsigned i = 0; i < 2 * bits; i++)
            soft[i] = coded[i] ? 50 : -50;
        unsigned a = random_next() % (2 * bits), b = random_next() % (2 * bits);
        soft[a] = (int16_t)-soft[a];
        if (a != b)
            soft[b] = (int16_t)-soft[b];
        assert_int_equal(tetrapol_code_decode(soft, bits, tail_biting, out), 1 + (a != b));
        assert_memory_equal(out, data, bits);
    }
}

static void the_scrambling_is_found_and_is_the_only_one(void **state)
{
    (void)state;
    struct tetrapol_search search;
    tetrapol_search_reset(&search);
    for (unsigned round = 0; round < 400; round++) {
        const struct tetrapol_channel channel = {(enum tetrapol_band)(round & 1), random_next() % 128};
        struct tetrapol_channel found;
        struct tetrapol_frame frame;
        uint8_t line[TETRAPOL_FRAME_BITS], block[8];
        int8_t body[TETRAPOL_BODY_BITS];
        frame_make(line, block, &channel);
        for (unsigned i = 0; i < TETRAPOL_BODY_BITS; i++)
            body[i] = line[8 + i] ? 90 : -90;
        for (unsigned n = 0; n < 2; n++) {
            unsigned at = random_next() % TETRAPOL_BODY_BITS;
            body[at] = (int8_t)-body[at];
        }
        assert_true(tetrapol_search_execute(&search, body, &found, &frame) >= 40);
        assert_int_equal(found.scr, channel.scr);
        assert_int_equal(found.band, channel.band);
        assert_memory_equal(frame.block, block, sizeof block);
        assert_int_equal(frame.fn, 2);
        assert_int_equal(frame.asb, 1);
    }
}

/* A voice frame whose coded bits a and b are wrong (one, if they are the same), found by the search? */
static bool is_voice_found(const struct tetrapol_search *search, unsigned a, unsigned b)
{
    const struct tetrapol_channel channel = {TETRAPOL_VHF, random_next() % TETRAPOL_SCR_COUNT};
    const unsigned at[2] = {tetrapol_position(channel.band, false, a),
                            tetrapol_position(channel.band, false, b)};
    struct tetrapol_channel found;
    struct tetrapol_frame frame;
    uint8_t line[TETRAPOL_FRAME_BITS], speech[120];
    int8_t body[TETRAPOL_BODY_BITS];
    for (unsigned i = 0; i < sizeof speech; i++)
        speech[i] = random_next() & 1;
    tetrapol_frame_write_voice(speech, 2, &channel, line);
    for (unsigned i = 0; i < TETRAPOL_BODY_BITS; i++)
        body[i] = line[TETRAPOL_SYNC_BITS + i] ? 90 : -90;
    for (unsigned i = 0; i < (a == b ? 1 : 2); i++)
        body[at[i]] = (int8_t)-body[at[i]];
    return tetrapol_search_execute(search, body, &found, &frame) >= 18 && found.scr == channel.scr &&
           memcmp(frame.bits + 1, speech, 20) == 0;
}

/* The search passes over voice frames that have more of them. Of two wrong bits' syndrome some other
 * scrambling may leave less: these 176 pairs were not found either when every frame was decoded. */
static void voice_frames_with_two_wrong_bits_are_found(void **state)
{
    (void)state;
    enum { CODED = 2 * TETRAPOL_FIRST_BITS, PAIRS = CODED * (CODED + 1) / 2, HIDDEN = 176 };
    struct tetrapol_search search;
    unsigned found = 0;
    tetrapol_search_reset(&search);
    for (unsigned a = 0; a < CODED; a++)
        for (unsigned b = a; b < CODED; b++)
            found += is_voice_found(&search, a, b);
    assert_int_equal(found, PAIRS - HIDDEN);
}

/* Share of frames read at this Eb/N0 of ideal line bits. */
static unsigned frames_read(enum tetrapol_band band, double ebn0_db, bool hard)
{
    const struct tetrapol_channel channel = {band, 67};
    double sigma = sqrt(0.5 / pow(10, ebn0_db / 10));
    unsigned good = 0;
    for (unsigned round = 0; round < 400; round++) {
        uint8_t line[TETRAPOL_FRAME_BITS], block[8];
        int8_t body[TETRAPOL_BODY_BITS];
        struct tetrapol_frame frame;
        frame_make(line, block, &channel);
        for (unsigned i = 0; i < TETRAPOL_BODY_BITS; i++) {
            double level = (line[8 + i] ? 1 : -1) + sigma * random_normal();
            body[i] = (int8_t)fmax(-127, fmin(127, 40 * level));
            if (hard)
                body[i] = body[i] > 0 ? 40 : -40;
        }
        tetrapol_frame_read(body, &channel, &frame);
        good += frame.good && memcmp(frame.block, block, sizeof block) == 0;
    }
    return good;
}

static void soft_decisions_are_worth_a_decibel(void **state)
{
    (void)state;
    for (unsigned band = 0; band < TETRAPOL_BAND_COUNT; band++) {
        unsigned soft = frames_read((enum tetrapol_band)band, 3.0, false);
        unsigned hard = frames_read((enum tetrapol_band)band, 4.0, true);
        print_message("%s: soft at 3 dB %u, hard at 4 dB %u of 400\n",
                      tetrapol_band_text((enum tetrapol_band)band), soft, hard);
        assert_true(soft >= hard);
        assert_true(frames_read((enum tetrapol_band)band, 4.0, false) >= 392);
    }
}

static void a_voice_frame_shows_its_head_and_no_more(void **state)
{
    (void)state;
    const struct tetrapol_channel channel = {TETRAPOL_UHF, 118};
    uint8_t line[TETRAPOL_FRAME_BITS], speech[120];
    int8_t body[TETRAPOL_BODY_BITS];
    struct tetrapol_frame frame;
    for (unsigned i = 0; i < sizeof speech; i++)
        speech[i] = random_next() & 1;
    tetrapol_frame_write_voice(speech, 2, &channel, line);
    for (unsigned i = 0; i < TETRAPOL_BODY_BITS; i++)
        body[i] = line[8 + i] ? 90 : -90;
    tetrapol_frame_read(body, &channel, &frame);
    assert_true(frame.good && !frame.is_data);
    assert_int_equal(frame.asb, 2);
    assert_memory_equal(frame.bits + 1, speech, 20);
    assert_memory_equal(frame.bits + 26, speech + 20, 100);
}

static void rfsi_goes_both_ways(void **state)
{
    (void)state;
    uint8_t bytes[TETRAPOL_RFSI_BYTES];
    char text[TETRAPOL_RFSI_TEXT];
    assert_true(tetrapol_rfsi_write("123-4-56-789", bytes));
    assert_true(tetrapol_rfsi_read(bytes, text));
    assert_string_equal(text, "123-4-56-789");
    assert_int_equal(bytes[0], 0x11);
    assert_int_equal(bytes[4], 0x89);
    assert_false(tetrapol_rfsi_write("1234-56-789", bytes));
    assert_false(tetrapol_rfsi_write("12a-4-56-789", bytes));
    bytes[2] = 0xa0;
    assert_false(tetrapol_rfsi_read(bytes, text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(interleavers_are_permutations),
        cmocka_unit_test(precoding_skips_where_the_standard_says),
        cmocka_unit_test(the_scrambler_is_its_recurrence),
        cmocka_unit_test(any_two_wrong_coded_bits_are_corrected),
        cmocka_unit_test(the_scrambling_is_found_and_is_the_only_one),
        cmocka_unit_test(voice_frames_with_two_wrong_bits_are_found),
        cmocka_unit_test(soft_decisions_are_worth_a_decibel),
        cmocka_unit_test(a_voice_frame_shows_its_head_and_no_more),
        cmocka_unit_test(rfsi_goes_both_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
