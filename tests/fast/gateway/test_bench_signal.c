/* SPDX-License-Identifier: Apache-2.0 */
/* The benchmark's signals are what their levels say, and the same ones whoever listens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <math.h>
#include <cmocka.h>

#include "../../../gateway/bench/bench.h"

enum { FRAMES = 12, SEED = 7, EDGE = 1000 /* samples of filters ringing at either end of a burst */ };

struct powers {
    double noise, burst, noise_count, burst_count, least_count;
};

/* In the pause there is noise alone; its first part may still ring with the burst before. */
static struct powers measure(const char *name, double level_db)
{
    struct bench_signal *signal = NULL;
    struct bench_chunk chunk;
    struct powers powers = {.least_count = 1e9};
    unsigned number = 0;
    assert_int_equal(bench_signal_create(&signal, bench_case_find(name), SEED, FRAMES), ATALAYA_OK);
    bench_signal_start(signal, level_db);
    while (bench_signal_next(signal, &chunk)) {
        if (number++ == FRAMES)
            break;
        for (size_t i = EDGE; i < chunk.count; i++) {
            double x = (double)chunk.audio[i];
            bool pause =
                i < 4800; /* the shortest pause is 0.1 s; the longest ends 0.25 s after the chunk begins */
            if (pause)
                powers.noise += x * x, powers.noise_count++;
            else if (i > 12000 + 9600 + EDGE && i + EDGE < chunk.count) /* and 30 flags are not random bits */
                powers.burst += x * x, powers.burst_count++;
        }
        powers.least_count = fmin(powers.least_count, (double)chunk.count);
    }
    assert_int_equal(number, FRAMES + 1);
    bench_signal_destroy(signal);
    powers.noise /= powers.noise_count;
    powers.burst /= powers.burst_count;
    return powers;
}

/* Noise density is that of the recording: its power over half the sample rate. */
static void ebn0_is_what_was_asked_for(void **state)
{
    (void)state;
    static const char *const names[] = {"audio-flat", "audio-deemphasis", "audio-twist+6", "audio-twist-6",
                                        "audio-shift+30"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct powers powers = measure(names[i], 16.0);
        double energy = (powers.burst - powers.noise) / 1200.0,
               density = powers.noise / (BENCH_RATE_HZ / 2.0);
        double ebn0_db = 10.0 * log10(energy / density);
        print_message("%s: %.3f dB for 16\n", names[i], ebn0_db);
        assert_true(fabs(ebn0_db - 16.0) < 0.1);
    }
}

/* Noise in 12.5 kHz of the 48 kHz that IQ has, against the carrier; no carrier in the pauses. */
static void carrier_to_noise_is_what_was_asked_for(void **state)
{
    (void)state;
    struct bench_signal *signal = NULL;
    struct bench_chunk chunk;
    double noise = 0.0, both = 0.0, noise_count = 0.0, both_count = 0.0;
    assert_int_equal(bench_signal_create(&signal, bench_case_find("iq-off2k"), SEED, 6), ATALAYA_OK);
    bench_signal_start(signal, 3.0);
    for (int frame = 0; frame < 6 && bench_signal_next(signal, &chunk); frame++) {
        assert_null(chunk.audio);
        for (size_t i = 0; i < chunk.count; i++) {
            float complex z = chunk.iq[i];
            double power = (double)(crealf(z) * crealf(z) + cimagf(z) * cimagf(z));
            if (i < 4800)
                noise += power, noise_count++;
            else if (i > 12000)
                both += power, both_count++;
        }
    }
    bench_signal_destroy(signal);
    noise /= noise_count;
    double carrier = both / both_count - noise;
    assert_true(fabs(10.0 * log10(carrier / (noise * 12500.0 / BENCH_RATE_HZ)) - 3.0) < 0.1);
}

static void clock_factor_shortens_the_bursts(void **state)
{
    (void)state;
    struct powers flat = measure("audio-flat", 20.0), fast = measure("audio-clock+1", 20.0);
    struct powers slow = measure("audio-clock-1", 20.0);
    /* bursts of some 920 bits, 40 samples each; pauses are the same for one seed */
    assert_true(fabs((flat.least_count - fast.least_count) - 368.0) < 40.0);
    assert_true(fabs((slow.least_count - flat.least_count) - 368.0) < 40.0);
}

