/* SPDX-License-Identifier: Apache-2.0 */
#include "audio_scene.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "two_tone_suite.h"

#include "atalaya/dsp/impair.h"
#include "burst_bits.h"

enum { PREAMBLE = 240 /* bits of flags: 200 ms */, TAIL = 24, BITS = PREAMBLE + SCENE_DATA + TAIL };

static struct two_tone_suite suite;
static const struct modem_class *modem_class;

/* The C library's allocator under a counter: what execute takes from the heap is seen here. */
static volatile int armed;
static volatile unsigned long allocations;
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
enum { INTERPOSED = 1 };
void *malloc(size_t size)
{
    allocations += (unsigned long)armed;
    return __libc_malloc(size);
}
void *calloc(size_t count, size_t size)
{
    allocations += (unsigned long)armed;
    return __libc_calloc(count, size);
}
void *realloc(void *old, size_t size)
{
    allocations += (unsigned long)armed;
    return __libc_realloc(old, size);
}
#else
enum { INTERPOSED = 0 };
#endif

static void count_only(void *context, const struct soft_run *run)
{
    if (run->branch == 0)
        *(size_t *)context += run->count;
}

static struct burst_figures measure_data(void)
{
    unsigned branch = 0;
    while (branch + 1 < modem_class->branches && scene_find_data(branch) < 0)
        branch++;
    return scene_measure(branch);
}

static void scale_audio(float factor)
{
    for (size_t i = 0; i < scene.count; i++)
        scene.audio[i] *= factor;
}

static const double rates_hz[] = {8000, 9600, 11025, 16000, 22050, 26400, 44100, 48000, 96000, 192000};
enum { RATES = sizeof rates_hz / sizeof *rates_hz };

static void every_rate_decodes_with_true_times_and_level(void **state)
{
    (void)state;
    for (int i = 0; i < RATES; i++) {
        scene_open(rates_hz[i]);
        scale_audio(0.25F);
        scene_receive();
        struct burst_figures figures = measure_data();
        scene_check_times(&figures, suite.time_bits);
        assert_float_equal(figures.level_dbfs, -12.04F, 0.2F);
        assert_float_equal(figures.peak, 0.25F, 0.01F);
        assert_true(fabsf(figures.offset_hz) < 2.0F);
        assert_true(figures.snr_db > 35.0F);
        scene_close();
    }
}

static void rates_out_of_reach_are_refused(void **state)
{
    (void)state;
    static const double bad_hz[] = {7999.0, 0.0, -48000.0, 192001.0, (double)NAN, (double)INFINITY};
    scene_check_refused(bad_hz, sizeof bad_hz / sizeof *bad_hz);
}

static void chunking_does_not_change_a_bit(void **state)
{
    (void)state;
    scene_check_pieces(4);
}

static void snr_is_told_up_to_30_db(void **state)
{
    (void)state;
    struct impair_random random;
    impair_random_seed(&random, 4);
    for (int ebn0_db = suite.snr_from_db; ebn0_db <= 30; ebn0_db += 3) {
        scene_open(48000);
        scene_receive(); /* clean: tells which bits the data are */
        int64_t first = scene_find_data(0);
        assert_true(first >= 0);
        scene_forget();
        impair_add_noise(&random, scene.audio, scene.count,
                         impair_noise_sigma(0.5, 48000, suite.bit_rate, ebn0_db));
        scene_receive();
        struct burst_figures figures;
        assert_int_equal(
            modem_class->measure(scene.modem, 0, (uint64_t)first, (uint64_t)first + SCENE_DATA, &figures),
            ATALAYA_OK);
        if (fabsf(figures.snr_db - (float)ebn0_db) > 1.0F)
            print_message("Eb/N0 %d dB told as %.2f\n", ebn0_db, (double)figures.snr_db);
        assert_float_equal(figures.snr_db, (float)ebn0_db, 1.0F);
        assert_float_equal(figures.level_dbfs, 0.0F, ebn0_db < 10 ? 1.0F : 0.5F);
        scene_close();
    }
}

/* What the events of a branch say about the bits of the data. */
struct doubts {
    unsigned branch;
    int64_t first; /* bit of the branch where the data begin */
    double right, wrong;
    unsigned right_count, wrong_count, least;
};

