/* SPDX-License-Identifier: Apache-2.0 */
/* TETRAPOL from line bits to events: a burst of direct mode in every sense, band and many scramblings, with
 * errors, slips and fades; alarms; frames of every length. */
#include "tetrapol_line.h"

#define UNIT "012-3-45-678"

enum { FRAME = 160, OPENING = 10 * FRAME };

static void assert_burst_heard(void)
{
    assert_int_equal(heard_count, 3);
    const struct message *start = heard_event("transmission_start", 0);
    const struct message *caller = heard_event("caller", 0);
    const struct message *end = heard_event("transmission_end", 0);
    assert_string_equal(caller->unit, UNIT);
    assert_string_equal(end->unit, UNIT);
    assert_int_equal(start->first_bit, 100);
    assert_string_equal(message_text(end, "ended", NULL), "signalled");
    assert_true(start->distress == DISTRESS_NONE && end->distress == DISTRESS_NONE);
}

static void a_burst_gives_start_caller_and_end(void **state)
{
    (void)state;
    for (unsigned scr = 0; scr < 128; scr += 1 + scr / 4)
        for (unsigned way = 0; way < 8; way++) {
            message_new("transmission", UNIT, way & 1 ? "vhf" : "uhf", scr);
            (void)message_add_real(&line_sent, "transmission_s", 0.6);
            line_transmit();
            for (size_t i = 0; i < line_count; i++)
                if (((way & 2) != 0) != ((way & 4) && i % 2))
                    line_soft[i] = (int8_t)-line_soft[i];
            line_hear();
            assert_burst_heard();
            const struct message *end = heard_event("transmission_end", 0);
            assert_int_equal((int)message_number(end, "scr", -1), scr);
            assert_string_equal(message_text(end, "band", NULL), way & 1 ? "vhf" : "uhf");
            assert_true(message_number(end, "transmission_s", 0) > 0.599);
            assert_true(message_number(end, "transmission_s", 0) < 0.601);
            assert_int_equal((int)message_number(end, "frames_voice", 0), 17);
            assert_int_equal(end->end_bit - end->first_bit, 4800);
        }
}

static void two_bits_in_a_hundred_may_be_wrong(void **state)
{
    (void)state;
    unsigned whole = 0;
    for (unsigned round = 0; round < 60; round++) {
        message_new("transmission", UNIT, round & 1 ? "vhf" : "uhf", 4);
        line_transmit();
        for (size_t i = 0; i < line_count; i++)
            if (random_next() % 50 == 0)
                line_soft[i] = (int8_t)(line_soft[i] > 0 ? -30 : 30);
        line_hear();
        assert_string_equal(heard_event("transmission_end", 0)->unit, UNIT);
        whole += heard_count == 3;
    }
    assert_true(whole >= 58);
}

static void a_turned_phase_costs_no_more_than_a_frame(void **state)
{
    (void)state;
    message_new("transmission", UNIT, "uhf", 99);
    line_transmit();
    for (size_t i = OPENING + 700; i < line_count; i++)
        line_soft[i] = (int8_t)-line_soft[i];
    line_hear();
    assert_burst_heard();
    assert_true(message_number(heard_event("transmission_end", 0), "frames_lost", 99) <= 1);
}

static void a_bit_that_slipped_is_found_again(void **state)
{
    (void)state;
    message_new("transmission", UNIT, "uhf", 5);
    (void)message_add_real(&line_sent, "transmission_s", 1.0);
    line_transmit();
    memmove(line_soft + OPENING + 500, line_soft + OPENING + 501, line_count - OPENING - 501);
    line_hear();
    assert_burst_heard();
}

static void a_transmission_that_fades_ends_where_it_was_heard_last(void **state)
{
    (void)state;
    message_new("transmission", UNIT, "uhf", 17);
    (void)message_add_real(&line_sent, "transmission_s", 1.5);
    line_transmit();
    for (size_t i = 100 + 4000; i < line_count; i++)
        line_soft[i] = (int8_t)(random_next() % 255 - 127);
    line_hear();
    const struct message *end = heard_event("transmission_end", 0);
    assert_string_equal(message_text(end, "ended", NULL), "lost");
    assert_true(message_number(end, "transmission_s", 0) >= 0.49);
    assert_true(message_number(end, "transmission_s", 0) <= 0.53);
    assert_string_equal(end->unit, UNIT);
}