static void clipped_audio_stays_at_its_limit(void **state)
{
    (void)state;
    struct bench_signal *signal = NULL;
    struct bench_chunk chunk;
    double largest = 0.0, at_limit = 0.0, count = 0.0;
    assert_int_equal(bench_signal_create(&signal, bench_case_find("audio-clip12"), SEED, 2), ATALAYA_OK);
    bench_signal_start(signal, 60.0);
    while (bench_signal_next(signal, &chunk))
        for (size_t i = 0; i < chunk.count; i++) {
            largest = fmax(largest, fabs((double)chunk.audio[i]));
            at_limit += fabs((double)chunk.audio[i]) > 0.899;
            count += 1;
        }
    assert_true(largest > 0.899 && largest < 0.901);
    assert_true(at_limit > 0.4 * count); /* a sine 12 dB over the limit is there for 84 % of its time */
    bench_signal_destroy(signal);
}

static double hash_of(const char *name, double level_db, uint64_t seed)
{
    struct bench_signal *signal = NULL;
    struct bench_chunk chunk;
    double sum = 0.0;
    assert_int_equal(bench_signal_create(&signal, bench_case_find(name), seed, 1), ATALAYA_OK);
    for (int run = 0; run < 2; run++) { /* what was made before leaves no trace */
        sum = 0.0;
        bench_signal_start(signal, level_db);
        while (bench_signal_next(signal, &chunk))
            for (size_t i = 0; i < chunk.count; i++)
                sum += (double)(chunk.audio ? chunk.audio[i] : crealf(chunk.iq[i])) * (double)(i % 1013);
    }
    bench_signal_destroy(signal);
    return sum;
}

static void every_listener_hears_the_same_samples(void **state)
{
    (void)state;
    static const char *const names[] = {"audio-twist-6", "fm-fade8", "fm-prede", "iq-off2k"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        double once = hash_of(names[i], 5.0, 3);
        assert_true(fabs(once - hash_of(names[i], 5.0, 3)) <= 0.0);
        assert_true(fabs(once - hash_of(names[i], 5.0, 4)) > 0.0);
        assert_true(fabs(once - hash_of(names[i], 5.5, 3)) > 0.0);
    }
}

/* Frames differ, keep their length, and come out near the 682 line bits that the bounds are worked out for.
 */
static void frames_are_random_and_of_known_length(void **state)
{
    (void)state;
    static uint8_t bits[PROTOCOL_LINE_BITS_MAX];
    struct bench_frame a, b;
    double sum = 0.0;
    const struct bench_case *row = bench_case_find("audio-txdelay4");
    for (unsigned i = 0; i < 200; i++) {
        bench_frame_make(&a, NULL, SEED, i);
        bench_frame_make(&b, NULL, SEED, i + 1);
        assert_true(memcmp(a.raw, b.raw, sizeof a.raw) != 0 && strcmp(a.source, b.source) != 0);
        sum += (double)bench_frame_bits(&a, row, bits, sizeof bits) / 200.0;
    }
    assert_true(sum - 3 * 8 > 680.0 &&
                sum - 3 * 8 < 700.0); /* of 4 flags before, one is counted in; a tail flag more */
}

static void tally_counts_each_frame_once_and_what_nobody_sent(void **state)
{
    (void)state;
    struct bench_frame frame;
    struct bench_tally *tally = bench_tally_create(NULL, SEED, 5);
    assert_non_null(tally);
    bench_frame_make(&frame, NULL, SEED, 2);
    bench_tally_hear(tally, frame.raw, sizeof frame.raw);
    bench_tally_hear(tally, frame.raw, sizeof frame.raw);
    bench_tally_hear_calls(tally, frame.source, frame.destination);
    assert_int_equal(bench_tally_decoded(tally), 1);
    assert_int_equal(bench_tally_false(tally), 0);
    frame.raw[40] ^= 1;
    bench_tally_hear(tally, frame.raw, sizeof frame.raw);
    bench_tally_hear(tally, frame.raw, sizeof frame.raw);
    bench_tally_hear(tally, frame.raw, 20);
    bench_tally_hear_calls(tally, "N0CALL", frame.destination);
    assert_int_equal(bench_tally_decoded(tally), 1);
    assert_int_equal(bench_tally_false(tally), 3);
    bench_tally_reset(tally);
    assert_int_equal(bench_tally_decoded(tally) + bench_tally_false(tally), 0);
    bench_tally_destroy(tally);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ebn0_is_what_was_asked_for),
        cmocka_unit_test(carrier_to_noise_is_what_was_asked_for),
        cmocka_unit_test(clock_factor_shortens_the_bursts),
        cmocka_unit_test(clipped_audio_stays_at_its_limit),
        cmocka_unit_test(every_listener_hears_the_same_samples),
        cmocka_unit_test(frames_are_random_and_of_known_length),
        cmocka_unit_test(tally_counts_each_frame_once_and_what_nobody_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
