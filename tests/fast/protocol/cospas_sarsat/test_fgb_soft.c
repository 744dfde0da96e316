/* SPDX-License-Identifier: Apache-2.0 */
/* First generation messages from soft decisions: what a stream hands over once it has found the
 * synchronisation. */
#include "beacon_random.h"

#include "../../../../protocol/cospas_sarsat/bch.h"

static struct message message;

/* The example of T.001 B1 as a long message with the second field of B2, or as it is. */
static void make_soft(int8_t soft[FGB_LONG_SOFT], bool is_long)
{
    struct bit_frame frame = {.count = is_long ? FGB_LONG_BITS : FGB_SHORT_BITS};
    bit_frame_put(&frame, 25, 61, UINT64_C(0x0adcd00800440401) | (uint64_t)is_long << 60);
    bit_frame_put(&frame, 107, 26, is_long ? 0x2570017 : 0);
    fgb_encode(&frame);
    for (unsigned i = 0; i < FGB_LONG_SOFT; i++)
        soft[i] = i < frame.count - 24 ? (frame.bit[25 + i] ? 90 : -90) : 5;
}

static void six_doubtful_errors_are_corrected(void **state)
{
    int8_t soft[FGB_LONG_SOFT];
    (void)state;
    make_soft(soft, true);
    for (unsigned i = 0; i < 6; i++)
        soft[13 * i + 2] = (int8_t)(soft[13 * i + 2] > 0 ? -6 : 6);
    beacon_reset(&message);
    assert_int_equal(fgb_parse_soft(&message, FGB_SYNC_NORMAL, soft, FGB_LONG_SOFT), ATALAYA_OK);
    assert_int_equal(message.bits_corrected, 6);
    assert_true(message.guessed);
    assert_string_equal(message.unit, "ADCD00800440401");
    assert_true(fabs(message.position.lat_deg - (43 + 32 / 60.0)) < 1e-9); /* T.001 B2 */
    assert_true(fabs(message.position.lon_deg - (1 + 28 / 60.0)) < 1e-9);
    assert_int_equal(message.distress, DISTRESS_RAISED);
    assert_int_equal(message.raw_length, 18);
}

static void six_sure_errors_are_not_believed(void **state)
{
    int8_t soft[FGB_LONG_SOFT];
    (void)state;
    make_soft(soft, true);
    for (unsigned i = 0; i < 6; i++)
        soft[13 * i + 2] = (int8_t)-soft[13 * i + 2];
    beacon_reset(&message);
    assert_int_equal(fgb_parse_soft(&message, FGB_SYNC_NORMAL, soft, FGB_LONG_SOFT), ATALAYA_E_CHECK);
}

static void a_lost_second_field_gives_no_position(void **state)
{
    int8_t soft[FGB_LONG_SOFT];
    (void)state;
    make_soft(soft, true);
    for (unsigned i = 83; i < FGB_LONG_SOFT; i += 3)
        soft[i] = (int8_t)-soft[i];
    beacon_reset(&message);
    assert_int_equal(fgb_parse_soft(&message, FGB_SYNC_NORMAL, soft, FGB_LONG_SOFT), ATALAYA_OK);
    assert_false(message.has_position);
    assert_true(message_flag(&message, "bch2_failed"));
    assert_int_equal(message.distress, DISTRESS_RAISED); /* who and that, if not where */
}

/* The second word could be guessed, but the call for help would then wait until it is heard again. */
static void a_guess_at_the_place_holds_no_sure_call_back(void **state)
{
    int8_t soft[FGB_LONG_SOFT];
    (void)state;
    make_soft(soft, true);
    for (unsigned i = 0; i < 4; i++)
        soft[84 + 8 * i] = (int8_t)(soft[84 + 8 * i] > 0 ? -4 : 4);
    beacon_reset(&message);
    assert_int_equal(fgb_parse_soft(&message, FGB_SYNC_NORMAL, soft, FGB_LONG_SOFT), ATALAYA_OK);
    assert_false(message.guessed);
    assert_true(message_flag(&message, "bch2_failed"));
    assert_int_equal(message.distress, DISTRESS_RAISED);
    for (unsigned i = 0; i < 4; i++) /* and a first word that is a guess itself waits anyway */
        soft[3 + 12 * i] = (int8_t)(soft[3 + 12 * i] > 0 ? -4 : 4);
    beacon_reset(&message);
    assert_int_equal(fgb_parse_soft(&message, FGB_SYNC_NORMAL, soft, FGB_LONG_SOFT), ATALAYA_OK);
    assert_true(message.guessed && message.has_position);
    assert_false(message_flag(&message, "bch2_failed"));
}