/* Tuned in late: what is left are voice frames, whose CRC has three bits. */
static void voice_alone_is_a_transmission(void **state)
{
    (void)state;
    message_new("transmission", UNIT, "uhf", 17);
    (void)message_add_real(&line_sent, "transmission_s", 1.5);
    line_transmit();
    size_t skip = 100 + OPENING + 40;
    memmove(line_soft, line_soft + skip, line_count - skip);
    line_count -= skip;
    line_hear();
    assert_int_equal(heard_count, 2);
    assert_int_equal(heard_event("transmission_start", 0)->unit[0], 0);
    assert_true(message_number(heard_event("transmission_end", 0), "frames_voice", 0) > 55);
}

static void an_alarm_takes_the_identity_heard_beside_it(void **state)
{
    (void)state;
    message_new("emergency_pattern", UNIT, "uhf", 4);
    line_transmit();
    line_hear();
    const struct message *alarm = heard_event("emergency_pattern", 0);
    assert_int_equal(heard_events("emergency_pattern"), 1);
    assert_int_equal(alarm->distress, DISTRESS_RAISED);
    assert_string_equal(alarm->unit, UNIT);
    assert_true(message_flag(alarm, "experimental"));
}

/* The pattern for so many bits behind what is on the line, two bits in a hundred wrong. */
static void pattern_add(size_t count)
{
    assert_true(line_count + count <= LINE_MAX_BITS);
    for (size_t i = 0; i < count; i++) {
        const bool bit = 0x5a0fU >> (15 - i % 16) & 1;
        line_soft[line_count++] = bit != (random_next() % 50 == 0) ? 100 : -100;
    }
}

/* A transmission of voice, tuned in too late for the name. */
static void voice_make(void)
{
    message_new("transmission", UNIT, "uhf", 17);
    (void)message_add_real(&line_sent, "transmission_s", 0.6);
    line_transmit();
    const size_t skip = 100 + OPENING + 40;
    memmove(line_soft, line_soft + skip, line_count - skip);
    line_count -= skip;
}

static void hear_with_silence(size_t silence)
{
    line_silence = silence;
    line_hear();
    line_silence = 0;
}

/* At first it is an event; when nobody names himself within four seconds, but some radio's frames were heard
 * too, an unknown radio's distress: once. */
static void an_alarm_of_nobody_becomes_a_distress_of_nobody_known(void **state)
{
    (void)state;
    voice_make();
    pattern_add(4000);
    hear_with_silence(3 * 8000);
    assert_int_equal(heard_events("emergency_pattern"), 1);
    assert_int_equal(heard_event("emergency_pattern", 0)->distress, DISTRESS_NONE);
    hear_with_silence(30 * 8000);
    assert_int_equal(heard_events("emergency_pattern"), 2);
    const struct message *alarm = heard_event("emergency_pattern", 1);
    assert_int_equal(alarm->distress, DISTRESS_RAISED);
    assert_string_equal(alarm->unit, "");
    assert_true(message_flag(alarm, "experimental"));
    assert_false(alarm->guessed);
}

/* The radio may be heard after it, too. */
static void an_alarm_waits_for_company(void **state)
{
    (void)state;
    static int8_t voice[LINE_MAX_BITS];
    voice_make();
    const size_t count = line_count;
    memcpy(voice, line_soft, count);
    line_count = 0;
    pattern_add(4000);
    for (unsigned i = 0; i < 6 * 8000; i++)
        line_soft[line_count++] = random_next() % 2 ? 99 : -99;
    memcpy(line_soft + line_count, voice, count);
    line_count += count;
    line_hear();
    assert_int_equal(heard_events("emergency_pattern"), 2);
    assert_int_equal(heard_event("emergency_pattern", 1)->distress, DISTRESS_RAISED);
    assert_false(heard_event("emergency_pattern", 1)->guessed);
}

/* A single frame of the pattern: such a call is heard twice, or raises nobody. */
static void an_alarm_of_one_frame_is_guessed(void **state)
{
    (void)state;
    voice_make();
    pattern_add(4 * FRAME);
    hear_with_silence(30 * 8000);
    assert_int_equal(heard_events("emergency_pattern"), 2);
    assert_int_equal(heard_event("emergency_pattern", 1)->distress, DISTRESS_RAISED);
    assert_true(heard_event("emergency_pattern", 1)->guessed);
}

