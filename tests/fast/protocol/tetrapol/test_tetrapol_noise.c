/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing is said about noise. The bound is by design (track.h): 2^19 tries a second against 48 bits of
 * evidence. Seconds prove no ten years; what they do prove is that noise stays far below: the most
 * evidence that any of its frames gathers is printed and bounded. */
#include "../../../../protocol/tetrapol/track.h"
#include "tetrapol_line.h"

enum { SECONDS = 20, BIT_RATE = 8000 };

static void noise_gives_no_event(void **state)
{
    (void)state;
    const struct protocol *protocol = protocol_find("tetrapol")->protocol;
    struct protocol_output output = {.message = on_message};
    void *memory = malloc(protocol->state_size);
    assert_non_null(memory);
    protocol->reset(memory);
    heard_count = 0;
    int8_t soft[100];
    for (uint64_t at = 0; at < (uint64_t)SECONDS * BIT_RATE; at += 100) {
        const struct soft_run run = {.soft = soft, .count = 100, .first_bit = at};
        for (unsigned i = 0; i < 100; i++)
            soft[i] = (int8_t)(random_next() % 255 - 127);
        protocol->execute(memory, &run, &output);
    }
    free(memory);
    assert_int_equal(heard_count, 0);
    assert_int_equal(output.counts.messages, 0);
}

/* Evidence means what it says: a try of the search gathers 16 bits about 2^-16 of the time. */
static void evidence_of_noise_is_rare_as_it_says(void **state)
{
    (void)state;
    static struct tetrapol_track track;
    unsigned most = 0, candidates = 0;
    tetrapol_track_reset(&track);
    for (unsigned i = 0; i < SECONDS * BIT_RATE; i++) {
        enum tetrapol_track_event event = tetrapol_track_push(&track, (int8_t)(random_next() % 255 - 127));
        candidates += event == TETRAPOL_TRACK_FIRST;
        most = track.evidence_bits > most ? track.evidence_bits : most;
        assert_false(track.believed);
    }
    print_message("%u candidates in %d s of noise, the best with %u bits\n", candidates, SECONDS, most);
    assert_true(candidates < 16 * SECONDS);
    assert_true(most <= 40);
}

/* Lines that stand still or swing, as silence after a discriminator or a tone may give. */
static void dull_lines_give_no_event(void **state)
{
    (void)state;
    for (unsigned period = 0; period < 16; period++) {
        line_count = 20000;
        for (size_t i = 0; i < line_count; i++)
            line_soft[i] = period && i % (2 * period) < period ? 127 : -127;
        line_hear();
        assert_int_equal(heard_count, 0);
        for (size_t i = 0; i < line_count; i++)
            line_soft[i] = 0;
        line_hear();
        assert_int_equal(heard_count, 0);
    }
}

/* Sounds of 500 Hz that are the alarm but for one place of sixteen, again and again: music has such. The
 * alarm itself is heard. */
static void sounds_like_the_alarm_are_none(void **state)
{
    (void)state;
    for (unsigned place = 0; place <= 16; place++) {
        const unsigned changes = 0xf708U ^ (place < 16 ? 1U << place : 0U);
        bool level = false;
        line_count = 8000;
        for (size_t i = 0; i < line_count; i++) {
            level ^= changes >> (15 - i % 16) & 1;
            line_soft[i] = level ? 127 : -127;
        }
        line_hear();
        assert_int_equal(heard_count, place == 16);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(noise_gives_no_event),
        cmocka_unit_test(evidence_of_noise_is_rare_as_it_says),
        cmocka_unit_test(dull_lines_give_no_event),
        cmocka_unit_test(sounds_like_the_alarm_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