/* Few checks can be made to hold with anything when nearly nothing is known. */
static void a_faded_second_word_is_not_corrected(void **state)
{
    int8_t soft[FGB_LONG_SOFT];
    (void)state;
    make_soft(soft, true);
    for (unsigned i = 90; i < 98; i++)
        soft[i] = (int8_t)(soft[i] > 0 ? 3 : -3);
    soft[92] = (int8_t)-soft[92];
    beacon_reset(&message);
    assert_int_equal(fgb_parse_soft(&message, FGB_SYNC_NORMAL, soft, FGB_LONG_SOFT), ATALAYA_OK);
    assert_true(message_flag(&message, "bch2_failed"));
}

static void the_format_flag_says_how_much_is_needed(void **state)
{
    int8_t soft[FGB_LONG_SOFT];
    (void)state;
    make_soft(soft, true);
    beacon_reset(&message);
    assert_int_equal(fgb_parse_soft(&message, FGB_SYNC_NORMAL, soft, FGB_SHORT_SOFT), ATALAYA_E_LENGTH);
    make_soft(soft, false);
    beacon_reset(&message);
    assert_int_equal(fgb_parse_soft(&message, FGB_SYNC_SELF_TEST, soft, FGB_LONG_SOFT), ATALAYA_OK);
    assert_int_equal(message.raw_length, 14);
    assert_true(message.test);
    assert_int_equal(message.distress, DISTRESS_NONE);
}

static double gauss(void)
{
    double u = ((double)(random_next() >> 11) + 1) / 9007199254740993.0;
    double v = (double)(random_next() >> 11) / 9007199254740992.0;
    return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}

static void add_noise(int8_t soft[FGB_LONG_SOFT], double amplitude, double sigma)
{
    for (unsigned i = 0; i < FGB_LONG_SOFT; i++) {
        double value = 40 * ((soft[i] > 0 ? amplitude : -amplitude) + sigma * gauss());
        soft[i] = (int8_t)lrint(fmax(-127, fmin(127, value)));
    }
}

/* The false-accept rate of fgb.h, and that a beacon in earnest is seldom made of noise. */
static void noise_is_seldom_believed(void **state)
{
    enum { TRIES = 8000 };
    unsigned believed = 0, raised = 0, sure = 0;
    (void)state;
    for (unsigned n = 0; n < TRIES; n++) {
        int8_t soft[FGB_LONG_SOFT] = {0};
        add_noise(soft, 0, 1);
        beacon_reset(&message);
        if (fgb_parse_soft(&message, FGB_SYNC_NORMAL, soft, FGB_LONG_SOFT) != ATALAYA_OK)
            continue;
        check_ranges(&message);
        believed++;
        raised += message.distress != DISTRESS_NONE;
        sure += message.distress != DISTRESS_NONE && !message.guessed;
    }
    print_message("of noise behind a synchronisation %.4f believed, %.4f raise, %.4f without a guess\n",
                  (double)believed / TRIES, (double)raised / TRIES, (double)sure / TRIES);
    assert_true(believed < 0.018 * TRIES && raised < 0.009 * TRIES && sure < 0.003 * TRIES);
}

/* Ideal detection at 3 dB: decisions alone give 0.83 of the long messages, these 0.94. */
static void weak_signals_are_read(void **state)
{
    enum { TRIES = 2000 };
    unsigned whole = 0, wrong = 0;
    double sigma = sqrt(0.5 * pow(10, -0.3));
    (void)state;
    for (unsigned n = 0; n < TRIES; n++) {
        int8_t soft[FGB_LONG_SOFT];
        make_soft(soft, true);
        add_noise(soft, 1, sigma);
        beacon_reset(&message);
        if (fgb_parse_soft(&message, FGB_SYNC_NORMAL, soft, FGB_LONG_SOFT) != ATALAYA_OK)
            continue;
        wrong += strcmp(message.unit, "ADCD00800440401") != 0;
        whole += message.has_position;
    }
    print_message("at 3 dB %.3f of long messages whole, %.4f wrong\n", (double)whole / TRIES,
                  (double)wrong / TRIES);
    assert_true(whole > 0.9 * TRIES && wrong <= 0.002 * TRIES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(six_doubtful_errors_are_corrected),
        cmocka_unit_test(six_sure_errors_are_not_believed),
        cmocka_unit_test(a_lost_second_field_gives_no_position),
        cmocka_unit_test(noise_is_seldom_believed),
        cmocka_unit_test(weak_signals_are_read),
        cmocka_unit_test(a_guess_at_the_place_holds_no_sure_call_back),
        cmocka_unit_test(a_faded_second_word_is_not_corrected),
        cmocka_unit_test(the_format_flag_says_how_much_is_needed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