/* Notes of 500 Hz may be the pattern to the last bit, and come again with the tune: half a second of it and
 * not one frame of a radio is told, but calls nobody. */
static void a_pattern_alone_is_no_call(void **state)
{
    (void)state;
    line_count = 0;
    pattern_add(4000);
    for (unsigned i = 0; i < 4000; i++)
        line_soft[line_count++] = random_next() % 2 ? 99 : -99;
    pattern_add(6000);
    hear_with_silence(30 * 8000);
    assert_true(heard_count > 0);
    for (unsigned i = 0; i < heard_count; i++) {
        assert_int_equal(heard[i].distress, DISTRESS_NONE);
        assert_true(message_flag(&heard[i], MESSAGE_SUSPECT));
    }
}

/* What stands for longer than notes do may be a radio too far off for its frames: it must be heard twice. */
static void a_pattern_that_stands_alone_is_guessed(void **state)
{
    (void)state;
    line_count = 0;
    pattern_add(12000);
    hear_with_silence(30 * 8000);
    assert_int_equal(heard_count, 2);
    assert_int_equal(heard[0].distress, DISTRESS_NONE);
    assert_int_equal(heard[1].distress, DISTRESS_RAISED);
    assert_true(heard[1].guessed);
    assert_string_equal(heard[1].unit, "");
}

/* Tones after a discriminator are changes and none in turn: whatever their length and mark, no alarm. Nor are
 * words that differ from the pattern's in two bits of sixteen. */
static void no_other_rhythm_is_an_alarm(void **state)
{
    (void)state;
    const unsigned changes = 0xf708;
    line_count = 800;
    for (unsigned period = 2; period <= 24; period++)
        for (unsigned mark = 1; mark < period; mark++) {
            bool bit = false;
            for (size_t i = 0; i < line_count; i++) {
                bit = bit != (i % period < mark);
                line_soft[i] = bit ? 99 : -99;
            }
            line_hear();
            assert_int_equal(heard_count, 0);
        }
    for (unsigned a = 0; a < 16; a++)
        for (unsigned b = 0; b < a; b++) {
            unsigned other = changes ^ 1U << a ^ 1U << b;
            bool bit = false;
            for (size_t i = 0; i < line_count; i++) {
                bit = bit != (bool)(other >> (15 - i % 16) & 1);
                line_soft[i] = bit ? 99 : -99;
            }
            line_hear();
            assert_int_equal(heard_count, 0);
        }
}

static void who_speaks_again_is_named_again(void **state)
{
    (void)state;
    static int8_t first[LINE_MAX_BITS];
    message_new("transmission", UNIT, "uhf", 4);
    line_transmit();
    size_t count = line_count;
    memcpy(first, line_soft, count);
    memcpy(line_soft + count, first, count);
    line_count += count;
    line_hear();
    assert_int_equal(heard_count, 6);
    assert_int_equal(heard_events("caller"), 2);
    assert_string_equal(heard_event("transmission_end", 1)->unit, UNIT);
}

/* The pattern first, the name within ten seconds: then it is distress, and not before. */
static void an_alarm_waits_for_the_identity(void **state)
{
    (void)state;
    static int8_t first[LINE_MAX_BITS];
    message_new("emergency_pattern", "", "uhf", 4);
    line_transmit();
    size_t count = line_count;
    memcpy(first, line_soft, count);
    message_new("transmission", UNIT, "uhf", 4);
    line_transmit();
    assert_true(count + line_count <= LINE_MAX_BITS);
    memmove(line_soft + count, line_soft, line_count);
    memcpy(line_soft, first, count);
    line_count += count;
    line_hear();
    assert_int_equal(heard_event("emergency_pattern", 0)->distress, DISTRESS_NONE);
    assert_int_equal(heard_event("emergency_pattern", 1)->distress, DISTRESS_RAISED);
    assert_string_equal(heard_event("emergency_pattern", 1)->unit, UNIT);
}