static void weigh(void *context, const struct soft_run *run)
{
    struct doubts *doubts = context;
    assert_int_equal(run->scrambler, SCRAMBLER_NONE);
    assert_non_null(run->event);
    for (size_t i = 0; i < run->count && run->branch == doubts->branch; i++) {
        int64_t bit = (int64_t)(run->first_bit + i) - doubts->first;
        if (bit < 0 || bit >= SCENE_DATA)
            continue;
        assert_true(run->event[i].mask != 0);
        doubts->least = run->event[i].reliability < doubts->least ? run->event[i].reliability : doubts->least;
        bool right = (run->soft[i] > 0) == scene.bits[PREAMBLE + bit];
        *(right ? &doubts->right : &doubts->wrong) += abs(run->soft[i]);
        *(right ? &doubts->right_count : &doubts->wrong_count) += 1;
    }
}

/* Of the branches whose timing stands still, and so cannot slip by a bit, the surest of a clean signal. */
static struct doubts find_surest_branch(void)
{
    struct doubts surest = {.first = -1};
    scene_receive();
    for (unsigned branch = 0; branch < 4; branch++) {
        struct doubts doubts = {.branch = branch, .first = scene_find_data(branch), .least = UINT16_MAX};
        modem_class->reset(scene.modem);
        modem_class->execute(scene.modem, scene.audio, scene.count, weigh, &doubts);
        if (doubts.first >= 0 && doubts.least > surest.least)
            surest = doubts;
    }
    return surest;
}

static void doubt_falls_on_wrong_bits(void **state)
{
    (void)state;
    scene_open(48000);
    struct doubts clean = find_surest_branch();
    assert_true(clean.first >= 0 && clean.wrong_count == 0 && clean.least > 1000);
    struct doubts noisy = {.branch = clean.branch, .first = clean.first, .least = UINT16_MAX};
    struct impair_random random;
    impair_random_seed(&random, 12);
    for (int burst = 0; burst < 8; burst++) {
        size_t length = modem_class->modulate_length(scene.rate_hz, BITS);
        memset(scene.audio, 0, scene.count * sizeof *scene.audio);
        assert_int_equal(
            modem_class->modulate(scene.rate_hz, scene.bits, BITS, scene.audio + SCENE_SILENCE, length),
            length);
        impair_add_noise(&random, scene.audio, scene.count,
                         impair_noise_sigma(0.5, 48000, suite.bit_rate, 4.0));
        modem_class->reset(scene.modem);
        modem_class->execute(scene.modem, scene.audio, scene.count, weigh, &noisy);
    }
    double wrong = noisy.wrong / noisy.wrong_count, right = noisy.right / noisy.right_count;
    print_message("4 dB: %u bits wrong, mean soft value %.0f; %u right, %.0f\n", noisy.wrong_count, wrong,
                  noisy.right_count, right);
    assert_true(noisy.least < 500 && noisy.wrong_count > 10 && noisy.wrong_count < 800);
    assert_true(wrong < 0.5 * right);
    scene_close();
}

/* A symmetric three-tap filter that lifts the space tone over the mark tone by twist_db. */
static void twist_audio(double twist_db)
{
    double ratio = pow(10.0, twist_db / 20.0);
    enum { APART = 8 };
    double mark = cos(2.0 * M_PI * suite.mark_hz * APART / scene.rate_hz);
    double space = cos(2.0 * M_PI * suite.space_hz * APART / scene.rate_hz);
    double side = (ratio - 1.0) / (2.0 * (space - ratio * mark));
    float *flat = malloc(scene.count * sizeof *flat);
    assert_non_null(flat);
    memcpy(flat, scene.audio, scene.count * sizeof *flat);
    for (size_t i = APART; i + APART < scene.count; i++)
        scene.audio[i] = flat[i] + (float)side * (flat[i - APART] + flat[i + APART]);
    free(flat);
}

static void twist_of_6_db_either_way_decodes_in_noise(void **state)
{
    (void)state;
    for (int twist_db = -6; twist_db <= 6; twist_db += 12) {
        scene_open(48000);
        twist_audio(twist_db);
        double power = 0.0;
        for (size_t i = 0; i < scene.count; i++)
            power += (double)(scene.audio[i] * scene.audio[i]) / (double)scene.count;
        struct impair_random random;
        impair_random_seed(&random, 5);
        impair_add_noise(&random, scene.audio, scene.count,
                         impair_noise_sigma(power, 48000, suite.bit_rate, 14));
        scene_receive();
        assert_true(scene_branches() > 0);
        scene_close();
    }
}