static void frames_of_every_length_come_back(void **state)
{
    (void)state;
    for (unsigned length = 6; length <= 54; length += 8)
        for (unsigned round = 0; round < 20; round++) {
            message_new("frame", "", round & 1 ? "vhf" : "uhf", round * 6);
            for (unsigned i = 0; i < length; i++)
                line_sent.raw[i] = (uint8_t)random_next();
            line_sent.raw[2] = 0x03;
            line_sent.raw_length = (uint16_t)length;
            line_transmit();
            line_hear();
            bool found = false;
            for (unsigned i = 0; i < heard_count; i++)
                found = found ||
                        (heard[i].raw_length == length && memcmp(heard[i].raw, line_sent.raw, length) == 0);
            assert_true(found);
        }
}

static void a_lost_block_is_made_from_the_others(void **state)
{
    (void)state;
    for (unsigned blocks = 4; blocks <= 8; blocks++)
        for (unsigned lost = 0; lost < blocks; lost++) {
            unsigned length = 8 * (blocks - 1) - 2;
            message_new("frame", "", "uhf", 30);
            for (unsigned i = 0; i < length; i++)
                line_sent.raw[i] = (uint8_t)random_next();
            line_sent.raw[2] = 0x00; /* I */
            line_sent.raw_length = (uint16_t)length;
            line_transmit();
            /* The same once before, so that the receiver is there when the first block is lost. */
            size_t whole = (size_t)blocks * FRAME;
            memmove(line_soft + 100 + whole, line_soft + 100, line_count - 100);
            line_count += whole;
            for (unsigned i = 0; i < 40; i++)
                line_soft[100 + 3 * FRAME + 20 + i] =
                    0; /* its own fourth block, which is rebuilt or parity */
            for (unsigned i = 0; i < FRAME; i++)
                line_soft[100 + whole + lost * FRAME + i] = (int8_t)(random_next() % 255 - 127);
            line_hear();
            unsigned found = 0;
            for (unsigned i = 0; i < heard_count; i++)
                found += heard[i].raw_length == length && memcmp(heard[i].raw, line_sent.raw, length) == 0;
            assert_int_equal(found, 1); /* and said once */
        }
}

static void an_emergency_request_is_named_and_its_contents_are_raw(void **state)
{
    (void)state;
    const uint8_t raw[14] = {0x00, 0x12, 0x03, 0x30, 0x09, 0x81, 1, 2, 3, 4, 5, 6, 7, 8};
    message_new("frame", "", "uhf", 4);
    memcpy(line_sent.raw, raw, sizeof raw);
    line_sent.raw_length = sizeof raw;
    line_transmit();
    line_hear();
    const struct message *request = heard_event("emergency", 0);
    assert_string_equal(message_text(request, "codop_name", NULL), "U_EMERGENCY_REQ");
    assert_string_equal(message_text(request, "contents", NULL), "0102030405060708");
    assert_int_equal(request->distress, DISTRESS_NONE); /* nobody is named: see README */
    assert_int_equal(request->unit[0], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_burst_gives_start_caller_and_end),
        cmocka_unit_test(two_bits_in_a_hundred_may_be_wrong),
        cmocka_unit_test(a_turned_phase_costs_no_more_than_a_frame),
        cmocka_unit_test(a_bit_that_slipped_is_found_again),
        cmocka_unit_test(a_transmission_that_fades_ends_where_it_was_heard_last),
        cmocka_unit_test(voice_alone_is_a_transmission),
        cmocka_unit_test(an_alarm_takes_the_identity_heard_beside_it),
        cmocka_unit_test(an_alarm_waits_for_company),
        cmocka_unit_test(an_alarm_of_one_frame_is_guessed),
        cmocka_unit_test(a_pattern_alone_is_no_call),
        cmocka_unit_test(a_pattern_that_stands_alone_is_guessed),
        cmocka_unit_test(an_alarm_of_nobody_becomes_a_distress_of_nobody_known),
        cmocka_unit_test(no_other_rhythm_is_an_alarm),
        cmocka_unit_test(who_speaks_again_is_named_again),
        cmocka_unit_test(an_alarm_waits_for_the_identity),
        cmocka_unit_test(frames_of_every_length_come_back),
        cmocka_unit_test(a_lost_block_is_made_from_the_others),
        cmocka_unit_test(an_emergency_request_is_named_and_its_contents_are_raw),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