/* Both tones moved alike, which the transmitter of the class cannot do. */
static void make_offset_audio(double offset_hz)
{
    double phase = 0.0;
    for (size_t i = SCENE_SILENCE; i < scene.count; i++) {
        size_t bit = (size_t)((double)(i - SCENE_SILENCE) * suite.bit_rate / scene.rate_hz);
        scene.audio[i] = bit < BITS ? (float)sin(phase) : 0.0F;
        phase += 2.0 * M_PI * ((bit < BITS && scene.bits[bit] ? suite.mark_hz : suite.space_hz) + offset_hz) /
                 scene.rate_hz;
    }
}

static void offset_decodes_and_is_told(void **state)
{
    (void)state;
    for (int step = -2; step <= 2; step++) {
        int offset_hz = step * suite.offset_hz / 2;
        scene_open(48000);
        make_offset_audio(offset_hz);
        scene_receive();
        assert_float_equal(measure_data().offset_hz, (float)offset_hz, 5.0F);
        scene_close();
    }
}

static void hostile_samples_do_no_lasting_harm(void **state)
{
    (void)state;
    static const double some_rates_hz[] = {11025, 48000};
    for (int r = 0; r < 2; r++) {
        scene_open(some_rates_hz[r]);
        scene_hear_hostile();
        scene_receive();
        struct burst_figures figures = measure_data();
        assert_true(isfinite(figures.level_dbfs) && isfinite(figures.snr_db));
        scene_close();
    }
}

static void execute_takes_nothing_from_the_heap(void **state)
{
    (void)state;
    if (!INTERPOSED) /* a sanitizer has its own allocator */
        skip();
    scene_open(44100);
    size_t bits = 0;
    void *volatile probe;
    armed = 1;
    probe = malloc(1);
    armed = 0;
    free(probe);
    assert_int_equal(allocations, 1); /* the counter counts */
    allocations = 0;
    armed = 1;
    modem_class->execute(scene.modem, scene.audio, scene.count, count_only, &bits);
    struct burst_figures figures;
    enum atalaya_result result = modem_class->measure(scene.modem, 0, 100, 800, &figures);
    modem_class->reset(scene.modem);
    armed = 0;
    assert_int_equal(result, ATALAYA_OK);
    assert_int_equal(allocations, 0);
    assert_true(bits > BITS);
    scene_close();
}

static void measure_remembers_16384_bits_and_says_so(void **state)
{
    (void)state;
    scene_check_memory(9600);
}

static void modulate_refuses_too_small_a_buffer(void **state)
{
    (void)state;
    uint8_t bits[3] = {1, 0, 1};
    float audio[111];
    size_t need = (size_t)ceil(3 * 44100 / suite.bit_rate);
    assert_int_equal(modem_class->modulate_length(44100, 3), need);
    assert_int_equal(modem_class->modulate_length(44100, SIZE_MAX),
                     0); /* no memory holds it, no size_t counts it */
    assert_int_equal(modem_class->modulate(44100, bits, 3, audio, need - 1), 0);
    assert_int_equal(modem_class->modulate(44100, bits, 3, audio, need), need);
    assert_int_equal(modem_class->modulate(2.0 * suite.space_hz, bits, 3, audio, 111), 0); /* Nyquist */
}

int two_tone_suite_run(const struct two_tone_suite *how)
{
    struct impair_random random;
    impair_random_seed(&random, 2);
    suite = *how;
    modem_class = modem_find(suite.id)->class;
    scene.class = modem_class;
    scene.scrambler = SCRAMBLER_NONE;
    scene.bit_rate = suite.bit_rate;
    scene.preamble = PREAMBLE;
    scene.bit_count = burst_bits_make(&random, scene.bits, PREAMBLE, SCENE_DATA + TAIL, 0);
    scene.after_s = 0.06;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rate_decodes_with_true_times_and_level),
        cmocka_unit_test(rates_out_of_reach_are_refused),
        cmocka_unit_test(chunking_does_not_change_a_bit),
        cmocka_unit_test(snr_is_told_up_to_30_db),
        cmocka_unit_test(doubt_falls_on_wrong_bits),
        cmocka_unit_test(twist_of_6_db_either_way_decodes_in_noise),
        cmocka_unit_test(offset_decodes_and_is_told),
        cmocka_unit_test(hostile_samples_do_no_lasting_harm),
        cmocka_unit_test(execute_takes_nothing_from_the_heap),
        cmocka_unit_test(measure_remembers_16384_bits_and_says_so),
        cmocka_unit_test(modulate_refuses_too_small_a_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
